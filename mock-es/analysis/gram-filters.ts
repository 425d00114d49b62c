/** Filters that make parts of terms, or join terms: `ngram`, `edge_ngram`, `shingle`. */
import { illegalArgument } from "../es-error.ts";
import type { PartSettings } from "./settings.ts";
import type { Token } from "./token.ts";

type Filter = (tokens: readonly Token[]) => readonly Token[];

function sizes(settings: PartSettings): readonly [number, number] {
  const min = settings.number("min_gram", 1);
  const max = settings.number("max_gram", 2);
  if (min < 1) throw illegalArgument("minGram must be greater than zero");
  if (min > max) throw illegalArgument("minGram must not be greater than maxGram");
  return [min, max];
}

/** `ngram`: every part of a term that has one of the lengths; all at the term's position. */
export function gramFilter(settings: PartSettings): Filter {
  const [min, max] = sizes(settings);
  const keepsOriginal = settings.flag("preserve_original", false);
  return (tokens) =>
    tokens.flatMap((token) => {
      const characters = Array.from(token.term);
      const terms: string[] = [];
      for (let at = 0; at < characters.length; at++) {
        for (let size = min; size <= max && at + size <= characters.length; size++)
          terms.push(characters.slice(at, at + size).join(""));
      }
      const isOutside = characters.length < min || characters.length > max;
      if (keepsOriginal && isOutside) terms.push(token.term);
      return terms.map((term) => ({ ...token, term }));
    });
}

/** `edge_ngram`: the beginnings of a term, or its ends. */
export function edgeGramFilter(settings: PartSettings): Filter {
  const [min, max] = sizes(settings);
  const keepsOriginal = settings.flag("preserve_original", false);
  const isBack = settings.text("side") === "back";
  return (tokens) =>
    tokens.flatMap((token) => {
      const characters = Array.from(token.term);
      const terms: string[] = [];
      for (let size = min; size <= max && size <= characters.length; size++) {
        const part = isBack ? characters.slice(-size) : characters.slice(0, size);
        terms.push(part.join(""));
      }
      const isOutside = characters.length < min || characters.length > max;
      if (keepsOriginal && isOutside) terms.push(token.term);
      return terms.map((term) => ({ ...token, term }));
    });
}

/** `shingle`: neighbours joined to one term. */
export function shingleFilter(settings: PartSettings): Filter {
  const min = settings.number("min_shingle_size", 2);
  const max = settings.number("max_shingle_size", 2);
  if (max < 2) throw illegalArgument("Max shingle size must be >= 2");
  if (min < 2) throw illegalArgument("Min shingle size must be >= 2");
  if (max < min) throw illegalArgument("Min shingle size must be <= max shingle size");
  const showsUnigrams = settings.flag("output_unigrams", true);
  const fallsBack = settings.flag("output_unigrams_if_no_shingles", false);
  const separator = settings.text("token_separator") ?? " ";
  const filler = settings.text("filler_token") ?? "_";
  return (tokens) => {
    const places = withFillers(tokens, filler);
    const shingles: Token[] = [];
    let isJoined = false;
    for (const [at, first] of places.entries()) {
      if (showsUnigrams && !first.isFiller) shingles.push(first.token);
      for (let size = min; size <= max && at + size <= places.length; size++) {
        const group = places.slice(at, at + size);
        if (group.every((place) => place.isFiller)) continue;
        isJoined = true;
        shingles.push({
          term: group.map((place) => place.token.term).join(separator),
          start: first.token.start,
          end: group.at(-1)?.token.end ?? first.token.end,
          position: first.token.position,
          type: "shingle",
          positionLength: showsUnigrams ? size : size - min + 1,
        });
      }
    }
    return !isJoined && !showsUnigrams && fallsBack ? tokens : shingles;
  };
}

interface Place {
  readonly token: Token;
  readonly isFiller: boolean;
}

/** Terms that a stop filter took out leave a gap, for which a filler stands. */
function withFillers(tokens: readonly Token[], filler: string): Place[] {
  const places: Place[] = [];
  let next = 0;
  for (const token of tokens) {
    for (; next < token.position; next++) {
      const { start } = token;
      const gap = { term: filler, start, end: start, position: next, type: "word" };
      places.push({ token: gap, isFiller: true });
    }
    places.push({ token, isFiller: false });
    next = token.position + 1;
  }
  return places;
}
