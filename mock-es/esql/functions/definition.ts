/** How functions are told of: their parameters, types and computation. */
import type { LiteralValue } from "../syntax/syntax.ts";
import type { Analysis, Typed } from "../plan/analysis.ts";
import { constantValue, ofSingles, type Origin } from "../plan/typed.ts";
import { type DataType, isAmount, isNumeric, isString, isTemporal } from "../values/types.ts";
import { isList, type Scalar } from "../values/value.ts";

/** A call of a function whose arguments are typed. */
export interface Call extends Origin {
  readonly name: string;
  readonly from: readonly Typed[];
  readonly analysis: Analysis;
  readonly options: ReadonlyMap<string, LiteralValue> | undefined;
}

/** A function of the language. */
export interface FunctionDefinition {
  /** Fewest and most arguments. */
  readonly least: number;
  readonly most: number;
  /** Checks types, notes failures, and gives the typed call; `undefined` after a failure. */
  readonly build: (call: Call) => Typed | undefined;
}

/** What a parameter takes. */
export interface Parameter {
  readonly accepts: (type: DataType) => boolean;
  /** As error texts list it. */
  readonly expected: string;
  readonly isOptional?: boolean;
}

const param = (accepts: Parameter["accepts"], expected: string): Parameter => ({
  accepts,
  expected,
});

/** Parameters of the usual kinds. */
export const takes = {
  numeric: param(isNumeric, "numeric"),
  string: param(isString, "string"),
  integer: param((type) => type === "integer", "integer"),
  boolean: param((type) => type === "boolean", "boolean"),
  date: param(isTemporal, "date_nanos or datetime"),
  /** The same types, as other functions list them. */
  dateFirst: param(isTemporal, "datetime or date_nanos"),
  anything: param(
    (type) => !isAmount(type),
    "any type except counter types, dense_vector, aggregate_metric_double, tdigest, histogram, or exponential_histogram",
  ),
  plain: param(
    (type) => !isAmount(type),
    "any type except counter types, dense_vector, aggregate_metric_double, tdigest, histogram, exponential_histogram, or date_range",
  ),
  ordered: param(
    (type) => !isAmount(type) && type !== "geo_point" && type !== "_source",
    "any type except counter, spatial types, dense_vector, aggregate_metric_double, tdigest, histogram, exponential_histogram, date_range, or flattened",
  ),
  ip: param((type) => type === "ip", "ip"),
} as const;

export function optional(parameter: Parameter): Parameter {
  return { ...parameter, isOptional: true };
}

const ordinals = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"];

/** `first argument`, or `argument` of a function that has one. */
export function argumentName(at: number, count: number): string {
  return count === 1 ? "argument" : `${ordinals[at] ?? `${at + 1}th`} argument`;
}

/** Checks one argument; false after a failure. Null fits everywhere. */
export function checkArgument(
  call: Call,
  at: number,
  count: number,
  { accepts, expected }: Parameter,
): boolean {
  const argument = call.from[at];
  if (argument === undefined || argument.type === "null" || accepts(argument.type)) return true;
  const name = argument.attribute?.name ?? argument.text;
  call.analysis.fail(
    call,
    `${argumentName(at, count)} of [${call.text}] must be [${expected}], found value [${name}] type [${argument.type}]`,
  );
  return false;
}

/** The first argument that does not fit is told of. */
export function checkArguments(call: Call, parameters: readonly Parameter[]): boolean {
  return parameters.every((parameter, at) => checkArgument(call, at, parameters.length, parameter));
}

/** A function of single values. */
export function scalarFunction(
  parameters: readonly Parameter[],
  returns: DataType | ((types: readonly DataType[]) => DataType),
  compute: (types: readonly DataType[], call: Call) => (...values: Scalar[]) => Scalar | null,
): FunctionDefinition {
  return {
    least: parameters.filter(({ isOptional }) => isOptional !== true).length,
    most: parameters.length,
    build(call) {
      if (!checkArguments(call, parameters)) return undefined;
      const types = call.from.map(({ type }) => type);
      const type = typeof returns === "function" ? returns(types) : returns;
      return ofSingles(call.analysis, call, type, call.from, compute(types, call));
    },
  };
}

/**
 * A function that fails for a constant which cannot be, whatever the rows hold.
 *
 * @param at the place of the argument
 */
export function checkingConstant(
  definition: FunctionDefinition,
  at: number,
  check: (value: Scalar, call: Call) => void,
): FunctionDefinition {
  const build = (call: Call): Typed | undefined => {
    const typed = definition.build(call);
    const argument = call.from[at];
    if (typed === undefined || argument?.isConstant !== true) return typed;
    const run = (): void => {
      // With a constant that is null the server computes nothing.
      const constants = call.from.filter(({ isConstant }) => isConstant).map(constantValue);
      const value = constantValue(argument);
      if (!constants.includes(null) && value !== null && !isList(value)) check(value, call);
    };
    const checked = ({ evaluate, ...rest }: Typed): Typed => ({
      ...rest,
      evaluate(row) {
        run();
        return evaluate(row);
      },
    });
    if (typed.isConstant) return checked(typed);
    call.analysis.addConstant(checked(argument));
    return typed;
  };
  return { ...definition, build };
}

/** A number of any type as a double. */
export function asDouble(value: Scalar): number {
  return typeof value === "number" ? value : Number(value);
}
