/** Finds out which lines stand for which entries of a log, where they are not the same any more. */
import { Buffer } from "node:buffer";

import type { AuthenticLeaves } from "./authentic-leaves.ts";
import type { LineLeaves } from "./line-leaves.ts";

/** A place at which lines and entries differ. */
export interface Hunk {
  /** Number of the first entry that it concerns. */
  readonly index: number;
  /** Entries without a line of theirs. */
  readonly entryCount: number;
  /** Their leaf hashes, as far as they are known and not too many. */
  readonly entries: readonly (Buffer | undefined)[];
  /** Number of the first line, among the lines of the journal. */
  readonly line: number;
  readonly lineCount: number;
  /** Leaf hashes of lines without an entry of theirs. */
  readonly lines: readonly Buffer[];
  /** What was signed for these entries is lost, so lines are missing, changed or added. */
  readonly isUnknown: boolean;
  /** No line follows. */
  readonly isAtEnd: boolean;
}

/** The look ahead grows in these steps: most changes are small. */
const windows = [64, 1024, 16_384, 65_536] as const;
/** Lines that are looked for among all entries when nothing near them fits. */
const sampleLines = 8;
const maxFarSearches = 64;
/** More places are not told. */
const maxHunks = 1000;
/** Hashes that are kept of one place. */
const maxKept = 4096;

/** The places, in their order; at most about a thousand. Closes the lines. */
export async function align(lines: LineLeaves, leaves: AuthenticLeaves): Promise<Hunk[]> {
  try {
    return await new Alignment(lines, leaves).run();
  } finally {
    await lines.close();
  }
}

class Alignment {
  readonly #lines: LineLeaves;
  readonly #leaves: AuthenticLeaves;
  readonly #hunks: Hunk[] = [];
  #index = 0;
  #farSearches = 0;

  constructor(lines: LineLeaves, leaves: AuthenticLeaves) {
    this.#lines = lines;
    this.#leaves = leaves;
  }

  async run(): Promise<Hunk[]> {
    const { size } = this.#leaves;
    while (this.#index < size && this.#hunks.length < maxHunks) {
      const hasLine = await this.#lines.fill(1);
      if (!hasLine) {
        this.#note(0, size - this.#index, true);
        break;
      }
      const leaf = this.#leaves.leaf(this.#index);
      if (leaf === undefined) await this.#passUnknown();
      else if (this.#lines.at(0)?.equals(leaf) === true) this.#pass(1);
      else await this.#passDifference();
    }
    return this.#hunks;
  }

  #pass(count: number): void {
    this.#lines.drop(count);
    this.#index += count;
  }

  async #passDifference(): Promise<void> {
    const end = this.#leaves.size;
    for (const window of windows) {
      await this.#lines.fill(window);
      const found = this.#meeting(this.#index, window);
      if (found !== undefined) return this.#note(found.lines, found.entries, false);
      if (this.#lines.count < window && this.#index + window >= end) break;
    }
    const far = this.#farMeeting();
    if (far !== undefined) return this.#note(far.lines, far.entries, false);
    // Nothing fits: each line stands for the entry at its place, as far as there are both.
    const left = end - this.#index;
    const count = Math.min(this.#lines.count, left);
    this.#note(count, count, false);
  }

  /** No source says what was signed here: goes on at the next leaf that one has. */
  async #passUnknown(): Promise<void> {
    const { to, isOfRecords } = this.#leaves.rangeAt(this.#index);
    const unknown = to - this.#index;
    await this.#lines.fill(unknown);
    if (isOfRecords) {
      this.#pass(Math.min(unknown, this.#lines.count));
      return;
    }
    await this.#lines.fill(unknown + 1024);
    const found = to < this.#leaves.size ? this.#meeting(to, 1024) : undefined;
    const count = found === undefined ? Math.min(unknown, this.#lines.count) : found.lines;
    this.#note(count, unknown + (found?.entries ?? 0), false, true);
  }

  /** The nearest line that is one of the entries from `from` on. */
  #meeting(
    from: number,
    window: number,
  ): { readonly lines: number; readonly entries: number } | undefined {
    const places = new Map<string, number>();
    const end = Math.min(this.#leaves.size, from + window);
    for (let index = from; index < end; index += 1) {
      const leaf = this.#leaves.leaf(index)?.toString("latin1");
      if (leaf !== undefined && !places.has(leaf)) places.set(leaf, index - from);
    }
    let best: { readonly lines: number; readonly entries: number } | undefined;
    const costOf = (lines: number, entries: number): number =>
      // Of two that are equally near the one in which lines stand for as many entries.
      lines + entries + (lines === entries ? 0 : 0.5);
    let least = Infinity;
    for (let lines = 0; lines < this.#lines.count && lines < least; lines += 1) {
      const entries = places.get(this.#lines.at(lines)?.toString("latin1") ?? "");
      if (entries === undefined || costOf(lines, entries) >= least) continue;
      least = costOf(lines, entries);
      best = { lines, entries };
    }
    return best;
  }

  /** The same among all entries that follow: whole segments may be missing. */
  #farMeeting(): { readonly lines: number; readonly entries: number } | undefined {
    if (this.#farSearches >= maxFarSearches) return undefined;
    this.#farSearches += 1;
    const wanted = new Map<string, number>();
    for (let at = 0; at < Math.min(sampleLines, this.#lines.count); at += 1) {
      const leaf = this.#lines.at(at)?.toString("latin1");
      if (leaf !== undefined && !wanted.has(leaf)) wanted.set(leaf, at);
    }
    for (let index = this.#index; index < this.#leaves.size; index += 1) {
      const lines = wanted.get(this.#leaves.leaf(index)?.toString("latin1") ?? "");
      if (lines !== undefined) return { lines, entries: index - this.#index };
    }
    return undefined;
  }

  #note(lineCount: number, entryCount: number, isAtEnd: boolean, isUnknown = false): void {
    const lines: Buffer[] = [];
    for (let at = 0; at < Math.min(lineCount, maxKept); at += 1) {
      const leaf = this.#lines.at(at);
      if (leaf !== undefined) lines.push(leaf);
    }
    const entries = Array.from({ length: Math.min(entryCount, maxKept) }, (_, at) =>
      this.#leaves.leaf(this.#index + at),
    );
    const [index, line] = [this.#index, this.#lines.ordinal];
    this.#hunks.push({
      index,
      entryCount,
      entries,
      line,
      lineCount,
      lines,
      isUnknown,
      isAtEnd,
    });
    this.#lines.drop(lineCount);
    this.#index += entryCount;
  }
}
