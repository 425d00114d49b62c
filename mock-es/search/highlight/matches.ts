/** Where the words of a query stand in the texts of a field. */
import { keywordAnalyzer, standardAnalyzer } from "../../analysis/built-in-analyzers.ts";
import type { Token } from "../../analysis/token.ts";
import { textOf } from "../../json/json-value.ts";
import type { SearchContext } from "../fields/document.ts";
import { parentPathOf } from "../fields/nested-documents.ts";
import { searchAnalyzerOf } from "../fields/field-analyzers.ts";
import { type Field } from "../fields/field.ts";
import { type Compile, matchNone, NO_MATCH } from "../queries/compiled-query.ts";
import { placesOf } from "../queries/text-queries.ts";
import { type QueryLeaf, unlessDropped } from "./leaves.ts";

/** A place to be marked; offsets in UTF-16 units. */
export interface Match {
  readonly start: number;
  readonly end: number;
  /** What occurs here; the rarer it is in the text, the more it counts. */
  readonly word: string;
}

/** Finds the places of one clause among the tokens of a text. */
type Finder = (text: string, tokens: readonly Token[]) => readonly Match[];

/** Reads the texts of one field. */
export interface TextMatcher {
  tokens(text: string): readonly Token[];
  /** In order, without repeats. */
  find(text: string, tokens: readonly Token[]): readonly Match[];
}

/**
 * Compiles the clauses that concern a field.
 *
 * @param marksPhrases true: a phrase is one match; false: each of its words is
 */
export function createMatcher(
  field: Field,
  leaves: readonly QueryLeaf[],
  context: SearchContext,
  compile: Compile,
  marksPhrases: boolean,
): TextMatcher {
  const analyzer =
    field.kind === "text" ? (field.analysis?.index ?? standardAnalyzer) : keywordAnalyzer;
  const finders = leaves.map((leaf) =>
    leaf.type === "match_phrase" || leaf.type === "match_phrase_prefix"
      ? phraseFinder(field, leaf, marksPhrases)
      : wordFinder(field, leaf, context, compile),
  );
  return {
    tokens: (text) => analyzer.analyze(text),
    find(text, tokens) {
      return joined(finders.flatMap((find) => find(text, tokens)));
    },
  };
}

/** Matches in the order of the text; those that overlap are one. */
export function joined(found: Match[]): Match[] {
  found.sort((a, b) => a.start - b.start || b.end - a.end);
  const kept: Match[] = [];
  for (const match of found) {
    const last = kept.at(-1);
    if (last === undefined || match.start >= last.end) kept.push(match);
    else if (match.end > last.end) kept[kept.length - 1] = { ...last, end: match.end };
  }
  return kept;
}

/** Asks the clause itself of each word, as if it were a whole text. */
function wordFinder(
  field: Field,
  { type, settings }: QueryLeaf,
  context: SearchContext,
  compile: Compile,
): Finder {
  const { operator: _operator, minimum_should_match: _minimum, ...plain } = settings;
  const clause = { [type]: { [field.name]: type.startsWith("match") ? plain : settings } };
  const unscored = {
    ...context,
    corpus: undefined,
    isScored: false,
    onNamed: undefined,
    nestedPath: parentPathOf(context.mappings, field.name),
  };
  const { score } = unlessDropped(() => compile(clause, unscored), matchNone);
  const known = new Map<string, boolean>();
  const accepts = (word: string): boolean => {
    let isAccepted = known.get(word);
    if (isAccepted === undefined) {
      isAccepted = score(documentOf(field, word)) !== NO_MATCH;
      known.set(word, isAccepted);
    }
    return isAccepted;
  };
  // The words of a pattern count as one.
  const pattern = isPattern(type) ? `${type}:${JSON.stringify(settings)}` : undefined;
  return (text, tokens) =>
    tokens.flatMap(({ term, start, end }) =>
      accepts(text.slice(start, end)) ? [{ start, end, word: pattern ?? term }] : [],
    );
}

function isPattern(type: string): boolean {
  return type === "prefix" || type === "wildcard" || type === "regexp" || type === "range";
}

function documentOf(field: Field, value: string): Parameters<ReturnType<Compile>["score"]>[0] {
  const path = field.places[0]?.path ?? [];
  const source = path.reduceRight((inner: unknown, name) => ({ [name]: inner }), value);
  return { index: "", id: "", source, seqNo: 0, version: 1, primaryTerm: 1, write: Infinity };
}

/** Finds phrases. */
function phraseFinder(field: Field, { type, settings }: QueryLeaf, marksPhrases: boolean): Finder {
  const analyzer = field.analysis?.quote ?? searchAnalyzerOf(field);
  const text = textOf(settings["query"] ?? "");
  const places = placesOf(analyzer, text);
  const slop = Number(settings["slop"] ?? 0);
  const isPrefix = type === "match_phrase_prefix";
  const fits = (term: string, at: number): boolean => {
    const place = places[at];
    if (place === undefined) return false;
    if (place.terms.includes(term)) return true;
    const isLast = isPrefix && at === places.length - 1;
    return isLast && place.terms.some((begin) => term.startsWith(begin));
  };
  return (_text, tokens) => {
    const found: Match[] = [];
    for (const [at, first] of tokens.entries()) {
      if (!fits(first.term, 0)) continue;
      let last: Token | undefined = first;
      const words = [first];
      let spent = 0;
      let from = at;
      for (let next = 1; next < places.length && last !== undefined; next++) {
        const wanted = first.position + (places[next]?.position ?? 0) + spent;
        const index = tokens.findIndex(
          (token, place) =>
            place > from &&
            fits(token.term, next) &&
            token.position >= wanted &&
            token.position - wanted <= slop - spent,
        );
        last = tokens[index];
        if (last === undefined) continue;
        words.push(last);
        spent += last.position - wanted;
        from = index;
      }
      if (last === undefined) continue;
      if (marksPhrases) found.push({ start: first.start, end: last.end, word: text });
      else for (const { start, end, term } of words) found.push({ start, end, word: term });
    }
    return found;
  };
}
