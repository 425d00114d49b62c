/** `percolate`: stored queries that match given documents. */
import { EsError, illegalArgument, notSupported, parsingException } from "../../es-error.ts";
import { toTexts } from "../../json/coerce.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import type {
  FieldMappings,
  ScoringQuery,
  SearchContext,
  SearchDocument,
} from "../fields/document.ts";
import { resolveField } from "../fields/field.ts";
import { collectRaw } from "../fields/reader.ts";
import {
  boostOf,
  type Compile,
  type CompiledQuery,
  type NamedQuery,
  NO_MATCH,
} from "./compiled-query.ts";
import { boosted } from "./compound-queries.ts";
import { queryShardRefusal, requireExpensive } from "./shard-problem.ts";

const members =
  "field document documents index id routing preference version name boost _name".split(" ");

/** `percolate`. */
export function parsePercolate(
  body: JsonObject,
  context: SearchContext,
  compile: Compile,
): CompiledQuery {
  requireExpensive(context, "[percolate] queries");
  for (const key of Object.keys(body))
    if (!members.includes(key))
      throw parsingException(`[percolate] query does not support [${key}]`).at(body, key);
  if (body["field"] === undefined) throw illegalArgument("[field] is a required argument");
  const name = textOf(body["field"]);
  const boost = boostOf("percolate", body);
  const sources = sourcesOf(body, context);
  const field = resolveField(context, name);
  if (field === undefined) throw queryShardRefusal(context, `field [${name}] does not exist`);
  if (field.type !== "percolator")
    throw queryShardRefusal(
      context,
      `expected field [${name}] to be of type [percolator], but is of type [${field.type}]`,
    );
  const documents = sources.map((source): SearchDocument => {
    const write = Number.MAX_SAFE_INTEGER; // every field is indexed already
    return { index: context.index, id: "", source, seqNo: 0, version: 0, primaryTerm: 1, write };
  });
  const inside = insideOf(context, documents);
  const [path = []] = field.places.map((place) => place.path);
  const known = new WeakMap<SearchDocument, Percolated>();
  const percolated = (stored: SearchDocument): Percolated => {
    let found = known.get(stored);
    if (found === undefined) {
      const raw: unknown[] = [];
      collectRaw(stored.source, path, 0, raw);
      const named: NamedQuery[] = [];
      const onNamed = (given: string, query: ScoringQuery): void =>
        void named.push({ name: given, query });
      const queries = raw
        .filter(isObject)
        .map((query) => compile(query, { ...inside, onNamed }).score);
      const scores = documents.map((document) =>
        queries.reduce((best, score) => Math.max(best, score(document)), NO_MATCH),
      );
      const order = raw.flatMap(namesIn);
      named.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
      known.set(stored, (found = { scores, named }));
    }
    return found;
  };
  const suffix = body["name"] === undefined ? "" : `_${textOf(body["name"])}`;
  context.onShown?.((document, fields) => {
    const { scores, named } = percolated(document);
    const slots = scores.flatMap((score, at) => (score === NO_MATCH ? [] : [at]));
    const name = `_percolator_document_slot${suffix}`;
    if (slots.length > 0) fields[name] = slots;
    for (const slot of slots) {
      const matched = namesThatMatch(named, documents[slot]);
      if (matched.length > 0) fields[`${name}_${slot}_matched_queries`] = matched;
    }
  });
  const score = (document: SearchDocument): number =>
    Math.max(NO_MATCH, ...percolated(document).scores);
  return boosted({ score, isConstant: false }, boost);
}

/** What a stored query makes of the documents. */
interface Percolated {
  /** The score of each of them. */
  readonly scores: readonly number[];
  /** Parts of the query that have names. */
  readonly named: readonly NamedQuery[];
}

/** Clauses of a `bool` in the order in which the server makes queries of them. */
const clauses = ["must", "must_not", "should", "filter"];

/** The names of the parts of a query, in the order in which the server comes to them. */
function namesIn(query: unknown): readonly string[] {
  if (Array.isArray(query)) return query.flatMap(namesIn);
  if (!isObject(query)) return [];
  const members = Object.entries(query).sort(([a], [b]) => clauses.indexOf(a) - clauses.indexOf(b));
  return members.flatMap(([key, inner]) =>
    key === "_name" && typeof inner === "string" ? [inner] : namesIn(inner),
  );
}

function namesThatMatch(
  named: readonly NamedQuery[],
  document: SearchDocument | undefined,
): readonly string[] {
  if (document === undefined) return [];
  const matching = named.filter(({ query }) => query.score(document) !== NO_MATCH);
  return [...new Set(matching.map(({ name }) => name))];
}

/** What the stored queries are compiled with: the given documents are all that there is. */
function insideOf(context: SearchContext, documents: readonly SearchDocument[]): SearchContext {
  const { onNamed: _named, onInner: _inner, onShown: _shown, ...plain } = context;
  // The index that the server makes of the documents weighs terms without BM25's factor k1 + 1.
  return { ...plain, corpus: documents, statistics: undefined, termFactor: 1 / 2.2 };
}

function sourcesOf(body: JsonObject, context: SearchContext): readonly unknown[] {
  const { document, documents, index, id } = body;
  if (document !== undefined && documents !== undefined)
    throw notSupported("[document] and [documents] in one [percolate]");
  if (document !== undefined) return [document];
  if (Array.isArray(documents) && documents.length > 0) return documents as readonly unknown[];
  if (index === undefined) throw illegalArgument("[index] is a required argument");
  if (id === undefined) throw illegalArgument("[id] is a required argument");
  if (context.fetchSource === undefined) throw notSupported("[percolate] of a document here");
  const routing = body["routing"] === undefined ? undefined : textOf(body["routing"]);
  const source = context.fetchSource(textOf(index), textOf(id), routing);
  if (source !== undefined) return [source];
  const reason = `indexed document [${textOf(index)}/${textOf(id)}] couldn't be found`;
  throw new EsError(404, "resource_not_found_exception", reason);
}

/** Clauses whose queries name documents, or the time, anew whenever they are asked. */
const notStored = new Set("has_child has_parent percolate".split(" "));

/**
 * Checks a query that is to be stored: it compiles, and its fields are mapped.
 *
 * @returns the reason for which it is refused; `undefined` for none
 */
export function storedQueryProblem(
  query: JsonObject,
  mappings: FieldMappings,
  compile: (mappings: FieldMappings) => void,
): string | undefined {
  const [name = ""] = Object.keys(query);
  if (notStored.has(name)) return `the [${name}] query is unsupported inside a percolator query`;
  const missed = new Set<string>();
  compile({
    sourceParts: mappings.sourceParts,
    hiddenFields: mappings.hiddenFields,
    ignoresAbove: mappings.ignoresAbove,
    ...(mappings.analysis === undefined ? {} : { analysis: mappings.analysis }),
    fieldNames: () => mappings.fieldNames?.() ?? [],
    copiedTo: (field) => mappings.copiedTo?.(field) ?? [],
    find: (field) => {
      const found = mappings.find(field);
      if (found === undefined) missed.add(field);
      return found;
    },
  });
  const asked = new Set(namedFields(query));
  const unmapped = [...missed].find((field) => asked.has(field));
  return unmapped === undefined
    ? undefined
    : `No field mapping can be found for the field with name [${unmapped}]`;
}

/** All names and texts in a query, among which are those of its fields. */
function namedFields(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(namedFields);
  if (!isObject(value)) return toTexts(value).map((text) => text.split("^")[0] ?? "");
  return Object.entries(value).flatMap(([key, inner]) => [key, ...namedFields(inner)]);
}

/** True for a query that has one of a name in it. */
export function holdsQuery(query: unknown, name: string): boolean {
  if (Array.isArray(query)) return query.some((each) => holdsQuery(each, name));
  if (!isObject(query)) return false;
  return Object.entries(query).some(([key, inner]) => {
    return (key === name && isObject(inner)) || holdsQuery(inner, name);
  });
}
