/** `es-proxy audit erase`. */
import { countText } from "../../core/count-text.ts";
import { readTrailWithFacts } from "../../audit/facts/facts-trail.ts";
import { findEntry } from "../../audit/read/find-entry.ts";
import type { TrailEntry } from "../../audit/read/trail-entry.ts";
import { erase } from "../../audit/retention/erase.ts";
import { ErasurePlan } from "../../audit/retention/erasure-plan.ts";
import type { EventSink } from "../../audit/retention/event-sink.ts";
import { HeldEntries } from "../../audit/retention/held-entries.ts";
import type { CommandLine, CommandSpec } from "../command-line.ts";
import { exitCodes } from "../exit-codes.ts";
import { UsageError } from "../usage-error.ts";
import { byOption, changing, dryRunOption, reasonOf, reasonOption } from "./removal-options.ts";
import { ReadReport } from "./read-report.ts";
import { selectionOf, selectionOptions, type SelectedTrail } from "./selection-options.ts";

const name = "audit erase";

export const eraseCommand: CommandSpec = {
  name,
  summary: "Erase exchanges with their bodies, and leave the proof of all others whole.",
  operands: [],
  options: [
    ...selectionOptions,
    { name: "id", value: "ID", isRepeatable: true, help: "This exchange; may be given again." },
    reasonOption,
    byOption,
    dryRunOption,
  ],
  notes: [
    "In the place of each record stays a line with its digest, id and time, and why it is gone;",
    "bodies are overwritten, facts removed. The trail gets a record audit.erase that says who, why",
    "and how many. What a hold is on stays.",
    "",
    "Erased is what is in this directory: copies, shipped documents and backups are elsewhere, and",
    "encrypted segments cannot be looked through. The command line stands in the record: name",
    "exchanges by their ids where a filter would say too much.",
  ].join("\n"),
  examples: [
    ["es-proxy audit erase --id 82dc3bc4 --reason 'GDPR request 17'", "One exchange."],
    ["es-proxy audit erase -f 'user: bob' --reason 'case 4' --dry-run", "How many would go."],
  ],
  async run(line) {
    const reason = reasonOf(name, line);
    const selected = selectionOf(name, line);
    const ids = line.values("id");
    const isSelected =
      selected.filter !== undefined || line.isGiven("since") || line.isGiven("until");
    if (ids.length === 0 && !isSelected)
      throw new UsageError(name, "name what is erased: --id, --filter, --since or --until");
    if (ids.length > 0 && isSelected) throw new UsageError(name, "--id goes without a selection");
    return changing(name, selected.directory, async (sink) => {
      const planned = await planOf(line, selected);
      if (planned.isUnknown) return exitCodes.failure;
      const isPlan = planned.plan.isEmpty || line.isGiven("dry-run");
      const done = isPlan
        ? `${countText(planned.plan.ids.size, "exchange")} would be erased`
        : await eraseText(selected.directory, planned.plan, reason, sink);
      process.stdout.write(`${[done, ...remarksOf(planned)].join("; ")}\n`);
      return planned.isComplete ? exitCodes.ok : exitCodes.failure;
    });
  },
};

async function eraseText(
  directory: string,
  plan: ErasurePlan,
  reason: { readonly reason: string; readonly by: string },
  sink: EventSink,
): Promise<string> {
  const result = await erase(directory, plan, reason, sink);
  const { event, records, bodies, encrypted } = result;
  const where = sink.isLive ? "" : ", recorded beside the trail, which no proxy writes";
  const text =
    `${countText(plan.ids.size, "exchange")} erased: ${countText(records, "record")}, ` +
    `${countText(bodies, "body", "bodies")} (on record as ${event}${where})`;
  const rest = `; ${encrypted} encrypted segments were not looked through`;
  return encrypted === 0 ? text : text + rest;
}

interface PlannedErasure {
  readonly plan: ErasurePlan;
  readonly held: number;
  /** Exchanges whose last record has not come. */
  readonly open: number;
  /** There is no exchange with an id that was given. */
  readonly isUnknown: boolean;
  /** Everything could be read: what could not be is not erased. */
  readonly isComplete: boolean;
}

function remarksOf({ held, open }: PlannedErasure): string[] {
  return [
    ...(held === 0 ? [] : [countText(held, "is held and stays", "are held and stay")]),
    ...(open === 0 ? [] : [`${open} are under way: erase them again when they have ended`]),
  ];
}

async function planOf(line: CommandLine, selected: SelectedTrail): Promise<PlannedErasure> {
  const { directory } = selected;
  const report = new ReadReport();
  const plan = new ErasurePlan();
  const holds = new HeldEntries(directory, Date.now());
  let [held, open] = [0, 0];
  const take = async (entry: TrailEntry): Promise<void> => {
    if (entry.kind !== "exchange" && entry.kind !== "session") return;
    // What was read of the trail may end between the two records.
    const isWhole = entry.opening !== undefined && entry.closing !== undefined;
    const whole = isWhole ? entry : ((await findEntry(directory, entry.id, report)) ?? entry);
    if (holds.has(whole)) {
      held += 1;
      return;
    }
    plan.add(whole);
    if (whole.closing === undefined) open += 1;
  };
  let isUnknown = false;
  try {
    for (const id of line.values("id")) {
      const entry = await findEntry(directory, id, report);
      if (entry === undefined) process.stderr.write(`there is no exchange with the id ${id}\n`);
      isUnknown ||= entry === undefined;
      if (entry !== undefined) await take(entry);
    }
    if (line.values("id").length === 0)
      for await (const entries of readTrailWithFacts({
        ...selected,
        order: "any",
        listener: report,
      }))
        for (const entry of entries) {
          await take(entry);
          entry.release();
        }
  } finally {
    holds.close();
    report.print();
  }
  return { plan, held, open, isUnknown, isComplete: !report.isIncomplete };
}
