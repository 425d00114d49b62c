/** Indexed terms near another one (Lucene's DirectSpellChecker). */
import { EsError, illegalArgument } from "../../es-error.ts";
import { type JsonObject, textOf } from "../../json/json-value.ts";
import { editDistance } from "../../text/edit-distance.ts";
import { type StringDistance, stringDistances } from "../../text/string-distance.ts";
import { createTermReader } from "../fields/document-terms.ts";
import type { SearchContext } from "../fields/document.ts";
import type { Field } from "../fields/field.ts";
import { nestedCorpus, nestedCounter, parentPathOf } from "../fields/nested-documents.ts";
import { createReader } from "../fields/reader.ts";

/** Which terms are corrected, and with which others. */
export interface SpellChecker {
  readonly mode: "missing" | "popular" | "always";
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

/** How often a shard holds a term. */
export interface TermCount {
  readonly documents: number;
  readonly occurrences: number;
}

/** The terms of a field of a shard. */
export interface Dictionary {
  readonly terms: ReadonlyMap<string, TermCount>;
  /** Of the shard. */
  readonly documents: number;
  /** Occurrences of all terms. */
  readonly occurrences: number;
}

/** A term near another one. */
export interface NearTerm {
  readonly text: string;
  /** Likeness, a 32-bit float. */
  readonly score: number;
  /** Documents that hold the term. */
  readonly freq: number;
}

/** Counts the terms of a field of texts or keywords; one that is not indexed has none. */
export function dictionaryOf(context: SearchContext, field: Field): Dictionary {
  const terms = new Map<string, { documents: number; occurrences: number }>();
  const own = { ...field, isReachable: true };
  const readTerms = field.kind === "text" ? createTermReader(own) : undefined;
  const countsAll = readTerms !== undefined && field.analysis?.hasFrequencies !== false;
  const readValues = createReader(own);
  const { corpus = [], mappings } = context;
  const path = field.isReachable ? undefined : parentPathOf(mappings, field.name);
  const nested = nestedCounter(mappings);
  // Nested objects are documents, too.
  let documents = 0;
  for (const document of corpus) documents += 1 + nested(document);
  let occurrences = 0;
  const holders = path === undefined ? corpus : (nestedCorpus(context, path) ?? []);
  for (const document of field.isIndexed ? holders : []) {
    const held = readTerms?.(document).terms ?? readValues(document).map(String);
    const seen = new Set<string>();
    for (const term of held) {
      const isNew = !seen.has(term);
      if (!isNew && !countsAll) continue;
      seen.add(term);
      const count = terms.get(term) ?? { documents: 0, occurrences: 0 };
      if (count.occurrences === 0) terms.set(term, count);
      if (isNew) count.documents++;
      count.occurrences++;
      occurrences++;
    }
  }
  return { terms, documents, occurrences };
}

/**
 * The terms near one, by likeness.
 *
 * @param size how many at most
 * @param compare the order in which the first are taken
 */
export function nearTerms(
  term: string,
  checker: SpellChecker,
  size: number,
  dictionary: Dictionary,
  compare: (a: NearTerm, b: NearTerm) => number = byLikeness,
): NearTerm[] {
  const { mode, maxTermFreq, minDocFreq, minWordLength } = checker;
  if (Array.from(term).length < minWordLength) return [];
  const { terms, documents } = dictionary;
  const own = terms.get(term)?.documents ?? 0;
  if (mode === "missing" && own > 0) return [];
  const most = maxTermFreq >= 1 ? maxTermFreq : Math.ceil(Math.fround(maxTermFreq) * documents);
  if (own > most) return [];
  const least =
    minDocFreq >= 1 ? minDocFreq : minDocFreq > 0 ? Math.trunc(minDocFreq * documents) - 1 : 0;
  const floor = Math.max(mode === "popular" ? own : 0, least);
  const inspections = size * checker.maxInspections;
  let found = within(term, 1, floor, checker, terms).slice(0, inspections);
  if (checker.maxEdits > 1 && found.length < inspections) {
    const known = new Set(found.map(({ text }) => text));
    const farther = within(term, 2, floor, checker, terms);
    found = [...found, ...farther.filter(({ text }) => !known.has(text)).slice(0, inspections)];
  }
  return found.sort(compare).slice(0, size);
}

function within(
  term: string,
  maxEdits: number,
  floor: number,
  { prefixLength, accuracy, distance }: SpellChecker,
  terms: ReadonlyMap<string, TermCount>,
): NearTerm[] {
  const prefix = term.slice(0, Math.max(prefixLength, maxEdits - 1));
  const found: NearTerm[] = [];
  for (const [text, { documents }] of terms) {
    if (documents <= floor || text === term || !text.startsWith(prefix)) continue;
    if (Math.abs(text.length - term.length) > maxEdits) continue;
    if (editDistance(term, text, true) > maxEdits) continue;
    const score = distance(term, text);
    if (score >= Math.fround(accuracy)) found.push({ text, score, freq: documents });
  }
  return found.sort(byLikeness);
}

/** The most alike first, then the most frequent, then by text. */
export function byLikeness(a: NearTerm, b: NearTerm): number {
  return b.score - a.score || b.freq - a.freq || (a.text < b.text ? -1 : 1);
}

/** Reads a number. @throws {EsError} 400 `number_format_exception` */
export function numeric(body: JsonObject, key: string, fallback: number): number {
  const text = textOf(body[key] ?? fallback);
  const value = text.trim() === "" ? NaN : Number(text);
  if (Number.isNaN(value))
    throw new EsError(400, "number_format_exception", `For input string: "${text}"`);
  return value;
}

/** Reads the name of a constant. @throws {EsError} 400 that names the `enumeration` */
export function constant<T extends string>(
  body: JsonObject,
  key: string,
  known: readonly [T, ...T[]],
  enumeration: string,
): T {
  const given = textOf(body[key] ?? known[0]);
  const found = known.find((one) => one === given.toLowerCase());
  if (found !== undefined) return found;
  throw illegalArgument(`No enum constant ${enumeration}.${given.toUpperCase()}`);
}

/** The order of corrections, by its name in a request. */
export function readSort(body: JsonObject): "score" | "frequency" {
  const enumeration = "org.elasticsearch.search.suggest.SortBy";
  return constant(body, "sort", ["score", "frequency"], enumeration);
}

/** How likeness is measured. @throws {EsError} 400 for a measure that does not exist */
export function readDistance(body: JsonObject): StringDistance {
  const name = textOf(body["string_distance"] ?? "internal").toLowerCase();
  const found = Object.hasOwn(stringDistances, name) ? stringDistances[name] : undefined;
  if (found !== undefined) return found;
  throw illegalArgument(`Illegal distance option ${name}`);
}
