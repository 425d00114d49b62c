/** Queries on fields that hold ranges. */
import { illegalArgument, notSupported } from "../../es-error.ts";
import { doubleText } from "../../json/java-number.ts";
import { type JsonObject, textOf } from "../../json/json-value.ts";
import { toDouble, toWhole } from "../../values/number.ts";
import type { TimeZone } from "../../values/time-zone.ts";
import type { SearchContext } from "../fields/document.ts";
import type { Field } from "../fields/field.ts";
import {
  boundsOf,
  createRangeReader,
  elementOf,
  endsOf,
  type HeldRange,
  nextTo,
} from "../fields/range-values.ts";
import { type IndexedValue, roundTo } from "../fields/value.ts";
import { type CompiledQuery, constantScore, matchNone } from "./compiled-query.ts";
import { evaluateFieldDate, inQuery, queryShardFailure } from "./shard-problem.ts";
import { addressOf, javaText, requireNumber } from "./query-values.ts";

/** How a range that a document holds has to stand to the one that is asked for. */
export type RangeRelation = "intersects" | "contains" | "within";

/** Reads `relation`. @throws {EsError} for one that there is not */
export function relationOf(settings: JsonObject): RangeRelation {
  const given = settings["relation"];
  if (given === undefined) return "intersects";
  const name = textOf(given).toLowerCase();
  if (name === "intersects" || name === "contains" || name === "within") return name;
  throw illegalArgument(
    name === "disjoint"
      ? `[range] query does not support relation [${textOf(given)}]`
      : `${textOf(given)} is not a valid relation`,
  );
}

const relations: Readonly<Record<RangeRelation, (held: HeldRange, asked: HeldRange) => boolean>> = {
  contains: (held, asked) => held.from <= asked.from && held.to >= asked.to,
  intersects: (held, asked) => held.from <= asked.to && held.to >= asked.from,
  within: (held, asked) => held.from >= asked.from && held.to <= asked.to,
};

/** Documents with a range that stands in a relation to one between bounds. */
export function rangeFieldQuery(
  context: SearchContext,
  field: Field,
  settings: JsonObject,
  zone: TimeZone,
  boost: number,
): CompiledQuery {
  const relation = relationOf(settings);
  const element = elementOf(field);
  const { lower, upper } = endsOf(settings);
  const open = boundsOf(element);
  const format = settings["format"] === undefined ? undefined : textOf(settings["format"]);
  const read = (value: unknown, roundUp: boolean): IndexedValue =>
    element.kind === "date"
      ? evaluateFieldDate(
          context,
          element,
          value,
          { ...(format === undefined ? {} : { format }), zone, roundUp },
          inQuery,
        )
      : endValue(context, element, value);
  const first = lower === undefined ? open.from : read(lower.value, lower.isOpen);
  const last = upper === undefined ? open.to : read(upper.value, !upper.isOpen);
  if (first > last) {
    const reason = `Range query \`from\` value (${shown(first)}) is greater than \`to\` value (${shown(last)})`;
    throw queryShardFailure(context, "illegal_argument_exception", reason);
  }
  const asked = {
    from: lower?.isOpen === true ? nextTo(element, first, 1) : first,
    to: upper?.isOpen === true ? nextTo(element, last, -1) : last,
  };
  if (asked.from > asked.to) {
    if (element.kind === "ip") return matchNone;
    throw notSupported("[range] between bounds that exclude each other on a field of ranges");
  }
  const held = createRangeReader(field);
  const fits = relations[relation];
  return constantScore((document) => held(document).some((range) => fits(range, asked)), boost);
}

function shown(value: IndexedValue): string {
  return String(value);
}

function endValue(context: SearchContext, element: Field, value: unknown): IndexedValue {
  if (element.kind === "ip") return addressOf(context, textOf(value), true);
  requireNumber(context, element, value, true);
  const number = toDouble(value) ?? NaN;
  requireWithin(context, element, value, number);
  if (element.kind === "double") {
    const rounded = roundTo(element, number) ?? number;
    if (element.type !== "float" || Number.isFinite(rounded)) return rounded;
    const reason = `[float] supports only finite values, but got [${rounded}]`;
    throw queryShardFailure(context, "illegal_argument_exception", reason);
  }
  if (Number.isInteger(number)) return toWhole(value) ?? number;
  const reason = `Value [${doubleText(number)}] has a decimal part`;
  throw queryShardFailure(context, "illegal_argument_exception", reason);
}

/** Refuses a number that no integer, or no long, holds. @throws {EsError} */
function requireWithin(
  context: SearchContext,
  { type, kind }: Field,
  given: unknown,
  number: number,
): void {
  if (kind !== "long") return;
  const isLong = type === "long";
  const whole = toWhole(given) ?? number;
  const isHeld = isLong
    ? whole >= -(2n ** 63n) && whole < 2n ** 63n
    : number >= -(2 ** 31) && number < 2 ** 31;
  if (isHeld) return;
  // The server holds a text as its bytes.
  const bytes = typeof given === "string" ? [...Buffer.from(given)] : [];
  const shownValue =
    isLong || typeof given !== "string"
      ? javaText(given)
      : `[${bytes.map((byte) => byte.toString(16)).join(" ")}]`;
  const reason = `Value [${shownValue}] is out of range for ${isLong ? "a long" : "an integer"}`;
  throw queryShardFailure(context, "illegal_argument_exception", reason);
}
