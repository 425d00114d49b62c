/**
 * Passages of a text around what is marked: sentences, or parts of long ones, the best of them
 * chosen. After Lucene's UnifiedHighlighter and Elasticsearch's BoundedBreakIteratorScanner.
 */
import type { Match } from "./matches.ts";

/** A part of a text with what is marked in it. */
export interface Passage {
  readonly start: number;
  readonly end: number;
  readonly matches: readonly Match[];
  readonly score: number;
}

/** Where passages end. */
export type Boundaries = "sentence" | "word" | "whole";

/** Ends of the parts that a segmenter finds, without 0. */
function endsOf(text: string, granularity: "sentence" | "word"): number[] {
  const segmenter = new Intl.Segmenter("en", { granularity });
  return Array.from(segmenter.segment(text), ({ index, segment }) => index + segment.length);
}

function following(ends: readonly number[], offset: number): number | undefined {
  return ends.find((end) => end > offset);
}

function preceding(ends: readonly number[], offset: number): number {
  return ends.findLast((end) => end < offset) ?? 0;
}

/** Finds the limits of the passage around a place. */
type Limits = (start: number) => { readonly start: number; readonly end: number };

function sentenceLimits(text: string, most: number): Limits {
  const sentences = endsOf(text, "sentence");
  let words: number[] | undefined;
  let windowStart = -1;
  let windowEnd = -1;
  let start = -1;
  let end = -1;
  return (offset) => {
    if (offset > windowStart && offset < windowEnd) {
      start = end;
      end = windowEnd;
    } else {
      windowStart = start = preceding([0, ...sentences], offset + 1);
      windowEnd = end = following(sentences, offset) ?? text.length;
      while (end - start < most) {
        const next = following(sentences, end);
        if (next === undefined || next - start > most) break;
        windowEnd = end = next;
      }
    }
    if (end - start > most) {
      words ??= endsOf(text, "word");
      if (offset - most > start) start = Math.max(start, preceding(words, offset - most));
      const remaining = Math.max(0, most - (offset - start));
      if (offset + remaining < windowEnd)
        end = Math.min(windowEnd, following(words, offset + remaining) ?? windowEnd);
    }
    return { start, end };
  };
}

function wordLimits(text: string): Limits {
  const words = endsOf(text, "word");
  return (offset) => ({
    start: preceding([0, ...words], offset + 1),
    end: following(words, offset) ?? text.length,
  });
}

/** BM25 as Lucene's PassageScorer has it. */
const k1 = 1.2;
const b = 0.75;
const pivot = 87;

function scorePassage(
  { start, end, matches }: Omit<Passage, "score">,
  length: number,
  frequencies: ReadonlyMap<string, number>,
): number {
  let sum = 0;
  const inside = new Map<string, number>();
  for (const { word } of matches) inside.set(word, (inside.get(word) ?? 0) + 1);
  for (const [word, frequency] of inside) {
    const documents = 1 + length / pivot;
    const weight =
      (k1 + 1) * Math.log(1 + (documents + 0.5) / ((frequencies.get(word) ?? 1) + 0.5));
    const norm = k1 * (1 - b + b * ((end - start) / pivot));
    sum += weight * (frequency / (frequency + norm));
  }
  return sum * (1 + 1 / Math.log(pivot + start));
}

/**
 * Takes a text apart into passages around its matches.
 *
 * @param most length of a passage, in UTF-16 units
 * @param offset place of the text among the values of its field
 */
export function passagesOf(
  text: string,
  matches: readonly Match[],
  boundaries: Boundaries,
  most: number,
): Omit<Passage, "score">[] {
  const limits: Limits =
    boundaries === "whole"
      ? () => ({ start: 0, end: text.length })
      : boundaries === "word"
        ? wordLimits(text)
        : sentenceLimits(text, most);
  const passages: { start: number; end: number; matches: Match[] }[] = [];
  for (const match of matches) {
    let last = passages.at(-1);
    if (last === undefined || match.start >= last.end) {
      last = { ...limits(match.start), matches: [] };
      passages.push(last);
    }
    last.matches.push(match);
  }
  return passages.map((passage) => ({
    ...passage,
    end: Math.max(passage.end, passage.matches.at(-1)?.end ?? 0),
  }));
}

/** Scores the passages of all values of a field, which count as one text. */
export function scored(
  values: readonly {
    readonly text: string;
    readonly passages: readonly Omit<Passage, "score">[];
  }[],
): { readonly text: string; readonly passage: Passage }[] {
  const frequencies = new Map<string, number>();
  for (const { passages } of values)
    for (const { matches } of passages)
      for (const { word } of matches) frequencies.set(word, (frequencies.get(word) ?? 0) + 1);
  const length = values.reduce((sum, { text }) => sum + text.length + 1, -1);
  let base = 0;
  return values.flatMap(({ text, passages }) => {
    const from = base;
    base += text.length + 1;
    return passages.map((passage) => {
      const placed = { ...passage, start: passage.start + from, end: passage.end + from };
      return { text, passage: { ...passage, score: scorePassage(placed, length, frequencies) } };
    });
  });
}

/** The end of the beginning of a text that has no match, at the end of a word. */
export function summaryEnd(text: string, size: number): number {
  if (size >= text.length) return text.length;
  return following(endsOf(text, "word"), size) ?? text.length;
}
