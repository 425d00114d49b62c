/** What a SELECT is run with, and what it finds. */
import type { Analysis } from "../esql/plan/analysis.ts";
import type { Source, Table } from "../esql/plan/query.ts";
import { unsupported } from "../esql/syntax/span.ts";
import type { Select } from "./select.ts";

/** What a SELECT is run with. */
export interface SelectOptions {
  readonly nowMs: number;
  /** Opens an index; notes a failure for one that is not there. */
  readonly open: (name: string, at: number, analysis: Analysis) => Source;
  /** Type of a column in SQL; `undefined` for one that is not covered. */
  readonly typeOf: (column: string) => string | undefined;
  /** The keyword of a text, which whole values are compared with; `undefined` without one. */
  readonly exactOf: (column: string) => string | undefined;
  /** Fields of others (`title.raw`), which `*` leaves out. */
  readonly isPart: (column: string) => boolean;
  /** Most rows that are answered. */
  readonly maxRows: number;
}

/** What a SELECT found. */
export interface SelectTable extends Table {
  /** Types in SQL, one for each column. */
  readonly types: readonly string[];
}

/** Without a table there is one row. */
export function sourceOf(
  { table, items }: Select,
  { open }: Pick<SelectOptions, "open">,
  analysis: Analysis,
): Source {
  if (table !== undefined) return open(table.name, table.at, analysis);
  for (const { operand } of items)
    if (operand === undefined || operand.aggregate !== undefined)
      throw unsupported(analysis.query, operand?.at ?? 0, "a SELECT of this without FROM");
  return { columns: [], rows: () => [[]], search: undefined };
}
