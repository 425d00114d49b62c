/** Says what happened at the places at which records and log differ. */
import { countText } from "../../../core/count-text.ts";
import type { Buffer } from "node:buffer";

import type { Hunk } from "./alignment.ts";
import type { FindingKind } from "./finding.ts";

/** What happened to some records. */
export interface Difference {
  readonly kind: FindingKind;
  /** Number of the first record in the log. */
  readonly index: number;
  readonly count: number;
  /** Line that stands there, or would have stood before; `undefined`: behind the last one. */
  readonly line: number | undefined;
  readonly message: string;
}

/** @param copyOf number of the record that has this leaf hash; `undefined`: there is none */
export function differencesOf(
  hunks: readonly Hunk[],
  copyOf: (leaf: Buffer) => number | undefined,
): Difference[] {
  const displaced = new Displaced(hunks);
  const differences: Difference[] = [];
  for (const hunk of hunks) {
    const difference = differenceOf(hunk, displaced, copyOf);
    if (difference !== undefined) differences.push(difference);
  }
  return differences;
}

/** Lines whose entry, and entries whose line, are at another place. */
class Displaced {
  readonly #lines = new Map<string, Hunk>();
  readonly #entries = new Map<string, number>();
  readonly #told = new Set<string>();

  constructor(hunks: readonly Hunk[]) {
    for (const hunk of hunks) {
      for (const leaf of hunk.lines) this.#lines.set(leaf.toString("latin1"), hunk);
      for (const [at, leaf] of hunk.entries.entries())
        if (leaf !== undefined) this.#entries.set(leaf.toString("latin1"), hunk.index + at);
    }
  }

  /** Where the line of an entry is now. */
  hunkOf(leaf: Buffer | undefined): Hunk | undefined {
    return leaf === undefined ? undefined : this.#lines.get(leaf.toString("latin1"));
  }

  /** Which entry a line stands for. */
  indexOf(leaf: Buffer | undefined): number | undefined {
    return leaf === undefined ? undefined : this.#entries.get(leaf.toString("latin1"));
  }

  /** What is only at another place is told once. */
  tellDisplaced(hunk: Hunk): void {
    for (const leaf of [...hunk.entries, ...hunk.lines]) {
      const key = leaf?.toString("latin1");
      if (key !== undefined && this.#lines.has(key) && this.#entries.has(key)) this.#told.add(key);
    }
  }

  /** Everything at this place was told with another one. */
  isTold({ entries, lines }: Hunk): boolean {
    return [...entries, ...lines].every(
      (leaf) => leaf !== undefined && this.#told.has(leaf.toString("latin1")),
    );
  }
}

function differenceOf(
  hunk: Hunk,
  displaced: Displaced,
  copyOf: (leaf: Buffer) => number | undefined,
): Difference | undefined {
  if (displaced.isTold(hunk)) return undefined;
  const { index, entryCount, lineCount, line, isUnknown, isAtEnd } = hunk;
  const place = lineCount > 0 || !isAtEnd ? line : undefined;
  if (isUnknown) {
    const message =
      `${numbers(index, entryCount)}: changed, and so are their hashes in the log; ` +
      "which of them cannot be told";
    return { kind: "rewritten", index, count: entryCount, line: place, message };
  }
  const swapped = swapOf(hunk, displaced);
  if (swapped !== undefined)
    return { kind: "swapped", index, count: 1, line: place, message: swapped };
  if (lineCount === 0) return removal(hunk, place);
  if (entryCount === 0) {
    const [first] = hunk.lines;
    const original = first && copyOf(first);
    const what = original === undefined ? "" : `, the first of them a copy of record ${original}`;
    const message = `${countText(lineCount, "line")} inserted before record ${index}${what}`;
    return { kind: "inserted", index, count: lineCount, line, message };
  }
  const message =
    lineCount === entryCount
      ? `${numbers(index, entryCount)}: changed after having been written`
      : `${numbers(index, entryCount)}: replaced by ${countText(lineCount, "line")}`;
  return { kind: "edited", index, count: entryCount, line, message };
}

function removal({ index, entryCount, isAtEnd }: Hunk, line: number | undefined): Difference {
  const kind = isAtEnd ? "cut" : "removed";
  const where = isAtEnd ? "cut off at the end" : "removed";
  return {
    kind,
    index,
    count: entryCount,
    line,
    message: `${numbers(index, entryCount)}: ${where}`,
  };
}

/** What to say when the first record here stands elsewhere, or another one stands here. */
function swapOf(hunk: Hunk, displaced: Displaced): string | undefined {
  const [entry] = hunk.entries;
  const [first] = hunk.lines;
  const elsewhere = displaced.hunkOf(entry);
  const other = displaced.indexOf(first);
  if (elsewhere === undefined && other === undefined) return undefined;
  displaced.tellDisplaced(hunk);
  if (elsewhere !== undefined && other !== undefined && other !== hunk.index)
    return `record ${hunk.index} and record ${other} have changed places`;
  if (elsewhere !== undefined && elsewhere !== hunk)
    return `record ${hunk.index} stands behind record ${elsewhere.index - 1}`;
  return `record ${other ?? hunk.index} stands before record ${hunk.index}`;
}

function numbers(index: number, count: number): string {
  return count === 1 ? `record ${index}` : `records ${index} to ${index + count - 1}`;
}
