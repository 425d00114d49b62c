/** Terms that are nearly those of a query. */
import { illegalArgument } from "../../es-error.ts";
import { type JsonObject, textOf } from "../../json/json-value.ts";
import { editDistance } from "../../text/edit-distance.ts";
import type { SearchContext } from "../fields/document.ts";
import { type Field, scoresAlike } from "../fields/field.ts";
import { termsOf } from "../fields/term-dictionary.ts";
import { anyText } from "./any-text.ts";
import { booleanSetting } from "./clause.ts";
import { matchNone, numberOf, type CompiledQuery, NO_MATCH } from "./compiled-query.ts";
import { occurrenceOf } from "./term-query.ts";
import { createTermScorer, type Occurrence } from "./term-statistics.ts";

/** How far from a term others may be. */
export interface FuzzyOptions {
  /** `0`, `1`, `2`, or `AUTO[:low,high]` by the length of the term. */
  readonly fuzziness: unknown;
  /** Leading characters that have to be equal. */
  readonly prefixLength: number;
  /** Terms that are looked for at most: the nearest ones. */
  readonly maxExpansions: number;
  /** Two neighbours that have changed places count as one edit. */
  readonly transpositions: boolean;
}

/**
 * Reads the settings of a fuzzy clause; `name` is what the setting for transpositions is called.
 */
export function fuzzyOptions(settings: JsonObject, name = "fuzzy_transpositions"): FuzzyOptions {
  editsOf(settings["fuzziness"], "");
  return {
    fuzziness: settings["fuzziness"] ?? "AUTO",
    prefixLength: numberOf(settings["prefix_length"] ?? 0),
    maxExpansions: numberOf(settings["max_expansions"] ?? 50),
    transpositions: booleanSetting(settings, name, true),
  };
}

/** A term that is nearly that of a query. */
export interface NearTerm {
  readonly term: string;
  /** 1 for the term itself, less the farther it is. */
  readonly weight: number;
}

/** What a fuzzy term stands for. */
export interface NearTerms {
  /** In the order of terms. */
  readonly terms: readonly NearTerm[];
  /** The commonest of them decides how rare each is. */
  readonly rarity: Occurrence;
}

/** The terms near one in a shard; `undefined` where its terms are not known. */
export function nearTerms(
  context: SearchContext,
  field: Field,
  term: string,
  options: FuzzyOptions,
): NearTerms | undefined {
  const weightOf = createWeight(term, options);
  const known = termsOf(context, field, (candidate) => weightOf(candidate) >= 0);
  if (known === undefined) return undefined;
  const terms: NearTerm[] = known
    .map((candidate) => ({ term: candidate, weight: weightOf(candidate) }))
    .sort((a, b) => b.weight - a.weight || (a.term < b.term ? -1 : 1))
    .slice(0, options.maxExpansions)
    .sort((a, b) => (a.term < b.term ? -1 : 1));
  const rarity: Occurrence = {
    parts: terms.map((near) => occurrenceOf(field, near.term)),
    rarity: "commonest",
    visit: () => 0,
    totalTerms: 0,
    length: 0,
  };
  return { terms, rarity };
}

/**
 * The query for a term and those near it. Each of them scores by the commonest one's rarity, less
 * the farther it is (Lucene's TopTermsBlendedFreqScoringRewrite).
 */
export function fuzzyQuery(
  context: SearchContext,
  field: Field,
  term: string,
  options: FuzzyOptions,
  boost: number,
): CompiledQuery {
  const near = nearTerms(context, field, term, options);
  if (near === undefined) {
    const weightOf = createWeight(term, options);
    return anyText(field, (text) => weightOf(text) >= 0, boost);
  }
  const { terms, rarity } = near;
  if (terms.length === 0) return matchNone;
  if (!field.isIndexed || scoresAlike(field)) {
    const wanted = new Set(terms.map((each) => each.term));
    return anyText(field, (text) => wanted.has(text), boost);
  }
  const scorers = terms.map((each) => {
    const weight = Math.fround(boost * each.weight);
    return createTermScorer(context, occurrenceOf(field, each.term), weight, rarity);
  });
  return {
    score(document) {
      let sum = NO_MATCH;
      for (const scorer of scorers) {
        const part = scorer(document);
        if (part !== NO_MATCH) sum = sum === NO_MATCH ? part : sum + part;
      }
      return sum === NO_MATCH ? sum : Math.fround(sum);
    },
    isConstant: !context.isScored,
    acceptsTerm: (text) => terms.some((each) => each.term === text),
  };
}

/** How much a candidate counts: 1 for the term itself, {@link tooFar} for one that is none. */
function createWeight(term: string, options: FuzzyOptions): (candidate: string) => number {
  const most = editsOf(options.fuzziness, term);
  const wanted = Array.from(term);
  const prefix = wanted.slice(0, options.prefixLength).join("");
  return (candidate) => {
    if (candidate === term) return 1;
    const given = hasPairs.test(candidate) ? Array.from(candidate) : candidate;
    const isOff = Math.abs(given.length - wanted.length) > most || wanted.length === 0;
    if (isOff || !candidate.startsWith(prefix)) return tooFar;
    const edits = editDistance(wanted, given, options.transpositions);
    if (edits > most) return tooFar;
    // One that shares nothing with the term is found, and counts nothing.
    return Math.max(0, Math.fround(1 - Math.fround(edits / Math.min(given.length, wanted.length))));
  };
}

/** Finds characters that are two for JavaScript. */
const hasPairs = /[\uD800-\uDBFF]/;

const tooFar = -1;

/** Edits that a `fuzziness` allows for a term. @throws {EsError} for a value that is none */
export function editsOf(setting: unknown, term: string): number {
  const text = textOf(setting ?? "AUTO").toUpperCase();
  const automatic = /^AUTO(?::(\d+),(\d+))?$/.exec(text);
  if (automatic !== null) {
    const { length } = Array.from(term);
    if (length < Number(automatic[1] ?? 3)) return 0;
    return length < Number(automatic[2] ?? 6) ? 1 : 2;
  }
  const edits = text.trim() === "" ? NaN : Number(text);
  if (edits === 0 || edits === 1 || edits === 2) return edits;
  if (!Number.isNaN(edits)) {
    const shown = Math.trunc(edits);
    throw illegalArgument(`Valid edit distances are [0, 1, 2] but was [${shown}]`);
  }
  throw illegalArgument(`fuzziness cannot be [${textOf(setting)}].`, {
    caused_by: {
      type: "number_format_exception",
      reason: text.trim() === "" ? "empty String" : `For input string: "${text}"`,
    },
  });
}
