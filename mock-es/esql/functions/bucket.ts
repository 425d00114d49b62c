/** BUCKET: numbers and dates put together for grouping. */
import { addUnits, floorTo } from "../../values/date-units.ts";
import { arithmeticProblem, type Typed } from "../plan/analysis.ts";
import { constantValue, ofSingles } from "../plan/typed.ts";
import { parseMoment } from "../../values/date.ts";
import { isAmount, isNumeric, isString, isTemporal } from "../values/types.ts";
import { truncated } from "./dates.ts";
import { asDouble, type Call } from "./definition.ts";

/** `bucket(field, span)`, or `bucket(field, count, from, to)`. */
export function bucketOf(call: Call): Typed | undefined {
  const [field, size, from, to, extra] = call.from;
  const { analysis } = call;
  if (field === undefined || size === undefined || extra !== undefined)
    throw analysis.unsupported(call, "this form of BUCKET");
  if ((from === undefined) !== (to === undefined) || call.options !== undefined)
    throw analysis.unsupported(call, "this form of BUCKET");
  if (isTemporal(field.type)) {
    if (isAmount(size.type) && from === undefined) return truncated(call, size, field);
    if (
      field.type === "datetime" &&
      size.type === "integer" &&
      from !== undefined &&
      to !== undefined
    )
      return dates(call, field, size, from, to);
  } else if (isNumeric(field.type) && isNumeric(size.type)) {
    const width = widthOf(call, size, from, to);
    return ofSingles(analysis, call, "double", [field], (value) => {
      if (width === 0) throw arithmeticProblem("/ by zero");
      return Math.floor(asDouble(value ?? 0) / width) * width;
    });
  }
  throw analysis.unsupported(call, `BUCKET of the types [${field.type}] and [${size.type}]`);
}

function numberOf(call: Call, typed: Typed): number {
  const value = typed.isConstant ? constantValue(typed) : null;
  if (typeof value === "number" || typeof value === "bigint") return asDouble(value);
  throw call.analysis.unsupported(typed, "an argument of BUCKET that is no constant number");
}

/** A span, or the half or whole power of ten that makes no more buckets than wanted. */
function widthOf(call: Call, size: Typed, from: Typed | undefined, to: Typed | undefined): number {
  const given = numberOf(call, size);
  if (from === undefined || to === undefined) return given;
  const precise = (numberOf(call, to) - numberOf(call, from)) / given;
  const power = 10 ** Math.ceil(Math.log10(precise));
  return precise < power / 2 ? power / 2 : power;
}

function momentOf(call: Call, typed: Typed): number {
  const value = typed.isConstant ? constantValue(typed) : null;
  if (typed.type === "datetime" && typeof value === "number") return value;
  const moment =
    isString(typed.type) && typeof value === "string"
      ? parseMoment(value, "strict_date_optional_time")
      : undefined;
  if (moment === undefined)
    throw call.analysis.unsupported(typed, "an argument of BUCKET that is no constant date");
  return moment.ms;
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Widths that people like, from the widest; the narrowest that is wide enough is taken. */
const widths: readonly number[] = [
  day,
  12 * hour,
  3 * hour,
  hour,
  30 * minute,
  10 * minute,
  5 * minute,
  minute,
  30_000,
  10_000,
  5000,
  1000,
  100,
  50,
  10,
  1,
];

function dates(call: Call, field: Typed, size: Typed, from: Typed, to: Typed): Typed {
  const count = numberOf(call, size);
  const start = momentOf(call, from);
  const end = momentOf(call, to);
  const fits = (width: number): boolean =>
    Math.ceil((end - Math.floor(start / width) * width) / width) <= count;
  const width = widths.findLast(fits);
  const unit = width === undefined ? longUnit(start, end, count) : undefined;
  return ofSingles(call.analysis, call, "datetime", [field], (value) => {
    const ms = value as number;
    return unit === undefined ? Math.floor(ms / (width ?? 1)) * (width ?? 1) : floorTo(ms, unit);
  });
}

/** Weeks, months or years. */
function longUnit(start: number, end: number, count: number): string {
  for (const unit of ["w", "M"]) {
    let at = floorTo(start, unit);
    for (let used = 0; used < count; used++) {
      at = addUnits(at, 1, unit);
      if (at >= end) return unit;
    }
  }
  return "y";
}
