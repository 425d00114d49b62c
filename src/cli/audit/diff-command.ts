/** The command `es-proxy audit diff`. */
import { seenJson } from "../../core/unseen-text.ts";
import {
  comparableBody,
  compareBodies,
  type BodyComparison,
} from "../../audit/export/body-comparison.ts";
import { volatilePaths } from "../../audit/export/json-diff.ts";
import { recordedRequest, type RecordedRequest } from "../../audit/export/recorded-request.ts";
import { columnOf } from "../../audit/read/entry-columns.ts";
import { recordedBody } from "../../audit/read/recorded-body.ts";
import type { TrailEntry } from "../../audit/read/trail-entry.ts";
import type { CommandSpec } from "../command-line.ts";
import { exitCodes } from "../exit-codes.ts";
import { cellText } from "./cell.ts";
import { valueCell, writeDifferences } from "./difference-table.ts";
import { checkedId, entryWithId } from "./id-operand.ts";
import { oneOf } from "./option-values.ts";
import { Output } from "./output.ts";
import { ReadingTally, recordReading } from "./recorded-reading.ts";
import { ReadReport } from "./read-report.ts";
import { directoryOption } from "./selection-options.ts";
import { Table } from "./table.ts";

const name = "audit diff";
const formats = ["table", "json"] as const;
/** What is shown of both, whether it differs or not. */
const shownColumns = ["time", "id", "user", "source", "method", "url", "status", "ms"];
/** What must be equal for two exchanges to be the same. */
const decisive = new Set(["method", "url", "status"]);

/** `es-proxy audit diff`. */
export const diffCommand: CommandSpec = {
  name,
  summary: "Compare two exchanges: what was asked, and what came back.",
  operands: ["<id>", "<id>"],
  options: [
    directoryOption,
    { name: "ignore", value: "A,B,…", help: "Paths of bodies that may differ: hits.*._score." },
    { name: "format", value: "NAME", help: `${formats.join(", ")}; default: table.` },
    { name: "no-pager", help: "Never page." },
  ],
  notes:
    "They are the same (exit code 0) when methods, targets, statuses and bodies are. JSON is\n" +
    "compared by value; took, scroll ids and sequence numbers may differ.",
  examples: [
    ["es-proxy audit diff 82dc3bc4 9f1e22a7", "What has changed between two searches?"],
    ["es-proxy audit diff 82dc3bc4 9f1e22a7 --ignore 'hits.*'", "The hits are left out."],
  ],
  async run(line) {
    const format = oneOf(name, "format", line.value("format") ?? "table", formats);
    const directory = line.value("dir") ?? "./audit";
    const ignored = ignoredPaths(line.value("ignore"));
    const [first, second] = line.operands.map((id) => checkedId(name, id));
    const report = new ReadReport();
    const one = await entryWithId(name, directory, first ?? "", report);
    const other = await entryWithId(name, directory, second ?? "", report);
    report.print();
    if (one === undefined || other === undefined) return exitCodes.failure;
    const comparison = await compare(directory, one, other, ignored);
    if (comparison === undefined) return exitCodes.failure;
    const tally = new ReadingTally();
    for (const entry of [one, other]) tally.add(entry);
    await recordReading(name, directory, tally);
    const output = new Output(!line.isGiven("no-pager"));
    if (format === "json") await output.write(jsonText(comparison));
    else await writeTables(output, comparison);
    await output.end();
    return comparison.isSame && !report.isIncomplete ? exitCodes.ok : exitCodes.failure;
  },
};

/** The paths that may differ. @param given of `--ignore` */
export function ignoredPaths(given: string | undefined): readonly string[] {
  const paths = (given ?? "").split(",").map((path) => path.trim());
  return [...volatilePaths, ...paths.filter((path) => path !== "")];
}

interface Row {
  readonly name: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

interface ExchangeComparison {
  readonly refs: readonly [before: string, after: string];
  readonly isSame: boolean;
  readonly rows: readonly Row[];
  readonly request: BodyComparison;
  readonly answer: BodyComparison;
}

async function compare(
  directory: string,
  one: TrailEntry,
  other: TrailEntry,
  ignored: readonly string[],
): Promise<ExchangeComparison | undefined> {
  const [before, after] = [requestOf(one), requestOf(other)];
  if (before === undefined || after === undefined) return undefined;
  const rows = [
    ...shownColumns.map((column) => columnRow(column, one, other)),
    ...headerRows(before, after),
  ];
  const request = compareBodies(
    await comparableBody(directory, before.body),
    await comparableBody(directory, after.body),
    ignored,
  );
  const answer = compareBodies(
    await comparableBody(directory, recordedBody(one, "response")),
    await comparableBody(directory, recordedBody(other, "response")),
    ignored,
  );
  const isSame =
    rows.every((row) => !decisive.has(row.name) || row.before === row.after) &&
    request.differences.length + answer.differences.length === 0;
  return { refs: [one.id.slice(-8), other.id.slice(-8)], isSame, rows, request, answer };
}

function requestOf(entry: TrailEntry): RecordedRequest | undefined {
  const request = recordedRequest(entry);
  if (request === undefined)
    process.stderr.write(`es-proxy ${name}: ${entry.id} is no HTTP exchange\n`);
  return request;
}

function columnRow(column: string, ...entries: readonly [TrailEntry, TrailEntry]): Row {
  const known = columnOf(column);
  const [before, after] = entries.map((entry) => {
    const values = known?.values(entry) ?? [];
    if (values.length === 0) return undefined;
    if (column === "time") return new Date(entry.startMs).toISOString();
    return cellText(values, known?.unit);
  });
  return { name: column, before, after };
}

/** Header fields of the requests that differ. */
function headerRows(before: RecordedRequest, after: RecordedRequest): readonly Row[] {
  const [one, other] = [new Map(before.headers), new Map(after.headers)];
  return [...new Set([...one.keys(), ...other.keys()])]
    .map((field) => ({ name: field, before: one.get(field), after: other.get(field) }))
    .filter((row) => row.before !== row.after);
}

async function writeTables(output: Output, comparison: ExchangeComparison): Promise<void> {
  const [before, after] = comparison.refs;
  const titles = ["", before, after].map((title) => ({ title, isRight: false }));
  const table = new Table(output, titles);
  for (const row of comparison.rows) {
    const style = row.before === row.after ? undefined : "yellow";
    await table.row([
      { text: row.name, style: "dim" },
      valueCell(row.before, style),
      valueCell(row.after, style),
    ]);
  }
  await table.end();
  for (const [side, body] of [
    ["request", comparison.request],
    ["answer", comparison.answer],
  ] as const) {
    await output.write("\n");
    if (body.differences.length > 0)
      await writeDifferences(output, [`body of the ${side}`, before, after], body.differences);
    else if (body.reason === undefined) await output.write(`body of the ${side}: the same\n`);
    else await output.write(`body of the ${side}: not compared (${body.reason})\n`);
  }
}

function jsonText({ refs, isSame, rows, request, answer }: ExchangeComparison): string {
  const id = rows.find((row) => row.name === "id");
  const document = {
    ids: [id?.before ?? refs[0], id?.after ?? refs[1]],
    same: isSame,
    fields: rows.filter(({ before, after }) => before !== after),
    request,
    answer,
  };
  return `${seenJson(document, 2)}\n`;
}
