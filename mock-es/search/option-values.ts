/**
 * A last look at a search that was run: values of its options that the server does not take, or
 * that nothing here reads, are refused by name instead of being passed over.
 */
import { isObject, type JsonObject } from "../json/json-value.ts";
import {
  type Check,
  checkAll,
  isCount,
  isStrictFlag,
  isListOf,
  isNumber,
  isText,
} from "./queries/member-values.ts";

/** Beyond 32 bits the server's refusal shows where in the bytes of the request it stands. */
const isInt: Check = (value) => typeof value !== "number" || Math.abs(value) <= 2 ** 31;
const isTags: Check = isListOf(isText);
const isBoost: Check = (value) =>
  isObject(value) &&
  Object.values(value).length === 1 &&
  Object.values(value).every(
    // The server keeps floats.
    (boost) => typeof boost === "number" && boost >= 0 && Math.fround(boost) < Infinity,
  );

const isNumeral: Check = (value) =>
  isNumber(value) || (typeof value === "string" && /^-?\d+$/.test(value));

const highlighting: Readonly<Record<string, Check>> = {
  boundary_chars: isText,
  boundary_max_scan: isCount,
  boundary_scanner: (value) => /^(?:chars|word|sentence)$/i.test(String(value)),
  boundary_scanner_locale: isText,
  encoder: (value) => value === "html" || value === "default",
  force_source: isStrictFlag,
  fragment_size: isCount,
  fragmenter: (value) => value === "simple" || value === "span",
  highlight_query: isObject,
  matched_fields: (value) => isText(value) || isTags(value),
  max_analyzed_offset: isNumeral,
  no_match_size: isCount,
  number_of_fragments: isCount,
  order: (value) => value === "score" || value === "none",
  phrase_limit: isCount,
  post_tags: isTags,
  pre_tags: isTags,
  require_field_match: isStrictFlag,
  tags_schema: (value) => value === "styled" || value === "default",
  type: isText,
};

const rescoring: Readonly<Record<string, Check>> = {
  query_weight: isNumber,
  rescore_query_weight: isNumber,
  score_mode: isText,
};

const suggesting: Readonly<Record<string, Check>> = {
  analyzer: isText,
  confidence: isNumber,
  field: isText,
  force_unigrams: isStrictFlag,
  gram_size: isCount,
  max_edits: isCount,
  max_errors: isNumber,
  max_inspections: isCount,
  max_term_freq: isNumber,
  min_doc_freq: isNumber,
  min_word_length: isCount,
  prefix_length: isCount,
  real_word_error_likelihood: isNumber,
  separator: isText,
  shard_size: isCount,
  size: isCount,
  sort: isText,
  string_distance: isText,
  suggest_mode: isText,
  token_limit: isCount,
};

/** Refuses values that are passed over. @throws {EsError} 400 by name */
export function checkOptionValues(body: JsonObject): void {
  checkAll("search", body, {
    from: isInt,
    indices_boost: isListOf(isBoost),
    profile: isStrictFlag,
    size: isInt,
    stats: isListOf(isText),
    terminate_after: isInt,
    track_total_hits: isInt,
  });
  for (const key of ["fields", "docvalue_fields"])
    each(body[key], (entry) => {
      const isFormat: Check = (value) => value === null || (isText(value) && value !== "");
      checkAll(key, entry, { field: isText, format: isFormat, include_unmapped: isStrictFlag });
    });
  each(body["sort"], checkSort);
  if (isObject(body["highlight"])) checkHighlight(body["highlight"]);
  each(body["rescore"], (entry) => {
    checkAll("rescore", entry, { window_size: isCount });
    if (isObject(entry["query"])) checkAll("rescore", entry["query"], rescoring);
  });
  if (isObject(body["suggest"])) checkSuggest(body["suggest"]);
}

/** Calls for each object of a list, or for the only one. */
function each(value: unknown, check: (entry: JsonObject) => void): void {
  for (const entry of Array.isArray(value) ? (value as readonly unknown[]) : [value])
    if (isObject(entry)) check(entry);
}

function checkSort(entry: JsonObject): void {
  for (const settings of Object.values(entry)) {
    const nested = isObject(settings) ? settings["nested"] : undefined;
    if (isObject(nested)) checkAll("nested sort", nested, { max_children: isCount, path: isText });
  }
}

function checkHighlight(highlight: JsonObject): void {
  checkAll("highlight", highlight, highlighting);
  each(highlight["fields"], (fields) => {
    for (const settings of Object.values(fields))
      if (isObject(settings)) checkAll("highlight", settings, highlighting);
  });
}

function checkSuggest(suggest: JsonObject): void {
  for (const suggester of Object.values(suggest)) {
    if (!isObject(suggester)) continue;
    checkAll("suggest", suggester, { text: isText });
    const { phrase } = suggester;
    const marks = isObject(phrase) ? phrase["highlight"] : undefined;
    if (isObject(marks))
      checkAll("highlight of phrase", marks, { post_tag: isText, pre_tag: isText });
    for (const kind of ["term", "phrase"]) {
      const settings = suggester[kind];
      if (!isObject(settings)) continue;
      checkAll(kind, settings, suggesting);
      each(settings["direct_generator"], (entry) => checkAll(kind, entry, suggesting));
    }
  }
}
