/** Fragments as Lucene's original highlighter makes them: cut after a number of characters. */
import type { Token } from "../../analysis/token.ts";
import type { Match } from "./matches.ts";
import type { Passage } from "./passages.ts";

/**
 * Cuts a text into fragments, at a token that ends beyond a multiple of the size, but not within
 * what is marked.
 */
export function plainFragments(
  text: string,
  tokens: readonly Token[],
  matches: readonly Match[],
  size: number,
): Passage[] {
  const cuts: number[] = [0];
  let previousEnd = 0;
  for (const { start, end } of tokens) {
    const isWithin = matches.some((match) => match.start < start && start < match.end);
    const isNew =
      !isWithin && end >= size * cuts.length && text.length - end >= Math.floor(size / 2);
    if (isNew) cuts.push(previousEnd);
    previousEnd = end;
  }
  return cuts.map((start, at) => {
    const end = cuts[at + 1] ?? text.length;
    const inside = matches.filter(
      (match) => match.start >= start && (match.start < end || text === ""),
    );
    // A word counts once however often it occurs.
    const score = new Set(inside.map(({ word }) => word)).size;
    return { start, end, matches: inside, score };
  });
}

/** Where what is shown of a text without matches ends: behind the last word within a size; or 0. */
export function plainEnd(tokens: readonly Token[], size: number): number {
  let last = 0;
  for (const { end } of tokens) {
    if (end > size) break;
    last = end;
  }
  return last;
}
