/** KEEP, DROP and RENAME. */
import { type Attribute, unknownColumn } from "../plan/analysis.ts";
import { syntaxProblem } from "../syntax/span.ts";
import type { Command, NamePattern } from "../syntax/syntax.ts";
import type { Row } from "../values/value.ts";
import type { Step, StepContext } from "./step.ts";

type Names = Extract<Command, { kind: "keep" | "drop" }>;

/** A step that takes columns from their places. */
function taking(columns: readonly Attribute[], places: readonly number[]): Step {
  return {
    columns: places.flatMap((at) => columns[at] ?? []),
    run: (rows) => rows.map((row): Row => places.map((at) => row[at] ?? null)),
  };
}

/** Places of the columns that a name or pattern fits; a failure is noted for none. */
function placesOf({ analysis, columns }: StepContext, name: NamePattern): number[] {
  const { pattern } = name;
  const places: number[] = [];
  for (const [at, column] of columns.entries()) {
    if (column.isHidden === true) continue;
    if (pattern === undefined ? column.name === name.name : pattern.test(column.name))
      places.push(at);
  }
  if (places.length === 0 && (pattern === undefined || name.name !== "*"))
    analysis.fail(
      name,
      pattern === undefined
        ? unknownColumn(name.name, columns)
        : `No matches found for pattern [${name.name}]`,
    );
  return places;
}

/** KEEP: full names count more than patterns, those more than `*`; of equals the last one. */
export function keepStep(command: Names, context: StepContext): Step {
  const chosen = new Map<number, number>();
  for (const [at, column] of context.columns.entries())
    if (column.isHidden === true) chosen.set(at, 0);
  for (const name of command.names) {
    const rank =
      name.name === "*" && name.pattern !== undefined ? 2 : name.pattern === undefined ? 0 : 1;
    for (const place of placesOf(context, name)) {
      const before = chosen.get(place);
      if (before !== undefined && before < rank) continue;
      chosen.delete(place);
      chosen.set(place, rank);
    }
  }
  return taking(context.columns, [...chosen.keys()]);
}

export function dropStep(command: Names, context: StepContext): Step {
  for (const name of command.names)
    if (name.pattern !== undefined && name.name === "*")
      throw syntaxProblem(
        context.analysis.query,
        name.start,
        "Removing all fields is not allowed [*]",
      );
  const dropped = new Set(command.names.flatMap((name) => placesOf(context, name)));
  const places = context.columns.map((_, at) => at).filter((at) => !dropped.has(at));
  return taking(context.columns, places);
}

export function renameStep(
  command: Extract<Command, { kind: "rename" }>,
  context: StepContext,
): Step {
  const { analysis } = context;
  let current = context.columns.map((column, at) => ({ column, at }));
  const gone = new Map<string, string>();
  for (const { from, to } of command.renamings) {
    const found = current.find(
      ({ column }) => column.name === from.name && column.isHidden !== true,
    );
    if (found === undefined) {
      const later = gone.get(from.name);
      const text = analysis.textOf({
        start: Math.min(from.start, to.start),
        end: Math.max(from.end, to.end),
      });
      const names = current.map(({ column }) => column);
      analysis.fail(
        { start: later === undefined ? from.start : Math.min(from.start, to.start) },
        later === undefined
          ? unknownColumn(from.name, names)
          : `Column [${from.name}] renamed to [${later}] and is no longer available [${text}]`,
      );
      continue;
    }
    if (from.name === to.name) continue;
    gone.set(from.name, to.name);
    gone.delete(to.name);
    current = current
      .filter((entry) => entry === found || entry.column.name !== to.name)
      .map((entry) =>
        entry === found ? { at: entry.at, column: { ...entry.column, name: to.name } } : entry,
      );
  }
  const places = current.map(({ at }) => at);
  const isSame = places.length === context.columns.length;
  return {
    columns: current.map(({ column }) => column),
    run: isSame
      ? (rows) => rows
      : (rows) => rows.map((row): Row => places.map((at) => row[at] ?? null)),
  };
}
