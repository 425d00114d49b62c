/** The command `es-proxy audit sessions`. */
import { seenJson } from "../../core/unseen-text.ts";
import { readOperations } from "../../audit/index/read-operations.ts";
import { TrailIndex } from "../../audit/index/trail-index.ts";
import { readStreamOperations } from "../../audit/ship/stream-operations.ts";
import { CatalogError } from "../../audit/read/catalog.ts";
import type { ReadOperation } from "../../elasticsearch/reads/read-operation.ts";
import type { CommandSpec } from "../command-line.ts";
import { exitCodes } from "../exit-codes.ts";
import { cellText, dateText, durationText, sizeText, timeText } from "./cell.ts";
import { askFleet } from "./fleet-client.ts";
import { fleetOptions } from "./fleet-options.ts";
import { tellNothingFound } from "./nothing-found.ts";
import { oneOf, wholeNumber } from "./option-values.ts";
import { Output } from "./output.ts";
import { Progress } from "./progress.ts";
import { ReadReport } from "./read-report.ts";
import { csvField } from "./row-writer.ts";
import { directoryOption, selectionOf, selectionOptions } from "./selection-options.ts";
import { Table, type TableColumn } from "./table.ts";

const name = "audit sessions";
const formats = ["table", "json", "csv"] as const;
const usualLimit = "20";

/** What operations are sorted by, the largest first. */
const orders = {
  documents: ({ documents }: ReadOperation) => documents,
  distinct: ({ distinctDocuments }: ReadOperation) => distinctDocuments,
  calls: ({ calls }: ReadOperation) => calls,
  bytes: ({ bytes }: ReadOperation) => bytes,
  time: ({ durationMs }: ReadOperation) => durationMs,
  began: ({ startedMs }: ReadOperation) => startedMs,
} as const;
const orderNames = Object.keys(orders) as (keyof typeof orders)[];

/** `es-proxy audit sessions`. */
export const sessionsCommand: CommandSpec = {
  name,
  summary: "Rank reads that took several calls: scrolls, points in time, paging, cursors.",
  operands: [],
  options: [
    directoryOption,
    ...selectionOptions.filter(({ name: option }) => option === "since" || option === "until"),
    ...fleetOptions,
    { name: "user", value: "NAME", help: "Only those in which this user took part." },
    { name: "sort", value: "NAME", help: `${orderNames.join(", ")}; default: documents.` },
    { name: "limit", short: "n", value: "N", help: `Rows; default: ${usualLimit}.` },
    { name: "format", value: "NAME", help: `${formats.join(", ")}; default: table.` },
    { name: "no-pager", help: "Never page." },
  ],
  notes:
    "Calls of all workers are joined by the cursors that they share, and pages by search_after\n" +
    "and from by user, query and indices. distinct is exact up to 256 documents, then estimated\n" +
    "(~, within some per cent). ref is the first call, for audit show. What has no facts yet is\n" +
    "examined on the way, which takes longer: audit.facts of the proxy, or audit index, spare it.",
  examples: [
    ["es-proxy audit sessions --since 1d", "Who has read the most at a stretch?"],
    ["es-proxy audit sessions --user alice --sort began", "What has alice paged through?"],
  ],
  async run(line) {
    const selected = selectionOf(name, line);
    const { directory, fleet, sinceMs = -Infinity, untilMs = Infinity } = selected;
    const user = line.value("user");
    const order = orders[oneOf(name, "sort", line.value("sort") ?? "documents", orderNames)];
    const limit = wholeNumber(name, "limit", line.value("limit") ?? usualLimit, 1);
    const format = oneOf(name, "format", line.value("format") ?? "table", formats);
    const output = new Output(!line.isGiven("no-pager"));
    const first = new Largest(limit, order);
    const report = new ReadReport();
    const index = new TrailIndex(directory, report.indexNotice);
    const progress = new Progress();
    const onOperation = (operation: ReadOperation): void => {
      if (operation.endedMs < sinceMs || operation.startedMs >= untilMs) return;
      if (user !== undefined && !operation.users.includes(user)) return;
      first.add(operation);
    };
    try {
      if (fleet !== undefined)
        return await askFleet(name, fleet, async (client) => {
          await readStreamOperations(client, { ...selected, ...fleet }, onOperation);
          await write(format, output, first.take());
          return exitCodes.ok;
        });
      await readOperations({
        directory,
        index,
        onOperation,
        listener: report,
        onProgress: (done, total) => progress.update(done, total, 0),
      });
      progress.end();
      const rows = first.take();
      await write(format, output, rows);
      const more = user === undefined ? "" : ` of ${user}`;
      if (rows.length === 0) tellNothingFound(name, selected, `no read of several calls${more}`);
    } catch (error) {
      if (!(error instanceof CatalogError)) throw error;
      process.stderr.write(`es-proxy ${name}: ${error.message}\n`);
      return exitCodes.failure;
    } finally {
      progress.end();
      index.close();
      await output.end();
      report.print();
    }
    return report.isIncomplete ? exitCodes.failure : exitCodes.ok;
  },
};

/** The first operations of an order, of any number. */
class Largest {
  readonly #limit: number;
  readonly #order: (operation: ReadOperation) => number;
  #held: ReadOperation[] = [];

  constructor(limit: number, order: (operation: ReadOperation) => number) {
    this.#limit = limit;
    this.#order = order;
  }

  add(operation: ReadOperation): void {
    this.#held.push(operation);
    if (this.#held.length >= 2 * this.#limit + 1000) this.take();
  }

  take(): readonly ReadOperation[] {
    this.#held.sort((one, other) => this.#order(other) - this.#order(one));
    this.#held.length = Math.min(this.#held.length, this.#limit);
    return this.#held;
  }
}

async function write(
  format: (typeof formats)[number],
  output: Output,
  operations: readonly ReadOperation[],
): Promise<void> {
  if (format === "table") return writeTable(output, operations);
  const rows = operations.map(plain);
  if (format === "json") return output.write(`${seenJson(rows, 2)}\n`);
  const names = Object.keys(rows[0] ?? {});
  await output.write(names.length === 0 ? "" : `${names.join(",")}\r\n`);
  for (const row of rows) {
    const fields = Object.values(row).map((value) =>
      csvField(value === null ? [] : typeof value === "object" ? value : [value]),
    );
    await output.write(`${fields.join(",")}\r\n`);
  }
}

async function writeTable(output: Output, operations: readonly ReadOperation[]): Promise<void> {
  const left = (title: string, spare = 0): TableColumn => ({ title, isRight: false, spare });
  const right = (title: string, spare = 0): TableColumn => ({ title, isRight: true, spare });
  const whole = (title: string): TableColumn => ({ title, isRight: false, isWhole: true });
  const table = new Table(output, [
    whole("began"),
    left("user"),
    left("kind", 1),
    left("index"),
    right("calls"),
    right("docs"),
    right("distinct", 2),
    right("bytes"),
    right("time", 3),
    left("end", 4),
    whole("ref"),
  ]);
  let date = "";
  for (const one of operations) {
    if (dateText(one.startedMs) !== date) await table.note(`${dateText(one.startedMs)} UTC`);
    date = dateText(one.startedMs);
    const cells = [
      timeText(one.startedMs),
      cellText(one.users, undefined),
      one.kind,
      cellText(one.indices, undefined),
      String(one.calls),
      String(one.documents),
      `${one.isDistinctExact ? "" : "~"}${one.distinctDocuments}`,
      sizeText(one.bytes),
      durationText(one.durationMs),
      one.end ?? "",
      one.id.slice(-8),
    ];
    await table.row(cells.map((text) => ({ text })));
  }
  await table.end();
}

/** For programs: instants as text, times in milliseconds. */
function plain(operation: ReadOperation) {
  return {
    began: new Date(operation.startedMs).toISOString(),
    ended: new Date(operation.endedMs).toISOString(),
    ms: operation.durationMs,
    users: operation.users,
    kind: operation.kind,
    indices: operation.indices,
    calls: operation.calls,
    failed: operation.failedCalls,
    docs: operation.documents,
    distinct: operation.distinctDocuments,
    distinct_exact: operation.isDistinctExact,
    bytes: operation.bytes,
    fingerprint: operation.fingerprint ?? null,
    end: operation.end ?? null,
    id: operation.id,
  };
}
