/** A result of ES|QL as that of a SELECT. */
import type { Attribute } from "../esql/plan/analysis.ts";
import type { Table } from "../esql/plan/query.ts";
import type { Cell } from "../esql/values/value.ts";
import { floatText } from "../json/java-number.ts";
import type { SelectTable } from "./select-options.ts";

/** A column of a SELECT. */
export interface Output {
  readonly name: string;
  /** Of the result of ES|QL. */
  readonly column: string;
  /** In SQL. */
  readonly type: string;
}

/** The columns that were asked for, in their order. */
export function shaped(
  { columns, rows, warnings, documents }: Table,
  outputs: readonly Output[],
): SelectTable {
  const places = outputs.map(({ column }) => columns.findIndex(({ name }) => name === column));
  return {
    columns: outputs.map(({ name }, at): Attribute => {
      const type = columns[places[at] ?? -1]?.type ?? "null";
      return { name, type };
    }),
    rows: rows.map((row) =>
      outputs.map(({ type }, at): Cell => {
        const cell = row[places[at] ?? -1] ?? null;
        // SQL shows the digits of a float, and not those of the double that it is made.
        return type === "float" && typeof cell === "number" ? Number(floatText(cell)) : cell;
      }),
    ),
    types: outputs.map(({ type }) => type),
    warnings,
    documents,
  };
}
