/** `combined_fields`: several text fields, searched as if they were one. */
import { illegalArgument, notSupported, xContentParseException } from "../../es-error.ts";
import { type JsonObject, textOf, tokenOf } from "../../json/json-value.ts";
import type { SearchContext, SearchDocument } from "../fields/document.ts";
import { parentPathOf } from "../fields/nested-documents.ts";
import { searchAnalyzerOf } from "../fields/field-analyzers.ts";
import { type Field, resolveField, scoresAlike } from "../fields/field.ts";
import { boostOf, type CompiledQuery, matchNone, minimumShouldMatch } from "./compiled-query.ts";
import { boosted, combine, matchAll } from "./compound-queries.ts";
import { patternFields } from "./weighted-fields.ts";
import { queryShardFailure, inQuery } from "./shard-problem.ts";
import { scoredQuery, TextOccurrence } from "./term-query.ts";
import { type Occurrence, type Statistics, storedLength } from "./term-statistics.ts";
import { placesOf } from "./text-queries.ts";
import { atCollect } from "../faults.ts";
import { createTermReader } from "../fields/document-terms.ts";
import { checkKnown } from "../known-members.ts";
import { shardFailure } from "../problem.ts";
import { isTextOrNumber } from "./member-values.ts";

const settingNames =
  "query fields operator minimum_should_match zero_terms_query auto_generate_synonyms_phrase_query boost _name".split(
    " ",
  );

interface Weighted {
  readonly field: Field;
  readonly weight: number;
}

/** @throws {EsError} where some of the fields have norms, and others none */
function checkNorms(fields: readonly Weighted[], context: SearchContext): void {
  const corpus = [...(context.corpus ?? [])];
  const norms = new Set<boolean>();
  for (const { field } of fields) {
    const isStored = String(field.parameters["store"]) === "true";
    if (!field.isIndexed && !isStored) continue;
    const read = createTermReader(field);
    const isThere = corpus.some((document) => read(document).terms.length > 0);
    if (!isThere && context.nestedPath === undefined) continue;
    norms.add(field.isIndexed && field.analysis?.hasNorms !== false);
    // What is stored only can have none, and has not left them out either.
    if (!field.isIndexed) norms.add(true);
  }
  if (norms.size < 2) return;
  if (context.nestedPath !== undefined)
    throw notSupported("[combined_fields] in [nested] of fields with and without norms");
  const reason =
    "CombinedFieldQuery requires norms to be consistent across fields: some fields cannot  have norms enabled, while others have norms disabled";
  throw atCollect(shardFailure(context.index, "illegal_argument_exception", reason));
}

/** `combined_fields`. */
export function parseCombinedFields(body: JsonObject, context: SearchContext): CompiledQuery {
  checkKnown("combined_fields", body, settingNames);
  const boost = boostOf("combined_fields", body);
  const given = namesOf(body);
  if (body["query"] === undefined) throw illegalArgument("Required [query]");
  const fields = resolveAll(given, context);
  const [first] = fields;
  if (first === undefined) return matchNone;
  if (fields.length === 1 && first.weight !== 1)
    throw notSupported("[combined_fields] over one field with a weight");
  if (fields.some(({ field }) => scoresAlike(field)))
    throw notSupported("[combined_fields] of a [match_only_text]");
  if (fields.some(({ field }) => field.parameters["similarity"] !== undefined)) {
    const reason = "[combined_fields] queries cannot be used with per-field similarities";
    throw queryShardFailure(context, "illegal_argument_exception", reason);
  }
  if (fields.some(({ field }) => parentPathOf(context.mappings, field.name) !== context.nestedPath))
    throw notSupported("[combined_fields] over nested objects and what is around them");
  checkNorms(fields, context);
  const analyzer = searchAnalyzerOf(first.field);
  if (fields.some(({ field }) => searchAnalyzerOf(field) !== analyzer)) {
    const reason = "All fields in [combined_fields] query must have the same search analyzer";
    throw queryShardFailure(context, "illegal_argument_exception", reason);
  }
  // A shard without the terms does not count for the others.
  if (context.statistics !== undefined && context.isScored)
    throw notSupported("[combined_fields] with [dfs_query_then_fetch] over several shards");
  const places = placesOf(analyzer, textOf(body["query"]));
  if (places.length === 0)
    return textOf(body["zero_terms_query"] ?? "none").toLowerCase() === "all"
      ? matchAll(boost)
      : matchNone;
  const indexed = fields.filter(({ field }) => field.isIndexed);
  if (indexed.length === 0) return matchNone;
  const clauses = places.map(({ terms }) =>
    scoredQuery(context, new CombinedOccurrence(indexed, terms), 1),
  );
  const [only] = clauses;
  if (only !== undefined && clauses.length === 1) return boosted(only, boost);
  const isAnd = textOf(body["operator"] ?? "or").toLowerCase() === "and";
  const minimum = body["minimum_should_match"] ?? undefined;
  if (minimum !== undefined && !isTextOrNumber(minimum)) {
    const reason = `[combined_fields] minimum_should_match doesn't support values of type: ${tokenOf(minimum)}`;
    throw xContentParseException(reason).at(body, "minimum_should_match");
  }
  const leastOf = (optional: number): number =>
    inQuery(context, () => minimumShouldMatch(minimum, optional));
  // Of no optional clauses a number cannot match.
  if (isAnd && minimum !== undefined && leastOf(0) > 0) return matchNone;
  const required = minimum === undefined ? 1 : Math.max(1, leastOf(clauses.length));
  const all = isAnd ? combine(clauses, [], [], [], 0) : combine([], [], clauses, [], required);
  return boosted(all, boost);
}

function namesOf(body: JsonObject): readonly { readonly name: string; readonly weight: number }[] {
  const { fields } = body;
  if (fields !== undefined && !Array.isArray(fields))
    throw notSupported("[fields] that are no list in [combined_fields]");
  const list = Array.isArray(fields) ? (fields as readonly unknown[]) : [];
  return list.map((entry) => {
    const [name = "", weight = "1"] = textOf(entry).split("^");
    if (Number(weight) >= 1) return { name, weight: Math.fround(Number(weight)) };
    throw xContentParseException("[combined_fields] failed to parse field [fields]", {
      caused_by: {
        type: "illegal_argument_exception",
        reason: "[combined_fields] requires field boosts to be >= 1.0",
      },
    }).at(list, undefined, "end");
  });
}

function resolveAll(given: ReturnType<typeof namesOf>, context: SearchContext): Weighted[] {
  const refuse = (reason: string): Error =>
    queryShardFailure(context, "illegal_argument_exception", reason);
  if (given.length === 0)
    throw refuse("In [combined_fields] query, at least one field must be provided");
  return given.flatMap(({ name, weight }) => {
    const names = name.includes("*") ? patternFields(name, context) : [name];
    return names.flatMap((each): Weighted[] => {
      const field = resolveField(context, each);
      if (field === undefined || field.kind === "object" || field.kind === "nested") return [];
      if (field.kind !== "text") {
        const reason = `Field [${each}] of type [${field.type}] does not support [combined_fields] queries`;
        throw refuse(reason);
      }
      return [{ field, weight }];
    });
  });
}

/** Occurrences of a term in several fields, weighted (BM25F, Lucene's CombinedFieldQuery). */
class CombinedOccurrence implements Occurrence {
  totalTerms = 0;
  length = 0;
  readonly #parts: readonly { readonly weight: number; readonly occurrence: TextOccurrence }[];
  readonly #hasNorms: boolean;

  constructor(fields: readonly Weighted[], terms: readonly string[]) {
    this.#parts = fields.map(({ field, weight }) => ({
      weight,
      occurrence: new TextOccurrence(field, terms),
    }));
    this.#hasNorms = fields.some(({ field }) => field.analysis?.hasNorms !== false);
  }

  visit(document: SearchDocument): number {
    let frequency = 0;
    let length = 0;
    for (const { weight, occurrence } of this.#parts) {
      frequency = Math.fround(frequency + weight * occurrence.visit(document));
      if (occurrence.totalTerms > 0)
        length = Math.fround(length + weight * storedLength(occurrence.length));
    }
    if (!this.#hasNorms) this.length = 1;
    else if (this.#parts.length === 1) this.length = this.#parts[0]?.occurrence.length ?? 0;
    else this.length = Math.round(length);
    return frequency;
  }

  /** The field with the most documents, and with the most that hold the term, counts for all. */
  gather(corpus: Iterable<SearchDocument>): Statistics {
    const counts = this.#parts.map(() => ({ documents: 0, terms: 0, matching: 0 }));
    for (const document of corpus) {
      for (const [at, { occurrence }] of this.#parts.entries()) {
        const count = counts[at];
        if (count === undefined) continue;
        if (occurrence.visit(document) > 0) count.matching++;
        if (occurrence.totalTerms > 0) count.documents++;
        count.terms += occurrence.totalTerms;
      }
    }
    return {
      documents: Math.max(...counts.map(({ documents }) => documents)),
      terms: Math.trunc(
        counts.reduce((sum, { terms }, at) => sum + terms * (this.#parts[at]?.weight ?? 1), 0),
      ),
      matching: [Math.max(...counts.map(({ matching }) => matching))],
    };
  }
}
