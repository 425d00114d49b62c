/** Finds the facts of entries in the files beside their segments. */
import { Buffer } from "node:buffer";
import { closeSync, fstatSync, readSync } from "node:fs";
import { join } from "node:path";
import { openRegularFile } from "../../core/regular-file.ts";

import type { Segment } from "../read/segment.ts";
import type { TrailEntry } from "../read/trail-entry.ts";
import { factsEnding, factsStem } from "./facts-files.ts";
import { idInLine, placeInLine } from "./facts-line.ts";

/** What is read at once in the order of the file, and to find a place in it. Bytes. */
const [windowBytes, probeBytes] = [262_144, 16_384];
/** Names and ids of a line are bounded: what has no line feed for longer is no facts. Bytes. */
const longestLine = 16_777_216;
/** Windows that are read in their order before a place further on is searched for. */
const nearWindows = 2;
/** Files of segments that are read at the same time: one for each worker, and some. */
const maxOpen = 16;
/** A file that is not there may come, and to ask with each entry costs more than to read it. */
const usualLookAgainMs = 500;
const lineFeed = 0x0a;

/**
 * Facts by entry, for a whole trail. Lines stand in the order of the last records, so that readers
 * who go through a trail in its order read each file once.
 */
export class FactsReader {
  readonly #directory: string;
  readonly #lookAgainMs: number;
  readonly #files = new Map<string, FactsFile>();
  /** The segment that was asked for last, and the file of its facts; names cost time. */
  #last: { readonly segment: Segment; readonly stem: string } | undefined = undefined;
  /** Files that were not there, and when to look again. */
  readonly #absent = new Map<string, number>();

  /**
   * @param directory of the audit, or a copy of it
   * @param lookAgainMs after which a file that was not there is looked for again
   */
  constructor(directory: string, lookAgainMs = usualLookAgainMs) {
    this.#directory = directory;
    this.#lookAgainMs = lookAgainMs;
  }

  /** The line of an entry's facts; `undefined`: none were derived, or not yet. */
  readonly factsOf = (entry: TrailEntry): Buffer | undefined => {
    const { closing } = entry;
    if (closing === undefined) return undefined;
    const line = this.#file(this.#stemOf(closing.segment))?.find(closing.offset);
    if (line === undefined || idInLine(line, 0) !== entry.id) return undefined;
    return Buffer.from(line);
  };

  close(): void {
    for (const file of this.#files.values()) file.close();
    this.#files.clear();
  }

  #stemOf(segment: Segment): string {
    if (this.#last?.segment !== segment) this.#last = { segment, stem: factsStem(segment) };
    return this.#last.stem;
  }

  #file(stem: string): FactsFile | undefined {
    const known = this.#files.get(stem);
    if (known !== undefined) return known;
    const nowMs = performance.now();
    if (nowMs < (this.#absent.get(stem) ?? 0)) return undefined;
    for (const [other, file] of this.#files) {
      if (this.#files.size < maxOpen) break;
      file.close();
      this.#files.delete(other);
    }
    const file = FactsFile.open(join(this.#directory, stem + factsEnding));
    if (file === undefined) this.#absent.set(stem, nowMs + this.#lookAgainMs);
    else this.#files.set(stem, file);
    return file;
  }
}

/** One file, whose lines are in the order of the places that they begin with. */
class FactsFile {
  readonly #fd: number;
  #bytes = Buffer.allocUnsafeSlow(windowBytes);
  /** Where the window lies in the file, and how much of it there is. Whole lines only. */
  #from = 0;
  #length = 0;
  /** Where the last line that was asked for begins in the window, and its place. */
  #at = 0;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  static open(path: string): FactsFile | undefined {
    try {
      return new FactsFile(openRegularFile(path));
    } catch {
      return undefined;
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** The line with this place; `undefined`: there is none. It is valid until the next call. */
  find(place: number): Buffer | undefined {
    const first = placeInLine(this.#bytes, this.#at, this.#length);
    if (this.#length === 0 || !(first <= place)) this.#seek(place);
    for (let windows = 0; ; windows += 1) {
      while (this.#at < this.#length) {
        const end = this.#bytes.indexOf(lineFeed, this.#at);
        const found = placeInLine(this.#bytes, this.#at, end);
        if (found === place) return this.#bytes.subarray(this.#at, end);
        if (found > place) return undefined;
        this.#at = end + 1;
      }
      // Who reads a trail in its order is at the next window; others look far ahead.
      if (windows === nearWindows) this.#seek(place);
      else if (!this.#load(this.#from + this.#length)) return undefined;
    }
  }

  /** Moves the window to where the line is, or would be, by halving the file. */
  #seek(place: number): void {
    let [low, high] = [0, fstatSync(this.#fd).size];
    while (high - low > probeBytes) {
      const middle = Math.floor((low + high) / 2);
      if (!this.#load(middle, probeBytes, true)) {
        high = middle;
        continue;
      }
      if (placeInLine(this.#bytes, 0, this.#length) <= place) low = this.#from;
      else high = middle;
    }
    this.#load(low, probeBytes);
  }

  /**
   * Fills the window with whole lines.
   *
   * @param wanted bytes to be read, and more where a line is longer, up to {@link longestLine}
   * @param isInside `from` may lie within a line: the window begins behind it
   * @returns whether there are any
   */
  #load(from: number, wanted = windowBytes, isInside = false): boolean {
    for (let most = wanted; ; most *= 2) {
      if (most > this.#bytes.length) this.#bytes = Buffer.allocUnsafeSlow(most);
      const count = readSync(this.#fd, this.#bytes, 0, most, from);
      const bytes = this.#bytes.subarray(0, count);
      const start = isInside ? bytes.indexOf(lineFeed) + 1 : 0;
      const end = bytes.lastIndexOf(lineFeed) + 1;
      if (end > start && (start > 0 || !isInside)) {
        bytes.copyWithin(0, start, end);
        this.#from = from + start;
        this.#length = end - start;
        this.#at = 0;
        return true;
      }
      if (count < most || most >= longestLine) {
        this.#at = this.#length;
        return false;
      }
    }
  }
}

/** The place in the last line of a file; -1: it has none; `undefined`: there is no such file. */
export function lastPlaceIn(path: string): number | undefined {
  let fd: number;
  try {
    fd = openRegularFile(path);
  } catch {
    return undefined;
  }
  try {
    const { size } = fstatSync(fd);
    for (let length = 65_536; ; length *= 4) {
      const bytes = Buffer.alloc(Math.min(length, size));
      readSync(fd, bytes, 0, bytes.length, size - bytes.length);
      const end = bytes.lastIndexOf(lineFeed);
      const start = end <= 0 ? 0 : bytes.lastIndexOf(lineFeed, end - 1) + 1;
      if (start > 0 || length >= size) return end < 0 ? -1 : placeInLine(bytes, start, end);
      if (length >= longestLine) return -1;
    }
  } finally {
    closeSync(fd);
  }
}
