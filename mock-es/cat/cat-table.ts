import { EsError } from "../es-error.ts";
import { jsonReply, textReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { simplePattern } from "../text/simple-pattern.ts";
import { type CatCell, isQuantity, isTimeSpan, renderCell } from "./cat-cell.ts";

/** A column of a cat endpoint. */
export interface CatColumn {
  readonly name: string;
  /** Short names that `h` and `s` accept too. */
  readonly aliases: readonly string[];
  readonly description: string;
  /** Shown without `h`. */
  readonly isDefault: boolean;
  readonly isRight: boolean;
}

/** One row; cells in the order of the columns. */
export type CatRow = readonly CatCell[];

/**
 * Describes columns, one a line: `name,alias,alias | flags | description`. Flags: `-` not shown by
 * default, `>` right-aligned.
 */
export function catColumns(lines: string): readonly CatColumn[] {
  return lines
    .trim()
    .split("\n")
    .map((line) => {
      const [names = "", flags = "", description = ""] = line
        .split("|")
        .map((part, at) => (at < 2 ? part.trim() : part.trimStart()));
      const [name = "", ...aliases] = names.split(",");
      return {
        name,
        aliases,
        description,
        isDefault: !flags.includes("-"),
        isRight: flags.includes(">"),
      };
    });
}

/** The answer of a cat endpoint: text unless JSON is asked for; `help` lists the columns. */
export function catReply(
  request: EsRequest,
  columns: readonly CatColumn[],
  rows: () => readonly CatRow[],
): EsReply {
  const { query } = request;
  if (query.flag("help", false)) {
    refuseNames(request);
    return textReply(helpOf(columns));
  }
  const shown = chooseColumns(columns, query.text("h"));
  const sorted = sortRows(columns, rows(), query.text("s"));
  const cells = sorted.map((row) => shown.map(({ at }) => renderCell(row[at], query)));
  if (wantsJson(request)) {
    return jsonReply(
      cells.map((row) =>
        Object.fromEntries(row.map((cell, at) => [shown[at]?.display ?? "", cell])),
      ),
    );
  }
  const table = query.flag("v", false) ? [shown.map((column) => column.display), ...cells] : cells;
  return textReply(
    layOut(
      table,
      shown.map((column) => column.isRight),
    ),
  );
}

/** Names in the path that are read although only help is asked for. */
const readForHelp: ReadonlySet<string> = new Set([
  "thread_pool_patterns",
  "circuit_breaker_patterns",
]);

/** What the server reads nothing of is refused as unknown, a part of the path, too. */
function refuseNames({ path, pathParameters }: EsRequest): void {
  const [given] = Object.keys(pathParameters).filter((name) => !readForHelp.has(name));
  if (given === undefined) return;
  const aliased = path.startsWith("/_cat/aliases") ? "alias" : given;
  const name = given === "node_id" ? "nodes" : aliased;
  const reason = `request [${path}] contains unrecognized parameter: [${name}]`;
  throw new EsError(400, "illegal_argument_exception", reason);
}

/** True when the answer is to be JSON or YAML: `format` decides, then `Accept`. */
export function wantsJson(request: EsRequest): boolean {
  const format = request.query.text("format");
  if (format !== undefined) return /json|^(?:application\/)?yaml$/i.test(format);
  return request.prefersJson;
}

interface ShownColumn {
  readonly at: number;
  /** The name as it was asked for. */
  readonly display: string;
  readonly isRight: boolean;
}

function chooseColumns(columns: readonly CatColumn[], h: string | undefined): ShownColumn[] {
  const all = columns.map((column, at) => ({ column, at }));
  if (h === undefined || h === "") {
    return all
      .filter(({ column }) => column.isDefault)
      .map(({ column, at }) => ({ at, display: column.name, isRight: column.isRight }));
  }
  const shown: ShownColumn[] = [];
  for (const name of h.split(",").map((entry) => entry.trim())) {
    if (name.includes("*")) {
      const pattern = simplePattern(name);
      for (const { column, at } of all) {
        if (pattern.test(column.name))
          shown.push({ at, display: column.name, isRight: column.isRight });
      }
      continue;
    }
    const found = all.find(({ column }) => column.name === name || column.aliases.includes(name));
    // The server leaves out columns that it does not know.
    if (found !== undefined)
      shown.push({ at: found.at, display: name, isRight: found.column.isRight });
  }
  return shown;
}

function sortRows(
  columns: readonly CatColumn[],
  rows: readonly CatRow[],
  s: string | undefined,
): readonly CatRow[] {
  if (s === undefined || s === "") return rows;
  const keys = s.split(",").map((entry) => {
    const [name = "", order = "asc"] = entry.trim().split(":");
    const at = columns.findIndex((column) => column.name === name || column.aliases.includes(name));
    if (at === -1)
      throw new EsError(
        400,
        "illegal_argument_exception",
        `Unable to sort by unknown sort key \`${name}\``,
      );
    return { at, sign: order === "desc" ? -1 : 1 };
  });
  return [...rows].sort((a, b) => {
    for (const { at, sign } of keys) {
      const order = compareCells(a[at], b[at]);
      if (order !== 0) return sign * order;
    }
    return 0;
  });
}

function compareCells(a: CatCell, b: CatCell): number {
  const left = comparable(a);
  const right = comparable(b);
  if (left === right) return 0;
  if (left === null || left === undefined) return -1;
  if (right === null || right === undefined) return 1;
  if (typeof left === "number" && typeof right === "number") return left - right;
  return String(left) < String(right) ? -1 : 1;
}

function comparable(cell: CatCell): string | number | boolean | null | undefined {
  if (isQuantity(cell)) return cell.bytes;
  return isTimeSpan(cell) ? cell.millis : cell;
}

function layOut(table: readonly (readonly (string | null)[])[], right: readonly boolean[]): string {
  const widths = right.map((_unused, at) =>
    Math.max(0, ...table.map((row) => row[at]?.length ?? 0)),
  );
  const last = right.length - 1;
  return table
    .map((row) => {
      const cells = row.map((cell, at) => {
        const text = cell ?? "";
        if (right[at] === true) return text.padStart(widths[at] ?? 0);
        return at === last ? text : text.padEnd(widths[at] ?? 0);
      });
      return `${cells.join(" ")}\n`;
    })
    .join("");
}

function helpOf(columns: readonly CatColumn[]): string {
  const rows = columns.map((column) => [column.name, column.aliases.join(","), column.description]);
  const width = (at: number): number => Math.max(...rows.map((row) => row[at]?.length ?? 0));
  return rows
    .map(
      ([name = "", aliases = "", text = ""]) =>
        `${name.padEnd(width(0))} | ${aliases.padEnd(width(1))} | ${text.padEnd(width(2))}\n`,
    )
    .join("");
}
