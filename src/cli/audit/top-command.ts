/** The command `es-proxy audit top`. */
import { seenJson } from "../../core/unseen-text.ts";
import {
  groupOrders,
  TopGroups,
  type GroupTotals,
  type NamedGroup,
} from "../../audit/read/top-groups.ts";
import type { Quantiles } from "../../audit/read/quantiles.ts";
import type { CommandSpec } from "../command-line.ts";
import { cellText, durationText, sizeText } from "./cell.ts";
import { columnNamed, isOfFacts, showsReads } from "./column-option.ts";
import { tellMissingFacts } from "./nothing-found.ts";
import { oneOf, wholeNumber } from "./option-values.ts";
import { fleetOptions } from "./fleet-options.ts";
import { Output } from "./output.ts";
import { withRecordOfBodies } from "./recorded-reading.ts";
import { readSelected } from "./reading.ts";
import { csvField } from "./row-writer.ts";
import { selectionOf, selectionOptions } from "./selection-options.ts";
import { isWholeColumn } from "./row-writer.ts";
import { Table, type Cell, type TableColumn } from "./table.ts";

const name = "audit top";
const formats = ["table", "json", "csv"] as const;
const usualLimit = "20";

/** `es-proxy audit top`. */
export const topCommand: CommandSpec = {
  name,
  summary: "Rank users, sources, indices, actions or anything else by what they cost.",
  operands: [],
  optionalOperands: ["filter"],
  options: [
    ...selectionOptions,
    ...fleetOptions,
    { name: "by", value: "COLUMN", help: "user, source, index, action, …; default: action." },
    { name: "sort", value: "NAME", help: `${groupOrders.join(", ")}; default: count.` },
    { name: "limit", short: "n", value: "N", help: `Rows; default: ${usualLimit}.` },
    { name: "format", value: "NAME", help: `${formats.join(", ")}; default: table.` },
    { name: "no-pager", help: "Never page." },
  ],
  notes:
    "Times are from the request's head to the answer's end, within one per cent; half of the\n" +
    "calls took no longer than p50. ref is the slowest call, for audit show. --sort time sorts\n" +
    "by the sum of all times.",
  examples: [
    ["es-proxy audit top --since 1h --sort time", "Where does the time go?"],
    ["es-proxy audit top 'action: search' --by user --sort out", "Who reads the most?"],
    ["es-proxy audit top --by source --sort failed", "Whose calls fail?"],
  ],
  async run(line) {
    const column = columnNamed(name, line.value("by") ?? "action");
    const withReads = showsReads(column);
    const selected = { ...selectionOf(name, line, line.operands[0]), withReads };
    const order = oneOf(name, "sort", line.value("sort") ?? "count", groupOrders);
    const limit = wholeNumber(name, "limit", line.value("limit") ?? usualLimit, 1);
    const format = oneOf(name, "format", line.value("format") ?? "table", formats);
    return withRecordOfBodies(name, selected, [column], async (tally) => {
      const output = new Output(!line.isGiven("no-pager"));
      try {
        const groups = new TopGroups(column);
        const { exitCode, found } = await readSelected(name, selected, "any", output, (entry) => {
          groups.add(entry);
          return undefined;
        });
        tally.exchanges = found;
        const first = groups.first(order, limit);
        const wanted = order === "docs" ? [column.name, "docs"] : [column.name];
        if (found > 0) tellMissingFacts(name, selected, wanted.filter(isOfFacts));
        if (format === "table") await writeTable(output, column.name, first);
        else if (format === "json") await writeJson(output, column.name, first);
        else await writeCsv(output, column.name, first);
        return exitCode;
      } finally {
        await output.end();
      }
    });
  },
};

async function writeTable(
  output: Output,
  title: string,
  groups: readonly NamedGroup[],
): Promise<void> {
  // Facts are not known of every trail: a column without values says nothing.
  const hasDocuments = groups.some(([, { documents }]) => documents > 0);
  const hasTook = groups.some(([, { took }]) => took.count > 0);
  const right = (text: string, spare = 0): TableColumn => ({ title: text, isRight: true, spare });
  const table = new Table(output, [
    { title, isRight: false, isWhole: isWholeColumn(title) },
    right("count"),
    right("failed"),
    right("out", 2),
    ...(hasDocuments ? [right("docs")] : []),
    right("p50", 3),
    right("p95"),
    right("p99", 1),
    right("max"),
    ...(hasTook ? [right("took p99", 4)] : []),
    { title: "ref", isRight: false, isWhole: true },
  ]);
  for (const [value, totals] of groups) {
    const cells: Cell[] = [
      { text: valueText(value) },
      { text: String(totals.count) },
      { text: totals.failures === 0 ? "" : String(totals.failures), style: "red" },
      { text: sizeText(totals.bytesOut) },
      ...(hasDocuments ? [{ text: String(totals.documents) }] : []),
      ...[0.5, 0.95, 0.99, 1].map((share) => ({ text: timeText(totals.wall, share) })),
      ...(hasTook ? [{ text: timeText(totals.took, 0.99) }] : []),
      { text: totals.example.slice(-8) },
    ];
    await table.row(cells);
  }
  await table.end();
}

function valueText(value: string | undefined): string {
  if (value === undefined) return "(others)";
  return value === "" ? "–" : cellText([value], undefined);
}

function timeText(times: Quantiles, share: number): string {
  const time = share === 1 ? (times.count === 0 ? undefined : times.max) : times.at(share);
  return time === undefined ? "" : durationText(time);
}

function plainTotals(title: string, [value, totals]: NamedGroup): Record<string, unknown> {
  const times = (prefix: string, { count, max, sum, ...rest }: QuantileFigures) =>
    count === 0
      ? {}
      : {
          [`${prefix}_p50`]: rest.p50,
          [`${prefix}_p95`]: rest.p95,
          [`${prefix}_p99`]: rest.p99,
          [`${prefix}_max`]: max,
          [`${prefix}_sum`]: sum,
        };
  return {
    [title]: value ?? "(others)",
    count: totals.count,
    failed: totals.failures,
    in: totals.bytesIn,
    out: totals.bytesOut,
    docs: totals.documents,
    ...times("ms", figures(totals.wall)),
    ...times("took", figures(totals.took)),
    example: totals.example,
  };
}

interface QuantileFigures {
  readonly count: number;
  readonly max: number;
  readonly sum: number;
  readonly p50: number | undefined;
  readonly p95: number | undefined;
  readonly p99: number | undefined;
}

function figures(times: GroupTotals["wall"]): QuantileFigures {
  const { count, max, sum } = times;
  return { count, max, sum, p50: times.at(0.5), p95: times.at(0.95), p99: times.at(0.99) };
}

async function writeJson(
  output: Output,
  title: string,
  groups: readonly NamedGroup[],
): Promise<void> {
  const rows = groups.map((group) => plainTotals(title, group));
  await output.write(`${seenJson(rows, 2)}\n`);
}

async function writeCsv(
  output: Output,
  title: string,
  groups: readonly NamedGroup[],
): Promise<void> {
  const rows = groups.map((group) => plainTotals(title, group));
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const field = (value: unknown): string =>
    csvField(typeof value === "number" || typeof value === "string" ? [value] : []);
  await output.write(`${names.map(field).join(",")}\r\n`);
  for (const row of rows)
    await output.write(`${names.map((column) => field(row[column])).join(",")}\r\n`);
}
