/** Tables as JSON. */
import { jsonText } from "../../json/json-value.ts";
import type { Attribute } from "../plan/analysis.ts";
import type { Table } from "../plan/query.ts";
import { type DataType, shownType } from "../values/types.ts";
import { type Cell, isList, plainText, type Scalar, scalarJson } from "../values/value.ts";

/** How a table is written. */
export interface JsonTableOptions {
  /** Values by columns, not by rows. */
  readonly isColumnar: boolean;
  /** Columns without any value are named apart and left out. */
  readonly dropsNulls: boolean;
}

/** The members `columns` and `values`, without braces around them. */
export function tableJson(table: Table, { isColumnar, dropsNulls }: JsonTableOptions): string {
  const { columns, rows } = table;
  const places = columns.map((_, at) => at);
  const kept = dropsNulls ? places.filter((at) => !isEmpty(table, at)) : places;
  const all = dropsNulls ? `"all_columns":${columnsJson(columns)},` : "";
  const shown = columnsJson(kept.flatMap((at) => columns[at] ?? []));
  const cell = (row: readonly Cell[], at: number): string =>
    cellJson(columns[at]?.type ?? "null", row[at] ?? null);
  // Without a row there are no lists of columns either.
  const values =
    isColumnar && rows.length > 0
      ? kept.map((at) => `[${rows.map((row) => cell(row, at)).join(",")}]`)
      : rows.map((row) => `[${kept.map((at) => cell(row, at)).join(",")}]`);
  return `${all}"columns":${shown},"values":[${values.join(",")}]`;
}

/** True for a column without any value. */
export function isEmpty({ rows }: Table, at: number): boolean {
  return rows.every((row) => (row[at] ?? null) === null);
}

function columnsJson(columns: readonly Attribute[]): string {
  return jsonText(columns.map(({ name, type }) => ({ name, type: shownType(type) })));
}

function cellJson(type: DataType, cell: Cell): string {
  if (cell === null) return "null";
  if (isList(cell)) return `[${cell.map((value) => valueJson(type, value)).join(",")}]`;
  return valueJson(type, cell);
}

function valueJson(type: DataType, value: Scalar): string {
  // A source is JSON already.
  return type === "_source" ? plainText(value) : jsonText(scalarJson(type, value));
}
