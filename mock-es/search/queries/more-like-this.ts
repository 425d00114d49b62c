/** `more_like_this`: documents with the rare terms of others, or of texts. */
import { illegalArgument, notSupported, parsingException } from "../../es-error.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import { inHashOrder } from "../../text/hash-order.ts";
import { BoundedHeap } from "../../values/bounded-heap.ts";
import type { QueryExplanation, SearchContext, SearchDocument } from "../fields/document.ts";
import { createTermReader } from "../fields/document-terms.ts";
import { indexAnalyzerOf } from "../fields/field-analyzers.ts";
import { type Field, resolveField } from "../fields/field.ts";
import { nestedCorpus, nestedCounter, parentPathOf } from "../fields/nested-documents.ts";
import { createReader } from "../fields/reader.ts";
import { shardFailure } from "../problem.ts";
import { boostOf, type CompiledQuery, matchNone, minimumShouldMatch } from "./compiled-query.ts";
import { addTerms, type AskedFields, type Frequencies, termsOfAll } from "./liked-documents.ts";
import { boosted, combine, explanationOf } from "./compound-queries.ts";
import { explainBool } from "./explanation.ts";
import { queryShardFailure, inShard } from "./shard-problem.ts";
import { exactQuery } from "./term-query.ts";

const settingNames: ReadonlySet<string> = new Set(
  `fields like unlike max_query_terms min_term_freq min_doc_freq max_doc_freq min_word_length
  max_word_length stop_words analyzer minimum_should_match boost_terms include
  fail_on_unsupported_field boost _name`.split(/\s+/),
);

/** Which terms are taken. */
interface Selection {
  readonly maxQueryTerms: number;
  readonly minTermFrequency: number;
  readonly minDocumentFrequency: number;
  readonly maxDocumentFrequency: number;
  readonly minWordLength: number;
  readonly maxWordLength: number;
  readonly stopWords: ReadonlySet<string>;
  /** Terms of what the documents are to be unlike, by field. */
  readonly skipped: ReadonlyMap<string, ReadonlySet<string>>;
  /** Factor for terms by their rarity; 0: all count the same. */
  readonly boostTerms: number;
}

/** `more_like_this`. */
export function parseMoreLikeThis(body: JsonObject, context: SearchContext): CompiledQuery {
  for (const key of Object.keys(body)) {
    if (!settingNames.has(key))
      throw parsingException(`[mlt] query does not support [${key}]`).at(body, key);
    if (key === "analyzer" && typeof body[key] === "object" && body[key] !== null)
      throw parsingException(`[mlt] query does not support [${key}]`).at(body, key);
  }
  const { fields: given, like } = body;
  if (Array.isArray(given) && given.length === 0) {
    const reason = "more_like_this requires 'fields' to be non-empty";
    throw parsingException(reason).at(body, undefined, "end");
  }
  if (like === undefined) {
    const reason = "more_like_this requires 'like' to be specified";
    throw parsingException(reason).at(body, undefined, "end");
  }
  if (Number(body["max_query_terms"] ?? 25) <= 0)
    throw illegalArgument("requires 'maxQueryTerms' to be greater than 0");
  const boost = boostOf("more_like_this", body);
  const fields = fieldsOf(body, context);
  const liked = split(like);
  const unlike = split(body["unlike"]);
  if (fields.isDefault && liked.texts.length > 0) {
    const reason =
      "[more_like_this] query cannot infer the field to analyze the free text, you should update the [index.query.default_field] index setting to a field that exists in the mapping or set the [fields] option in the query.";
    throw queryShardFailure(context, "illegal_argument_exception", reason);
  }
  if (fields.names.length === 0) return matchNone;
  // A shard that selects no terms does not count for the others.
  if (context.statistics !== undefined && context.isScored)
    throw notSupported("[more_like_this] with [dfs_query_then_fetch] over several shards");
  // The server looks at documents to be unlike only beside others to be like.
  const skipped = termsOfAll(liked.items.length > 0 ? unlike.items : [], fields, context);
  addTexts(skipped, unlike.texts, body, fields, context);
  const selection = readSelection(body, skipped);
  const parts: CompiledQuery[] = [];
  if (liked.items.length > 0) {
    const terms = termsOfAll(liked.items, fields, context);
    const chosen = [...terms].map((own) => selectFrom(new Map([own]), selection, context));
    parts.push(asQuery(chosen.flat(), selection, body, context));
  }
  if (liked.texts.length > 0) {
    const terms: Frequencies = new Map();
    addTexts(terms, liked.texts, body, fields, context);
    const [name = ""] = fields.names;
    // What is skipped is skipped in the field that the text is analysed for.
    for (const term of selection.skipped.get(name) ?? []) terms.get(name)?.delete(term);
    const all = { ...selection, skipped: new Map<string, ReadonlySet<string>>() };
    const chosen = selectFrom(inCommonest(terms, fields, context), all, context);
    parts.push(asQuery(chosen, selection, body, context));
  }
  const ids = new Set(
    liked.items.flatMap((item) => (item["_id"] === undefined ? [] : [textOf(item["_id"])])),
  );
  const excludes =
    body["include"] === true || ids.size === 0
      ? []
      : [(document: SearchDocument) => (ids.has(document.id) ? 1 : -1)];
  const explained = (): QueryExplanation | undefined =>
    excludes.length > 0 ? undefined : explainBool({ should: parts.map(explanationOf) });
  return boosted(combine([], [], parts, excludes, 1, explained), boost);
}

function fieldsOf(body: JsonObject, context: SearchContext): AskedFields {
  const { minimum_should_match: minimum } = body;
  if (Array.isArray(minimum) || isObject(minimum))
    throw parsingException("[mlt] query does not support [minimum_should_match]").at(
      body,
      "minimum_should_match",
    );
  const given = body["fields"];
  if (given !== undefined && !Array.isArray(given))
    throw body["fields"] === null
      ? notSupported("[fields] that are null in [more_like_this]")
      : parsingException("[mlt] query does not support [fields]").at(body, "fields");
  const { defaultFields } = context.limits;
  const isDefault = given === undefined && defaultFields.includes("*");
  const names = isDefault
    ? [...(context.mappings.fieldNames?.() ?? [])]
    : given === undefined
      ? defaultFields
      : (given as readonly unknown[]).map(textOf);
  const isStrict = textOf(body["fail_on_unsupported_field"] ?? true) !== "false";
  const usable = names.filter((name) => {
    const field = resolveField(context, name);
    if (field === undefined) return !isDefault;
    if (field.kind === "text" || field.kind === "keyword") return true;
    if (isStrict && !isDefault) {
      const reason = `more_like_this only supports text/keyword fields: [${name}]`;
      throw queryShardFailure(context, "illegal_argument_exception", reason);
    }
    return false;
  });
  return { names: usable, isDefault };
}

/** Texts, and documents: stored ones or artificial ones. */
interface Given {
  readonly texts: readonly string[];
  readonly items: readonly JsonObject[];
}

function split(like: unknown): Given {
  const list =
    like === undefined ? [] : Array.isArray(like) ? (like as readonly unknown[]) : [like];
  return {
    texts: list.filter((each) => !isObject(each)).map(textOf),
    items: list.filter(isObject),
  };
}

/** Texts are taken for ones of the first field. */
function addTexts(
  found: Frequencies,
  texts: readonly string[],
  body: JsonObject,
  { names: [name] }: AskedFields,
  context: SearchContext,
): void {
  if (texts.length === 0 || name === undefined) return;
  // An analyzer that is not there is passed over.
  const given = context.mappings.analysis?.analyzer(textOf(body["analyzer"] ?? ""));
  const field = resolveField(context, name);
  if (field === undefined && given === undefined)
    throw shardFailure(
      context.index,
      "illegal_argument_exception",
      `No analyzer configured for field ${name}`,
    );
  const analyzer = given ?? (field === undefined ? undefined : indexAnalyzerOf(field));
  if (analyzer === undefined) return;
  for (const text of texts)
    addTerms(
      found,
      name,
      analyzer.analyze(text).map(({ term }) => term),
    );
}

/** Terms of texts, each in the field that most documents have it in. */
function inCommonest(
  terms: Frequencies,
  { names }: AskedFields,
  context: SearchContext,
): Frequencies {
  const [frequencies = new Map<string, number>()] = terms.values();
  const [first = ""] = names;
  const wanted = new Set(frequencies.keys());
  const counted = names.flatMap((name) => {
    const field = resolveField(context, name);
    return field === undefined ? [] : [{ name, ...countDocuments(field, wanted, context) }];
  });
  const found: Frequencies = new Map([[first, new Map<string, number>()]]);
  for (const [term, frequency] of frequencies) {
    let best = { name: first, count: 0 };
    for (const { name, counts } of counted) {
      const count = counts.get(term) ?? 0;
      if (count > best.count) best = { name, count };
    }
    let own = found.get(best.name);
    if (own === undefined) found.set(best.name, (own = new Map<string, number>()));
    own.set(term, frequency);
  }
  return found;
}

function readSelection(body: JsonObject, skipped: Frequencies): Selection {
  const number = (name: string, fallback: number): number => Number(body[name] ?? fallback);
  const words = body["stop_words"];
  return {
    maxQueryTerms: number("max_query_terms", 25),
    minTermFrequency: number("min_term_freq", 2),
    minDocumentFrequency: number("min_doc_freq", 5),
    maxDocumentFrequency: number("max_doc_freq", 2_147_483_647),
    minWordLength: number("min_word_length", 0),
    maxWordLength: number("max_word_length", 0),
    stopWords: new Set(Array.isArray(words) ? (words as readonly unknown[]).map(textOf) : []),
    skipped: new Map([...skipped].map(([name, counts]) => [name, new Set(counts.keys())])),
    boostTerms: number("boost_terms", 0),
  };
}

interface Scored {
  readonly field: Field;
  readonly term: string;
  readonly score: number;
}

/** A term that was chosen, with what it counts more than the least telling one. */
interface Chosen extends Scored {
  readonly factor: number;
}

/** A query for the terms that were chosen. */
function asQuery(
  chosen: readonly Chosen[],
  selection: Selection,
  body: JsonObject,
  context: SearchContext,
): CompiledQuery {
  const clauses = chosen.map(({ field, term, factor }) =>
    exactQuery(context, field, term, selection.boostTerms > 0 ? factor : 1),
  );
  if (clauses.length === 0) return matchNone;
  const required = inShard(context, () =>
    minimumShouldMatch(body["minimum_should_match"] ?? "30%", clauses.length),
  );
  const minimum = required > 1 ? required : 0;
  return combine([], [], clauses, [], Math.max(1, required), () =>
    explainBool({ should: clauses.map(explanationOf), minimum }),
  );
}

/** The most telling terms by tf-idf, over all the fields that are given. */
function selectFrom(terms: Frequencies, selection: Selection, context: SearchContext): Chosen[] {
  const { minWordLength, maxWordLength, stopWords } = selection;
  const isNoise = (name: string, term: string): boolean =>
    (minWordLength > 0 && term.length < minWordLength) ||
    (maxWordLength > 0 && term.length > maxWordLength) ||
    stopWords.has(term) ||
    selection.skipped.get(name)?.has(term) === true;
  const candidates = new Map<string, Scored>();
  let words = 0;
  for (const [name, frequencies] of terms) {
    const field = resolveField(context, name);
    if (field === undefined) continue;
    const wanted = [...frequencies.keys()].filter((term) => !isNoise(name, term));
    words += wanted.length;
    const { total, counts } = countDocuments(field, new Set(wanted), context);
    for (const term of wanted) {
      const frequency = frequencies.get(term) ?? 0;
      const documents = counts.get(term) ?? 0;
      if (frequency < selection.minTermFrequency || documents === 0) continue;
      if (documents < selection.minDocumentFrequency || documents > selection.maxDocumentFrequency)
        continue;
      const idf = Math.fround(Math.log((total + 1) / (documents + 1)) + 1);
      candidates.set(term, { field, term, score: Math.fround(frequency * idf) });
    }
  }
  const heap = new BoundedHeap<Scored>(
    Math.min(selection.maxQueryTerms, words),
    (a, b) => a.score < b.score,
  );
  for (const term of inHashOrder([...candidates.keys()])) {
    const candidate = candidates.get(term);
    if (candidate !== undefined) heap.offer(candidate);
  }
  const chosen = heap.drain();
  const least = chosen[0]?.score ?? 1;
  return chosen.map((each) => ({
    ...each,
    factor: Math.fround(Math.fround(selection.boostTerms * each.score) / least),
  }));
}

/** In how many documents terms are; nested objects are documents, too. */
function countDocuments(
  field: Field,
  wanted: ReadonlySet<string>,
  context: SearchContext,
): { readonly total: number; readonly counts: ReadonlyMap<string, number> } {
  const { corpus = [], mappings } = context;
  const counts = new Map<string, number>();
  const own = { ...field, isReachable: true };
  const readTerms = field.kind === "text" ? createTermReader(own) : undefined;
  const readValues = createReader(own);
  const path = field.isReachable ? undefined : parentPathOf(mappings, field.name);
  const holders = path === undefined ? corpus : (nestedCorpus(context, path) ?? []);
  // What is not indexed has no terms.
  for (const document of field.isIndexed ? holders : []) {
    const terms = readTerms?.(document).terms ?? readValues(document).map(String);
    for (const term of new Set(terms))
      if (wanted.has(term)) counts.set(term, (counts.get(term) ?? 0) + 1);
  }
  const nested = nestedCounter(mappings);
  let total = 0;
  for (const document of corpus) total += 1 + nested(document);
  return { total, counts };
}
