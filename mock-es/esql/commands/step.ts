/** One command of a query, ready to run. */
import type { Analysis, Attribute } from "../plan/analysis.ts";
import type { Surroundings } from "../plan/surroundings.ts";
import type { Row } from "../values/value.ts";

/** A command: the columns that it gives, and how it changes rows. */
export interface Step {
  readonly columns: readonly Attribute[];
  readonly run: (rows: readonly Row[]) => readonly Row[];
}

/** What commands are analysed with. */
export interface StepContext {
  readonly analysis: Analysis;
  /** Columns that come in. */
  readonly columns: readonly Attribute[];
  /** Finds documents of the source by a query. */
  readonly search: Surroundings["search"];
  /** The same for conditions, which the server moves to the source where it can. */
  readonly push?: Surroundings["push"];
  /** True behind LIMIT. */
  readonly isLimited?: boolean;
}

/** What stands around an expression of a command. */
export function surroundings({ columns, search }: StepContext): Surroundings {
  return search === undefined ? { columns } : { columns, search };
}

/**
 * Columns with some added: what is there by the same name goes.
 *
 * @returns the columns, and how a row with the added values becomes a row of them
 */
export function withAdded(
  columns: readonly Attribute[],
  added: readonly Attribute[],
): { readonly columns: readonly Attribute[]; readonly place: (row: Row, values: Row) => Row } {
  const names = new Set(added.map(({ name }) => name));
  const kept: number[] = [];
  for (const [at, column] of columns.entries())
    if (column.isHidden === true || !names.has(column.name)) kept.push(at);
  // Of several by one name the last one counts.
  const last = added.map(
    ({ name }, at) => added.findLastIndex((other) => other.name === name) === at,
  );
  const isPlain = kept.length === columns.length && last.every(Boolean);
  return {
    columns: [...kept.flatMap((at) => columns[at] ?? []), ...added.filter((_, at) => last[at])],
    place: (row, values) =>
      isPlain
        ? [...row, ...values]
        : [...kept.map((at) => row[at] ?? null), ...values.filter((_, at) => last[at])],
  };
}
