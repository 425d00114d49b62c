/** Functions of cells with several values. */
import { EsError } from "../../es-error.ts";
import { CompensatedSum } from "../../search/aggregations/numbers.ts";
import { arithmeticProblem, type Typed, Uncomputable } from "../plan/analysis.ts";
import { attempt, constantValue, ofCells } from "../plan/typed.ts";
import type { DataType } from "../values/types.ts";
import {
  type Cell,
  cellOf,
  compareScalars,
  isList,
  isSame,
  plainText,
  type Scalar,
  valuesOf,
} from "../values/value.ts";
import {
  asDouble,
  type Call,
  checkArgument,
  type FunctionDefinition,
  type Parameter,
  takes,
} from "./definition.ts";

/** The type of what functions make of texts. */
export function withoutText(type: DataType): DataType {
  return type === "text" ? "keyword" : type;
}

/** A function of all values of one cell; null stays null. */
function ofValues(
  parameter: Parameter,
  returns: (type: DataType) => DataType,
  compute: (values: readonly Scalar[], type: DataType) => Cell,
): FunctionDefinition {
  return {
    least: 1,
    most: 1,
    build(call) {
      const [argument] = call.from;
      if (argument === undefined || !checkArgument(call, 0, 1, parameter)) return undefined;
      const { type } = argument;
      return ofCells(call, returns(type), call.from, (row): Cell => {
        const values = valuesOf(argument.evaluate(row));
        if (values.length === 0) return null;
        return attempt(call.analysis, call, () => compute(values, type));
      });
    },
  };
}

const keeps = withoutText;

/** The least value by the order of the type. */
export function leastOf(type: DataType, values: readonly Scalar[]): Scalar {
  return values.reduce((a, b) => (compareScalars(type, a, b) <= 0 ? a : b));
}

/** The greatest. */
export function greatestOf(type: DataType, values: readonly Scalar[]): Scalar {
  return values.reduce((a, b) => (compareScalars(type, a, b) >= 0 ? a : b));
}

function sumOf(values: readonly Scalar[], type: DataType): Scalar {
  if (type === "double") {
    const sum = new CompensatedSum();
    for (const value of values) sum.add(value as number);
    return sum.value;
  }
  let sum = 0n;
  const [least, most] = bounds[type] ?? [0n, 0n];
  for (const value of values) {
    sum += BigInt(value as number | bigint);
    if (sum < least || sum > most)
      throw arithmeticProblem(`${type === "unsigned_long" ? "unsigned_long" : type} overflow`);
  }
  return type === "integer" ? Number(sum) : sum;
}

const bounds: Readonly<Partial<Record<DataType, readonly [bigint, bigint]>>> = {
  integer: [-(2n ** 31n), 2n ** 31n - 1n],
  long: [-(2n ** 63n), 2n ** 63n - 1n],
  unsigned_long: [0n, 2n ** 64n - 1n],
};

function averageOf(values: readonly Scalar[]): number {
  const sum = new CompensatedSum();
  for (const value of values) sum.add(asDouble(value));
  return sum.value / values.length;
}

function medianOf(values: readonly Scalar[], type: DataType): Scalar {
  const sorted = values.toSorted((a, b) => compareScalars(type, a, b));
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  if (sorted.length % 2 === 1) return upper;
  const lower = sorted[middle - 1] ?? 0;
  if (type === "double") return ((lower as number) + (upper as number)) / 2;
  const sum = BigInt(lower as number | bigint) + BigInt(upper as number | bigint);
  const half = sum >= 0n ? sum / 2n : (sum - 1n) / 2n;
  return type === "integer" ? Number(half) : half;
}

/** How many values are compared with each other; more are sorted first. */
const comparedOneByOne: Readonly<Partial<Record<DataType, number>>> = {
  integer: 300,
  long: 300,
  unsigned_long: 300,
  datetime: 300,
  date_nanos: 300,
  double: 110,
  boolean: Infinity,
};

/** Each value once: in the order of first appearance, many of them sorted. */
export function distinct(values: readonly Scalar[], type: DataType): readonly Scalar[] {
  const isLong = values.length > (comparedOneByOne[type] ?? 20);
  const sorted = isLong ? values.toSorted((a, b) => compareScalars(type, a, b)) : values;
  const seen = new Set<Scalar>();
  return sorted.filter((value) => {
    const known =
      seen.has(value) ||
      (type === "version" && [...seen].some((other) => isSame(type, other, value)));
    if (!known) seen.add(value);
    return !known;
  });
}

const mvConcat: FunctionDefinition = {
  least: 2,
  most: 2,
  build(call) {
    const [field, delimiter] = call.from;
    if (field === undefined || delimiter === undefined) return undefined;
    if (!checkArgument(call, 0, 2, takes.string) || !checkArgument(call, 1, 2, takes.string))
      return undefined;
    return ofCells(call, "keyword", call.from, (row): Cell => {
      const values = valuesOf(field.evaluate(row));
      const between = delimiter.evaluate(row);
      // Of several delimiters the server does not warn.
      if (values.length === 0 || between === null || isList(between)) return null;
      return values.map(plainText).join(plainText(between));
    });
  },
};

/** A cell of one value; null with a warning for one of several. */
export function single({ analysis, start, end }: Call, cell: Cell): Scalar | null {
  if (!isList(cell)) return cell;
  analysis.warnings.failed(
    { start, end },
    "java.lang.IllegalArgumentException: single-value function encountered multi-value",
  );
  return null;
}

const mvSlice: FunctionDefinition = {
  least: 2,
  most: 3,
  build(call) {
    const [field, from, to] = call.from;
    if (field === undefined || from === undefined) return undefined;
    if (!checkArgument(call, 0, 3, takes.plain)) return undefined;
    for (let at = 1; at < call.from.length; at++)
      if (!checkArgument(call, at, 3, takes.integer)) return undefined;
    if (field.type !== "null") checkSlice(from, to);
    return ofCells(call, withoutText(field.type), call.from, (row): Cell => {
      const values = valuesOf(field.evaluate(row));
      const start = single(call, from.evaluate(row));
      const end = to === undefined ? start : single(call, to.evaluate(row));
      if (values.length === 0 || start === null || end === null) return null;
      return attempt(call.analysis, call, () =>
        cellOf(sliced(values, start as number, end as number)),
      );
    });
  },
};

/** What is wrong with the ends of a slice; `undefined` for nothing. */
function sliceProblem(start: number, end: number): string | undefined {
  if (start > end) return "Start offset is greater than end offset";
  return start < 0 && end >= 0 ? "Start and end offset have different signs" : undefined;
}

/** Constant ends that make no slice end the query. */
function checkSlice(from: Typed, to: Typed = from): void {
  if (!from.isConstant || !to.isConstant) return;
  const [start, end] = [constantValue(from), constantValue(to)];
  if (typeof start !== "number" || typeof end !== "number") return;
  const problem = sliceProblem(start, end);
  if (problem !== undefined) throw new EsError(400, "invalid_argument_exception", problem);
}

function sliced(values: readonly Scalar[], start: number, end: number): readonly Scalar[] {
  const problem = sliceProblem(start, end);
  if (problem !== undefined)
    throw new Uncomputable(
      `org.elasticsearch.xpack.esql.core.InvalidArgumentException: ${problem}`,
    );
  const place = (at: number): number => (at < 0 ? at + values.length : at);
  return values.slice(Math.max(place(start), 0), Math.max(place(end) + 1, 0));
}

const mvSort: FunctionDefinition = {
  least: 1,
  most: 2,
  build(call) {
    const [field, order] = call.from;
    if (field === undefined || !checkArgument(call, 0, 2, takes.ordered)) return undefined;
    if (order !== undefined && !checkArgument(call, 1, 2, takes.string)) return undefined;
    if (order !== undefined && !order.isConstant)
      throw call.analysis.unsupported(order, "an order that is no constant");
    const wanted = order === undefined ? "asc" : order.evaluate([]);
    if (typeof wanted !== "string" || !/^(?:asc|desc)$/i.test(wanted))
      throw call.analysis.unsupported(
        call,
        `the order [${wanted === null ? "null" : plainText(isList(wanted) ? "" : wanted)}]`,
      );
    const sign = wanted.toLowerCase() === "asc" ? 1 : -1;
    const { type } = field;
    return ofCells(call, withoutText(type), call.from, (row): Cell => {
      const values = valuesOf(field.evaluate(row));
      return cellOf(values.toSorted((a, b) => sign * compareScalars(type, a, b)));
    });
  },
};

const mvZip: FunctionDefinition = {
  least: 2,
  most: 3,
  build(call) {
    const [left, right, delimiter] = call.from;
    if (left === undefined || right === undefined) return undefined;
    for (let at = 0; at < call.from.length; at++)
      if (!checkArgument(call, at, 3, takes.string)) return undefined;
    return ofCells(call, "keyword", call.from, (row): Cell => {
      const a = valuesOf(left.evaluate(row));
      const b = valuesOf(right.evaluate(row));
      const between = delimiter === undefined ? "," : single(call, delimiter.evaluate(row));
      if (between === null || (a.length === 0 && b.length === 0)) return null;
      const length = Math.max(a.length, b.length);
      const pairs = Array.from({ length }, (_, at) => {
        const x = a[at];
        const y = b[at];
        if (x === undefined) return y ?? "";
        return y === undefined ? x : plainText(x) + plainText(between) + plainText(y);
      });
      return cellOf(pairs);
    });
  },
};

const mvAppend: FunctionDefinition = {
  least: 2,
  most: 2,
  build(call) {
    const [left, right] = call.from;
    if (left === undefined || right === undefined) return undefined;
    if (!checkArgument(call, 0, 2, takes.plain)) return undefined;
    const type = sameType(call, [left, right]);
    if (type === undefined) return undefined;
    return ofCells(call, type, call.from, (row): Cell => {
      const a = valuesOf(left.evaluate(row));
      const b = valuesOf(right.evaluate(row));
      return a.length === 0 || b.length === 0 ? null : cellOf([...a, ...b]);
    });
  },
};

/** The type that all arguments have, nulls apart; a failure is noted for the first that differs. */
export function sameType(call: Call, from: readonly Typed[]): DataType | undefined {
  let type: DataType = "null";
  for (const part of from) {
    const own = withoutText(part.type);
    if (own === "null") continue;
    if (type === "null") type = own;
    else if (own !== type) {
      const expected = { accepts: () => false, expected: type };
      const at = call.from.findIndex(({ start }) => start === part.start);
      checkArgument(call, at, Math.max(call.from.length, 2), expected);
      return undefined;
    }
  }
  return type;
}

/** Functions of several values by their names. */
export const multivalueFunctions: Readonly<Record<string, FunctionDefinition>> = {
  mv_append: mvAppend,
  mv_avg: ofValues(takes.numeric, () => "double", averageOf),
  mv_concat: mvConcat,
  mv_count: ofValues(
    takes.anything,
    () => "integer",
    (values) => values.length,
  ),
  mv_dedupe: ofValues(takes.plain, keeps, (values, type) => cellOf(distinct(values, type))),
  mv_first: ofValues(takes.anything, keeps, ([first = null]) => first),
  mv_last: ofValues(takes.anything, keeps, (values) => values.at(-1) ?? null),
  mv_max: ofValues(takes.ordered, keeps, (values, type) => greatestOf(type, values)),
  mv_median: ofValues(takes.numeric, keeps, medianOf),
  mv_min: ofValues(takes.ordered, keeps, (values, type) => leastOf(type, values)),
  mv_slice: mvSlice,
  mv_sort: mvSort,
  mv_sum: ofValues(takes.numeric, keeps, sumOf),
  mv_zip: mvZip,
};
