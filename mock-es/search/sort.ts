import {
  illegalArgument,
  isObject,
  type JsonObject,
  notSupported,
  parsingException,
  shardFailure,
  textOf,
  xContentParseException,
} from "./problem.ts";
import { evaluateDate, printDate } from "../values/date.ts";
import type { SearchContext, SearchDocument } from "./fields/document.ts";
import { createReader, resolveField, type Field } from "./fields/field.ts";
import { ipKey, ipText } from "../values/ip-address.ts";
import { termRange } from "./queries/term-query.ts";
import type { IndexedValue } from "./fields/value.ts";

/** A value to sort by; `undefined` where the document has none. */
export type SortValue = IndexedValue | undefined;

/** One criterion of a sort. */
export interface SortKey {
  readonly kind: "field" | "score" | "doc";
  /** Negative when `a` comes first. */
  compare(a: SortValue, b: SortValue): number;
  /** The value of a document; `ordinal` is its place in index order. */
  read(document: SearchDocument, score: number, ordinal: number): SortValue;
  /** The form in which a hit shows the value. */
  show(value: SortValue): unknown;
  /** Reads a value of `search_after`. */
  parse(shown: unknown): SortValue;
}

/** A sort as asked for. */
export interface Sort {
  readonly keys: readonly SortKey[];
  /** False for the plain order by relevance: such hits show no sort values. */
  readonly isExplicit: boolean;
}

/** Relevance first, then index order: what a search without `sort` does. */
export const byRelevance: Sort = { keys: [scoreKey(true)], isExplicit: false };

/**
 * Compiles `sort` in each of its forms: `"f"`, `"_score"`, `{"f": "desc"}`, `{"f": {"order": …}}`
 * or a list of them.
 *
 * @throws {EsError} for fields without mapping, text fields and settings that do not exist
 */
export function compileSort(sort: unknown, context: SearchContext): Sort {
  const list = Array.isArray(sort) ? (sort as readonly unknown[]) : [sort];
  const keys = list.flatMap((element) => compileElement(element, context));
  const [first] = keys;
  if (
    first === undefined ||
    (keys.length === 1 && first.kind === "score" && first.compare(2, 1) < 0)
  )
    return byRelevance;
  return { keys, isExplicit: true };
}

function compileElement(element: unknown, context: SearchContext): SortKey[] {
  if (typeof element === "string") return [compileKey(element, {}, context)];
  if (!isObject(element)) {
    throw illegalArgument(
      "malformed sort format, within the sort array, an object, or an actual string are allowed",
    );
  }
  return Object.entries(element).map(([name, settings]) => {
    if (typeof settings === "string") return compileKey(name, { order: settings }, context);
    if (isObject(settings)) return compileKey(name, settings, context);
    throw parsingException(`[${name}] malformed sort, expected an order or an object`);
  });
}

const SETTINGS = ["order", "missing", "mode", "unmapped_type", "format", "numeric_type", "nested"];

function compileKey(name: string, settings: JsonObject, context: SearchContext): SortKey {
  if (name === "_script" || name === "_geo_distance") throw notSupported(`sorting by [${name}]`);
  const order = textOf(settings["order"] ?? (name === "_score" ? "desc" : "asc")).toLowerCase();
  if (order !== "asc" && order !== "desc") {
    throw illegalArgument(
      `No enum constant org.elasticsearch.search.sort.SortOrder.${order.toUpperCase()}`,
    );
  }
  const isDescending = order === "desc";
  if (name === "_score") return scoreKey(isDescending);
  if (name === "_doc" || name === "_shard_doc") return docKey(isDescending);
  for (const setting of Object.keys(settings)) {
    if (!SETTINGS.includes(setting)) {
      throw xContentParseException(`[field_sort] unknown field [${setting}]`).at(
        settings,
        setting,
        "key",
      );
    }
  }
  if (settings["nested"] !== undefined) throw notSupported("[nested] in [sort]");
  const field = resolveField(context, name);
  if (field === undefined || field.kind === "object" || field.kind === "nested") {
    if (settings["unmapped_type"] !== undefined) {
      return unmappedKey(
        textOf(settings["unmapped_type"]),
        (settings["missing"] === "_first") !== isDescending,
      );
    }
    throw shardFailure(
      context.index,
      "query_shard_exception",
      `No mapping found for [${name}] in order to sort on`,
      {
        index_uuid: "_na_",
        index: context.index,
      },
    );
  }
  return fieldKey(field, settings, isDescending, context);
}

function scoreKey(isDescending: boolean): SortKey {
  return {
    kind: "score",
    compare: isDescending ? (a, b) => Number(b) - Number(a) : (a, b) => Number(a) - Number(b),
    read: (_, score) => score,
    show: (value) => (value === undefined ? null : value),
    parse: Number,
  };
}

function docKey(isDescending: boolean): SortKey {
  return { ...scoreKey(isDescending), kind: "doc", read: (_, __, ordinal) => ordinal };
}

function unmappedKey(type: string, isLowest: boolean): SortKey {
  const kind = type === "double" || type === "float" || type === "half_float" ? "double" : "long";
  const shows = /^(?:keyword|text|ip|wildcard|version)$/.test(type)
    ? null
    : shownMissing({ kind }, isLowest);
  return {
    kind: "field",
    compare: () => 0,
    read: () => undefined,
    show: () => shows,
    parse: () => undefined,
  };
}

/** Refuses text fields, which have no values to sort or group by. */
export function requireDocValues(field: Field, context: SearchContext): void {
  if (field.name === "_id") {
    const reason =
      "Fielddata access on the _id field is disallowed, you can re-enable it by updating " +
      "the dynamic cluster setting: indices.id_field_data.enabled";
    throw shardFailure(context.index, "illegal_argument_exception", reason);
  }
  if (field.kind === "unsupported")
    throw notSupported(`sorting or grouping by the type [${field.type}]`);
  if (field.kind !== "text") return;
  throw shardFailure(
    context.index,
    "illegal_argument_exception",
    `Fielddata is disabled on [${field.name}] in [${context.index}]. Text fields are not optimised for operations that require per-document field data like aggregations and sorting, so these operations are disabled by default. Please use a keyword field instead. Alternatively, set fielddata=true on [${field.name}] in order to load field data by uninverting the inverted index. Note that this can use significant memory.`,
  );
}

function fieldKey(
  field: Field,
  settings: JsonObject,
  isDescending: boolean,
  context: SearchContext,
): SortKey {
  requireDocValues(field, context);
  const reader = createReader(field);
  const pick = picker(field, settings["mode"], isDescending);
  const missing = settings["missing"] ?? "_last";
  const isMissingFirst = missing === "_first";
  const substitute =
    missing === "_first" || missing === "_last"
      ? undefined
      : termRange(context, field, missing)?.from;
  const sign = isDescending ? -1 : 1;
  const format = settings["format"] === undefined ? undefined : textOf(settings["format"]);
  if (format !== undefined && field.kind !== "date")
    throw notSupported(`[format] in a sort by [${field.name}]`);
  return {
    kind: "field",
    compare(a, b) {
      if (a === b) return 0;
      if (a === undefined) return isMissingFirst ? -1 : 1;
      if (b === undefined) return isMissingFirst ? 1 : -1;
      return a < b ? -sign : sign;
    },
    read: (document) => pick(reader(document)) ?? substitute,
    show: (value) =>
      value === undefined
        ? shownMissing(field, isMissingFirst !== isDescending)
        : shown(field, value, format),
    parse: (raw) => parseShown(field, raw, context, format),
  };
}

/** Chooses the one value of several that a document is sorted by. */
function picker(
  field: Field,
  setting: unknown,
  isDescending: boolean,
): (values: readonly IndexedValue[]) => SortValue {
  const mode = textOf(setting ?? (isDescending ? "max" : "min")).toLowerCase();
  const isText = field.kind === "keyword" || field.kind === "ip";
  if (mode === "min" || mode === "max") {
    const wantsMax = mode === "max";
    return (values) => {
      let [best] = values;
      if (best === undefined) return undefined;
      for (const value of values) if (wantsMax ? value > best : value < best) best = value;
      return best;
    };
  }
  if (!["sum", "avg", "median"].includes(mode)) throw illegalArgument(`Unknown SortMode [${mode}]`);
  if (isText) {
    throw illegalArgument("we only support AVG, MEDIAN and SUM on number based fields");
  }
  return (values) => {
    if (values.length === 0) return undefined;
    const numbers = values.map(Number).sort((a, b) => a - b);
    const middle = numbers.length >> 1;
    const sum = numbers.reduce((total, value) => total + value, 0);
    const low = numbers[middle - 1] ?? 0;
    const high = numbers[middle] ?? 0;
    const median = numbers.length % 2 === 1 ? high : (low + high) / 2;
    const result = mode === "sum" ? sum : mode === "avg" ? sum / numbers.length : median;
    return field.kind === "double" ? result : Math.round(result);
  };
}

function shown(field: Field, value: IndexedValue, format: string | undefined): unknown {
  if (field.kind === "ip") return ipText(String(value));
  if (field.kind === "date" && format !== undefined) return printDate(Number(value), format);
  return value;
}

// JSON.rawJSON keeps the digits that a JavaScript number cannot hold; TypeScript's library does not
// know it yet.
const rawJson = (text: string): unknown =>
  (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(text);

/**
 * What a hit shows for a document without a value: the bounds of a long, infinities as text, null
 * for keywords.
 */
function shownMissing(field: Pick<Field, "kind">, isLowest: boolean): unknown {
  if (field.kind === "keyword" || field.kind === "ip") return null;
  if (field.kind === "double") return isLowest ? "-Infinity" : "Infinity";
  return rawJson(isLowest ? "-9223372036854775808" : "9223372036854775807");
}

const LONG_BOUND = 2 ** 63;

function parseShown(
  field: Field,
  raw: unknown,
  context: SearchContext,
  format: string | undefined,
): SortValue {
  if (raw === null || raw === undefined) return undefined;
  if (typeof raw === "object")
    throw parsingException(`Expecting a [string, number, boolean, null], but got [START_OBJECT]`);
  if (field.kind === "ip") return ipKey(textOf(raw));
  if (field.kind === "keyword") return textOf(raw);
  if (field.kind === "date" && typeof raw === "string") {
    const options = { index: context.index, nowMs: context.nowMs, offset: 0, roundUp: false };
    return evaluateDate(raw, { ...options, format: format ?? field.dateFormat });
  }
  const value = raw === true ? 1 : raw === false ? 0 : Number(raw);
  if (Number.isNaN(value)) {
    const reason = `Failed to parse search_after value for field [${field.name}].`;
    throw shardFailure(context.index, "illegal_argument_exception", reason);
  }
  return Math.abs(value) >= LONG_BOUND ? undefined : value;
}
