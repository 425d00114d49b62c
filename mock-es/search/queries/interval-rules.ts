/** The rules of an `intervals` query as they stand in a body. */
import {
  EsError,
  illegalArgument,
  notSupported,
  parsingException,
  xContentParseException,
} from "../../es-error.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "../../json/json-value.ts";
import { booleanSetting } from "./clause.ts";
import { editsOf } from "./fuzzy.ts";
import type { Relation } from "./interval-lists.ts";

/** A filter of a rule: how its intervals stand to those of another rule. */
export interface IntervalFilter {
  readonly relation: Relation | "before" | "after";
  readonly rule: IntervalRule;
}

/** A rule on the terms of a field. */
interface LeafSettings {
  readonly analyzer: string | undefined;
  readonly useField: string | undefined;
}

/** A rule, checked. `maxGaps` is -1 for any number of gaps. */
export type IntervalRule =
  | ({
      readonly type: "match";
      readonly query: string;
      readonly maxGaps: number;
      readonly isOrdered: boolean;
      readonly filter: IntervalFilter | undefined;
    } & LeafSettings)
  | {
      readonly type: "all_of";
      readonly rules: readonly IntervalRule[];
      readonly maxGaps: number;
      readonly isOrdered: boolean;
      readonly filter: IntervalFilter | undefined;
    }
  | {
      readonly type: "any_of";
      readonly rules: readonly IntervalRule[];
      readonly filter: IntervalFilter | undefined;
    }
  | ({ readonly type: "prefix" | "wildcard" | "regexp"; readonly pattern: string } & LeafSettings)
  | ({
      readonly type: "fuzzy";
      readonly term: string;
      readonly fuzziness: unknown;
      readonly prefixLength: number;
      readonly transpositions: boolean;
    } & LeafSettings);

const settingsOf: Readonly<Record<string, readonly string[]>> = {
  match: ["query", "max_gaps", "ordered", "analyzer", "filter", "use_field"],
  all_of: ["intervals", "max_gaps", "ordered", "filter"],
  any_of: ["intervals", "filter"],
  prefix: ["prefix", "analyzer", "use_field"],
  wildcard: ["pattern", "analyzer", "use_field"],
  regexp: ["pattern", "analyzer", "use_field"],
  fuzzy: ["term", "prefix_length", "transpositions", "fuzziness", "analyzer", "use_field"],
};
const required: Readonly<Record<string, string>> = {
  match: "query",
  all_of: "intervals",
  any_of: "intervals",
  prefix: "prefix",
  wildcard: "pattern",
  regexp: "pattern",
  fuzzy: "term",
};

/** Filters that a rule may have. */
const relations: readonly IntervalFilter["relation"][] = [
  "before",
  "after",
  "containing",
  "contained_by",
  "overlapping",
  "not_containing",
  "not_contained_by",
  "not_overlapping",
];

/**
 * Reads the rule of the given type in an object that holds it.
 *
 * @throws {EsError} Elasticsearch's refusal of what it does not know; `range` and `script`, which
 *   are not computed, by name
 */
export function readRule(type: string, holder: JsonObject): IntervalRule {
  if (type === "range") throw notSupported("the rule [range] of [intervals]");
  const known = Object.hasOwn(settingsOf, type) ? settingsOf[type] : undefined;
  if (known === undefined) {
    const reason = `Unknown interval type [${type}], expecting one of [match, any_of, all_of, prefix, wildcard, regexp, range]`;
    throw parsingException(reason).at(holder, type, "key");
  }
  const body = holder[type];
  if (!isObject(body)) {
    const reason = `[${type}] Expected START_OBJECT but was: ${tokenOf(body)}`;
    throw xContentParseException(reason).at(holder, type);
  }
  for (const key of Object.keys(body))
    if (!known.includes(key))
      throw xContentParseException(`[${type}] unknown field [${key}]`).at(body, key, "key");
  const needed = required[type] ?? "";
  if (body[needed] === undefined) throw illegalArgument(`Required [${needed}]`);
  return readBody(type, body);
}

function readBody(type: string, body: JsonObject): IntervalRule {
  const leaf = (): LeafSettings => ({
    analyzer: optionalText(type, body, "analyzer"),
    useField: optionalText(type, body, "use_field"),
  });
  switch (type) {
    case "match":
      return {
        type,
        query: text(type, body, "query"),
        maxGaps: wholeNumber(type, body, "max_gaps", -1),
        isOrdered: flag(type, body, "ordered", false),
        filter: readFilter(type, body),
        ...leaf(),
      };
    case "all_of":
      return {
        type,
        rules: readRules(type, body),
        maxGaps: wholeNumber(type, body, "max_gaps", -1),
        isOrdered: flag(type, body, "ordered", false),
        filter: readFilter(type, body),
      };
    case "any_of":
      return { type, rules: readRules(type, body), filter: readFilter(type, body) };
    case "fuzzy":
      return {
        type,
        term: text(type, body, "term"),
        fuzziness: fuzziness(body),
        prefixLength: wholeNumber(type, body, "prefix_length", 0),
        transpositions: flag(type, body, "transpositions", true),
        ...leaf(),
      };
    case "prefix":
      return { type, pattern: text(type, body, "prefix"), ...leaf() };
    default:
      return {
        type: type === "wildcard" ? type : "regexp",
        pattern: text(type, body, "pattern"),
        ...leaf(),
      };
  }
}

/** The refusal of a member, with what is wrong with it below. */
function failed(type: string, body: JsonObject, key: string, cause: EsError): EsError {
  const below = cause.toCause();
  // The root is the innermost refusal that a parser made.
  const isParsers =
    cause.type === "parsing_exception" || cause.type === "x_content_parse_exception";
  const error = xContentParseException(`[${type}] failed to parse field [${key}]`, {
    ...(isParsers ? { root_cause: cause.toBody().error.root_cause } : {}),
    caused_by: below,
  }).at(body, key);
  // It stands where the parser stopped.
  error.place = cause.place ?? error.place;
  return error;
}

/** Reads a member, whose refusals name it. Parts that are not supported are refused as they are. */
function within<T>(type: string, body: JsonObject, key: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof EsError) || error.reason.endsWith("is not supported by mock-es"))
      throw error;
    throw failed(type, body, key, error);
  }
}

function text(type: string, body: JsonObject, key: string): string {
  const value = body[key];
  if (typeof value === "string") return value;
  const reason = `[${type}] ${key} doesn't support values of type: ${tokenOf(value)}`;
  throw xContentParseException(reason).at(body, key);
}

function optionalText(type: string, body: JsonObject, key: string): string | undefined {
  return body[key] === undefined ? undefined : text(type, body, key);
}

function flag(type: string, body: JsonObject, key: string, fallback: boolean): boolean {
  return within(type, body, key, () => booleanSetting(body, key, fallback));
}

function wholeNumber(type: string, body: JsonObject, key: string, fallback: number): number {
  const value = body[key];
  if (value === undefined) return fallback;
  if (
    typeof value === "boolean" ||
    Math.abs(Number(value)) > 2 ** 31 ||
    (key === "prefix_length" && Number(value) < 0)
  )
    throw notSupported(`such a [${key}] in [${type}]`);
  const number = typeof value === "object" && value !== null ? Number.NaN : Number(value);
  if (Number.isFinite(number) && value !== null && value !== "") return Math.trunc(number);
  const reason = `For input string: "${textOf(value)}"`;
  throw failed(type, body, key, new EsError(400, "number_format_exception", reason));
}

function fuzziness(body: JsonObject): unknown {
  if (body["fuzziness"] === null) throw notSupported("[fuzziness] that is null in [fuzzy]");
  const value = body["fuzziness"] ?? "AUTO";
  try {
    editsOf(value, "");
  } catch {
    const given = textOf(value);
    const cause = {
      type: "number_format_exception",
      reason: `For input string: "${given.toUpperCase()}"`,
    };
    const own = illegalArgument(`fuzziness cannot be [${given}].`, { caused_by: cause });
    throw failed("fuzzy", body, "fuzziness", own);
  }
  return value;
}

function readRules(type: string, body: JsonObject): IntervalRule[] {
  const { intervals } = body;
  const given: readonly unknown[] = Array.isArray(intervals) ? intervals : [intervals];
  return within(type, body, "intervals", () =>
    given.map((rule) => {
      if (!isObject(rule))
        throw parsingException(`Expected [START_OBJECT] but got [${tokenOf(rule)}]`);
      return readRule(onlyKey(rule), rule);
    }),
  );
}

function readFilter(type: string, body: JsonObject): IntervalFilter | undefined {
  const { filter } = body;
  if (filter === undefined) return undefined;
  return within(type, body, "filter", () => {
    if (!isObject(filter))
      throw parsingException(`Expected [FIELD_NAME] but got [${tokenOf(filter)}]`);
    const name = onlyKey(filter);
    if (name === "script") throw notSupported("the filter [script] of [intervals]");
    const rule = filter[name];
    if (!isObject(rule)) throw parsingException(`Expected [FIELD_NAME] but got [${tokenOf(rule)}]`);
    // A filter that does not exist is refused by the shards, so its rule is read first.
    const read = readRule(onlyKey(rule), rule);
    return { relation: name as IntervalFilter["relation"], rule: read };
  });
}

/** True for the filters that exist. */
export function isRelation(name: string): boolean {
  return relations.some((relation) => relation === name);
}

function onlyKey(value: JsonObject): string {
  const [key, second] = Object.keys(value);
  if (key === undefined)
    throw parsingException("Expected [FIELD_NAME] but got [END_OBJECT]").at(
      value,
      undefined,
      "end",
    );
  if (second !== undefined)
    throw parsingException("Expected [END_OBJECT] but got [FIELD_NAME]").at(value, second, "key");
  return key;
}
