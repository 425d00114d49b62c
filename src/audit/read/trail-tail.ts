/** Follows a whole trail while it is written: all workers, and those that come. */
import { statSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

import { CatalogError, listJournals, type JournalSegments } from "./catalog.ts";
import { JournalTail } from "./journal-tail.ts";
import type { ReadListener } from "./read-problem.ts";
import type { Segment } from "./segment.ts";
import { Selection, type SelectionOptions } from "./selection.ts";
import type { TrailEntry } from "./trail-entry.ts";

/** What is followed. */
export interface TailOptions extends SelectionOptions {
  readonly directory: string;
  readonly listener: ReadListener;
  /** So many entries of the past come first; 0: none. Infinite with `sinceMs`. */
  readonly history: number;
  /** For them at most so much of each journal's end is read. Bytes. @default all */
  readonly historyBytes?: number;
  /** Is told how many entries of the past there are, before the first ones come. */
  readonly onPast?: (count: number) => void;
  readonly signal: AbortSignal;
}

/** How often journals are looked at: two calls of the system for each. Milliseconds. */
const pollMs = 20;
/** So long entries wait for those of other workers that ended before them. Milliseconds. */
const settleMs = 80;
/**
 * So long after a change of the directory it is listed again: a second change may have the same
 * time as the first one. Milliseconds.
 */
const relistMs = 500;
/** So much of the end of a trail is read for its last entries at first. Bytes. */
const firstLookBytes = 4_194_304;

interface Waiting {
  readonly entry: TrailEntry;
  readonly endMs: number;
  readonly readMs: number;
}

/**
 * Gives entries when they have ended, in that order, at most a fifth of a second afterwards. Ends
 * when the signal is aborted.
 *
 * @throws {CatalogError} when the directory cannot be read
 */
export async function* tailTrail(options: TailOptions): AsyncGenerator<readonly TrailEntry[]> {
  const follower = new TrailTail(options);
  try {
    const past = await follower.past();
    options.onPast?.(past.length);
    if (past.length > 0) yield past;
    while (!options.signal.aborted) {
      const ended = await follower.poll(performance.now());
      if (ended.length > 0) yield ended;
      await wait(pollMs, undefined, { signal: options.signal }).catch(() => undefined);
    }
  } finally {
    await follower.close();
  }
}

class TrailTail {
  readonly #options: TailOptions;
  readonly #selection: Selection;
  readonly #tails = new Map<string, JournalTail>();
  #waiting: Waiting[] = [];
  /** When the directory is listed although it has not changed. */
  #relistAtMs = -Infinity;
  /** When a name in the directory was changed last, as it was known at the last look. */
  #changedMs: number | undefined = undefined;

  constructor(options: TailOptions) {
    this.#options = options;
    this.#selection = new Selection(options);
  }

  /** Reads up to what is the end now. */
  async past(): Promise<TrailEntry[]> {
    const { history, sinceMs, historyBytes = Infinity } = this.#options;
    for (let bytes = firstLookBytes; ; bytes *= 8) {
      const journals = this.#journals();
      const isAll =
        bytes * 8 > historyBytes || journals.every(({ segments }) => totalSize(segments) <= bytes);
      for (const journal of journals)
        this.#tails.set(journal.name, this.#tail(journal, sinceMs === undefined ? bytes : sinceMs));
      const entries: TrailEntry[] = [];
      for (const tail of this.#tails.values()) entries.push(...(await tail.read()));
      if (sinceMs !== undefined || isAll || entries.length >= history)
        return inOrder(entries).slice(entries.length - Math.min(entries.length, history));
      await this.close();
    }
  }

  /** What has ended since the last call and waited long enough. */
  async poll(nowMs: number): Promise<TrailEntry[]> {
    this.#addNew(nowMs);
    for (const tail of this.#tails.values())
      for (const entry of await tail.read())
        this.#waiting.push({ entry, endMs: endOf(entry), readMs: nowMs });
    const ready = this.#waiting.filter(({ readMs }) => readMs <= nowMs - settleMs);
    if (ready.length === 0) return [];
    this.#waiting = this.#waiting.filter(({ readMs }) => readMs > nowMs - settleMs);
    return inOrder(ready.map(({ entry }) => entry));
  }

  async close(): Promise<void> {
    for (const tail of this.#tails.values()) await tail.close();
    this.#tails.clear();
  }

  /** Journals of workers that have come since the last look. */
  #addNew(nowMs: number): void {
    // Listing looks into every segment: that takes a while where there are many.
    const changedMs = statSync(this.#options.directory, { throwIfNoEntry: false })?.mtimeMs;
    if (changedMs !== this.#changedMs) this.#relistAtMs = nowMs + relistMs;
    else if (nowMs < this.#relistAtMs) return;
    else this.#relistAtMs = Infinity;
    this.#changedMs = changedMs;
    for (const journal of this.#journals())
      if (!this.#tails.has(journal.name))
        this.#tails.set(journal.name, this.#tail(journal, Infinity));
  }

  /** A directory without segments may get some. */
  #journals(): JournalSegments[] {
    try {
      return listJournals(this.#options.directory);
    } catch (error) {
      if (error instanceof CatalogError && error.isEmpty) return [];
      throw error;
    }
  }

  /** @param from bytes before the end; with `sinceMs` the instant from which on it is read */
  #tail({ name, segments }: JournalSegments, from: number): JournalTail {
    const { sinceMs, listener } = this.#options;
    const list = (): readonly Segment[] =>
      this.#journals().find((journal) => journal.name === name)?.segments ?? [];
    let first = segments.length;
    let offset = 0;
    if (sinceMs === undefined) {
      for (let left = from; left > 0 && first > 0; left -= segments[first]?.size ?? 0) {
        first -= 1;
        offset = Math.max(0, (segments[first]?.size ?? 0) - left);
      }
    } else first = segments.findIndex(({ endMs }) => endMs >= sinceMs);
    const number = first < 0 ? Math.max(0, segments.length - 1) : first;
    return new JournalTail(segments, { number, offset }, list, this.#selection, listener);
  }
}

function totalSize(segments: readonly Segment[]): number {
  return segments.reduce((total, { size }) => total + size, 0);
}

function inOrder(entries: readonly TrailEntry[]): TrailEntry[] {
  return entries.toSorted((one, other) => endOf(one) - endOf(other));
}

function endOf({ opening, closing }: TrailEntry): number {
  return (closing ?? opening)?.timeMs ?? Number.NaN;
}
