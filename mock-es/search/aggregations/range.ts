/** `range`, `date_range` and `ip_range`: buckets with bounds of their own. */
import {
  illegalArgument,
  notSupported,
  parsingException,
  xContentParseException,
} from "../../es-error.ts";
import { doubleJson, doubleText, floatText } from "../../json/java-number.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "../../json/json-value.ts";
import { printDate } from "../../values/date.ts";
import { numberFormat } from "../../values/decimal-format.ts";
import { toDouble } from "../../values/number.ts";
import { cidrRange, ipKey, ipText } from "../../values/ip-address.ts";
import type { SearchDocument } from "../fields/document.ts";
import type { Field } from "../fields/field.ts";
import { type IndexedValue, roundTo } from "../fields/value.ts";
import { atCollect } from "../faults.ts";
import { shardFailure } from "../problem.ts";
import {
  type AggregationContext,
  type AggregationKind,
  type AggregationLevel,
  Bucket,
  checkSettings,
  finishBuckets,
} from "./aggregation.ts";
import { createDateReader } from "./date-histogram.ts";
import { dateFormatOf, valueFormat } from "./value-format.ts";
import { compileSource, formattedValue, isNumeric, type ValuesSource } from "./values-source.ts";
import { zoneIn } from "./zone.ts";

/** One range. */
export interface Range<T extends IndexedValue> {
  readonly key: string;
  /** Included; `undefined` when open. */
  readonly from: T | undefined;
  /** Excluded; `undefined` when open. */
  readonly to: T | undefined;
  /** Bounds as they were given, before the field rounded them. */
  readonly given?: { readonly from: T | undefined; readonly to: T | undefined };
}

interface Plan<T extends IndexedValue> {
  readonly source: Pick<ValuesSource, "read">;
  readonly ranges: readonly Range<T>[];
  readonly isKeyed: boolean;
  readonly showBounds: (range: Range<T>) => Record<string, unknown>;
}

/** `range`: over numbers. */
export function parseRangeAggregation(
  name: string,
  body: JsonObject,
  sub: AggregationLevel,
  context: AggregationContext,
): AggregationKind {
  checkSettings("range", body, ["field", "missing", "format", "ranges", "keyed"]);
  const source = compileSource("range", body, context, isNumeric);
  const { field } = source;
  const { format } = body;
  const text = textOfValues(field, format);
  // Bounds are milliseconds, also of fields that count nanoseconds.
  const readField =
    field?.kind === "date"
      ? { ...field, type: "date", dateFormat: textOf(format ?? field.dateFormat) }
      : field;
  const read = (value: unknown): number => {
    const [shard] = context.shards;
    if (typeof value !== "string" || shard === undefined) return Number(value);
    if (format !== undefined && field?.kind !== "date" && toDouble(value) === undefined)
      throw notSupported("[ranges] that the [format] reads in part");
    const formatted = Number(formattedValue(shard, readField, value));
    // Numbers of texts are kept whole until the field rounds them.
    return field?.kind === "double" || field?.kind === "long"
      ? (toDouble(value) ?? formatted)
      : formatted;
  };
  const ranges = readRanges(
    listedRanges("range", name, body, context),
    read,
    text ?? doubleText,
    (bound) => asStored(bound, field, context),
  );
  const bound = (end: string, value: number | undefined): Record<string, unknown> => ({
    ...(isOpen(value) ? {} : { [end]: doubleJson(value) }),
    ...(isOpen(value) || text === undefined
      ? {}
      : { [`${end}_as_string`]: field?.kind === "boolean" ? value !== 0 : text(value) }),
  });
  const showBounds = ({ from, to, given }: Range<number>): Record<string, unknown> => ({
    ...bound("from", (given ?? { from }).from),
    ...bound("to", (given ?? { to }).to),
  });
  // Longs are compared as doubles.
  const values: Pick<ValuesSource, "read"> =
    field?.kind === "long" ? { read: (document) => source.read(document).map(Number) } : source;
  const plan = { source: values, ranges, isKeyed: body["keyed"] === true, showBounds };
  return rangeKind("range", plan, sub, context);
}

function isOpen(bound: number | undefined): bound is undefined {
  return bound === undefined || !Number.isFinite(bound);
}

/**
 * A bound as a field of few bits stores it, which is how it is compared.
 *
 * @throws {EsError} for one that is beyond the field's numbers
 */
function asStored(bound: number, field: Field | undefined, context: AggregationContext): number {
  if (field === undefined || (field.type !== "float" && field.type !== "half_float")) return bound;
  const stored = roundTo(field, bound) ?? NaN;
  if (Number.isFinite(stored) || !Number.isFinite(bound)) return stored;
  const reason = `[${field.type}] supports only finite values, but got [${floatText(bound)}]`;
  const index = context.shards[0]?.index ?? "_all";
  throw atCollect(shardFailure(index, "illegal_argument_exception", reason));
}

/** Booleans are no dates, but the bounds are read first. */
function refuseBooleans(field: Field, body: JsonObject, context: AggregationContext): never {
  const [shard] = context.shards;
  const ranges = Array.isArray(body["ranges"]) ? (body["ranges"] as readonly unknown[]) : [];
  for (const range of ranges)
    for (const end of isObject(range) ? [range["from"], range["to"]] : [])
      if (/^(?:string|number)$/.test(typeof end) && shard !== undefined)
        formattedValue(shard, field, textOf(end));
  const reason = `Field [${field.name}] of type [boolean] is not supported for aggregation [date_range]`;
  throw shardFailure(shard?.index ?? "_all", "illegal_argument_exception", reason);
}

/** How bounds are written beside themselves: by `format`, or as dates and booleans are. */
function textOfValues(
  field: Field | undefined,
  format: unknown,
): ((value: number) => string) | undefined {
  if (field?.kind === "date" || field?.kind === "boolean")
    return valueFormat(field, format === undefined ? undefined : textOf(format)).text;
  return format === undefined ? undefined : numberFormat(textOf(format));
}

/** `date_range`: between dates and date math. */
export function parseDateRange(
  name: string,
  body: JsonObject,
  sub: AggregationLevel,
  context: AggregationContext,
): AggregationKind {
  checkSettings("date_range", body, ["field", "missing", "format", "ranges", "keyed", "time_zone"]);
  const source = compileSource("date_range", body, context, isNumeric);
  if (source.field?.kind === "boolean") refuseBooleans(source.field, body, context);
  if (source.field !== undefined && source.field.kind !== "date")
    throw notSupported("[date_range] of numbers");
  const zone = zoneIn("date_range", body);
  const format = dateFormatOf(source.field, body["format"]);
  const read = createDateReader(context, format, zone);
  const print = (epochMs: number): string => printDate(epochMs, format, zone);
  const ranges = readRanges(listedRanges("date_range", name, body, context), read, print);
  const showBounds = ({ from, to }: Range<number>): Record<string, unknown> => ({
    ...(from === undefined ? {} : { from: doubleJson(from), from_as_string: print(from) }),
    ...(to === undefined ? {} : { to: doubleJson(to), to_as_string: print(to) }),
  });
  const plan = { source, ranges, isKeyed: body["keyed"] === true, showBounds };
  return rangeKind("date_range", plan, sub, context);
}

/** `ip_range`: between addresses, or in blocks of them. */
export function parseIpRange(
  name: string,
  body: JsonObject,
  sub: AggregationLevel,
  context: AggregationContext,
): AggregationKind {
  checkSettings("ip_range", body, ["field", "missing", "ranges", "keyed"]);
  const source = compileSource("ip_range", body, context, (field) => field.kind === "ip");
  const ranges = listedRanges("ip_range", name, body, context).map(readIpRange).sort(compareRanges);
  const showBounds = ({ from, to }: Range<string>): Record<string, unknown> => ({
    ...(from === undefined ? {} : { from: ipText(from) }),
    ...(to === undefined ? {} : { to: ipText(to) }),
  });
  const plan = { source, ranges, isKeyed: body["keyed"] === true, showBounds };
  return rangeKind("ip_range", plan, sub, context);
}

function readIpRange(element: unknown): Range<string> {
  if (!isObject(element)) throw parsingException("[ranges] must contain objects, but hit a value");
  for (const key of Object.keys(element)) {
    if (!["key", "from", "to", "mask"].includes(key))
      throw illegalArgument(`Unexpected ip range parameter: [${key}]`);
  }
  const { key, from, to, mask } = element;
  if (mask !== undefined) {
    const block = cidrRange(textOf(mask));
    if (block === undefined)
      throw illegalArgument(`Expected [ip/prefix] but was [${textOf(mask)}]`);
    const end = BigInt(`0x${block[1]}`) + 1n;
    const next = end >> 128n === 0n ? end.toString(16).padStart(32, "0") : undefined;
    return { key: textOf(key ?? mask), from: block[0], to: next };
  }
  const [low, high] = [addressOf(from), addressOf(to)];
  const text = (address: string | undefined): string =>
    address === undefined ? "*" : ipText(address);
  return {
    key: key === undefined ? `${text(low)}-${text(high)}` : textOf(key),
    from: low,
    to: high,
  };
}

function addressOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  const key = ipKey(textOf(value));
  if (key !== undefined) return key;
  throw illegalArgument(`'${textOf(value)}' is not an IP string literal.`);
}

/** The `ranges` of a body: a list, or a single one. @throws {EsError} on the shard for none */
export function listedRanges(
  type: string,
  name: string,
  body: JsonObject,
  { shards: [shard] }: AggregationContext,
): readonly unknown[] {
  const { ranges } = body;
  if (isObject(ranges)) return [ranges];
  if (Array.isArray(ranges) && ranges.length > 0) return ranges;
  if (ranges !== undefined && !Array.isArray(ranges)) {
    const wrong = `[${type}] ranges doesn't support values of type: ${tokenOf(ranges)}`;
    throw xContentParseException(wrong).at(body, "ranges");
  }
  const reason = `No [ranges] specified for the [${name}] aggregation`;
  throw shardFailure(shard?.index ?? "_all", "illegal_argument_exception", reason);
}

/** Reads ranges of numbers, by their bounds. @throws {EsError} for other settings */
export function readRanges(
  listed: readonly unknown[],
  read: (value: unknown) => number,
  print: (value: number) => string,
  stored: (bound: number) => number = (bound) => bound,
): Range<number>[] {
  const ranges = listed.map((element) => {
    if (!isObject(element)) throw notSupported("a range that is no object");
    for (const end of ["from", "to"])
      if (/^(?:object|boolean)$/.test(typeof element[end]) && element[end] !== null)
        throw notSupported(`[${end}] of a range that is no value`);
    for (const key of Object.keys(element)) {
      if (!["key", "from", "to"].includes(key))
        throw parsingException(`[range] unknown field [${key}]`);
    }
    const bound = (end: unknown): number | undefined =>
      end === undefined || end === null ? undefined : read(end);
    const [from, to] = [bound(element["from"]), bound(element["to"])];
    const text = (value: number | undefined): string =>
      value === undefined || !Number.isFinite(value) ? "*" : print(value);
    const derived = `${text(from)}-${text(to)}`;
    return {
      key: element["key"] === undefined ? derived : textOf(element["key"]),
      from: from === undefined || from === -Infinity ? undefined : stored(from),
      to: to === undefined || to === Infinity ? undefined : stored(to),
      given: { from, to },
    };
  });
  return ranges.sort(compareRanges);
}

function compareRanges<T extends IndexedValue>(a: Range<T>, b: Range<T>): number {
  const from = compareEnds(a.from, b.from, -1);
  return from === 0 ? compareEnds(a.to, b.to, 1) : from;
}

/** `open` is where an open end stands: -1 before, 1 behind everything. */
function compareEnds<T extends IndexedValue>(
  a: T | undefined,
  b: T | undefined,
  open: number,
): number {
  if (a === b) return 0;
  if (a === undefined) return open;
  if (b === undefined) return -open;
  return a < b ? -1 : 1;
}

/** Buckets of documents with a value in a range. */
export function rangeKind<T extends IndexedValue>(
  resultType: string,
  plan: Plan<T>,
  sub: AggregationLevel,
  context: AggregationContext,
): AggregationKind {
  return {
    resultType,
    create() {
      const buckets = plan.ranges.map((range) => ({ range, bucket: new Bucket(sub, context) }));
      return {
        collect(document: SearchDocument, score: number) {
          const values = plan.source.read(document);
          for (const { range, bucket } of buckets) {
            const { from, to } = range;
            const isIn = values.some(
              (value) => (from === undefined || value >= from) && (to === undefined || value < to),
            );
            if (isIn) bucket.collect(document, score);
          }
        },
        result() {
          const shown = buckets.map(({ range, bucket }) => ({
            ...plan.showBounds(range),
            ...bucket.result(),
          }));
          const finished = finishBuckets(shown, sub, context);
          if (plan.isKeyed)
            return {
              buckets: Object.fromEntries(
                plan.ranges.map((range, at) => [range.key, finished[at]]),
              ),
            };
          return {
            buckets: finished.map((bucket, at) => ({ key: plan.ranges[at]?.key, ...bucket })),
          };
        },
      };
    },
  };
}
