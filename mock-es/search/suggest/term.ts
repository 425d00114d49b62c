/** Corrections: indexed terms near those of a text (Lucene's DirectSpellChecker). */
import { EsError, illegalArgument, notSupported, parsingException } from "../../es-error.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import { floatJson, numberOf } from "../../json/java-number.ts";
import { editDistance } from "../../text/edit-distance.ts";
import { type StringDistance, stringDistances } from "../../text/string-distance.ts";
import { createTermReader } from "../fields/document-terms.ts";
import type { SearchContext } from "../fields/document.ts";
import { type Field, resolveField, searchAnalyzerOf } from "../fields/field.ts";
import { createReader } from "../fields/reader.ts";

/** A `term` suggester as it was asked for. */
export interface TermRequest {
  readonly kind: "term";
  readonly field: string;
  readonly analyzer: string | undefined;
  readonly size: number;
  /** Corrections that a shard answers for one term. */
  readonly shardSize: number;
  readonly mode: "missing" | "popular" | "always";
  readonly sort: "score" | "frequency";
  readonly maxEdits: number;
  readonly prefixLength: number;
  readonly minWordLength: number;
  readonly maxInspections: number;
  /** From 1 on documents, below a part of them. */
  readonly minDocFreq: number;
  readonly maxTermFreq: number;
  readonly accuracy: number;
  /** How alike a correction is. */
  readonly distance: StringDistance;
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
    if (isObject(value) || Array.isArray(value))
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
    mode: choice(body, "suggest_mode", ["missing", "popular", "always"], modeEnum),
    sort: choice(body, "sort", ["score", "frequency"], sortEnum),
    maxEdits: numeric(body, "max_edits", 2),
    prefixLength: numeric(body, "prefix_length", 1),
    minWordLength: numeric(body, "min_word_length", 4),
    maxInspections: numeric(body, "max_inspections", 5),
    minDocFreq: numeric(body, "min_doc_freq", 0),
    maxTermFreq: numeric(body, "max_term_freq", 0.01),
    accuracy: numeric(body, "accuracy", 0.5),
    distance: distanceOf(body),
  };
  checkRequest(request);
  if (request.field === "")
    throw new EsError(400, "parse_exception", "the required field option [field] is missing");
  return request;
}

const modeEnum = "org.elasticsearch.search.suggest.term.TermSuggestionBuilder.SuggestMode";
const sortEnum = "org.elasticsearch.search.suggest.SortBy";

function distanceOf(body: JsonObject): StringDistance {
  const name = textOf(body["string_distance"] ?? "internal").toLowerCase();
  const found = Object.hasOwn(stringDistances, name) ? stringDistances[name] : undefined;
  if (found !== undefined) return found;
  throw illegalArgument(`Illegal distance option ${name}`);
}

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

function numeric(body: JsonObject, key: string, fallback: number): number {
  const text = textOf(body[key] ?? fallback);
  const value = text.trim() === "" ? NaN : Number(text);
  if (Number.isNaN(value))
    throw new EsError(400, "number_format_exception", `For input string: "${text}"`);
  return value;
}

function choice<T extends string>(
  body: JsonObject,
  key: string,
  known: readonly [T, ...T[]],
  name: string,
): T {
  const given = textOf(body[key] ?? known[0]);
  const found = known.find((one) => one === given.toLowerCase());
  if (found !== undefined) return found;
  throw illegalArgument(`No enum constant ${name}.${given.toUpperCase()}`);
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
  const { frequencies, documents } = countTerms(context, field);
  return analyzer.analyze(text).map(({ term, start, end }) => ({
    text: term,
    offset: start,
    length: end - start,
    options: corrections(term, request, frequencies, documents),
  }));
}

function countTerms(
  context: SearchContext,
  field: Field,
): { readonly frequencies: ReadonlyMap<string, number>; readonly documents: number } {
  const frequencies = new Map<string, number>();
  const readTerms = field.kind === "text" ? createTermReader(field) : undefined;
  const readValues = createReader(field);
  let documents = 0;
  for (const document of context.corpus ?? []) {
    documents++;
    const terms = readTerms?.(document).terms ?? readValues(document).map(String);
    for (const term of new Set(terms)) frequencies.set(term, (frequencies.get(term) ?? 0) + 1);
  }
  return { frequencies, documents };
}

function corrections(
  term: string,
  request: TermRequest,
  frequencies: ReadonlyMap<string, number>,
  documents: number,
): TermOption[] {
  const { mode, maxTermFreq, minDocFreq, minWordLength } = request;
  if (Array.from(term).length < minWordLength) return [];
  const own = frequencies.get(term) ?? 0;
  if (mode === "missing" && own > 0) return [];
  const most = maxTermFreq >= 1 ? maxTermFreq : Math.ceil(Math.fround(maxTermFreq) * documents);
  if (own > most) return [];
  const least =
    minDocFreq >= 1 ? minDocFreq : minDocFreq > 0 ? Math.trunc(minDocFreq * documents) - 1 : 0;
  const floor = Math.max(mode === "popular" ? own : 0, least);
  const inspections = request.shardSize * request.maxInspections;
  let found = nearTerms(term, 1, floor, request, frequencies).slice(0, inspections);
  if (request.maxEdits > 1 && found.length < inspections) {
    const known = new Set(found.map(({ text }) => text));
    const farther = nearTerms(term, 2, floor, request, frequencies);
    found = [...found, ...farther.filter(({ text }) => !known.has(text)).slice(0, inspections)];
  }
  return found.sort(comparatorOf(request)).slice(0, request.shardSize);
}

function nearTerms(
  term: string,
  maxEdits: number,
  floor: number,
  { prefixLength, accuracy, distance }: TermRequest,
  frequencies: ReadonlyMap<string, number>,
): TermOption[] {
  const prefix = term.slice(0, Math.max(prefixLength, maxEdits - 1));
  const found: TermOption[] = [];
  for (const [text, freq] of frequencies) {
    if (freq <= floor || text === term || !text.startsWith(prefix)) continue;
    if (Math.abs(text.length - term.length) > maxEdits) continue;
    const edits = editDistance(term, text, true);
    if (edits > maxEdits) continue;
    const score = distance(term, text);
    if (score >= Math.fround(accuracy)) found.push({ text, score: floatJson(score), freq });
  }
  return found.sort(byScore);
}

function byScore(a: TermOption, b: TermOption): number {
  return numberOf(b.score) - numberOf(a.score) || b.freq - a.freq || (a.text < b.text ? -1 : 1);
}

function byFrequency(a: TermOption, b: TermOption): number {
  return b.freq - a.freq || byScore(a, b);
}

function comparatorOf({ sort }: TermRequest): (a: TermOption, b: TermOption) => number {
  return sort === "score" ? byScore : byFrequency;
}

/** Puts the entries of all shards together: frequencies are added up. */
export function mergeEntries(
  shards: readonly (readonly TermEntry[])[],
  request: TermRequest,
): TermEntry[] {
  const [first = []] = shards;
  return first.map((entry, at) => {
    const merged = new Map<string, TermOption>();
    for (const list of shards) {
      for (const option of list[at]?.options ?? []) {
        const freq = option.freq + (merged.get(option.text)?.freq ?? 0);
        merged.set(option.text, { ...option, freq });
      }
    }
    const options = [...merged.values()].sort(comparatorOf(request)).slice(0, request.size);
    return { ...entry, options };
  });
}
