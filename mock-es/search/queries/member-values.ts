/**
 * A last look at a query that could be made: values of its members that the server does not take,
 * or that nothing here reads, are refused by name instead of being passed over.
 */
import { notSupported } from "../../es-error.ts";
import { isRawNumber } from "../../json/exact-numbers.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";

/** True for a value that a member may have. */
export type Check = (value: unknown) => boolean;

/** The largest number of 32 bits, and the largest float. */
const [mostInt, mostFloat] = [2 ** 31 - 1, 3.4028234663852886e38];

export const isText: Check = (value) => typeof value === "string";
export const isStrictFlag: Check = (value) =>
  typeof value === "boolean" || value === "true" || value === "false";
/** Queries read the empty text as false. */
export const isFlag: Check = (value) => isStrictFlag(value) || value === "";
export const isNumber: Check = (value) => {
  const isNumeric = typeof value === "string" && value.trim() !== "";
  return (typeof value === "number" || isNumeric) && Math.abs(Number(value)) <= mostFloat;
};
const isWhole: Check = (value) =>
  isNumber(value) && Number.isInteger(Number(value)) && Math.abs(Number(value)) <= mostInt;
export const isCount: Check = (value) => isWhole(value) && Number(value) >= 0;
export const isScalar: Check = (value) =>
  /^(?:string|number|bigint|boolean)$/.test(typeof value) || isRawNumber(value);
export const isTextOrNumber: Check = (value) => isScalar(value) && typeof value !== "boolean";
export const isListOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && (value as readonly unknown[]).every(check);
const isMinimum: Check = (value) =>
  (typeof value === "number" && isWhole(value)) ||
  (typeof value === "string" && /^\s*(?:-?\d+%?|(?:\d+<-?\d+%?\s*)+)\s*$/.test(value));
const isBetween =
  (least: number, most: number): Check =>
  (value) =>
    isNumber(value) && Number(value) >= least && Number(value) <= most;
const isDegreesOr =
  (most: number): Check =>
  (value) =>
    isBetween(-most, most)(value);

/** What members of any query hold, by name. */
const common: Readonly<Record<string, Check>> = {
  _name: isText,
  adjust_pure_negative: isFlag,
  allow_leading_wildcard: isFlag,
  analyze_wildcard: isFlag,
  analyzer: isText,
  auto_generate_synonyms_phrase_query: isFlag,
  boost: isNumber,
  boost_mode: isText,
  boost_terms: isNumber,
  case_insensitive: isFlag,
  default_field: isTextOrNumber,
  default_operator: isText,
  enable_position_increments: isFlag,
  end: isCount,
  escape: isFlag,
  fail_on_unsupported_field: isFlag,
  fields: (value) => isTextOrNumber(value) || isListOf(isTextOrNumber)(value),
  format: (value) => isTextOrNumber(value) && value !== "",
  fuzziness: isTextOrNumber,
  fuzzy_max_expansions: isCount,
  fuzzy_prefix_length: isCount,
  fuzzy_rewrite: isText,
  fuzzy_transpositions: isFlag,
  ignore_unmapped: isFlag,
  in_order: isFlag,
  lenient: isFlag,
  max_boost: isNumber,
  max_determinized_states: isCount,
  max_doc_freq: isCount,
  max_expansions: (value) => isCount(value) && Number(value) > 0,
  max_query_terms: isCount,
  max_word_length: isCount,
  min_doc_freq: isCount,
  min_score: isNumber,
  min_term_freq: isCount,
  min_word_length: isCount,
  minimum_should_match: isTextOrNumber,
  negative_boost: isNumber,
  operator: isText,
  path: isTextOrNumber,
  phrase_slop: isCount,
  post: isCount,
  pre: isCount,
  prefix_length: isCount,
  quote_analyzer: isText,
  relation: isText,
  score_mode: isText,
  slop: isCount,
  stop_words: isListOf(isText),
  tie_breaker: isBetween(0, 1),
  time_zone: isText,
  transpositions: isFlag,
  type: isText,
  unit: (value) => typeof value === "string" && units.has(value),
  validation_method: (value) =>
    typeof value === "string" && /^(?:STRICT|COERCE|IGNORE_MALFORMED)$/i.test(value),
  wildcard: isScalar,
  zero_terms_query: isText,
};

export const units: ReadonlySet<string> = new Set(
  "cm centimeters ft feet in inch km kilometers m meters mi miles mm millimeters NM nmi nauticalmiles yd yards".split(
    " ",
  ),
);

/** What members of one kind of query hold. */
const own: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  combined_fields: {
    fields: isListOf(isText),
    operator: (value) => /^(?:and|or)$/i.test(String(value)),
    query: isText,
    zero_terms_query: (value) => /^(?:all|none)$/i.test(String(value)),
  },
  distance_feature: { field: isText, origin: () => true, pivot: isText },
  field_value_factor: { factor: isNumber, field: isTextOrNumber, missing: isNumber },
  more_like_this: {
    boost_terms: isBetween(0, mostFloat),
    include: isFlag,
    like: isLiked,
    unlike: isLiked,
  },
  query_string: { time_zone: isZone },
  fuzzy: { max_expansions: isWhole },
  multi_match: { minimum_should_match: isMinimum, query: isScalar },
  random_score: {
    field: isText,
    seed: (value) => isText(value) || Number.isSafeInteger(value) || typeof value === "bigint",
  },
  terms_set: { terms: isListOf(isScalar), minimum_should_match_field: isText },
};

function isLiked(value: unknown): boolean {
  if (Array.isArray(value))
    return value.length > 0 && (value as readonly unknown[]).every((one) => isLikedOne(one));
  return isLikedOne(value);
}

function isLikedOne(value: unknown): boolean {
  if (!isObject(value)) return isText(value);
  return isText(value["_id"]) || typeof value["_id"] === "number" || isObject(value["doc"]);
}

function isZone(value: unknown): boolean {
  return (
    typeof value === "string" &&
    /^(?:[+-]\d{1,2}(?::?\d{2})?|Z|UTC|GMT|[A-Z][A-Za-z]+\/[A-Za-z_/]+)$/.test(value)
  );
}

/** Cells of a geohash are corners, too, but are not read here. */
function isCorner(value: unknown): boolean {
  return typeof value !== "string" || /[,(]/.test(value);
}

const boxSides: Readonly<Record<string, Check>> = {
  bottom: isDegreesOr(90),
  bottomLeft: isCorner,
  bottomRight: isCorner,
  bottom_left: isCorner,
  bottom_right: isCorner,
  left: isDegreesOr(180),
  right: isDegreesOr(180),
  top: isDegreesOr(90),
  topLeft: isCorner,
  topRight: isCorner,
  top_left: isCorner,
  top_right: isCorner,
};
const point: Readonly<Record<string, Check>> = { lat: isDegreesOr(90), lon: isDegreesOr(180) };
const innerHits: Readonly<Record<string, Check>> = {
  docvalue_fields: Array.isArray,
  explain: isFlag,
  fields: Array.isArray,
  from: isCount,
  highlight: isObject,
  ignore_unmapped: isFlag,
  name: isText,
  seq_no_primary_term: isFlag,
  size: isCount,
  track_scores: isFlag,
  version: isFlag,
};
const decay: Readonly<Record<string, Check>> = {
  decay: isNumber,
  offset: (value) => isText(value) || isBetween(0, mostFloat)(value),
  scale: isTextOrNumber,
};
const lookup: Readonly<Record<string, Check>> = {
  id: (value) => isText(value) && value !== "",
  index: isText,
  path: isText,
  routing: isText,
};

/** Queries whose settings stand below the name of their field. */
const onField: ReadonlySet<string> = new Set(
  "fuzzy match match_bool_prefix match_phrase match_phrase_prefix prefix range regexp span_term term terms_set wildcard".split(
    " ",
  ),
);

/** Refuses values that are passed over. @throws {EsError} 400 by name */
export function checkMemberValues(name: string, body: JsonObject): void {
  if (!onField.has(name)) checkAll(name, body, own[name] ?? common, own[name] && common);
  else {
    const [settings] = Object.values(body);
    if (isObject(settings)) checkAll(name, settings, own[name] ?? common, own[name] && common);
  }
  if (name === "terms")
    for (const value of Object.values(body))
      if (isObject(value)) checkAll("terms lookup", value, lookup);
  const isStrict = /^strict$/i.test(textOf(body["validation_method"] ?? "STRICT"));
  const isDistance = name === "geo_distance" && isStrict;
  const places = name === "geo_bounding_box" ? boxSides : isDistance ? point : undefined;
  if (places !== undefined)
    for (const value of Object.values(body)) if (isObject(value)) checkAll(name, value, places);
  if (isObject(body["inner_hits"])) checkAll("inner_hits", body["inner_hits"], innerHits);
  if (name === "function_score") checkFunctions(body);
}

function checkFunctions(body: JsonObject): void {
  const { functions } = body;
  for (const entry of [
    body,
    ...(Array.isArray(functions) ? (functions as readonly unknown[]) : []),
  ]) {
    if (!isObject(entry)) continue;
    for (const [name, value] of Object.entries(entry)) {
      if (!isObject(value)) continue;
      if (name === "field_value_factor" || name === "random_score")
        checkAll(name, value, own[name] ?? {});
      if (name !== "gauss" && name !== "exp" && name !== "linear") continue;
      const { multi_value_mode: mode, ...fields } = value;
      if (mode !== undefined && !/^(?:min|max|avg|sum)$/i.test(textOf(mode)))
        throw notSupported(`such a [multi_value_mode] in [${name}]`);
      for (const settings of Object.values(fields))
        if (isObject(settings)) checkAll(name, settings, decay);
    }
  }
}

/** Refuses members whose values do not pass; `others` holds for names that `checks` lacks. */
export function checkAll(
  name: string,
  body: JsonObject,
  checks: Readonly<Record<string, Check>>,
  others: Readonly<Record<string, Check>> = {},
): void {
  for (const [key, value] of Object.entries(body)) {
    const check = Object.hasOwn(checks, key)
      ? checks[key]
      : Object.hasOwn(others, key)
        ? others[key]
        : undefined;
    if (check !== undefined && !check(value))
      throw notSupported(`such a value of [${key}] in [${name}]`);
  }
}
