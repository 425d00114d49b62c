/** What analyzers do with a text: character filters, a tokenizer, token filters. */
import type { CharFilter } from "./char-filters.ts";
import type { Token, Tokens } from "./token.ts";
import { leavesPlaces, type TokenFilter } from "./token-filters.ts";
import type { Tokenizer } from "./tokenizers.ts";

/** Runs a text through character filters, tokenizer and token filters. */
export function pipeline(
  tokenizer: Tokenizer,
  filters: readonly TokenFilter[],
  charFilters: readonly CharFilter[],
): (text: string) => Tokens {
  return (text) => {
    let filtered = text;
    const corrections: ((offset: number) => number)[] = [];
    for (const charFilter of charFilters) {
      const next = charFilter(filtered);
      filtered = next.text;
      corrections.push(next.correct);
    }
    let tokens = tokenizer(filtered);
    const { length } = filtered;
    let trailing = 0;
    for (const filter of filters) {
      const next = filter(tokens);
      if (leavesPlaces(filter)) trailing += lastPosition(tokens) - lastPosition(next);
      tokens = next;
    }
    // A fingerprint ends where the text does.
    if (tokens[0]?.type === "fingerprint") tokens = [{ ...tokens[0], end: length }];
    if (corrections.length > 0) {
      const correct = (offset: number): number =>
        corrections.reduceRight((at, correction) => correction(at), offset);
      tokens = tokens.map((token) => ({
        ...token,
        start: correct(token.start),
        end: correct(token.end),
      }));
    }
    return trailing > 0 ? Object.assign([...tokens], { trailing }) : tokens;
  };
}

function lastPosition(tokens: readonly Token[]): number {
  return tokens.at(-1)?.position ?? -1;
}
