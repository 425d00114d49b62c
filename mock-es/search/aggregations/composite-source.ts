/** The sources of a `composite` aggregation: what its keys are made of. */
import {
  EsError,
  illegalArgument,
  notSupported,
  parsingException,
  xContentParseException,
} from "../../es-error.ts";
import { isRawNumber } from "../../json/exact-numbers.ts";
import { doubleJson, longJson } from "../../json/java-number.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "../../json/json-value.ts";
import { evaluateDate, printDate } from "../../values/date.ts";
import { ipKey, ipText } from "../../values/ip-address.ts";
import type { TimeZone } from "../../values/time-zone.ts";
import type { SearchDocument } from "../fields/document.ts";
import type { Field } from "../fields/field.ts";
import { toDouble, toWhole } from "../../values/number.ts";
import { shardFailure } from "../problem.ts";
import type { IndexedValue } from "../fields/value.ts";
import type { AggregationContext, RangeAsked } from "./aggregation.ts";
import { tileSource } from "./composite-tiles.ts";
import { compileRounding } from "./date-histogram.ts";
import {
  compileSource,
  isAnything,
  isDateLike,
  isPlainNumber,
  type ValuesSource,
} from "./values-source.ts";
import { zoneIn } from "./zone.ts";
import { inMember } from "../../json/object-parser.ts";
import { refuseNegativeZero } from "../fields/zeros.ts";

/** A part of a key; `undefined` where a document has no value. */
export type KeyPart = IndexedValue | undefined;

/** One source. */
export interface CompositeSource {
  readonly name: string;
  /** The distinct parts of a document; empty for one that is left out. */
  read(document: SearchDocument): readonly KeyPart[];
  compare(a: KeyPart, b: KeyPart): number;
  show(part: KeyPart): unknown;
  /** Documents without a value are counted, too: under null. */
  readonly hasMissing: boolean;
  /** Reads a value of `after`. @throws {Error} with the server's words */
  parse(shown: unknown): KeyPart;
}

const common = ["field", "missing_bucket", "missing_order", "order", "value_type"];
const settings: Readonly<Record<string, readonly string[]>> = {
  terms: common,
  geotile_grid: [...common, "precision", "bounds"],
  histogram: [...common, "interval"],
  date_histogram: [
    ...common,
    "calendar_interval",
    "fixed_interval",
    "offset",
    "time_zone",
    "format",
  ],
};

/**
 * Reads `sources`.
 *
 * @throws {EsError} 400 in the server's words
 */
export function readSources(body: JsonObject, context: AggregationContext): CompositeSource[] {
  const given = body["sources"];
  if (given === undefined) throw illegalArgument("Required [sources]");
  if (!isObject(given) && !Array.isArray(given))
    throw notSupported("such [sources] in [composite]");
  const list = Array.isArray(given) ? (given as readonly unknown[]) : [given];
  const refuse = (reason: string): EsError => {
    const built = "Failed to build [composite] after last required field arrived";
    const cause = {
      type: "x_content_parse_exception",
      reason: built,
      caused_by: { type: "illegal_argument_exception", reason },
    };
    const what = "[composite] failed to parse field [sources]";
    return new EsError(400, "x_content_parse_exception", what, {
      root_cause: [{ type: "x_content_parse_exception", reason: built }],
      caused_by: cause,
    }).at(Array.isArray(given) ? given : body, undefined, "end");
  };
  if (list.length === 0) throw refuse("Composite [sources] cannot be null or empty");
  const { rangeAsked: _range, ...others } = context;
  const sources = list.map((entry, at) => readSource(body, entry, at === 0 ? context : others));
  const names = sources.map((source) => source.name);
  const repeated = [...new Set(names.filter((name, at) => names.indexOf(name) < at))];
  if (repeated.length > 0)
    throw refuse(
      `Composite source names must be unique, found duplicates: [${repeated.join(",")}]`,
    );
  return sources;
}

/**
 * Checks what the server's parser stands on when it looks for an object; behind the first source of
 * an entry it reads the next value as another entry.
 *
 * @throws {EsError}
 */
function checkShape(entry: JsonObject): void {
  const [[name, definition] = ["", {}], second] = Object.entries(entry);
  requireObject(definition, entry, name);
  const [[type, given] = ["", {}]] = Object.entries(definition);
  requireObject(given, definition, type);
  checkStray(definition, type);
  if (second === undefined || !Object.hasOwn(settings, type)) return;
  if (isObject(second[1])) checkShape(second[1]);
  throw notSupported("several sources in one of [sources] of [composite]");
}

/** Behind the settings of a source the server's parser looks for the next source. */
function checkStray(definition: JsonObject, type: string): void {
  const [, stray, third] = Object.entries(definition);
  if (stray === undefined || !Object.hasOwn(settings, type)) return;
  const [, value] = stray;
  if (third !== undefined || (typeof value === "object" && value !== null && !isRawNumber(value)))
    throw notSupported("such a member beside the settings of a source in [composite]");
  const reason = "expected value but got [END_OBJECT]";
  const cause = new EsError(400, "illegal_state_exception", reason);
  throw xContentParseException("[composite] failed to parse field [sources]").around(
    cause.standingAt(definition, undefined, "end"),
  );
}

function requireObject(
  value: unknown,
  container: JsonObject,
  key: string,
): asserts value is JsonObject {
  if (isObject(value)) return;
  const reason = `Failed to parse object: expecting token of type [START_OBJECT] but found [${tokenOf(value)}]`;
  const cause = parsingException(reason).at(container, key);
  throw xContentParseException("[composite] failed to parse field [sources]").around(cause);
}

function readSource(
  body: JsonObject,
  entry: unknown,
  context: AggregationContext,
): CompositeSource {
  if (isObject(entry)) checkShape(entry);
  const [name = "", definition] = isObject(entry) ? (Object.entries(entry)[0] ?? []) : [];
  const [type = "", given] = isObject(definition) ? (Object.entries(definition)[0] ?? []) : [];
  const known = Object.hasOwn(settings, type) ? settings[type] : undefined;
  if (type === "" || (known !== undefined && !isObject(given)))
    throw notSupported("a source without a type in [composite]");
  if (isObject(given) && (typeof given["field"] !== "string" || isUnordered(given["order"])))
    throw notSupported("such a [field] or [order] in [composite]");
  if (isObject(given) && type === "histogram" && given["interval"] === undefined)
    throw notSupported("[histogram] without [interval] in [composite]");
  if (known === undefined || !isObject(given)) {
    const cause = parsingException(`invalid source type: ${type}`);
    throw new EsError(
      400,
      "x_content_parse_exception",
      "[composite] failed to parse field [sources]",
      { root_cause: [cause.toCause()], caused_by: cause.toCause() },
    ).at(isObject(definition) ? definition : body, isObject(definition) ? type : undefined);
  }
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue;
    if (key === "script") throw notSupported("[script] in [composite]");
    const inner = xContentParseException(`[${type}] unknown field [${key}]`);
    const what = "[composite] failed to parse field [sources]";
    throw xContentParseException(what).around(inner.at(given, key, "key"));
  }
  inMember("composite", "sources", body, () => checkMissingBucket(type, given));
  const { rangeAsked, ...others } = context;
  const isInOrder =
    given["order"] !== "desc" && (!hasMissing(given) || body["after"] !== undefined);
  const keyed = keyOf(type, given, isInOrder ? { ...others, rangeAsked } : others);
  return { name, ...withOrder(given, keyed, context.shards[0]?.index ?? "_all") };
}

function checkMissingBucket(type: string, given: JsonObject): void {
  const { missing_bucket: flag } = given;
  if (flag === undefined || typeof flag === "boolean") return;
  if (typeof flag !== "string") {
    const reason = `[${type}] missing_bucket doesn't support values of type: ${tokenOf(flag)}`;
    throw xContentParseException(reason).at(given, "missing_bucket");
  }
  if (/^(?:true|false)?$/.test(flag)) return;
  inMember(type, "missing_bucket", given, () => {
    throw illegalArgument(`Failed to parse value [${flag}] as only [true] or [false] are allowed.`);
  });
}

function isUnordered(order: unknown): boolean {
  return order !== undefined && order !== "asc" && order !== "desc";
}

/** What a kind of source makes of the values of its field. */
interface Keyed {
  read(document: SearchDocument): readonly IndexedValue[];
  show(value: IndexedValue): unknown;
  parse(shown: unknown): IndexedValue;
}

function keyOf(type: string, body: JsonObject, context: AggregationContext): Keyed {
  if (type === "geotile_grid") return tileSource(body, context);
  const field = { field: body["field"] };
  if (type === "terms") {
    const source = asAsked(compileSource("terms", field, context, isAnything), context);
    return { ...source, ...termForm(source.field) };
  }
  if (type === "histogram") {
    const interval = Number(body["interval"] ?? 0);
    if (!(interval > 0))
      throw illegalArgument("[interval] must be greater than 0 for [histogram] source");
    const source = compileSource("histogram", field, context, isDateLike);
    if (source.field?.kind === "date") throw notSupported("[histogram] of dates in [composite]");
    return {
      read: (document) =>
        source.read(document).map((value) => Math.floor(Number(value) / interval) * interval),
      show: (value) => doubleJson(Number(value)),
      parse: requireNumber,
    };
  }
  const form = { ...field, format: body["format"], time_zone: body["time_zone"] };
  const source = asAsked(compileSource("date_histogram", form, context, isDateLike), context);
  if (source.field !== undefined && isPlainNumber(source.field) && form.format !== undefined)
    throw notSupported("[format] of numbers in [composite]");
  const zone = zoneIn("date_histogram", body);
  const rounding = compileRounding(body, zone, context.shards[0]?.index ?? "_all");
  const format = body["format"] === undefined ? undefined : textOf(body["format"]);
  return {
    read: (document) =>
      source.read(document).map((value) => rounding.floor(Math.trunc(Number(value)))),
    ...dateForm(format, zone),
  };
}

/** Types whose points the server reads in their order. */
const ofPoints: ReadonlySet<string> = new Set([
  "byte",
  "date",
  "date_nanos",
  "integer",
  "long",
  "short",
]);

/**
 * The first source, where the search asks for a range of its field: the server reads that part of
 * its index only, and not the other values of documents.
 */
function asAsked(source: ValuesSource, context: AggregationContext): ValuesSource {
  const { rangeAsked, shards, finder } = context;
  const { field } = source;
  if (rangeAsked === undefined || field === undefined) return source;
  if (!field.isIndexed || !ofPoints.has(field.type)) return source;
  const ranges = new Map<number, ReturnType<RangeAsked>>();
  return {
    ...source,
    read(document) {
      const values = source.read(document);
      if (values.length < 2) return values;
      const at = finder.find(document);
      const [shard] = shards.slice(at);
      if (!ranges.has(at)) ranges.set(at, shard && rangeAsked(field.name, shard));
      const range = ranges.get(at);
      if (range === undefined) return values;
      if (field.type === "date_nanos")
        throw notSupported("[composite] over several [date_nanos] beside a range of these");
      return values.filter((value) => value >= range.from && value <= range.to);
    },
  };
}

function hasMissing(body: JsonObject): boolean {
  return body["missing_bucket"] === true || body["missing_bucket"] === "true";
}

function dateForm(format: string | undefined, zone: TimeZone): Pick<Keyed, "show" | "parse"> {
  if (format === undefined) return { show: longJson, parse: requireNumber };
  const read = (shown: unknown): number | undefined => {
    try {
      return evaluateDate(shown, { nowMs: 0, format, zone });
    } catch (error) {
      if (error instanceof EsError) return undefined;
      throw error;
    }
  };
  return {
    show(value) {
      const text = printDate(Number(value), format, zone);
      if (read(text) !== Number(value))
        throw notSupported("[format] in [composite] whose dates are not read back as they were");
      return text;
    },
    parse(shown) {
      const found = read(shown);
      if (found === undefined) throw notSupported("[after] that is no date in [composite]");
      return found;
    },
  };
}

function termForm(field: Field | undefined): Pick<Keyed, "show" | "parse"> {
  switch (field?.kind) {
    case undefined:
      // Nothing has such keys, whatever they are compared with.
      return { show: (value) => value, parse: textOf };
    case "long":
    case "date":
      return {
        show: (value) => (typeof value === "string" ? value : longJson(value)),
        parse: requireNumber,
      };
    case "double":
      return { show: (value) => doubleJson(Number(value)), parse: requireNumber };
    case "boolean":
      return { show: (value) => value === 1, parse: flagOf };
    case "ip":
      return {
        show: (value) => ipText(String(value)),
        parse: addressOf,
      };
    default:
      return { show: (value) => value, parse: requireText };
  }
}

function requireNumber(shown: unknown): number | bigint {
  if (typeof shown === "number" || typeof shown === "bigint") return shown;
  const text = textOf(shown);
  const number = typeof shown === "boolean" ? undefined : toDouble(text);
  if (number === undefined) throw new Error(`For input string: "${text}"`);
  return toWhole(text) ?? number;
}

function flagOf(shown: unknown): number {
  if (shown === true || shown === "true") return 1;
  if (shown === false || shown === "false") return 0;
  throw notSupported("[after] that is no boolean in [composite]");
}

function addressOf(shown: unknown): string {
  const key = typeof shown === "string" ? ipKey(shown) : undefined;
  if (key === undefined) throw notSupported("[after] that is no address in [composite]");
  return key;
}

function requireText(shown: unknown): string {
  if (typeof shown === "string") return shown;
  const name =
    typeof shown === "boolean" ? "Boolean" : Number.isInteger(shown) ? "Integer" : "Double";
  throw new Error(`invalid value, expected string, got ${name}`);
}

function withOrder(body: JsonObject, keyed: Keyed, index: string): Omit<CompositeSource, "name"> {
  const isDescending = textOf(body["order"] ?? "asc").toLowerCase() === "desc";
  const showsMissing = hasMissing(body);
  const missingOrder = textOf(body["missing_order"] ?? "default").toLowerCase();
  if (missingOrder !== "default" && !showsMissing) {
    const reason = "missingOrder can only be set if missingBucket is true";
    throw shardFailure(index, "illegal_argument_exception", reason);
  }
  const sign = isDescending ? -1 : 1;
  const missing = missingOrder === "default" ? sign * -1 : missingOrder === "first" ? -1 : 1;
  return {
    read(document) {
      const keys = keyed.read(document);
      refuseNegativeZero(keys);
      const values = [...new Set(keys)];
      return values.length === 0 && showsMissing ? [undefined] : values;
    },
    compare(a, b) {
      if (a === b) return 0;
      if (a === undefined) return missing;
      if (b === undefined) return -missing;
      return (a < b ? -1 : 1) * sign;
    },
    show: (part) => (part === undefined ? null : keyed.show(part)),
    hasMissing: showsMissing,
    parse: (shown) => (shown === null ? undefined : keyed.parse(shown)),
  };
}
