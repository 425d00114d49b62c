/** `range`: values between bounds. */
import { isRawNumber } from "../../json/exact-numbers.ts";
import { EsError } from "../../es-error.ts";
import { doubleText } from "../../json/java-number.ts";
import { type JsonObject, textOf } from "../../json/json-value.ts";
import { toDouble, toWhole } from "../../values/number.ts";
import { timeZone, type TimeZone, utc } from "../../values/time-zone.ts";
import type { SearchContext, SearchDocument } from "../fields/document.ts";
import { type Field, resolveField } from "../fields/field.ts";
import { isRangeField } from "../fields/range-values.ts";
import { createReader } from "../fields/reader.ts";
import { type IndexedValue, roundTo } from "../fields/value.ts";
import { parseFieldClause } from "./clause.ts";
import {
  boostOf,
  constantScore,
  matchNone,
  type CompiledQuery,
  counted,
} from "./compiled-query.ts";
import { rangeFieldQuery, relationOf } from "./range-field.ts";
import { anyText } from "./any-text.ts";
import { evaluateFieldDate, queryShardFailure, requireExpensive } from "./shard-problem.ts";
import { addressOf, requireNumber } from "./query-values.ts";
import { requireSearchable, termRange } from "./term-query.ts";

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
};

/** `range`: any value of the field between bounds; a missing or null bound is open. */
export function parseRange(body: JsonObject, context: SearchContext): CompiledQuery {
  const { field: name, settings } = parseFieldClause(body, shape);
  const boost = boostOf("range", settings);
  relationOf(settings);
  const zone = zoneOf(settings["time_zone"]);
  const field = resolveField(context, name);
  if (field === undefined) return matchNone;
  requireSearchable(context, field);
  if (isRangeField(field)) return rangeFieldQuery(context, field, settings, zone, boost);
  if (field.name === "_id") {
    const reason = "Field [_id] of type [_id] does not support range queries";
    throw queryShardFailure(context, "illegal_argument_exception", reason);
  }
  const { lower, upper } = readBounds(context, field, settings);
  if (field.kind === "text") {
    requireExpensive(context, onTexts);
    const accepts = (term: string): boolean => isBetween(term, lower, upper);
    return anyText(field, accepts, boost);
  }
  if (field.kind === "keyword") requireExpensive(context, onTexts);
  const found = constantScore(acceptsBetween(field, lower, upper), boost);
  return field.kind === "keyword" ? found : counted(found);
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
  const [open, closed] = end === "lower" ? ["gt", "gte"] : ["lt", "lte"];
  const isOpen = settings[open ?? ""] !== undefined && settings[open ?? ""] !== null;
  const raw = settings[(isOpen ? open : closed) ?? ""];
  if (raw === undefined || raw === null) return undefined;
  switch (field.kind) {
    case "date": {
      // A bound that is a number makes both of them milliseconds.
      const hasNumber = boundNames.some((name) => isNumber(settings[name]));
      const given = settings["format"] ?? (hasNumber ? "epoch_millis" : undefined);
      const value = evaluateFieldDate(context, field, raw, {
        ...(given === undefined ? {} : { format: textOf(given) }),
        zone,
        // Rounding goes away from what the bound excludes and towards what it includes.
        roundUp: isOpen === (end === "lower"),
      });
      return { value, isOpen };
    }
    case "long":
      return { value: longBound(context, field, raw), isOpen };
    case "double": {
      requireNumber(context, raw);
      const value = toDouble(raw) ?? NaN;
      // A bound that a half_float cannot hold lies between two of its values.
      const rounded = field.type === "half_float" ? value : (roundTo(field, value) ?? NaN);
      return { value: rounded, isOpen };
    }
    case "ip":
      return { value: addressOf(context, textOf(raw)), isOpen };
    case "text":
    case "keyword":
    case "boolean":
    case "object":
    case "nested":
    case "unsupported": {
      const range = termRange(context, field, raw);
      return range === undefined ? undefined : { value: range.from, isOpen };
    }
  }
}

/** What whole-number types can hold, least and most. */
const ranges: Readonly<Record<string, readonly [bigint, bigint]>> = {
  byte: [-128n, 127n],
  short: [-32_768n, 32_767n],
  integer: [-2_147_483_648n, 2_147_483_647n],
  unsigned_long: [0n, 18_446_744_073_709_551_615n],
};
const longRange: readonly [bigint, bigint] = [
  -9_223_372_036_854_775_808n,
  9_223_372_036_854_775_807n,
];

function longBound(context: SearchContext, field: Field, raw: unknown): IndexedValue {
  requireNumber(context, raw);
  const number = toDouble(raw) ?? NaN;
  if (!Number.isInteger(number)) return number;
  const value = toWhole(raw) ?? number;
  const [least, most] = ranges[field.type] ?? longRange;
  if (field.type === "unsigned_long" || (value >= least && value <= most)) return value;
  const article = /^[aeiou]/.test(field.type) ? "an" : "a";
  const reason = `Value [${shownNumber(raw)}] is out of range for ${article} ${field.type}`;
  throw queryShardFailure(context, "illegal_argument_exception", reason);
}

/** The server shows whole numbers that no long holds as the bytes of their text. */
function shownNumber(raw: unknown): string {
  if (typeof raw === "number") return doubleText(raw);
  const bytes = [...Buffer.from(String(raw))].map((byte) => byte.toString(16));
  return `[${bytes.join(" ")}]`;
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
  const reason = `Unknown time-zone ID: ${name}`;
  throw new EsError(
    400,
    "illegal_argument_exception",
    `java.time.zone.ZoneRulesException: ${reason}`,
    { caused_by: { type: "zone_rules_exception", reason } },
  );
}
