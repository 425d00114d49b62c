/** The filter `word_delimiter`: takes terms such as `PowerShot-500` apart. */
import type { PartSettings } from "./settings.ts";
import type { Token } from "./token.ts";

interface Part {
  readonly text: string;
  readonly start: number;
  readonly isNumber: boolean;
}

/**
 * Splits terms at changes of case, between letters and digits, and at everything else.
 *
 * @param leavesPlaces true for the filter of graphs: a term without any part leaves its place free
 */
export function wordDelimiter(settings: PartSettings, leavesPlaces: boolean) {
  const makesWords = settings.flag("generate_word_parts", true);
  const makesNumbers = settings.flag("generate_number_parts", true);
  const joinsWords = settings.flag("catenate_words", false);
  const joinsNumbers = settings.flag("catenate_numbers", false);
  const joinsAll = settings.flag("catenate_all", false);
  const splitsCase = settings.flag("split_on_case_change", true);
  const splitsNumbers = settings.flag("split_on_numerics", true);
  const keepsOriginal = settings.flag("preserve_original", false);
  const stemsPossessive = settings.flag("stem_english_possessive", true);
  const kept = new Set(settings.list("protected_words") ?? []);
  const split = splitter(splitsCase, splitsNumbers);
  return (tokens: readonly Token[]): readonly Token[] => {
    const result: Token[] = [];
    let shift = 0;
    for (const [place, token] of tokens.entries()) {
      const position = token.position + shift;
      const term = stemsPossessive
        ? token.term.replaceAll(/['’][sS](?![\p{L}\p{N}])/gu, "''")
        : token.term;
      const parts = split(term);
      const isPlain = parts.length === 1 && parts[0]?.text === token.term;
      if (kept.has(token.term) || isPlain) {
        result.push({ ...token, position });
        continue;
      }
      if (keepsOriginal) result.push({ ...token, position });
      const before = tokens[place - 1];
      const isNext = before !== undefined && token.position === before.position + 1;
      if (parts.length === 0 && !keepsOriginal && !leavesPlaces && isNext) shift--;
      const shown = parts.filter((part) => (part.isNumber ? makesNumbers : makesWords));
      for (const [at, part] of shown.entries()) result.push(toToken(token, part, position + at));
      for (const group of groupsToJoin(parts, joinsWords, joinsNumbers, joinsAll)) {
        const text = group.map((part) => part.text).join("");
        const [first] = group;
        if (first === undefined) continue;
        const joined = { text, start: first.start, isNumber: false };
        const end = token.start + (group.at(-1)?.start ?? 0) + (group.at(-1)?.text.length ?? 0);
        result.push({ ...toToken(token, joined, position), end });
      }
      shift += Math.max(0, shown.length - 1);
    }
    return result.sort((a, b) => a.position - b.position);
  };
}

function toToken(token: Token, part: Part, position: number): Token {
  // Offsets inside a term that was changed before are not known.
  const isWhole = token.end - token.start === token.term.length;
  return {
    ...token,
    term: part.text,
    position,
    start: isWhole ? token.start + part.start : token.start,
    end: isWhole ? token.start + part.start + part.text.length : token.end,
  };
}

function splitter(splitsCase: boolean, splitsNumbers: boolean): (term: string) => Part[] {
  const word = splitsCase
    ? String.raw`\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{Lo}\p{Lm}\p{M}]+|\p{Lu}+`
    : String.raw`\p{L}+`;
  const pattern = new RegExp(splitsNumbers ? `${word}|\\p{N}+` : String.raw`[\p{L}\p{N}]+`, "gu");
  return (term) =>
    [...term.matchAll(pattern)].map((found) => ({
      text: found[0],
      start: found.index,
      isNumber: /^\p{N}+$/u.test(found[0]),
    }));
}

/** Runs of parts that are given as one term, too. */
function groupsToJoin(
  parts: readonly Part[],
  joinsWords: boolean,
  joinsNumbers: boolean,
  joinsAll: boolean,
): Part[][] {
  const groups: Part[][] = [];
  if (joinsAll && parts.length > 1) groups.push([...parts]);
  let run: Part[] = [];
  const close = (): void => {
    const isWanted = run[0]?.isNumber === true ? joinsNumbers : joinsWords;
    if (run.length > 1 && isWanted) groups.push(run);
    run = [];
  };
  for (const part of parts) {
    if (run.length > 0 && run[0]?.isNumber !== part.isNumber) close();
    run.push(part);
  }
  close();
  return groups;
}
