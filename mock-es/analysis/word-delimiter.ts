/**
 * The filters `word_delimiter` and `word_delimiter_graph`: take terms such as `PowerShot-500`
 * apart, and join the parts again, as Lucene's filters of these names do.
 */
import type { PartSettings } from "./settings.ts";
import type { Token } from "./token.ts";
import { type SubWord, subWords, type WordRules } from "./sub-words.ts";

type Filter = (tokens: readonly Token[]) => readonly Token[];

interface Options extends WordRules {
  readonly makesWords: boolean;
  readonly makesNumbers: boolean;
  readonly joinsWords: boolean;
  readonly joinsNumbers: boolean;
  readonly joinsAll: boolean;
  readonly keepsOriginal: boolean;
  readonly kept: ReadonlySet<string>;
}

/** A part, or several joined, on its way out. */
interface Piece {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Places among the parts of its term, counted from 0. */
  readonly from: number;
  readonly to: number;
  /** True where it stands at the place of the piece before it, if there is one. */
  readonly isBeside: boolean;
}

/** @param isGraph true for the filter of graphs: joined parts say how many places they span */
export function wordDelimiter(settings: PartSettings, isGraph: boolean): Filter {
  const options: Options = {
    makesWords: settings.flag("generate_word_parts", true),
    makesNumbers: settings.flag("generate_number_parts", true),
    joinsWords: settings.flag("catenate_words", false),
    joinsNumbers: settings.flag("catenate_numbers", false),
    joinsAll: settings.flag("catenate_all", false),
    splitsCase: settings.flag("split_on_case_change", true),
    splitsNumbers: settings.flag("split_on_numerics", true),
    keepsOriginal: settings.flag("preserve_original", false),
    stemsPossessive: settings.flag("stem_english_possessive", true),
    kept: new Set(settings.list("protected_words") ?? []),
  };
  return isGraph ? graphFilter(options) : linearFilter(options);
}

function graphFilter(options: Options): Filter {
  return (tokens) => {
    const result: Token[] = [];
    let shift = 0;
    for (const token of tokens) {
      const position = token.position + shift;
      const { words, isSingle } = subWords(token.term, options);
      if (isUntouched(token, words, options)) {
        result.push({ ...token, position });
        continue;
      }
      if (words.length === 0 && !options.keepsOriginal) continue;
      const { pieces, places } = piecesOf(token.term, words, isSingle, options);
      const ordered = pieces.toSorted((a, b) => a.from - b.from || b.to - a.to);
      for (const piece of ordered)
        result.push({
          ...toToken(token, piece, position + piece.from),
          ...(piece.to - piece.from > 1 ? { positionLength: piece.to - piece.from } : {}),
        });
      shift += Math.max(0, places - 1);
    }
    return result;
  };
}

function linearFilter(options: Options): Filter {
  return (tokens) => {
    const result: Token[] = [];
    let position = -1;
    let before = -1;
    let waiting = 0;
    for (const token of tokens) {
      waiting += token.position - before;
      before = token.position;
      const { words, isSingle } = subWords(token.term, options);
      if (isUntouched(token, words, options)) {
        position += waiting;
        waiting = 0;
        result.push({ ...token, position });
        continue;
      }
      if (words.length === 0 && !options.keepsOriginal) {
        // A term of nothing but delimiters leaves no place behind, unless there was one before it.
        waiting = Math.max(0, waiting - 1);
        continue;
      }
      const { pieces } = piecesOf(token.term, words, isSingle, {
        ...options,
        keepsOriginal: false,
      });
      const ordered = pieces.toSorted(
        (a, b) => a.start - b.start || Number(a.isBeside) - Number(b.isBeside),
      );
      let isFirst = true;
      if (options.keepsOriginal) {
        position += waiting;
        waiting = 0;
        result.push({ ...token, position });
      }
      for (const piece of ordered) {
        if (isFirst) position += waiting;
        else if (!piece.isBeside) position++;
        waiting = 0;
        isFirst = false;
        result.push(toToken(token, piece, position));
      }
    }
    return result;
  };
}

function isUntouched(token: Token, words: readonly SubWord[], { kept }: Options): boolean {
  return kept.has(token.term) || (words.length === 1 && words[0]?.text === token.term);
}

/** The pieces of a term, and how many places they take. */
function piecesOf(
  term: string,
  words: readonly SubWord[],
  isSingle: boolean,
  options: Options,
): { readonly pieces: readonly Piece[]; readonly places: number } {
  const pieces: Piece[] = [];
  let places = 0;
  const put = (parts: readonly SubWord[], from: number, isBeside: boolean): void => {
    const [first] = parts;
    const last = parts.at(-1);
    if (first === undefined || last === undefined) return;
    const text = parts.map((part) => part.text).join("");
    const { start } = first;
    pieces.push({ text, start, end: last.end, from, to: places, isBeside });
  };
  const isMade = ({ isNumber }: SubWord): boolean =>
    isNumber ? options.makesNumbers : options.makesWords;
  const isJoined = ({ isNumber }: SubWord): boolean =>
    isNumber ? options.joinsNumbers : options.joinsWords;
  let run: SubWord[] = [];
  let runFrom = 0;
  let lastCount = 0;
  const flush = (): void => {
    const [first] = run;
    if (first === undefined) return;
    if (places === runFrom) places++;
    lastCount = run.length;
    if (run.length !== 1 || !isMade(first)) put(run, runFrom, pieces.length > 0);
    run = [];
  };
  for (const word of isSingle ? [] : words) {
    if (run[0] !== undefined && run[0].isNumber !== word.isNumber) flush();
    if (isJoined(word)) {
      if (run.length === 0) runFrom = places;
      run.push(word);
    }
    if (isMade(word)) {
      places++;
      put([word], places - 1, false);
    }
  }
  flush();
  if (!isSingle && options.joinsAll && words.length > lastCount) {
    if (places === 0) places++;
    put(words, 0, pieces.length > 0);
  }
  if (isSingle) {
    places++;
    put(words, 0, false);
  }
  if (options.keepsOriginal) {
    if (places === 0) places++;
    pieces.unshift({ text: term, start: 0, end: term.length, from: 0, to: places, isBeside: true });
  }
  return { pieces, places };
}

function toToken(token: Token, piece: Piece, position: number): Token {
  // Offsets inside a term that was changed before are not known.
  const isWhole = token.end - token.start === token.term.length;
  return {
    ...token,
    term: piece.text,
    position,
    start: isWhole ? token.start + piece.start : token.start,
    end: isWhole ? token.start + piece.end : token.end,
  };
}
