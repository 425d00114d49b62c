/** Static methods, constants and constructors of classes. */
import { converted, naturalOrder, toLong, whole } from "../arithmetic.ts";
import { RuntimeProblem } from "../problems.ts";
import {
  Double,
  HashedMap,
  isEqual,
  numberIn,
  ScriptSet,
  type ScriptObject,
  textOfValue,
} from "../values.ts";
import { ofTimeClasses, timeConstant } from "./dates.ts";
import {
  callable,
  itemsOf,
  type Method,
  type Methods,
  orderBy,
  ownMethod,
  text,
} from "./method.ts";
import { collectors, Optional, streamOf } from "./streams.ts";

function real(compute: (...from: number[]) => number): Method {
  return (_: unknown, ...from) => new Double(compute(...from.map((value) => numberIn(value) ?? 0)));
}

/** The type of the widest argument: Integer, Long or Double. */
function either(compute: (...from: number[]) => number): Method {
  return (_: unknown, ...from) => {
    const result = compute(...from.map((value) => numberIn(value) ?? 0));
    if (from.some((value) => value instanceof Double)) return new Double(result);
    return from.some((value) => typeof value === "bigint") ? toLong(result) : whole(result);
  };
}

function parsedWhole(value: unknown, radix: unknown, bits: number): bigint {
  const given = text(value);
  const base = radix === undefined ? 10 : whole(radix);
  const digits = /^([+-]?)([0-9a-z]+)$/i.exec(given);
  let sum = 0n;
  let isNumber = digits !== null;
  for (const character of digits?.[2] ?? "") {
    const digit = Number.parseInt(character, 36);
    if (digit >= base) isNumber = false;
    sum = sum * BigInt(base) + BigInt(digit);
  }
  const signed = digits?.[1] === "-" ? -sum : sum;
  if (isNumber && BigInt.asIntN(bits, signed) === signed) return signed;
  const radixHint = isNumber && base !== 10 ? ` under radix ${base}` : "";
  throw new RuntimeProblem(
    "number_format_exception",
    given === "" ? `For input string: ""${radixHint}` : `For input string: "${given}"${radixHint}`,
  );
}

function parsedReal(value: unknown): number {
  const given = text(value).trim();
  if (given === "") throw new RuntimeProblem("number_format_exception", "empty String");
  const number = Number(given.replace(/[fFdD]$/, ""));
  if (!Number.isNaN(number) || given === "NaN") return number;
  throw new RuntimeProblem("number_format_exception", `For input string: "${text(value)}"`);
}

function rounded(_: unknown, value: unknown): unknown {
  return toLong(Math.floor((numberIn(value) ?? 0) + 0.5));
}

const parseInt_: Method = (_: unknown, value, radix) => Number(parsedWhole(value, radix, 32));
const parseLong_: Method = (_: unknown, value, radix) => parsedWhole(value, radix, 64);
const compareNumbers: Method = (_: unknown, a, b) => naturalOrder(a, b);

const ofClasses: Methods = {
  ...ofTimeClasses,
  ...Object.fromEntries(
    Object.entries(collectors).map(([name, method]) => [`Collectors.${name}`, method]),
  ),
  "Math.abs": real(Math.abs),
  "Math.max": real(Math.max),
  "Math.min": real(Math.min),
  "Math.floor": real(Math.floor),
  "Math.ceil": real(Math.ceil),
  "Math.rint": real((value) => {
    const floor = Math.floor(value);
    const isHalf = value - floor === 0.5;
    return isHalf ? floor + (floor % 2 === 0 ? 0 : 1) : Math.round(value);
  }),
  "Math.round": rounded,
  "Math.pow": real((base, power) => base ** power),
  "Math.sqrt": real(Math.sqrt),
  "Math.cbrt": real(Math.cbrt),
  "Math.hypot": real(Math.hypot),
  "Math.log": real(Math.log),
  "Math.log10": real(Math.log10),
  "Math.log1p": real(Math.log1p),
  "Math.exp": real(Math.exp),
  "Math.expm1": real(Math.expm1),
  "Math.sin": real(Math.sin),
  "Math.cos": real(Math.cos),
  "Math.tan": real(Math.tan),
  "Math.asin": real(Math.asin),
  "Math.acos": real(Math.acos),
  "Math.atan": real(Math.atan),
  "Math.atan2": real(Math.atan2),
  "Math.signum": real(Math.sign),
  "Math.toRadians": real((degrees) => (degrees / 180) * Math.PI),
  "Math.toDegrees": real((radians) => (radians * 180) / Math.PI),
  "Integer.parseInt": parseInt_,
  "Integer.valueOf": (_: unknown, value) => converted("int", value),
  "Integer.compare": compareNumbers,
  "Integer.max": either(Math.max),
  "Integer.min": either(Math.min),
  "Integer.toString": (_: unknown, value) => textOfValue(value),
  "Integer.toHexString": (_: unknown, value) => (whole(value) >>> 0).toString(16),
  "Integer.toBinaryString": (_: unknown, value) => (whole(value) >>> 0).toString(2),
  "Long.parseLong": parseLong_,
  "Long.valueOf": (_: unknown, value) => converted("long", value),
  "Long.compare": compareNumbers,
  "Long.sum": either((a, b) => a + b),
  "Long.max": either(Math.max),
  "Long.min": either(Math.min),
  "Long.toString": (_: unknown, value) => textOfValue(value),
  "Double.parseDouble": (_: unknown, value) => new Double(parsedReal(value)),
  "Double.valueOf": (_: unknown, value) => new Double(numberIn(value) ?? parsedReal(value)),
  "Double.compare": compareNumbers,
  "Double.isNaN": (_: unknown, value) => Number.isNaN(numberIn(value)),
  "Double.isInfinite": (_: unknown, value) => Math.abs(numberIn(value) ?? 0) === Infinity,
  "Double.sum": real((a, b) => a + b),
  "Double.max": real(Math.max),
  "Double.min": real(Math.min),
  "Double.toString": (_: unknown, value) => textOfValue(new Double(numberIn(value) ?? 0)),
  "Float.parseFloat": (_: unknown, value) => new Double(Math.fround(parsedReal(value)), true),
  "Boolean.parseBoolean": (_: unknown, value) => /^true$/i.test(text(value)),
  "Boolean.valueOf": (_: unknown, value) => value === true || /^true$/i.test(text(value)),
  "String.valueOf": (_: unknown, value) => textOfValue(value),
  "String.join": (_: unknown, separator, ...from) => {
    const [first] = from;
    const items = from.length === 1 && typeof first !== "string" ? itemsOf(first) : from;
    return items.map(textOfValue).join(text(separator));
  },
  "Objects.equals": (_: unknown, a, b) => isEqual(a, b),
  "Objects.isNull": (_: unknown, value) => value === null || value === undefined,
  "Objects.nonNull": (_: unknown, value) => value !== null && value !== undefined,
  "Objects.requireNonNull": (_: unknown, value) => value,
  "Objects.toString": (_: unknown, value, other) =>
    other !== undefined && (value === null || value === undefined) ? other : textOfValue(value),
  "Arrays.asList": (_: unknown, ...from) =>
    from.length === 1 && Array.isArray(from[0]) ? from[0] : from,
  "Arrays.stream": (_: unknown, items) => streamOf(itemsOf(items)),
  "Arrays.sort": (_: unknown, items) => {
    if (Array.isArray(items)) items.sort(orderBy(null));
    return null;
  },
  "Collections.emptyList": () => [],
  "Collections.emptyMap": () => new HashedMap(),
  "Collections.emptySet": () => new ScriptSet(),
  "Collections.singletonList": (_: unknown, item) => [item],
  "Collections.singletonMap": (_: unknown, key, value) => new HashedMap([[key, value]]),
  "Collections.unmodifiableList": (_: unknown, items) => items,
  "Collections.unmodifiableMap": (_: unknown, map) => map,
  "Collections.reverseOrder": () => (a: unknown, b: unknown) => naturalOrder(b, a),
  "Collections.sort": (_: unknown, items, order) => {
    if (Array.isArray(items)) items.sort(orderBy(order));
    return null;
  },
  "Collections.reverse": (_: unknown, items) => {
    if (Array.isArray(items)) items.reverse();
    return null;
  },
  "Collections.max": (_: unknown, items, order) => itemsOf(items).toSorted(orderBy(order)).at(-1),
  "Collections.min": (_: unknown, items, order) => itemsOf(items).toSorted(orderBy(order))[0],
  "Collections.frequency": (_: unknown, items, item) =>
    itemsOf(items).filter((own) => isEqual(own, item)).length,
  "Comparator.comparing": (_: unknown, run, order) => (a: unknown, b: unknown) =>
    orderBy(order)(callable(run)(a), callable(run)(b)),
  "Comparator.comparingInt": (_: unknown, run) => comparing(run),
  "Comparator.comparingLong": (_: unknown, run) => comparing(run),
  "Comparator.comparingDouble": (_: unknown, run) => comparing(run),
  "Comparator.naturalOrder": () => naturalOrder,
  "Comparator.reverseOrder": () => (a: unknown, b: unknown) => naturalOrder(b, a),
  "Map.Entry.comparingByKey": () => comparing((entry: unknown) => memberOf(entry, "key")),
  "Map.Entry.comparingByValue": () => comparing((entry: unknown) => memberOf(entry, "value")),
  "Optional.of": (_: unknown, value) => new Optional(value),
  "Optional.ofNullable": (_: unknown, value) => new Optional(value),
  "Optional.empty": () => new Optional(undefined),
  "IntStream.range": (_: unknown, from, to) => streamOf(numbers(whole(from), whole(to)), "int"),
  "IntStream.rangeClosed": (_: unknown, from, to) =>
    streamOf(numbers(whole(from), whole(to) + 1), "int"),
  "IntStream.of": (_: unknown, ...from) => streamOf(from, "int"),
  "DoubleStream.of": (_: unknown, ...from) => streamOf(from, "double"),
  "Character.isDigit": (_: unknown, value) => /^\p{Nd}$/u.test(text(value)),
  "Character.isLetter": (_: unknown, value) => /^\p{L}$/u.test(text(value)),
  "Character.isUpperCase": (_: unknown, value) => /^\p{Lu}$/u.test(text(value)),
  "Character.isLowerCase": (_: unknown, value) => /^\p{Ll}$/u.test(text(value)),
  "Character.toString": (_: unknown, value) => text(value),
};

function comparing(run: unknown): (a: unknown, b: unknown) => number {
  return (a, b) => naturalOrder(callable(run)(a), callable(run)(b));
}

function memberOf(entry: unknown, name: string): unknown {
  return (entry as ScriptObject).member(name);
}

/** Most numbers of a range. */
const longestRange = 100_000;

function numbers(from: number, to: number): number[] {
  if (to - from > longestRange)
    throw new RuntimeProblem("illegal_argument_exception", `a range of over ${longestRange}`);
  return Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at);
}

const constants: Readonly<Record<string, unknown>> = {
  "Math.PI": new Double(Math.PI),
  "Math.E": new Double(Math.E),
  "Integer.MAX_VALUE": 2 ** 31 - 1,
  "Integer.MIN_VALUE": -(2 ** 31),
  "Long.MAX_VALUE": 2n ** 63n - 1n,
  "Long.MIN_VALUE": -(2n ** 63n),
  "Double.MAX_VALUE": new Double(Number.MAX_VALUE),
  "Double.MIN_VALUE": new Double(Number.MIN_VALUE),
  "Double.POSITIVE_INFINITY": new Double(Infinity),
  "Double.NEGATIVE_INFINITY": new Double(-Infinity),
  "Double.NaN": new Double(NaN),
  "Boolean.TRUE": true,
  "Boolean.FALSE": false,
};

const timeClasses =
  "ChronoUnit ZoneOffset TextStyle Locale IsoFields DateTimeFormatter DayOfWeek".split(" ");

/** Names of the classes that have something here. */
export const classNames: ReadonlySet<string> = new Set([
  ...[...Object.keys(ofClasses), ...Object.keys(constants)].map((name) =>
    name.slice(0, name.indexOf(".")),
  ),
  ...timeClasses,
]);

/** A static method; `undefined` for one that is not covered. */
export function staticMethod(type: string, name: string): Method | undefined {
  return ownMethod(ofClasses, `${type}.${name}`);
}

/** A constant of a class; `undefined` for one that is not covered. */
export function constantOf(type: string, name: string): unknown {
  const key = `${type}.${name}`;
  return Object.hasOwn(constants, key) ? constants[key] : timeConstant(type, name);
}
