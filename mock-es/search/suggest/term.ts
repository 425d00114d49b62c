/** The suggester `term`: for each term of a text, indexed terms near it. */
import { EsError, illegalArgument, notSupported, parsingException } from "../../es-error.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import { floatJson, numberOf } from "../../json/java-number.ts";
import type { SearchContext } from "../fields/document.ts";
import { searchAnalyzerOf } from "../fields/field-analyzers.ts";
import { resolveField } from "../fields/field.ts";
import {
  byLikeness,
  constant,
  dictionaryOf,
  type NearTerm,
  nearTerms,
  numeric,
  readDistance,
  readSort,
  type SpellChecker,
} from "./spell-checker.ts";

/** A `term` suggester as it was asked for. */
export interface TermRequest extends SpellChecker {
  readonly kind: "term";
  readonly field: string;
  readonly analyzer: string | undefined;
  readonly size: number;
  /** Corrections that a shard answers for one term. */
  readonly shardSize: number;
  readonly sort: "score" | "frequency";
}

/** A correction. */
export interface TermOption {
  readonly text: string;
  /** A value that `JSON.stringify` writes as a float. */
  readonly score: unknown;
  /** Documents that hold the term. */
  readonly freq: number;
}

/** A term of the text. */
export interface TermEntry {
  readonly text: string;
  readonly offset: number;
  readonly length: number;
  readonly options: readonly TermOption[];
}

const members =
  "analyzer field size shard_size suggest_mode accuracy sort string_distance max_edits max_inspections max_term_freq prefix_length min_word_length min_doc_freq";

/** Reads the body of a suggester. @throws {EsError} 400 in the server's words */
export function readTermRequest(body: JsonObject): TermRequest {
  for (const [key, value] of Object.entries(body)) {
    if (value === null || isObject(value) || Array.isArray(value))
      throw parsingException(`suggester[term] parsing failed on [${key}]`).at(body, key);
    if (!members.split(" ").includes(key))
      throw parsingException(`suggester[term] doesn't support field [${key}]`).at(body, key);
  }
  const { field, analyzer } = body;
  const size = numeric(body, "size", 5);
  if (size <= 0) throw illegalArgument("size must be positive");
  const request: TermRequest = {
    kind: "term",
    field: textOf(field ?? ""),
    analyzer: analyzer === undefined ? undefined : textOf(analyzer),
    size,
    shardSize: numeric(body, "shard_size", Math.max(size, 5)),
    mode: constant(body, "suggest_mode", ["missing", "popular", "always"], modeEnum),
    sort: readSort(body),
    maxEdits: numeric(body, "max_edits", 2),
    prefixLength: numeric(body, "prefix_length", 1),
    minWordLength: numeric(body, "min_word_length", 4),
    maxInspections: numeric(body, "max_inspections", 5),
    minDocFreq: numeric(body, "min_doc_freq", 0),
    maxTermFreq: numeric(body, "max_term_freq", 0.01),
    accuracy: numeric(body, "accuracy", 0.5),
    distance: readDistance(body),
  };
  checkRequest(request);
  if (field === "") throw illegalArgument("suggestion field name is empty");
  if (request.field === "")
    throw new EsError(400, "parse_exception", "the required field option [field] is missing");
  return request;
}

const modeEnum = "org.elasticsearch.search.suggest.term.TermSuggestionBuilder.SuggestMode";

function checkRequest(request: TermRequest): void {
  const { maxEdits, accuracy } = request;
  if (maxEdits !== 1 && maxEdits !== 2) throw illegalArgument("maxEdits must be between 1 and 2");
  if (accuracy < 0 || accuracy > 1) throw illegalArgument("accuracy must be between 0 and 1");
  if (request.minWordLength < 1)
    throw illegalArgument("minWordLength must be greater or equal to 1");
  for (const name of ["prefixLength", "maxInspections"] as const)
    if (request[name] < 0) throw illegalArgument(`${name} must be positive`);
  for (const name of ["minDocFreq", "maxTermFreq"] as const) {
    const value = request[name];
    if (value < 0) throw illegalArgument(`${name} must be positive`);
    if (value > 1 && !Number.isInteger(value))
      throw illegalArgument(`if ${name} is greater than 1, it must not be a fraction`);
  }
}

/** The terms of a text with what a shard holds near them. */
export function correctShard(
  text: string,
  request: TermRequest,
  context: SearchContext,
): TermEntry[] {
  const field = resolveField(context, request.field);
  if (field === undefined || (field.kind !== "text" && field.kind !== "keyword"))
    throw notSupported(`the suggester [term] on a field of type [${field?.type ?? "none"}]`);
  const analyzer =
    (request.analyzer === undefined
      ? undefined
      : context.mappings.analysis?.analyzer(request.analyzer)) ?? searchAnalyzerOf(field);
  const dictionary = dictionaryOf(context, field);
  return analyzer.analyze(text).map(({ term, start, end }) => {
    const near = nearTerms(term, request, request.shardSize, dictionary, orderOf(request));
    const options = near.map((one) => ({ ...one, score: floatJson(one.score) }));
    return { text: term, offset: start, length: end - start, options };
  });
}

function byFrequency(a: NearTerm, b: NearTerm): number {
  return b.freq - a.freq || byLikeness(a, b);
}

function orderOf({ sort }: TermRequest): (a: NearTerm, b: NearTerm) => number {
  return sort === "score" ? byLikeness : byFrequency;
}

/** Puts the entries of all shards together: frequencies are added up. */
export function mergeEntries(
  shards: readonly (readonly TermEntry[])[],
  request: TermRequest,
): TermEntry[] {
  const [first = []] = shards;
  const compare = orderOf(request);
  return first.map((entry, at) => {
    const merged = new Map<string, TermOption>();
    for (const list of shards) {
      for (const option of list[at]?.options ?? []) {
        const freq = option.freq + (merged.get(option.text)?.freq ?? 0);
        merged.set(option.text, { ...option, freq });
      }
    }
    const near = (option: TermOption): NearTerm => ({ ...option, score: numberOf(option.score) });
    const options = [...merged.values()].sort((a, b) => compare(near(a), near(b)));
    return { ...entry, options: options.slice(0, request.size) };
  });
}
