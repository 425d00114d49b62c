/** Aggregate functions: values of many rows become one. */
import { CompensatedSum } from "../../search/aggregations/numbers.ts";
import type { Typed } from "../plan/analysis.ts";
import { constantValue } from "../plan/typed.ts";
import { type DataType, isNumeric } from "../values/types.ts";
import {
  type Cell,
  cellOf,
  compareScalars,
  plainText,
  type Row,
  type Scalar,
  valuesOf,
} from "../values/value.ts";
import { asDouble, type Call, checkArgument, type Parameter } from "./definition.ts";
import { withoutText } from "./multivalues.ts";

/** Gathers the rows of one group. */
export interface Gatherer {
  add(row: Row): void;
  result(): Cell;
}

/** An aggregate, ready to gather. */
export interface Aggregate {
  readonly type: DataType;
  readonly create: () => Gatherer;
}

type Build = (call: Call) => Aggregate | undefined;

const exceptUnsigned: Parameter = {
  accepts: (type) => isNumeric(type) && type !== "unsigned_long",
  expected: "numeric except unsigned_long or counter types",
};

const ordered: ReadonlySet<DataType> = new Set([
  "boolean",
  "datetime",
  "date_nanos",
  "ip",
  "keyword",
  "text",
  "version",
  "integer",
  "long",
  "unsigned_long",
  "double",
]);

/** An aggregate of all values of one argument. */
function ofValues(
  typed: Typed,
  type: DataType,
  create: () => { add(value: Scalar): void; result(): Cell },
): Aggregate {
  return {
    type,
    create() {
      const inner = create();
      return {
        add(row) {
          for (const value of valuesOf(typed.evaluate(row))) inner.add(value);
        },
        result: () => inner.result(),
      };
    },
  };
}

function count(call: Call): Aggregate | undefined {
  const [argument] = call.from;
  return {
    type: "long",
    create() {
      let found = 0;
      return {
        add(row) {
          found += argument === undefined ? 1 : valuesOf(argument.evaluate(row)).length;
        },
        result: () => BigInt(found),
      };
    },
  };
}

function extreme(sign: 1 | -1): Build {
  return (call) => {
    const [argument] = call.from;
    const parameter: Parameter = {
      accepts: (type) => ordered.has(type),
      expected:
        "aggregate_metric_double, boolean, date, exponential_histogram, ip, string, tdigest, version or numeric except counter types",
    };
    if (argument === undefined || !checkArgument(call, 0, 1, parameter)) return undefined;
    const { type } = argument;
    return ofValues(argument, withoutText(type), () => {
      let best: Scalar | undefined;
      return {
        add(value) {
          if (best === undefined || sign * compareScalars(type, value, best) > 0) best = value;
        },
        result: () => best ?? null,
      };
    });
  };
}

/** Sums whole numbers exactly; a sum that no long holds is null, with a warning. */
function sum(call: Call): Aggregate | undefined {
  const [argument] = call.from;
  const parameter: Parameter = {
    ...exceptUnsigned,
    expected:
      "aggregate_metric_double, exponential_histogram, tdigest or numeric except unsigned_long or counter types",
  };
  if (argument === undefined || !checkArgument(call, 0, 1, parameter)) return undefined;
  if (argument.type === "double" || argument.type === "null") {
    return ofValues(argument, argument.type === "null" ? "long" : "double", () => {
      const total = new CompensatedSum();
      let hasAny = false;
      return {
        add(value) {
          hasAny = true;
          total.add(value as number);
        },
        result: () => (hasAny ? total.value : null),
      };
    });
  }
  return ofValues(argument, "long", () => wholeSum(call));
}

function wholeSum({ analysis, start, end }: Call): { add(value: Scalar): void; result(): Cell } {
  let total = 0n;
  let hasAny = false;
  let isBroken = false;
  return {
    add(value) {
      hasAny = true;
      total += BigInt(value as number | bigint);
      if (total !== BigInt.asIntN(64, total)) isBroken = true;
    },
    result() {
      if (!hasAny) return null;
      if (!isBroken) return total;
      analysis.warnings.failed({ start, end }, "java.lang.ArithmeticException: long overflow");
      return null;
    },
  };
}

/** The sum divided by the number of values. */
function avg(call: Call): Aggregate | undefined {
  const [argument] = call.from;
  const parameter: Parameter = {
    ...exceptUnsigned,
    expected:
      "aggregate_metric_double, exponential_histogram, tdigest or numeric except unsigned_long or counter types",
  };
  if (argument === undefined || !checkArgument(call, 0, 1, parameter)) return undefined;
  const isDouble = argument.type === "double";
  return ofValues(argument, "double", () => {
    const total = new CompensatedSum();
    const exact = wholeSum(call);
    let found = 0;
    return {
      add(value) {
        found++;
        if (isDouble) total.add(value as number);
        else exact.add(value);
      },
      result() {
        if (found === 0) return null;
        if (isDouble) return total.value / found;
        const whole = exact.result();
        return whole === null ? null : Number(whole) / found;
      },
    };
  });
}

/** The value below which a part of the values lies, between two of them if need be. */
function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = part * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below] ?? 0;
  const high = sorted[below + 1] ?? low;
  return low + (high - low) * (at - below);
}

function ofNumbers(argument: Typed, compute: (values: readonly number[]) => Cell): Aggregate {
  return ofValues(argument, "double", () => {
    const values: number[] = [];
    return {
      add: (value) => void values.push(asDouble(value)),
      result: () => (values.length === 0 ? null : compute(values)),
    };
  });
}

function median(call: Call): Aggregate | undefined {
  const [argument] = call.from;
  const parameter: Parameter = {
    ...exceptUnsigned,
    expected: "exponential_histogram, tdigest or numeric except unsigned_long or counter types",
  };
  if (argument === undefined || !checkArgument(call, 0, 1, parameter)) return undefined;
  return ofNumbers(argument, (values) => quantile(values, 0.5));
}

function percentile(call: Call): Aggregate | undefined {
  const [argument, percent] = call.from;
  const first: Parameter = {
    ...exceptUnsigned,
    expected: "exponential_histogram, tdigest or numeric except unsigned_long",
  };
  const second: Parameter = { ...exceptUnsigned, expected: "numeric except unsigned_long" };
  if (argument === undefined || percent === undefined) return undefined;
  if (!checkArgument(call, 0, 2, first) || !checkArgument(call, 1, 2, second)) return undefined;
  if (!percent.isConstant)
    throw call.analysis.unsupported(percent, "a percent that is no constant");
  const wanted = constantValue(percent);
  if (wanted === null || typeof wanted === "object")
    throw call.analysis.unsupported(percent, "a percent without one value");
  const part = asDouble(wanted) / 100;
  if (!(part >= 0 && part <= 1))
    throw call.analysis.unsupported(percent, "a percent that is not between 0 and 100");
  return ofNumbers(argument, (values) => quantile(values, part));
}

/** Spread around the mean, by Welford's way as the server computes it. */
function spread(finish: (squares: number, count: number) => number): Build {
  return (call) => {
    const [argument] = call.from;
    if (argument === undefined || !checkArgument(call, 0, 1, exceptUnsigned)) return undefined;
    return ofValues(argument, "double", () => {
      let found = 0;
      let mean = 0;
      let squares = 0;
      return {
        add(value) {
          const number = asDouble(value);
          const delta = number - mean;
          found++;
          mean += delta / found;
          squares += delta * (number - mean);
        },
        result: () => (found === 0 ? null : finish(squares, found)),
      };
    });
  };
}

function keyOf(type: DataType, value: Scalar): string {
  return `${type === "version" ? "v" : typeof value} ${plainText(value)}`;
}

/** Distinct values beyond this are estimated by the server. */
const exactlyCounted = 1000;

function countDistinct(call: Call): Aggregate | undefined {
  const [argument] = call.from;
  if (argument === undefined) return undefined;
  if (call.from.length > 1)
    throw call.analysis.unsupported(call, "the precision of [count_distinct]");
  const { type } = argument;
  return ofValues(argument, "long", () => {
    const keys = new Set<string>();
    return {
      add: (value) => void keys.add(keyOf(type, value)),
      result() {
        if (keys.size > exactlyCounted)
          throw call.analysis.unsupported(
            call,
            `[count_distinct] of more than ${exactlyCounted} values`,
          );
        return BigInt(keys.size);
      },
    };
  });
}

function values(call: Call): Aggregate | undefined {
  const [argument] = call.from;
  const parameter: Parameter = { accepts: (type) => ordered.has(type), expected: "any type" };
  if (argument === undefined) return undefined;
  if (argument.type !== "null" && !parameter.accepts(argument.type))
    throw call.analysis.unsupported(call, `[values] of the type [${argument.type}]`);
  const { type } = argument;
  return ofValues(argument, withoutText(type), () => {
    const found = new Map<string, Scalar>();
    return {
      add(value) {
        const key = keyOf(type, value);
        if (!found.has(key)) found.set(key, value);
      },
      result: () => cellOf([...found.values()]),
    };
  });
}

function top(call: Call): Aggregate | undefined {
  const { analysis } = call;
  const [argument, limit, order] = call.from;
  if (argument === undefined || limit === undefined) return undefined;
  if (call.from.length > 3) throw analysis.unsupported(call, "[top] with an output field");
  if (argument.type !== "null" && !ordered.has(argument.type))
    throw analysis.unsupported(call, `[top] of the type [${argument.type}]`);
  const most = limit.isConstant ? constantValue(limit) : null;
  const direction = order === undefined ? "asc" : order.isConstant ? constantValue(order) : null;
  if (typeof most !== "number" || most <= 0 || limit.type !== "integer")
    throw analysis.unsupported(limit, "this limit of [top]");
  if (typeof direction !== "string" || !/^(?:asc|desc)$/i.test(direction))
    throw analysis.unsupported(call, "this order of [top]");
  const sign = direction.toLowerCase() === "asc" ? 1 : -1;
  const { type } = argument;
  return ofValues(argument, withoutText(type), () => {
    const all: Scalar[] = [];
    return {
      add: (value) => void all.push(value),
      result: () => cellOf(all.sort((a, b) => sign * compareScalars(type, a, b)).slice(0, most)),
    };
  });
}

function weightedAvg(call: Call): Aggregate | undefined {
  const [number, weight] = call.from;
  if (number === undefined || weight === undefined) return undefined;
  if (!checkArgument(call, 0, 2, exceptUnsigned) || !checkArgument(call, 1, 2, exceptUnsigned))
    return undefined;
  if ([number, weight].some(({ type }) => type !== "double" && type !== "integer"))
    throw call.analysis.unsupported(call, "[weighted_avg] of such types");
  return {
    type: "double",
    create() {
      const products = new CompensatedSum();
      const weights = new CompensatedSum();
      let hasAny = false;
      return {
        add(row) {
          const a = valuesOf(number.evaluate(row));
          const b = valuesOf(weight.evaluate(row));
          if (a.length > 1 || b.length > 1)
            throw call.analysis.unsupported(call, "[weighted_avg] of several values");
          const [x] = a;
          const [y] = b;
          if (y !== undefined) weights.add(asDouble(y));
          if (x === undefined || y === undefined) return;
          hasAny = true;
          products.add(asDouble(x) * asDouble(y));
        },
        result() {
          if (!hasAny) return null;
          if (weights.value === 0)
            throw call.analysis.unsupported(call, "weights that are zero together");
          return products.value / weights.value;
        },
      };
    },
  };
}

function presence(isPresent: boolean): Build {
  return (call) => {
    const [argument] = call.from;
    if (argument === undefined) return undefined;
    return ofValues(argument, "boolean", () => {
      let hasAny = false;
      return {
        add: () => void (hasAny = true),
        result: () => hasAny === isPresent,
      };
    });
  };
}

const builders: Readonly<Record<string, readonly [least: number, most: number, build: Build]>> = {
  absent: [1, 1, presence(false)],
  avg: [1, 1, avg],
  count: [0, 1, count],
  count_distinct: [1, 2, countDistinct],
  max: [1, 1, extreme(1)],
  median: [1, 1, median],
  min: [1, 1, extreme(-1)],
  percentile: [2, 2, percentile],
  present: [1, 1, presence(true)],
  std_dev: [1, 1, spread((squares, found) => Math.sqrt(squares / found))],
  sum: [1, 1, sum],
  top: [2, 4, top],
  values: [1, 1, values],
  variance: [1, 1, spread((squares, found) => squares / found)],
  weighted_avg: [2, 2, weightedAvg],
};

/** An aggregate function by its name; `undefined` when it is not computed here. */
export function findAggregate(
  name: string,
): { readonly least: number; readonly most: number; readonly build: Build } | undefined {
  const found = Object.hasOwn(builders, name) ? builders[name] : undefined;
  return found === undefined ? undefined : { least: found[0], most: found[1], build: found[2] };
}
