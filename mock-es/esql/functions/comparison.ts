/** Comparisons, and arithmetic of operators. */
import type { Typed } from "../plan/analysis.ts";
import { constantValue, ofCells, ofSingles, severalValues } from "../plan/typed.ts";
import type { BinaryOperator } from "../syntax/syntax.ts";
import {
  commonNumber,
  type DataType,
  isAmount,
  isNumeric,
  isString,
  isTemporal,
} from "../values/types.ts";
import { negativeOf } from "../values/amount.ts";
import {
  type Amount,
  type Cell,
  compareScalars,
  isList,
  isSame,
  type Row,
  type Scalar,
} from "../values/value.ts";
import { addAmount } from "./dates.ts";
import { type Call, checkArgument } from "./definition.ts";
import { arithmetic, widened } from "./math.ts";
import { type Comparison, simplified } from "./simplified.ts";
import { verdicts } from "../values/verdicts.ts";

const comparable: ReadonlySet<DataType> = new Set([
  "integer",
  "long",
  "unsigned_long",
  "double",
  "keyword",
  "text",
  "datetime",
  "date_nanos",
  "ip",
  "version",
]);

/** As the server lists the types that can be compared. */
const orderedTypes =
  "date_nanos, datetime, double, integer, ip, keyword, long, text, unsigned_long or version";
const equalTypes =
  "boolean, cartesian_point, cartesian_shape, date_nanos, date_range, datetime, dense_vector, double, flattened, geo_point, geo_shape, geohash, geohex, geotile, integer, ip, keyword, long, text, unsigned_long or version";

/** The type in which two values are compared; `undefined` where they are not. */
function comparedAs(a: DataType, b: DataType): DataType | undefined {
  if (a === "null") return b;
  if (b === "null" || a === b) return a;
  if (isString(a) && isString(b)) return "keyword";
  if (isTemporal(a) && isTemporal(b)) return "date_nanos";
  return isNumeric(a) && isNumeric(b) ? commonNumber(a, b) : undefined;
}

/** A value in the type in which it is compared. */
function asCompared(value: Scalar, from: DataType, to: DataType): Scalar {
  if (to === "date_nanos" && from === "datetime") return BigInt(value as number) * 1_000_000n;
  return isNumeric(to) ? widened(value, to) : value;
}

/** `a == b`, `a < b` and so on; `undefined` after a failure. */
export function comparison(call: Call, operator: BinaryOperator): Typed | undefined {
  const [left, right] = call.from;
  if (left === undefined || right === undefined) return undefined;
  const isEquality = operator === "==" || operator === "!=";
  const parameter = {
    accepts: (type: DataType) =>
      comparable.has(type) || (isEquality && (type === "boolean" || type === "geo_point")),
    expected: isEquality ? equalTypes : orderedTypes,
  };
  if (!checkArgument(call, 0, 2, parameter) || !checkArgument(call, 1, 2, parameter))
    return undefined;
  const type = comparedAs(left.type, right.type);
  if (type === undefined) return call.analysis.fail(call, incompatible(call, left, right));
  if (type === "geo_point") throw call.analysis.unsupported(call, "comparing points");
  const simple = simplified(call.analysis, { left, operator, right });
  const common = comparedAs(simple.left.type, simple.right.type) ?? type;
  return ofVerdicts(call, simple, common);
}

function ofVerdicts(call: Call, { left, operator, right }: Comparison, type: DataType): Typed {
  const holds = verdicts[operator] ?? (() => false);
  return ofSingles(call.analysis, call, "boolean", [left, right], (a, b) => {
    const x = asCompared(a ?? 0, left.type, type);
    const y = asCompared(b ?? 0, right.type, type);
    if (type === "double" && (Number.isNaN(x) || Number.isNaN(y))) return operator === "!=";
    if (type === "double")
      return holds(Math.sign((x as number) - (y as number)) || signOfEqual(x, y));
    return holds(compareScalars(type, x, y));
  });
}

/** Two infinities are equal; so are both zeros. */
function signOfEqual(x: Scalar, y: Scalar): number {
  return x === y ? 0 : x < y ? -1 : 1;
}

function incompatible({ text }: Call, left: Typed, right: Typed): string {
  const only = "[unsigned_long] can only be operated on together with another [unsigned_long]";
  if (left.type === "unsigned_long")
    return `first argument of [${text}] is [unsigned_long] and second is [${right.type}]. ${only}`;
  if (right.type === "unsigned_long")
    return `first argument of [${text}] is [${left.type}] and second is [unsigned_long]. ${only}`;
  const wanted = isNumeric(left.type) ? "numeric" : left.type;
  return `first argument of [${text}] is [${wanted}] so second argument must also be [${wanted}] but was [${right.type}]`;
}

type Arithmetic = "+" | "-" | "*" | "/" | "%";

/** `a + b` and so on, of numbers, and of dates with amounts of time. */
export function arithmeticOf(call: Call, operator: Arithmetic): Typed | undefined {
  const [left, right] = call.from;
  if (left === undefined || right === undefined) return undefined;
  const takesDates = operator === "+" || operator === "-";
  const parameter = {
    accepts: (type: DataType) =>
      isNumeric(type) || (takesDates && (isTemporal(type) || isAmount(type))),
    expected: takesDates
      ? "date_nanos, datetime, numeric or dense_vector"
      : operator === "%"
        ? "numeric"
        : "numeric or dense_vector",
  };
  if (!checkArgument(call, 0, 2, parameter) || !checkArgument(call, 1, 2, parameter))
    return undefined;
  if (takesDates && [left, right].some(({ type }) => isTemporal(type) || isAmount(type)))
    return dateMath(call, operator, left, right);
  if (left.type === "null" || right.type === "null") {
    const type = left.type === "null" ? right.type : left.type;
    return ofSingles(call.analysis, call, type, call.from, () => null);
  }
  const type = commonNumber(left.type, right.type);
  if (type === undefined) return mixed(call, operator, left, right);
  const compute = arithmetic(operator, type);
  const typed = ofSingles(call.analysis, call, type, call.from, (a, b) =>
    compute(widened(a ?? 0, type), widened(b ?? 0, type)),
  );
  return { ...typed, arithmetic: { operator, left, right } };
}

function mixed(call: Call, operator: string, left: Typed, right: Typed): undefined {
  return call.analysis.fail(
    call,
    `[${operator}] has arguments with incompatible types [${left.type}] and [${right.type}]`,
  );
}

function dateMath(call: Call, operator: "+" | "-", left: Typed, right: Typed): Typed | undefined {
  const { analysis } = call;
  if (isAmount(left.type) && isAmount(right.type))
    throw analysis.unsupported(call, "arithmetic of two amounts of time");
  if (left.type === "null" || right.type === "null") {
    const type = left.type === "null" ? right.type : left.type;
    if (isAmount(type) || (operator === "-" && left.type === "null"))
      throw analysis.unsupported(call, "arithmetic of time and null");
    return ofCells(call, isTemporal(type) ? type : "null", [], () => null);
  }
  const isForward = isTemporal(left.type) && isAmount(right.type);
  const isBackward = operator === "+" && isAmount(left.type) && isTemporal(right.type);
  if (!isForward && !isBackward && isAmount(left.type) && isTemporal(right.type))
    throw analysis.unsupported(call, "a date taken from an amount of time");
  if (!isForward && !isBackward) return mixed(call, operator, left, right);
  const [date, amount] = isForward ? [left, right] : [right, left];
  if (!amount.isConstant) throw analysis.unsupported(amount, "an amount that is no constant");
  const given = constantValue(amount) as Amount;
  const moved = operator === "-" ? negativeOf(given) : given;
  return ofSingles(analysis, call, date.type, [date], (value) =>
    addAmount(date.type, value ?? 0, moved),
  );
}

/** `1st`, `2nd`, `11th` */
function ordinal(count: number): string {
  const last = [11, 12, 13].includes(count % 100) ? 0 : count % 10;
  return `${count}${["th", "st", "nd", "rd"][last] ?? "th"}`;
}

/** `a IN (b, c)` */
export function membership(call: Call): Typed | undefined {
  const [value, ...list] = call.from;
  if (value === undefined) return undefined;
  const { analysis } = call;
  const types: DataType[] = [];
  for (const [at, item] of list.entries()) {
    const type = comparedAs(value.type, item.type);
    if (type !== undefined && isTemporal(type) && value.type !== item.type && item.type !== "null")
      throw analysis.unsupported(item, "IN with dates of both types");
    if (type !== undefined) {
      types.push(type);
      continue;
    }
    const name = item.attribute?.name ?? item.text;
    return analysis.fail(
      call,
      `${ordinal(at + 1)} argument of [${call.text}] must be [${value.type}], found value [${name}] type [${item.type}]`,
    );
  }
  const items = list.map((typed, at) => ({ typed, type: types[at] ?? value.type }));
  const fixed = items.filter(({ typed }) => typed.isConstant);
  const others = items.filter(({ typed }) => !typed.isConstant);
  // The server looks a constant up among constants by itself: `a IN (1) OR a IN (b)`.
  if (!value.isConstant || fixed.length === 0 || others.length === 0)
    return ofCells(call, "boolean", call.from, (row) => isAmong(call, value, items, row));
  return ofCells(call, "boolean", call.from, (row): Cell => {
    const first = isAmong(call, value, fixed, row);
    if (first === true) return true;
    const second = isAmong(call, value, others, row);
    return first === null && second === false ? null : second;
  });
}

interface Item {
  readonly typed: Typed;
  /** In which the item is compared. */
  readonly type: DataType;
}

function isAmong(call: Call, value: Typed, items: readonly Item[], row: Row): boolean | null {
  const wanted = value.evaluate(row);
  const cells = items.map(({ typed }) => typed.evaluate(row));
  if (wanted === null) return null;
  const severalHere = (): void => call.analysis.warnings.failed(call, severalValues);
  if (isList(wanted)) {
    severalHere();
    return null;
  }
  // Of the list, cells with several values are passed over, unless there are no others.
  const several = cells.filter((cell) => isList(cell)).length;
  for (let at = 0; at < several; at++) severalHere();
  const nulls = cells.filter((cell) => cell === null).length;
  if (nulls === cells.length || several === cells.length) return null;
  const isFound = items.some(({ typed, type }, at) => {
    const cell = cells[at] ?? null;
    if (cell === null || isList(cell)) return false;
    const other = asCompared(cell, typed.type, type);
    const sought = asCompared(wanted, value.type, type);
    // Among several items the server tells -0.0 from 0.0.
    const isOtherZero = other === 0 && sought === 0 && !Object.is(other, sought);
    return isSame(type, sought, other) && !(isOtherZero && call.from.length > 2);
  });
  return isFound || nulls === 0 ? isFound : null;
}
