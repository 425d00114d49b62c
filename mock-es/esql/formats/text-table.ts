/** Tables as text: aligned, or separated by commas or tabs. */
import type { Table } from "../plan/query.ts";
import { type Cell, isList, scalarText } from "../values/value.ts";
import type { DataType } from "../values/types.ts";
import { isEmpty } from "./json-table.ts";

/** Forms of a table as text. */
export type TextForm = "csv" | "tsv" | "txt";

/** How a table is written. */
export interface TextTableOptions {
  readonly delimiter: string;
  readonly hasHeader: boolean;
  readonly dropsNulls: boolean;
}

const leastWidth = 15;

/** A table as text, with a line for the names of the columns unless it is left out. */
export function tableText(table: Table, form: TextForm, options: TextTableOptions): string {
  const { columns, rows } = table;
  const all = columns.map((_, at) => at);
  const kept = options.dropsNulls ? all.filter((at) => !isEmpty(table, at)) : all;
  const names = kept.map((at) => columns[at]?.name ?? "");
  const nothing = form === "txt" ? "null" : "";
  const cells = rows.map((row) =>
    kept.map((at) => cellText(columns[at]?.type ?? "null", row[at] ?? null, nothing)),
  );
  if (form === "txt") return aligned(names, cells, options.hasHeader);
  const escape = form === "csv" ? quoted(options.delimiter) : withoutTabs;
  const end = form === "csv" ? "\r\n" : "\n";
  const between = form === "csv" ? options.delimiter : "\t";
  const lines = options.hasHeader ? [names, ...cells] : cells;
  return lines.map((line) => `${line.map(escape).join(between)}${end}`).join("");
}

function cellText(type: DataType, cell: Cell, nothing: string): string {
  if (cell === null) return nothing;
  if (!isList(cell)) return scalarText(type, cell);
  return `[${cell.map((value) => scalarText(type, value)).join(", ")}]`;
}

/** RFC 4180 */
function quoted(delimiter: string): (text: string) => string {
  return (text) =>
    /["\r\n]/.test(text) || text.includes(delimiter) ? `"${text.replaceAll('"', '""')}"` : text;
}

function withoutTabs(text: string): string {
  return text.replaceAll("\n", String.raw`\n`).replaceAll("\t", String.raw`\t`);
}

function aligned(names: readonly string[], rows: string[][], hasHeader: boolean): string {
  const widths = names.map((name, at) =>
    rows.reduce(
      (width, row) => Math.max(width, row[at]?.length ?? 0),
      Math.max(leastWidth, name.length),
    ),
  );
  const lines: string[] = [];
  if (hasHeader) {
    const centred = names.map((name, at) => {
      const width = widths[at] ?? 0;
      return name.padStart(name.length + Math.floor((width - name.length) / 2)).padEnd(width);
    });
    lines.push(centred.join("|"), widths.map((width) => "-".repeat(width)).join("+"));
  }
  for (const row of rows) lines.push(row.map((text, at) => text.padEnd(widths[at] ?? 0)).join("|"));
  return lines.map((line) => `${line}\n`).join("");
}
