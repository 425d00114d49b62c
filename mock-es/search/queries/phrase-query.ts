/** Phrases, whole ones and those that end with the beginning of a term. */
import { notSupported } from "../../es-error.ts";
import type { JsonObject } from "../../json/json-value.ts";
import type { QueryExplanation, SearchContext } from "../fields/document.ts";
import { type Field, scoresAlike } from "../fields/field.ts";
import { termsOf } from "../fields/term-dictionary.ts";
import { constantScore, matchNone, numberOf, type CompiledQuery } from "./compiled-query.ts";
import { boosted, combine, explanationOf } from "./compound-queries.ts";
import { explainBool } from "./explanation.ts";
import { areIndexed, PrefixOccurrence } from "./indexed-prefix.ts";
import { type PhrasePlace, PhraseOccurrence } from "./phrase.ts";
import { queryShardFailure } from "./shard-problem.ts";
import { exactQuery, scoredQuery, TextOccurrence } from "./term-query.ts";
import type { Occurrence } from "./term-statistics.ts";

export function termsQuery(
  field: Field,
  terms: readonly string[],
  context: SearchContext,
  boost: number,
): CompiledQuery {
  if (terms.length > 1 && scoresAlike(field))
    throw notSupported("several terms in one place of a [match_only_text]");
  return terms.length === 1
    ? exactQuery(context, field, terms[0], boost)
    : scoredQuery(context, synonyms(field, terms), boost);
}

/** Several terms that count as one: the commonest of them decides their rarity. */
function synonyms(field: Field, terms: readonly string[]): Occurrence {
  const all = new TextOccurrence(field, terms);
  return {
    parts: terms.map((term) => new TextOccurrence(field, [term])),
    rarity: "commonest",
    visit: (document) => all.visit(document),
    get totalTerms() {
      return all.totalTerms;
    },
    get length() {
      return all.length;
    },
  };
}

/** `match_phrase`, or `match_phrase_prefix`, on a text field. */
export function phraseClause(
  mode: "match_phrase" | "match_phrase_prefix",
  field: Field,
  places: readonly PhrasePlace[],
  settings: JsonObject,
  context: SearchContext,
  boost: number,
): CompiledQuery {
  const slop = numberOf(settings["slop"] ?? 0);
  const isPrefix = mode === "match_phrase_prefix";
  if (isPrefix) requirePositions(field, context, places.length);
  if (isPrefix && slop === 0 && areIndexed(field, places.at(-1)?.terms ?? []))
    return indexedPrefix(field, places, context, boost);
  const expanded = isPrefix ? expandLast(field, places, settings, context) : places;
  if (expanded === undefined) return matchNone;
  const [only] = expanded;
  if (expanded.length === 1 && only !== undefined && !isPrefix)
    return termsQuery(field, only.terms, context, boost);
  if (expanded.length === 1 && only !== undefined && only.prefix === undefined) {
    // Of one place, any of its terms matches, and each of them scores.
    const each = only.terms.map((term) => exactQuery(context, field, term, 1));
    const [first] = each;
    if (first !== undefined && each.length === 1) return boosted(first, boost);
    const should = (): QueryExplanation | undefined =>
      explainBool({ should: each.map(explanationOf) });
    return boosted(combine([], [], each, [], 1, should), boost);
  }
  requirePositions(field, context, expanded.length);
  const occurrence = new PhraseOccurrence(field, { places: expanded, slop });
  const isPlain = expanded.every(({ position, prefix }, at) => {
    return position === at && prefix === undefined;
  });
  const written = (): string => {
    const words = expanded.map(({ terms }) =>
      terms.length === 1 ? (terms[0] ?? "") : `(${terms.join(" ")})`,
    );
    return `${field.name}:"${words.join(" ")}"${slop > 0 ? `~${slop}` : ""}`;
  };
  if (scoresAlike(field)) return constantScore((document) => occurrence.visit(document) > 0, boost);
  return scoredQuery(context, occurrence, boost, isPlain ? written : undefined);
}

/** A phrase whose end is looked up among the beginnings of terms that the field indexes. */
function indexedPrefix(
  field: Field,
  places: readonly PhrasePlace[],
  context: SearchContext,
  boost: number,
): CompiledQuery {
  const last = places.at(-1);
  const [prefix = "", other] = last?.terms ?? [];
  if (other !== undefined) throw notSupported("several terms at the end of a phrase of a prefix");
  const end = new PrefixOccurrence(field, prefix);
  const written = (): string => `${field.name}._index_prefix:${prefix}`;
  if (last === undefined || places.length === 1) return scoredQuery(context, end, boost, written);
  const before = places.slice(0, -1);
  const phrase = new PhraseOccurrence(field, { places: [...before, { ...last, prefix }], slop: 0 });
  const parts = [...new PhraseOccurrence(field, { places: before, slop: 0 }).parts, end];
  const rarity = { parts, totalTerms: 0, length: 0, visit: () => 0 };
  return scoredQuery(context, phrase, boost, undefined, rarity);
}

/** Refuses a phrase of several places in a field without positions. @throws {EsError} */
export function requirePositions(field: Field, context: SearchContext, places: number): void {
  if (places < 2 || (field.isIndexed && field.analysis?.hasPositions !== false)) return;
  const reason = `field:[${field.name}] was indexed without position data; cannot run PhraseQuery`;
  throw queryShardFailure(context, "illegal_argument_exception", reason);
}

/** The last term stands for the first `max_expansions` terms that begin with it. */
function expandLast(
  field: Field,
  places: readonly PhrasePlace[],
  settings: JsonObject,
  context: SearchContext,
): PhrasePlace[] | undefined {
  const last = places.at(-1);
  if (last === undefined) return undefined;
  const begins = (text: string): boolean => last.terms.some((term) => text.startsWith(term));
  const most = Number(settings["max_expansions"] ?? 50);
  const terms = termsOf(context, field, begins)?.slice(0, most);
  if (terms === undefined) {
    return [...places.slice(0, -1), { ...last, prefix: last.terms[0] ?? "" }];
  }
  return terms.length === 0 ? undefined : [...places.slice(0, -1), { ...last, terms }];
}
