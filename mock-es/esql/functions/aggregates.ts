/** Aggregate functions: values of many rows become one. */
import { EsError } from "../../es-error.ts";
import { CompensatedSum } from "../../search/aggregations/numbers.ts";
import { attempt, constantValue } from "../plan/typed.ts";
import { exactLong } from "./math.ts";
import type { DataType } from "../values/types.ts";
import {
  type Cell,
  cellOf,
  compareScalars,
  plainText,
  type Scalar,
  valuesOf,
} from "../values/value.ts";
import {
  type Aggregate,
  type Build,
  exceptUnsigned,
  type Gatherer,
  ofValues,
} from "./aggregate.ts";
import { median, medianDeviation, percentile, spread, weightedAvg } from "./statistics.ts";
import { asDouble, type Call, checkArgument, type Parameter, takes } from "./definition.ts";
import { withoutText } from "./multivalues.ts";

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
        "boolean, date, ip, string, version, aggregate_metric_double, exponential_histogram, tdigest or numeric except counter types",
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
    return ofValues(argument, argument.type, () => {
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
  return ofValues(argument, "double", () => {
    const total = new CompensatedSum();
    let found = 0;
    return {
      add(value) {
        found++;
        total.add(asDouble(value));
      },
      result: () => (found === 0 ? null : total.value / found),
    };
  });
}

function keyOf(type: DataType, value: Scalar): string {
  // Both zeros are values of their own.
  const text = Object.is(value, -0) ? "-0" : plainText(value);
  return `${type === "version" ? "v" : typeof value} ${text}`;
}

/** Distinct values beyond this are estimated by the server. */
const exactlyCounted = 1000;

function countDistinct(call: Call): Aggregate | undefined {
  const [argument] = call.from;
  if (argument === undefined) return undefined;
  if (call.from.length > 1)
    throw call.analysis.unsupported(call, "the precision of [count_distinct]");
  const exact: Parameter = {
    accepts: (given) => ordered.has(given) && given !== "unsigned_long",
    expected: "any exact type except unsigned_long, _source, or counter types",
  };
  if (!checkArgument(call, 0, 1, exact)) return undefined;
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
  if (argument === undefined || !checkArgument(call, 0, 1, takes.anything)) return undefined;
  if (argument.type !== "null" && !ordered.has(argument.type))
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
  const ranked: Parameter = {
    accepts: (given) => ordered.has(given) && given !== "unsigned_long" && given !== "version",
    expected: "boolean, date, ip, string or numeric except unsigned_long or counter types",
  };
  if (!checkArgument(call, 0, 3, ranked)) return undefined;
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
  count: [1, 1, count],
  count_distinct: [1, 2, countDistinct],
  max: [1, 1, extreme(1)],
  median: [1, 1, median],
  median_absolute_deviation: [1, 1, medianDeviation],
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

/** Aggregates of a constant, which rows do not change, whether there are any or not. */
const ofConstants: ReadonlySet<string> = new Set(
  "avg count_distinct max median median_absolute_deviation min percentile weighted_avg".split(" "),
);

/** As the server rewrites aggregates of constants. */
function constantly(call: Call, aggregate: Aggregate): Aggregate {
  const { name, text, analysis, start, end } = call;
  const [argument, limit] = call.from;
  if (argument?.isConstant !== true || name === "count") return aggregate;
  // This call is rewritten itself, after which the server does not look for constants any more.
  if (/^to_ip\(/i.test(argument.text)) return aggregate;
  const isExtreme = name === "top" && limit !== undefined && constantValue(limit) === 1;
  if (name !== "sum" && !isExtreme && !ofConstants.has(name)) {
    if (argument.isLiteral !== true) return aggregate;
    const reason = `Does not support yet aggregations over constants - [${text}]`;
    throw new EsError(400, "invalid_argument_exception", reason);
  }
  const once = (): Cell => {
    const gatherer = aggregate.create();
    gatherer.add([]);
    return gatherer.result();
  };
  const create = (): Gatherer => {
    let rows = 0;
    return {
      add: () => void rows++,
      result() {
        const value = once();
        if (name !== "sum" || value === null) return value;
        if (typeof value !== "bigint") return (value as number) * rows;
        return attempt(analysis, { start, end }, () => exactLong(value * BigInt(rows)));
      },
    };
  };
  return { ...aggregate, create, ignoresFilter: name !== "sum" };
}

/** An aggregate function by its name; `undefined` when it is not computed here. */
export function findAggregate(
  name: string,
): { readonly least: number; readonly most: number; readonly build: Build } | undefined {
  const found = Object.hasOwn(builders, name) ? builders[name] : undefined;
  return found === undefined
    ? undefined
    : {
        least: found[0],
        most: found[1],
        build(call) {
          const aggregate = found[2](call);
          return aggregate === undefined ? undefined : constantly(call, aggregate);
        },
      };
}
