/** ENRICH and LOOKUP JOIN: columns from elsewhere, by the values of a row. */
import { type Attribute, similar, unknownColumn } from "../plan/analysis.ts";
import type { Command, NameAt } from "../syntax/syntax.ts";
import { commonNumber, type DataType, isNumeric, shownType } from "../values/types.ts";
import {
  type Cell,
  cellOf,
  isList,
  plainText,
  type Row,
  type Scalar,
  scalarText,
  valuesOf,
} from "../values/value.ts";
import { type Step, type StepContext, withAdded } from "./step.ts";

/** An enrich policy that was executed. */
export interface EnrichSource {
  readonly matchField: string;
  /** Its fields, in the order of the policy. */
  readonly columns: readonly Attribute[];
  /** Values of the columns, of each document whose match field has one of some texts. */
  readonly find: (values: readonly string[]) => readonly Row[];
}

/** The enrich policies of a cluster. */
export interface EnrichSources {
  readonly names: readonly string[];
  /** `undefined` for a policy that was not executed. */
  readonly open: (name: string) => EnrichSource | undefined;
}

/** Types that the server compares with the match field, as it lists them. */
const enrichTypes = "keyword, text, ip, long, integer, float, double, datetime";

export function enrichStep(
  command: Extract<Command, { kind: "enrich" }>,
  context: StepContext,
  { names, open }: EnrichSources,
): Step {
  const { analysis, columns } = context;
  const { policy } = command;
  const none: Step = { columns, run: (rows) => rows };
  if (!names.includes(policy.name)) {
    const hint = similar(policy.name, names);
    analysis.fail(policy, `cannot find enrich policy [${policy.name}]${hint}`);
    return none;
  }
  const source = open(policy.name);
  if (source === undefined)
    throw analysis.unsupported(policy, "an enrich policy that was not executed");
  const matchField = command.on ?? { ...command, name: source.matchField };
  const at = enrichColumn(matchField, context);
  const chosen = (
    command.fields ?? source.columns.map(({ name }) => ({ name, field: name }))
  ).flatMap(({ name, field }) => {
    const place = source.columns.findIndex((column) => column.name === field);
    const column = source.columns[place];
    if (column !== undefined) return [{ place, column: { ...column, name } }];
    const known = source.columns.map((other) => other.name);
    const message = `Enrich field [${field}] not found in enrich policy [${policy.name}]`;
    analysis.fail(command, `${message}${similar(field, known)}`);
    return [];
  });
  const added = withAdded(
    columns,
    chosen.map(({ column }) => column),
  );
  const type = columns[at]?.type ?? "null";
  return {
    columns: added.columns,
    run: (rows) =>
      rows.map((row) => {
        const values = valuesOf(row[at] ?? null).map((value) => scalarText(type, value));
        const found = values.length === 0 ? [] : source.find(values);
        return added.place(
          row,
          chosen.map(({ place }) => cellOf(found.flatMap((from) => valuesOf(from[place] ?? null)))),
        );
      }),
  };
}

/** The place of the column that is compared with the match field; -1 after a failure. */
function enrichColumn(name: NameAt, { analysis, columns }: StepContext): number {
  const at = placeOf(name.name, columns);
  const column = columns[at];
  if (column === undefined) analysis.fail(name, unknownColumn(name.name, columns));
  else if (column.type === "ip" || column.type === "datetime")
    throw analysis.unsupported(
      name,
      `enriching by a field of the type [${shownType(column.type)}]`,
    );
  else if (!enrichTypes.split(", ").includes(column.type))
    analysis.fail(
      name,
      `Unsupported type [${column.type}] for enrich matching field [${name.name}]; only [${enrichTypes}] allowed for type [match]`,
    );
  return at;
}

function placeOf(name: string, columns: readonly Attribute[]): number {
  return columns.findIndex((column) => column.name === name && column.isHidden !== true);
}

/** Rows that are looked up. */
export interface LookupSource {
  readonly columns: readonly Attribute[];
  readonly rows: () => readonly Row[];
}

/** A pair of columns that have to be one value. */
interface JoinKey {
  readonly left: number;
  readonly right: number;
}

/** Types that the server does not join by. */
const unjoinable: ReadonlySet<DataType> = new Set<DataType>([
  "text",
  "version",
  "unsigned_long",
  "geo_point",
  "unsupported",
  "null",
  "_source",
]);

export function lookupStep(
  command: Extract<Command, { kind: "lookup" }>,
  context: StepContext,
  source: LookupSource,
): Step {
  const { analysis, columns } = context;
  const keys = command.on.flatMap((name) => joinKey(name, context, source.columns));
  const isKey = new Set(keys.map(({ right }) => right));
  const taken = source.columns.flatMap(({ name, type, originalTypes, isHidden }, place) => {
    if (isKey.has(place) || isHidden === true) return [];
    const types = originalTypes === undefined ? {} : { originalTypes };
    return [{ place, column: { name, type, ...types } }];
  });
  const added = withAdded(
    columns,
    taken.map(({ column }) => column),
  );
  const nothing: Row = taken.map(() => null);
  const run = (rows: readonly Row[]): readonly Row[] => {
    const found = grouped(
      source.rows(),
      keys.map(({ right }) => right),
    );
    return rows.flatMap((row): readonly Row[] => {
      const cells = keys.map(({ left }) => row[left] ?? null);
      const group = cells.includes(null) ? undefined : found.get(keyText(cells));
      if (cells.some(isList) || group?.hasLists === true)
        analysis.warnings.failed(command, severalValues);
      const matches = group?.rows ?? [];
      if (matches.length === 0 || cells.some(isList)) return [added.place(row, nothing)];
      return matches.map((match) =>
        added.place(
          row,
          taken.map(({ place }) => match[place] ?? null),
        ),
      );
    });
  };
  return { columns: added.columns, run };
}

const severalValues = "java.lang.IllegalArgumentException: LOOKUP JOIN encountered multi-value";

function joinKey(
  name: NameAt,
  { analysis, columns }: StepContext,
  others: readonly Attribute[],
): readonly JoinKey[] {
  const left = placeOf(name.name, columns);
  const right = placeOf(name.name, others);
  const a = columns[left];
  const b = others[right];
  for (const [side, column] of [["left", a] as const, ["right", b] as const])
    if (column === undefined)
      analysis.fail(name, `Unknown column [${name.name}] in ${side} side of join`);
  if (a === undefined || b === undefined) return [];
  const types = [a.type, b.type].map((type) => type.toUpperCase());
  if (!isJoinable(a.type, b.type))
    analysis.fail(
      name,
      `JOIN left field [${a.name}] of type [${types[0]}] is incompatible with right field [${b.name}] of type [${types[1]}]`,
    );
  if (unjoinable.has(b.type))
    analysis.fail(name, `JOIN with right field [${b.name}] of type [${types[1]}] is not supported`);
  return [{ left, right }];
}

function isJoinable(left: DataType, right: DataType): boolean {
  if (isNumeric(left) && isNumeric(right)) return commonNumber(left, right) !== undefined;
  const plain = (type: DataType): DataType => (type === "text" ? "keyword" : type);
  return plain(left) === plain(right);
}

/** Rows with one key. */
interface Group {
  readonly rows: Row[];
  /** True when rows with several values have it too, which match nothing. */
  hasLists: boolean;
}

/** Rows by the text of their keys, in their order; rows without a key are not there. */
function grouped(rows: readonly Row[], places: readonly number[]): ReadonlyMap<string, Group> {
  const found = new Map<string, Group>();
  for (const row of rows) {
    const cells = places.map((at) => row[at] ?? null);
    const isSingle = !cells.some(isList);
    for (const key of combinations(cells)) {
      const text = keyText(key);
      const group = found.get(text) ?? { rows: [], hasLists: false };
      found.set(text, group);
      if (isSingle) group.rows.push(row);
      else group.hasLists = true;
    }
  }
  return found;
}

/** One value of each cell, in all ways; none where a cell has no value. */
function combinations(cells: readonly Cell[]): readonly (readonly Scalar[])[] {
  return cells.reduce<readonly (readonly Scalar[])[]>(
    (all, cell) => all.flatMap((before) => valuesOf(cell).map((value) => [...before, value])),
    [[]],
  );
}

/** Numbers of different types are one text where they are one value. */
function keyText(cells: readonly Cell[]): string {
  return JSON.stringify(cells.map((cell) => valuesOf(cell).map(plainText).join("\u0000")));
}
