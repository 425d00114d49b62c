import { EsError, illegalArgument, ownPlace, parsingException } from "../../es-error.ts";
import { type JsonObject, textOf, tokenOf } from "../../json/json-value.ts";
import { booleanSetting, refuseNull } from "./clause.ts";
import { boostOf, type Compile, numberOf, type CompiledQuery } from "./compiled-query.ts";
import { crossFields } from "./cross-fields.ts";
import type { SearchContext } from "../fields/document.ts";
import { compiledMaker, type QueryMaker } from "./query-maker.ts";
import { isWritten, onField } from "./on-field.ts";
import { namedAnalyzer, type TextMode } from "./text-queries.ts";
import {
  areAllFields,
  defaultFields,
  namedFields,
  type WeightedField,
  weightedFields,
} from "./weighted-fields.ts";

const SETTINGS = [
  "query",
  "fields",
  "type",
  "operator",
  "minimum_should_match",
  "tie_breaker",
  "lenient",
  "analyzer",
  "slop",
  "zero_terms_query",
  "fuzziness",
  "prefix_length",
  "max_expansions",
  "fuzzy_rewrite",
  "fuzzy_transpositions",
  "auto_generate_synonyms_phrase_query",
  "boost",
  "_name",
];

const MODES: Readonly<Record<string, TextMode>> = {
  best_fields: "match",
  most_fields: "match",
  phrase: "match_phrase",
  phrase_prefix: "match_phrase_prefix",
  bool_prefix: "match_bool_prefix",
};

/** How a text is looked for in several fields. */
export interface ManyFields {
  readonly type: string;
  readonly fields: readonly WeightedField[];
  /** Of the full-text query on each field. */
  readonly settings: JsonObject;
  readonly tieBreaker: number | undefined;
  /** A value that a field cannot hold matches nothing. */
  readonly isLenient: boolean;
}

/** `multi_match`: one text over several fields. */
export function parseMultiMatch(
  body: JsonObject,
  context: SearchContext,
  compile: Compile,
): CompiledQuery {
  for (const key of Object.keys(body)) {
    if (!SETTINGS.includes(key))
      throw parsingException(`[multi_match] query does not support [${key}]`).at(body, key);
    refuseNull("multi_match", body, key);
    if (key === "fields") checkNames(body[key]);
  }
  return makeMultiMatch(body, compiledMaker(context, compile));
}

/** Makes a `multi_match`. @param body one that has known settings only */
export function makeMultiMatch<T>(body: JsonObject, maker: QueryMaker<T>): T {
  if (body["query"] === undefined)
    throw parsingException("No text specified for multi_match query");
  const { analyzer } = body;
  if (typeof analyzer === "string") namedAnalyzer("multi_match", analyzer, maker.context);
  const type = textOf(body["type"] ?? "best_fields").toLowerCase();
  if (!isTextType(type)) {
    const reason = `failed to parse [multi_match] query type [${type}]. unknown type.`;
    throw new EsError(400, "parse_exception", reason);
  }
  if (type === "bool_prefix" && body["slop"] !== undefined)
    throw illegalArgument("[slop] not allowed for type [bool_prefix]");
  if (type !== "best_fields" && type !== "most_fields" && body["fuzziness"] !== undefined)
    refuseFuzziness(type, body);
  const given = namedFields(body) ?? defaultFields(maker.context);
  const { boost: _boost, fields: _fields, type: _type, tie_breaker: tie, ...settings } = body;
  const query = overFields(maker, {
    type,
    fields: weightedFields(given, maker.context),
    settings: { ...settings, lenient: undefined },
    tieBreaker: tie === undefined ? undefined : numberOf(tie),
    isLenient: booleanSetting(body, "lenient", areAllFields(given)),
  });
  return maker.boosted(query, boostOf("multi_match", body));
}

/** @throws {EsError} for what is no name of a field in a list of some */
function checkNames(fields: unknown): void {
  if (!Array.isArray(fields)) return;
  const list: readonly unknown[] = fields;
  const at = list.findIndex((name) => name === null || typeof name === "object");
  if (at < 0) return;
  const reason = `Expected text at ${ownPlace} but found ${tokenOf(list[at])}`;
  throw illegalArgument(reason).standingAt(list, String(at));
}

/** Of these types the server looks for whole terms only. */
function refuseFuzziness(type: string, body: JsonObject): void {
  if (type === "bool_prefix") return;
  throw parsingException(`Fuzziness not allowed for type [${type}]`).at(body, undefined, "end");
}

/** True for a name of a way to look for a text in several fields. */
export function isTextType(type: string): boolean {
  return type === "cross_fields" || Object.hasOwn(MODES, type);
}

/** True for a way in which the scores of all fields count, and not that of the best one. */
export function isSumOf(type: string): boolean {
  return type === "most_fields" || type === "bool_prefix";
}

/** Looks for a text in several fields. */
export function overFields<T>(maker: QueryMaker<T>, many: ManyFields): T {
  const { type, fields, settings, tieBreaker, isLenient } = many;
  const mode = MODES[type] ?? "match";
  // Of the fields of a pattern those are left out that no document has.
  const findsAll = textOf(settings["zero_terms_query"] ?? "none").toLowerCase() === "all";
  const single = (field: WeightedField): T =>
    findsAll && field.isOptional && !isWritten(field.name, maker.context)
      ? maker.none(`failed [${field.name}] query`)
      : onField(field, isLenient, maker, () => maker.text(mode, field.name, settings));
  const isCrossing = type === "cross_fields";
  const queries = isCrossing
    ? crossFields(maker, fields, settings, tieBreaker ?? 0, isLenient, single)
    : fields.map(single);
  return maker.best(queries, tieBreaker ?? (isSumOf(type) ? 1 : 0));
}
