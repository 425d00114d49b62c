/**
 * Passages of a text around what is marked: sentences, or parts of long ones, the best of them
 * chosen. After Lucene's UnifiedHighlighter and Elasticsearch's BoundedBreakIteratorScanner.
 */
import { javaSentenceEnds, javaSentenceRestarts } from "../../text/java-sentences.ts";
import { javaWordEnds } from "../../text/java-words.ts";
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

function following(ends: readonly number[], offset: number): number | undefined {
  return ends.find((end) => end > offset);
}

function preceding(ends: readonly number[], offset: number): number {
  return ends.findLast((end) => end < offset) ?? 0;
}

/** Finds the limits of the passage around a match, which is told by its middle. */
type Limits = (middle: Middle) => { readonly start: number; readonly end: number };

/** The middle of a match, but behind its first character, and before its last one. */
interface Middle {
  readonly behind: number;
  readonly before: number;
}

function middleOf({ start, end }: Match): Middle {
  const middle = start + Math.floor((end - start) / 2);
  return { behind: Math.max(start + 1, middle), before: Math.min(end - 1, middle) };
}

function sentenceLimits(text: string, most: number): Limits {
  const sentences = javaSentenceEnds(text);
  const beginningBefore = (offset: number, isFirst: boolean): number =>
    Math.max(
      preceding([0, ...sentences], offset),
      isFirst ? preceding(javaSentenceRestarts(text), offset) : 0,
    );
  let isFirst = true;
  if (most === 0) {
    return ({ behind, before }) => {
      const start = beginningBefore(behind, isFirst);
      isFirst = false;
      return { start, end: following(sentences, before) ?? text.length };
    };
  }
  let words: number[] | undefined;
  let windowStart = -1;
  let windowEnd = -1;
  let start = -1;
  let end = -1;
  return ({ behind: offset, before }) => {
    if (offset > windowStart && offset < windowEnd) {
      start = end;
      end = windowEnd;
    } else {
      windowStart = start = beginningBefore(offset, isFirst);
      isFirst = false;
      windowEnd = end = following(sentences, offset - 1) ?? text.length;
      while (end - start < most) {
        const next = following(sentences, end);
        if (next === undefined || next - start > most) break;
        windowEnd = end = next;
      }
    }
    if (end - start > most) {
      words ??= javaWordEnds(text);
      if (offset - most > start) start = Math.max(start, preceding(words, offset - most));
      const upTo = offset + Math.max(0, most - (offset - start));
      if (upTo < windowEnd) end = Math.min(windowEnd, following(words, upTo) ?? windowEnd);
    }
    return { start, end: Math.max(before, end) };
  };
}

function wordLimits(text: string): Limits {
  const words = javaWordEnds(text);
  return ({ behind, before }) => ({
    start: preceding([0, ...words], behind),
    end: following(words, before) ?? text.length,
  });
}

/** BM25 as Lucene's PassageScorer has it. */
const k1 = 1.2;
const b = 0.75;
const pivot = 87;

/** How often a word occurs in the text is not asked: each match is taken for its only one. */
function scorePassage({ start, end, matches }: Omit<Passage, "score">, length: number): number {
  let sum = 0;
  const inside = new Map<string, number>();
  for (const { word } of matches) inside.set(word, (inside.get(word) ?? 0) + 1);
  const documents = 1 + length / pivot;
  const weight = (k1 + 1) * Math.log(1 + (documents + 0.5) / 1.5);
  const norm = k1 * (1 - b + b * ((end - start) / pivot));
  for (const frequency of inside.values()) sum += weight * (frequency / (frequency + norm));
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
    const earlier = last?.end ?? 0;
    if (last === undefined || match.start >= earlier) {
      const { start, end } = limits(middleOf(match));
      last = {
        start: Math.min(match.start, Math.max(start, earlier)),
        end: Math.max(match.end, Math.min(end, text.length)),
        matches: [],
      };
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
  const length = values.reduce((sum, { text }) => sum + text.length + 1, -1);
  let base = 0;
  return values.flatMap(({ text, passages }) => {
    const from = base;
    base += text.length + 1;
    return passages.map((passage) => {
      const placed = { ...passage, start: passage.start + from, end: passage.end + from };
      return { text, passage: { ...passage, score: scorePassage(placed, length) } };
    });
  });
}

/** The end of the beginning of a text that has no match, at the end of a word. */
export function summaryEnd(text: string, size: number): number {
  if (size >= text.length) return text.length;
  return following(javaWordEnds(text), size) ?? text.length;
}
