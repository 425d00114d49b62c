/** STATS: rows put together in groups. */
import type { Aggregate, Gatherer } from "../functions/aggregate.ts";
import { findAggregate } from "../functions/aggregates.ts";
import { bucketOf } from "../functions/bucket.ts";
import type { Call } from "../functions/definition.ts";
import type { Analysis, Attribute, Typed } from "../plan/analysis.ts";
import { typeExpression } from "../plan/expressions.ts";
import { testOf } from "../plan/pushed.ts";
import { aggregateNames, checkCount } from "../plan/function-names.ts";
import { lineAndColumn } from "../syntax/scanner.ts";
import { syntaxProblem } from "../syntax/span.ts";
import type { Command, Expression, NamedExpression } from "../syntax/syntax.ts";
import type { DataType } from "../values/types.ts";
import { type Cell, isList, plainText, type Row, type Scalar, valuesOf } from "../values/value.ts";
import { columnOf } from "./rows.ts";
import { type Step, type StepContext, surroundings, withAdded } from "./step.ts";

type Stats = Extract<Command, { kind: "stats" }>;
type AggregateCall = Extract<Expression, { kind: "call" }>;

/** An aggregate with the rows that it takes. */
interface Gathering {
  readonly aggregate: Aggregate;
  readonly filter: Typed | undefined;
}

interface Named {
  readonly field: NamedExpression;
  readonly typed: Typed;
}

export function statsStep(command: Stats, context: StepContext): Step {
  const { analysis } = context;
  const groups = typeGroups(command, context);
  const gatherings: Gathering[] = [];
  const fields = typeFields(command, context, groups, gatherings);
  const outputs = [
    ...fields.map((entry) => ({ ...entry, group: -1 })),
    ...groups.map((entry, group) => ({ ...entry, group })),
  ];
  const last = new Map(outputs.map((output) => [output.field.name, output]));
  // Of several by one name the last one counts.
  const kept = outputs.filter((output) => {
    const winner = last.get(output.field.name);
    if (winner === undefined || winner === output) return true;
    shadowed(analysis, output.field, winner.field);
    return false;
  });
  const columns = kept.map(({ field, typed }): Attribute => {
    const { field: _field, ...column } = columnOf(field.name, typed);
    return column;
  });
  if (command.aggregates.length === 0 && command.groups.length === 0)
    throw syntaxProblem(
      analysis.query,
      command.start,
      `At least one aggregation or grouping expression required in [${analysis.textOf(command)}]`,
    );
  if (command.isInline && context.isLimited === true)
    throw analysis.unsupported(command, "INLINE STATS behind LIMIT");
  if (command.isInline) return inlineStep({ command, context, columns, groups, gatherings, kept });
  return {
    columns,
    run(rows) {
      return gather(rows, groups, gatherings).map(({ keys, gatherers }) => {
        const row: Row = [...keys, ...gatherers.map((gatherer) => gatherer.result())];
        return kept.map(({ typed, group }) =>
          group < 0 ? typed.evaluate(row) : (keys[group] ?? null),
        );
      });
    },
  };
}

interface Inline {
  readonly command: Stats;
  readonly context: StepContext;
  readonly columns: readonly Attribute[];
  readonly groups: readonly Named[];
  readonly gatherings: readonly Gathering[];
  readonly kept: readonly (Named & { readonly group: number })[];
}

/** INLINE STATS: each row keeps its columns, with what its group has beside them. */
function inlineStep({ command, context, columns, groups, gatherings, kept }: Inline): Step {
  const { analysis } = context;
  const places = withAdded(context.columns, columns);
  return {
    columns: places.columns,
    run(rows) {
      const found = new Map<string, Row>();
      for (const { keys, gatherers } of gather(rows, groups, gatherings))
        found.set(groupName(groups, keys), [
          ...keys,
          ...gatherers.map((gatherer) => gatherer.result()),
        ]);
      return rows.map((row) => {
        const keys = groups.map(({ typed }) => typed.evaluate(row));
        if (keys.some((key) => key === null || isList(key)))
          throw analysis.unsupported(command, "INLINE STATS by null or several values");
        const group = found.get(groupName(groups, keys)) ?? [];
        const values = kept.map(({ typed, group: at }) =>
          at < 0 ? typed.evaluate(group) : (keys[at] ?? null),
        );
        return places.place(row, values);
      });
    },
  };
}

/** What tells a group from the others. */
function groupName(groups: readonly Named[], keys: readonly Cell[]): string {
  return keys.map((key, at) => keyText(groups[at]?.typed.type ?? "null", key)).join("\u0000");
}

function shadowed(analysis: Analysis, earlier: NamedExpression, later: NamedExpression): void {
  const at = lineAndColumn(analysis.query, earlier.start);
  const by = lineAndColumn(analysis.query, later.start);
  analysis.warnings.add(`Line ${at}: Field '${earlier.name}' shadowed by field at line ${by}`);
}

function typeGroups(command: Stats, context: StepContext): Named[] {
  const { analysis } = context;
  return command.groups.flatMap((field) => {
    const aggregate = (call: AggregateCall): undefined =>
      analysis.fail(call, `cannot use an aggregate [${analysis.textOf(call)}] for grouping`);
    const around = { ...surroundings(context), bucket: bucketOf, aggregate };
    const typed = typeExpression(analysis, field.expression, around);
    if (typed === undefined) return [];
    if (typed.type === "geo_point" || typed.type === "_source")
      throw analysis.unsupported(field, `grouping by the type [${typed.type}]`);
    return [{ field, typed }];
  });
}

/** Types what stands before BY: aggregates, and expressions of them and of the groups. */
function typeFields(
  command: Stats,
  context: StepContext,
  groups: readonly Named[],
  gatherings: Gathering[],
): Named[] {
  const { analysis } = context;
  const columns = groups.map(({ field, typed }): Attribute => columnOf(field.name, typed));
  const push = hasOneFilter(command, analysis) ? context.push : undefined;
  return command.aggregates.flatMap((field) => {
    const filter = typeFilter(field, context, push);
    const count = gatherings.length;
    const aggregate = (expression: AggregateCall): Typed | undefined => {
      const typed = typeAggregate(expression, context);
      if (typed === undefined) return undefined;
      const place = groups.length + gatherings.push({ aggregate: typed, filter }) - 1;
      const { start, end } = expression;
      return {
        start,
        end,
        text: analysis.textOf(expression),
        type: typed.type,
        isConstant: false,
        evaluate: (row) => row[place] ?? null,
      };
    };
    if (!checkColumns(field, context, columns)) return [];
    const typed = typeExpression(analysis, field.expression, { columns, aggregate });
    if (typed?.isConstant === true && gatherings.length === count)
      return (
        analysis.fail(
          field.expression,
          `expected an aggregate function but found [${typed.text}]`,
        ) ?? []
      );
    return typed === undefined ? [] : [{ field, typed }];
  });
}

/** True where the server makes the filters of all aggregates one condition of the rows. */
function hasOneFilter({ groups, aggregates, isInline }: Stats, analysis: Analysis): boolean {
  const texts = aggregates.map(({ filter }) => filter && analysis.textOf(filter));
  return groups.length === 0 && !isInline && new Set(texts).size === 1;
}

function typeFilter(
  field: NamedExpression,
  context: StepContext,
  push: StepContext["push"],
): Typed | undefined {
  const { analysis } = context;
  if (field.filter === undefined) return undefined;
  const around = { ...surroundings(context), isCondition: true, ...(push && { push }) };
  const typed = typeExpression(analysis, field.filter, around);
  if (typed !== undefined && typed.type !== "boolean" && typed.type !== "null")
    analysis.fail(
      field.filter,
      `Condition expression needs to be boolean, found [${typed.type.toUpperCase()}]`,
    );
  if (typed === undefined || push === undefined) return typed;
  const evaluate = testOf(typed, push);
  return { ...typed, evaluate };
}

function typeAggregate(expression: AggregateCall, context: StepContext): Aggregate | undefined {
  const { analysis } = context;
  const { name, start, end } = expression;
  const definition = findAggregate(name);
  if (definition === undefined || expression.options !== undefined)
    throw analysis.unsupported(expression, `the function [${name}]`);
  if (expression.isStar && name !== "count")
    checkCount(analysis, expression, { ...definition, build: () => undefined });
  const isAny = expression.isStar || (name === "count" && expression.from.length === 0);
  if (!isAny) checkCount(analysis, expression, { ...definition, build: () => undefined });
  const inner = {
    ...surroundings(context),
    aggregate: (nested: AggregateCall): Typed | undefined => {
      const text = analysis.textOf(nested);
      return analysis.fail(
        nested,
        `nested aggregations [${text}] not allowed inside other aggregations [${analysis.textOf(expression)}]`,
      );
    },
  };
  const from = expression.from.map((part) => typeExpression(analysis, part, inner));
  if (from.some((part) => part === undefined)) return undefined;
  const call: Call = {
    start,
    end,
    name,
    text: analysis.textOf(expression),
    from: from.filter((part) => part !== undefined),
    analysis,
    options: undefined,
  };
  return definition.build(call);
}

/** Columns outside of aggregates have to be grouped by; false after a failure. */
function checkColumns(
  { expression }: NamedExpression,
  { analysis, columns }: StepContext,
  groups: readonly Attribute[],
): boolean {
  if (expression.kind === "column" && groups.some(({ name }) => name === expression.name)) {
    const message = `grouping key [${expression.name}] already specified in the STATS BY clause`;
    analysis.fail(expression, message);
    return false;
  }
  const foreign = columnsOutside(expression).filter(
    ({ name }) =>
      !groups.some((group) => group.name === name) && columns.some((known) => known.name === name),
  );
  for (const column of foreign) {
    if (groups.some(({ name }) => name.includes(column.name)))
      throw analysis.unsupported(column, `the column [${column.name}] outside of aggregates`);
    analysis.fail(
      column,
      `column [${column.name}] must appear in the STATS BY clause or be used in an aggregate function`,
    );
  }
  return foreign.length === 0;
}

function columnsOutside(expression: Expression): (Expression & { kind: "column" })[] {
  switch (expression.kind) {
    case "column":
      return [expression];
    case "call":
      return !aggregateNames.has(expression.name) ? expression.from.flatMap(columnsOutside) : [];
    case "binary":
      return [expression.left, expression.right].flatMap(columnsOutside);
    case "in":
      return [expression.operand, ...expression.list].flatMap(columnsOutside);
    case "not":
    case "negate":
    case "isNull":
    case "like":
    case "cast":
      return columnsOutside(expression.operand);
    default:
      return [];
  }
}

/** One group of rows. */
interface Group {
  readonly keys: readonly Cell[];
  readonly gatherers: readonly Gatherer[];
}

/** Groups of rows; a row with several values of a key is in the group of each. */
function gather(
  rows: readonly Row[],
  groups: readonly Named[],
  gatherings: readonly Gathering[],
): Group[] {
  const create = (keys: readonly Cell[]): Group => ({
    keys,
    gatherers: gatherings.map(({ aggregate }) => aggregate.create()),
  });
  const add = (group: Group, row: Row): void => {
    for (const [at, { filter, aggregate }] of gatherings.entries())
      if (aggregate.ignoresFilter === true || filter === undefined || filter.evaluate(row) === true)
        group.gatherers[at]?.add(row);
  };
  if (groups.length === 0) {
    const only = create([]);
    for (const row of rows) add(only, row);
    return [only];
  }
  const found = new Map<string, Group>();
  for (const row of rows) {
    for (const keys of combinations(groups.map(({ typed }) => typed.evaluate(row)))) {
      const name = groupName(groups, keys);
      let group = found.get(name);
      if (group === undefined) {
        group = create(keys);
        found.set(name, group);
      }
      add(group, row);
    }
  }
  return inOrder([...found.values()], groups.length);
}

function keyText(type: DataType, key: Cell): string {
  if (key === null) return "";
  const text = plainText(key as Scalar);
  return type === "double" && Object.is(key, -0)
    ? "=-0"
    : `=${text.replaceAll("\u0000", "\u0000\u0000")}`;
}

/** Each choice of one value of each cell. */
function combinations(cells: readonly Cell[]): Cell[][] {
  return cells.reduce<Cell[][]>(
    (all, cell) => {
      const values: readonly Cell[] = isList(cell) ? different(valuesOf(cell)) : [cell];
      return all.flatMap((keys) => values.map((value) => [...keys, value]));
    },
    [[]],
  );
}

/** Each value once; a set takes -0.0 for 0.0, which are two. */
function different(values: readonly Scalar[]): Scalar[] {
  const rest = values.filter((value) => !Object.is(value, -0));
  return rest.length === values.length ? [...new Set(values)] : [...new Set(rest), -0];
}

/** Groups in the order of the server: of one key the one without a value first. */
function inOrder(groups: Group[], count: number): Group[] {
  if (count > 1) return groups;
  const isBoolean = groups.some(({ keys }) => typeof keys[0] === "boolean");
  const rank = ({ keys: [key = null] }: Group): number =>
    key === null ? 0 : isBoolean && key === true ? 2 : 1;
  return groups.sort((a, b) => rank(a) - rank(b));
}
