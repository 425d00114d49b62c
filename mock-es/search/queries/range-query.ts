/** `range`: values between bounds. */
import { isRawNumber } from "../../json/exact-numbers.ts";
import {
  EsError,
  illegalArgument,
  notSupported,
  parsingException,
  ownPlace,
} from "../../es-error.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "../../json/json-value.ts";
import { toDouble, toWhole } from "../../values/number.ts";
import { timeZone, type TimeZone, utc } from "../../values/time-zone.ts";
import type { SearchContext, SearchDocument } from "../fields/document.ts";
import { type Field, resolveField, resolveLeaf } from "../fields/field.ts";
import { isRangeField } from "../fields/range-values.ts";
import { nestedCorpus, parentPathOf } from "../fields/nested-documents.ts";
import { createReader } from "../fields/reader.ts";
import { type IndexedValue, roundTo } from "../fields/value.ts";
import { compareZeros, tellsZerosApart } from "../fields/zeros.ts";
import { parseFieldClause } from "./clause.ts";
import {
  boostOf,
  numberOf,
  constantScore,
  rewrittenToNone,
  type CompiledQuery,
  counted,
} from "./compiled-query.ts";
import { rangeFieldQuery, relationOf } from "./range-field.ts";
import { anyText } from "./any-text.ts";
import {
  evaluateFieldDate,
  inQuery,
  inRewrite,
  queryShardFailure,
  requireExpensive,
} from "./shard-problem.ts";
import { requireRange } from "./number-range.ts";
import { addressOf, javaText, requireNumber } from "./query-values.ts";
import { acceptsExisting } from "./term-level-queries.ts";
import { requireSearchable, termRange } from "./term-query.ts";
import { rangeRefusal } from "./textless-fields.ts";
import { dateFormats } from "../../values/date-format.ts";

/** One end of a range. */
export interface Bound {
  readonly value: IndexedValue;
  /** The value itself is outside. */
  readonly isOpen: boolean;
}

const shape = {
  name: "range",
  shortFor: "",
  settings: ["gt", "gte", "lt", "lte", "format", "time_zone", "relation"],
  checks: { boost: numberOf },
};

/** `range`: any value of the field between bounds; a missing or null bound is open. */
export function parseRange(body: JsonObject, context: SearchContext): CompiledQuery {
  const { field: name, settings } = parseFieldClause(body, shape);
  if (body[name] === null) throw illegalArgument("field name is null or empty");
  if (!isObject(body[name]))
    throw parsingException(`[range] query does not support [${name}]`).at(body, name);
  for (const end of boundNames) {
    if (typeof settings[end] === "object" && settings[end] !== null && !isNumber(settings[end]))
      throw notSupported(`[${end}] of [range] that is no value`);
  }
  const boost = boostOf("range", settings);
  checkFormat(settings);
  relationOf(settings);
  const zone = zoneOf(settings["time_zone"]);
  const field = resolveLeaf(context, name);
  if (field === undefined) return rewrittenToNone;
  if (field.kind === "date" && !field.isIndexed && !field.hasDocValues) return rewrittenToNone;
  requireSearchable(context, field, true);
  if (isRangeField(field) && boundNames.every((end) => (settings[end] ?? null) === null))
    return constantScore(acceptsExisting(context, name), boost);
  if (isRangeField(field)) return rangeFieldQuery(context, field, settings, zone, boost);
  if (field.name === "_id") {
    const reason = "Field [_id] of type [_id] does not support range queries";
    throw queryShardFailure(context, "illegal_argument_exception", reason);
  }
  // Without a point of the field the server does not read the bounds.
  if (field.kind === "date" && field.isIndexed && hasNoPoints(context, field))
    return rewrittenToNone;
  const { lower, upper } = readBounds(context, field, settings);
  // Below an upper end that is outside, doc values of truths are looked up from the least one on.
  if (field.kind === "boolean" && !field.isIndexed && upper?.isOpen === true)
    return rangeOf(context, field, undefined, { ...upper, isOpen: false }, boost);
  return rangeOf(context, field, lower, upper, boost);
}

/** The server reads a format whatever the field is. @throws {EsError} for what is none */
function checkFormat(settings: JsonObject): void {
  const { format } = settings;
  if (format === undefined) return;
  if (typeof format !== "object") dateFormats(textOf(format));
  else
    throw illegalArgument(`Expected text at ${ownPlace} but found ${tokenOf(format)}`).standingAt(
      settings,
      "format",
    );
}

function rangeOf(
  context: SearchContext,
  field: Field,
  lower: Bound | undefined,
  upper: Bound | undefined,
  boost: number,
): CompiledQuery {
  if (field.kind === "text") {
    requireExpensive(context, onTexts);
    const accepts = (term: string): boolean => isBetween(term, lower, upper);
    return anyText(field, accepts, boost);
  }
  if (field.kind === "keyword") requireExpensive(context, onTexts);
  const found = constantScore(acceptsBetween(field, lower, upper), boost);
  return field.kind === "keyword" ? found : counted(found, "points");
}

/** Both ends of the range that settings name; an open end is `undefined`. @throws {EsError} */
export function readBounds(
  context: SearchContext,
  field: Field,
  settings: JsonObject,
): { readonly lower: Bound | undefined; readonly upper: Bound | undefined } {
  const zone = zoneOf(settings["time_zone"]);
  return {
    lower: boundOf(context, field, settings, "lower", zone),
    upper: boundOf(context, field, settings, "upper", zone),
  };
}

/** True when no document of the shard has a value of the field; false where that is not known. */
function hasNoPoints(context: SearchContext, field: Field): boolean {
  const { corpus, mappings } = context;
  if (corpus === undefined) return false;
  const read = createReader(field);
  for (const document of corpus) if (read(document).length > 0) return false;
  if (field.isReachable) return true;
  // Objects below are documents of their own in the same index.
  const path = parentPathOf(mappings, field.name);
  const inner = createReader({ ...field, isReachable: true });
  for (const document of path === undefined ? [] : (nestedCorpus(context, path) ?? []))
    if (inner(document).length > 0) return false;
  return true;
}

/** True for a query for dates beyond all that the shard has, which the server rewrites to none. */
export function asksBeyondDates(query: unknown, context: SearchContext): boolean {
  const body = isObject(query) ? query["range"] : undefined;
  const [name = "", settings] = isObject(body) ? (Object.entries(body)[0] ?? []) : [];
  const field = resolveField(context, name);
  if (field === undefined || field.kind !== "date" || !field.isIndexed || !isObject(settings))
    return false;
  const { lower, upper } = readBounds(context, field, settings);
  const read = createReader({ ...field, isReachable: true });
  const values = [...(context.corpus ?? [])].flatMap((document) => [...read(document)]);
  const isAbove =
    lower !== undefined && values.every((value) => !isBetween(value, lower, undefined));
  const isBelow =
    upper !== undefined && values.every((value) => !isBetween(value, undefined, upper));
  return isAbove || isBelow;
}

const onTexts = "[range] queries on [text] or [keyword] fields";

/** True for a value between the bounds. */
export function isBetween(
  value: IndexedValue,
  lower: Bound | undefined,
  upper: Bound | undefined,
): boolean {
  if (lower !== undefined && (lower.isOpen ? value <= lower.value : value < lower.value))
    return false;
  return upper === undefined || (upper.isOpen ? value < upper.value : value <= upper.value);
}

function acceptsBetween(
  field: Field,
  lower: Bound | undefined,
  upper: Bound | undefined,
): (document: SearchDocument) => boolean {
  const read = createReader(field);
  if (tellsZerosApart(field) && (lower?.value === 0 || upper?.value === 0))
    return (document) => read(document).some((value) => isBetweenZeros(value, lower, upper));
  return (document) => {
    for (const value of read(document)) {
      if (lower !== undefined && (lower.isOpen ? value <= lower.value : value < lower.value))
        continue;
      if (upper !== undefined && (upper.isOpen ? value >= upper.value : value > upper.value))
        continue;
      return true;
    }
    return false;
  };
}

/** As `isBetween`, -0.0 below 0.0. */
function isBetweenZeros(
  value: IndexedValue,
  lower: Bound | undefined,
  upper: Bound | undefined,
): boolean {
  const above = lower === undefined ? 1 : orderOf(value, lower.value);
  const below = upper === undefined ? -1 : orderOf(value, upper.value);
  return (
    (lower?.isOpen === true ? above > 0 : above >= 0) &&
    (upper?.isOpen === true ? below < 0 : below <= 0)
  );
}

function orderOf(a: IndexedValue, b: IndexedValue): number {
  return a < b ? -1 : a > b ? 1 : compareZeros(a, b);
}

const boundNames = ["gt", "gte", "lt", "lte"];

function isNumber(value: unknown): boolean {
  return typeof value === "number" || typeof value === "bigint" || isRawNumber(value);
}

function boundOf(
  context: SearchContext,
  field: Field,
  settings: JsonObject,
  end: "lower" | "upper",
  zone: TimeZone,
): Bound | undefined {
  const names = end === "lower" ? ["gt", "gte"] : ["lt", "lte"];
  // Of two the last one is meant.
  const name = Object.keys(settings).findLast((key) => names.includes(key)) ?? "";
  const isOpen = name === names[0];
  const raw = settings[name];
  if (raw === undefined || raw === null) return undefined;
  switch (field.kind) {
    case "date": {
      // A bound that is a number makes both of them milliseconds.
      const hasNumber = boundNames.some((name) => isNumber(settings[name]));
      const given = settings["format"] ?? (hasNumber ? "epoch_millis" : undefined);
      const value = evaluateFieldDate(
        context,
        field,
        raw,
        {
          ...(given === undefined ? {} : { format: textOf(given) }),
          zone,
          // Rounding goes away from what the bound excludes and towards what it includes.
          roundUp: isOpen === (end === "lower"),
        },
        field.isIndexed ? inRewrite : inQuery,
      );
      return { value, isOpen };
    }
    case "long":
      return { value: longBound(context, field, raw), isOpen };
    case "double": {
      requireNumber(context, field, raw, true);
      const value = toDouble(raw) ?? NaN;
      // A bound that a half_float cannot hold lies between two of its values.
      const rounded = field.type === "half_float" ? value : (roundTo(field, value) ?? NaN);
      return { value: rounded, isOpen };
    }
    case "ip":
      return { value: addressOf(context, javaText(raw), true), isOpen };
    case "text":
    case "keyword":
    case "boolean":
    case "object":
    case "nested": {
      const range = termRange(context, field, raw);
      return range === undefined ? undefined : { value: range.from, isOpen };
    }
    case "unsupported":
      throw rangeRefusal(context, field);
  }
}

function longBound(context: SearchContext, field: Field, raw: unknown): IndexedValue {
  requireNumber(context, field, raw, true);
  const number = toDouble(raw) ?? NaN;
  if (field.type !== "unsigned_long") requireRange(context, field, raw);
  else if (Math.abs(number) > Number.MAX_SAFE_INTEGER && !/^\d+$/.test(javaText(raw)))
    throw notSupported("a bound of an [unsigned_long] beyond 2^53 that is no plain whole number");
  return Number.isInteger(number) ? (toWhole(raw) ?? number) : number;
}

/**
 * The zone of a `time_zone` setting; absent means UTC.
 *
 * @throws {EsError} for a zone that does not exist
 */
export function zoneOf(setting: unknown): TimeZone {
  if (setting === undefined || setting === null) return utc;
  const name = textOf(setting);
  const zone = timeZone(name);
  if (zone !== undefined) return zone;
  if (/^(?:.|[+-].*)$/.test(name)) {
    const reason = `Invalid ID for ZoneOffset, invalid format: ${name}`;
    throw new EsError(400, "illegal_argument_exception", `java.time.DateTimeException: ${reason}`, {
      caused_by: { type: "date_time_exception", reason },
    });
  }
  const reason = `Unknown time-zone ID: ${name}`;
  throw new EsError(
    400,
    "illegal_argument_exception",
    `java.time.zone.ZoneRulesException: ${reason}`,
    { caused_by: { type: "zone_rules_exception", reason } },
  );
}
