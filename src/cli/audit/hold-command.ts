/** `es-proxy audit hold`. */
import { findEntry } from "../../audit/read/find-entry.ts";
import type { EventSink } from "../../audit/retention/event-sink.ts";
import { readHolds, writeHolds, type Hold } from "../../audit/retention/holds.ts";
import { toOneLine } from "../../config/diagnostic.ts";
import type { CommandLine, CommandSpec } from "../command-line.ts";
import { exitCodes } from "../exit-codes.ts";
import { UsageError } from "../usage-error.ts";
import { ReadReport } from "./read-report.ts";
import { byOption, changing, reasonOf, reasonOption } from "./removal-options.ts";
import { directoryOption, selectionOf } from "./selection-options.ts";

const name = "audit hold";
const actions = ["add", "list", "remove"] as const;
/** Fields that are derived: what is held must not depend on whether they are there. */
const factsField = /\bes_proxy\.facts\b|\b(?:took|docs|read)\s*[:<>]/;
/** A date of the query DSL that moves. Within texts of JSON quotes have a backslash. */
const movingDate = /"(?:gte?|lte?)":"now/;

export const holdCommand: CommandSpec = {
  name,
  summary: "Keep exchanges from being pruned and erased: add, list, remove.",
  operands: [actions.join("|")],
  optionalOperands: ["HOLD"],
  options: [
    directoryOption,
    { name: "filter", short: "f", value: "KQL", help: "Exchanges that match are held." },
    { name: "id", value: "ID", isRepeatable: true, help: "This exchange; may be given again." },
    { name: "name", value: "NAME", help: "By which it is removed; default: hold-N." },
    reasonOption,
    byOption,
  ],
  notes:
    "A segment is pruned as a whole: it stays while any exchange in it is held. Adding and\n" +
    "removing are records of the trail, audit.hold.",
  examples: [
    ["es-proxy audit hold add -f 'user: bob' --reason 'case 17'", "Everything of bob stays."],
    ["es-proxy audit hold remove hold-1 --reason 'case 17 is closed'", "It may go again."],
  ],
  async run(line) {
    const [action, hold] = line.operands;
    const directory = line.value("dir") ?? "./audit";
    switch (action) {
      case "list":
        for (const one of readHolds(directory)) process.stdout.write(`${holdText(one)}\n`);
        return exitCodes.ok;
      case "add":
        return add(line, directory);
      case "remove":
        if (hold === undefined) throw new UsageError(name, "which one? es-proxy audit hold list");
        return remove(line, directory, hold);
      default:
        throw new UsageError(name, `the first operand is one of ${actions.join(", ")}`);
    }
  },
};

async function add(line: CommandLine, directory: string): Promise<number> {
  const filter = line.value("filter");
  if (filter === undefined && line.values("id").length === 0)
    throw new UsageError(name, "name what is held: --filter KQL or --id ID");
  // Refuses a filter that cannot be read.
  const selected = selectionOf(name, line);
  if (movingDate.test(JSON.stringify(selected.filter?.query() ?? {})))
    throw new UsageError(name, "a hold must not change with time: write dates such as 2026-11-30");
  if (filter !== undefined && factsField.test(filter))
    throw new UsageError(name, "facts can be deleted: name fields of the records in the filter");
  const why = reasonOf(name, line);
  return changing(name, directory, async (sink) => {
    const holds = readHolds(directory);
    const id = line.value("name") ?? freeName(holds);
    const ids: string[] = [];
    for (const part of line.values("id")) ids.push(await wholeId(directory, part));
    if (holds.some((hold) => hold.id === id)) throw new Error(`there is a hold ${id} already`);
    const hold = { id, filter, ids, ...why, at: new Date().toISOString() };
    await record(sink, "added", hold, why);
    writeHolds(directory, [...holds, hold]);
    process.stdout.write(`${holdText(hold)}\n`);
    return exitCodes.ok;
  });
}

async function remove(line: CommandLine, directory: string, id: string): Promise<number> {
  const why = reasonOf(name, line);
  return changing(name, directory, async (sink) => {
    const holds = readHolds(directory);
    const hold = holds.find((one) => one.id === id);
    if (hold === undefined) throw new Error(`there is no hold ${id}`);
    await record(sink, "removed", hold, why);
    writeHolds(
      directory,
      holds.filter((one) => one !== hold),
    );
    return exitCodes.ok;
  });
}

/** Recorded before the hold takes effect: no hold exists without a record. */
async function record(
  sink: EventSink,
  done: "added" | "removed",
  { id, filter, ids }: Hold,
  { reason, by }: { readonly reason: string; readonly by: string },
): Promise<void> {
  await sink.record({
    action: "audit.hold",
    type: "change",
    outcome: "success",
    fields: {
      change: done,
      hold: id,
      ...(filter === undefined ? {} : { filter }),
      ids: ids.slice(0, 100),
      reason,
      by,
    },
  });
}

/** Of a part of one. @throws {Error} when there is no such exchange */
async function wholeId(directory: string, part: string): Promise<string> {
  const report = new ReadReport();
  const entry = await findEntry(directory, part, report);
  report.print();
  if (entry === undefined) throw new Error(`there is no exchange with the id ${part}`);
  return entry.id;
}

function freeName(holds: readonly Hold[]): string {
  for (let number = holds.length + 1; ; number += 1)
    if (!holds.some(({ id }) => id === `hold-${number}`)) return `hold-${number}`;
}

function holdText({ id, filter, ids, reason, by, at }: Hold): string {
  const what = [...(filter === undefined ? [] : [filter]), ...ids].join(", ");
  return toOneLine(`${id}: ${what} (${reason}; ${by}, ${at})`);
}
