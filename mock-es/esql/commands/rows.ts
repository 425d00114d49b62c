/** ROW, WHERE, EVAL, SORT, LIMIT and MV_EXPAND. */
import type { Attribute, Typed } from "../plan/analysis.ts";
import { unknownColumn } from "../plan/analysis.ts";
import { typeExpression } from "../plan/expressions.ts";
import { testOf } from "../plan/pushed.ts";
import { greatestOf, leastOf, withoutText } from "../functions/multivalues.ts";
import type { Command, NamedExpression } from "../syntax/syntax.ts";
import { isAmount } from "../values/types.ts";
import {
  type Cell,
  compareScalars,
  isList,
  type Row,
  type Scalar,
  valuesOf,
} from "../values/value.ts";
import { type Step, type StepContext, surroundings, withAdded } from "./step.ts";

type Of<K extends Command["kind"]> = Extract<Command, { kind: K }>;

/** The column that an expression becomes. */
export function columnOf(name: string, typed: Typed): Attribute {
  const { attribute } = typed;
  return attribute === undefined ? { name, type: withoutText(typed.type) } : { ...attribute, name };
}

function whole(context: StepContext, field: NamedExpression, isRow: boolean): Typed | undefined {
  const typed = typeExpression(context.analysis, field.expression, surroundings(context));
  if (typed === undefined || !isAmount(typed.type)) return typed;
  return context.analysis.fail(
    isRow ? field.expression : field,
    isRow
      ? `cannot use [${typed.text}] directly in a row assignment`
      : `EVAL does not support type [${typed.type}] as the return data type of expression [${typed.text}]`,
  );
}

/** Columns with new ones, each of which the next ones see. */
function extended(context: StepContext, fields: readonly NamedExpression[], isRow = false): Step {
  const steps: Step[] = [];
  let columns = context.columns;
  for (const field of fields) {
    const typed = whole({ ...context, columns }, field, isRow);
    if (typed === undefined) continue;
    const added = withAdded(columns, [columnOf(field.name, typed)]);
    ({ columns } = added);
    const { place } = added;
    steps.push({
      columns,
      run: (rows) => rows.map((row) => place(row, [typed.evaluate(row)])),
    });
  }
  return { columns, run: (rows) => steps.reduce((all, step) => step.run(all), rows) };
}

export function evalStep(command: Of<"eval">, context: StepContext): Step {
  return extended(context, command.fields);
}

/** One row of values that need no other. */
export function rowStep(command: Of<"row">, context: StepContext): Step {
  const step = extended({ ...context, columns: [] }, command.fields, true);
  return { columns: step.columns, run: () => step.run([[]]) };
}

export function whereStep(command: Of<"where">, context: StepContext): Step {
  const { analysis, columns } = context;
  const { push } = context;
  const around = {
    ...surroundings(context),
    isCondition: true,
    ...(push === undefined ? {} : { push }),
  };
  const condition = typeExpression(analysis, command.condition, around);
  if (condition !== undefined && condition.type !== "boolean" && condition.type !== "null")
    analysis.fail(
      command.condition,
      `Condition expression needs to be boolean, found [${condition.type.toUpperCase()}]`,
    );
  return { columns, run: (rows) => rows.filter(testOf(condition, push)) };
}

const unsortable: ReadonlySet<string> = new Set(["geo_point", "_source"]);

export function sortStep(command: Of<"sort">, context: StepContext): Step {
  const { analysis, columns } = context;
  const keys = command.keys.flatMap((key) => {
    const typed = typeExpression(analysis, key.expression, surroundings(context));
    if (typed === undefined) return [];
    if (unsortable.has(typed.type) || isAmount(typed.type))
      analysis.fail(key.expression, `cannot sort on ${typed.type}`);
    return [{ ...key, typed }];
  });
  return {
    columns,
    run(rows) {
      const ranked = rows.map((row, at) => ({
        row,
        at,
        values: keys.map(({ typed, isDescending }) => keyValue(typed, isDescending, row)),
      }));
      ranked.sort((a, b) => {
        for (const [at, { typed, isDescending, nullsFirst }] of keys.entries()) {
          const x = a.values[at] ?? null;
          const y = b.values[at] ?? null;
          if (x === null || y === null) {
            if (x === y) continue;
            return (x === null) === nullsFirst ? -1 : 1;
          }
          const order = compareScalars(typed.type, x, y);
          if (order !== 0) return isDescending ? -order : order;
        }
        return a.at - b.at;
      });
      return ranked.map(({ row }) => row);
    },
  };
}

/** Of several values the least is sorted by, or the greatest where the order goes down. */
function keyValue(typed: Typed, isDescending: boolean, row: Row): Scalar | null {
  const cell = typed.evaluate(row);
  if (!isList(cell)) return cell;
  return isDescending ? greatestOf(typed.type, cell) : leastOf(typed.type, cell);
}

export function limitStep(command: Of<"limit">, { columns }: StepContext): Step {
  return {
    // What comes behind a limit cannot be found in an index any more.
    columns: columns.map((column) =>
      column.isHidden === true ? { ...column, isHidden: true, name: "" } : column,
    ),
    run: (rows) => rows.slice(0, command.count),
  };
}

export function expandStep(command: Of<"mv_expand">, context: StepContext): Step {
  const { analysis, columns } = context;
  const { name } = command.name;
  const at = columns.findIndex((column) => column.name === name && column.isHidden !== true);
  const column = columns[at];
  if (column === undefined) analysis.fail(command.name, unknownColumn(name, columns));
  else if (column.type === "unsupported")
    throw analysis.unsupported(command.name, "expanding such a field");
  return {
    columns: columns.map((other, place) =>
      place === at ? { name: other.name, type: other.type } : other,
    ),
    run: (rows) =>
      rows.flatMap((row) => {
        const cell = row[at] ?? null;
        if (!isList(cell)) return [row];
        return valuesOf(cell).map((value): Row =>
          row.map((other, place): Cell => (place === at ? value : other)),
        );
      }),
  };
}
