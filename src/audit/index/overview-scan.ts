/** Counts what an overview has of a segment without one: its lines are looked at, not parsed. */
import { Buffer } from "node:buffer";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { readingFlags } from "../../core/regular-file.ts";

import { hasErrorCode } from "../../core/system-error.ts";
import { factsEnding, factsStem } from "../facts/facts-files.ts";
import { placeInLine } from "../facts/facts-line.ts";
import { wholeLines } from "../facts/whole-lines.ts";
import { LineHead, timeOfLine } from "../format/line-head.ts";
import type { FoundLine } from "../read/line-index.ts";
import type { LineWindow } from "../read/line-window.ts";
import { readWindows } from "../read/segment-windows.ts";
import type { Segment } from "../read/segment.ts";
import { documentsIn, LineTerms } from "./line-terms.ts";
import { OverviewBuilder, type RecordTerms, type SegmentOverview } from "./segment-overview.ts";

/** An overview, and the lines that it does not count. */
export interface CountedSegment {
  readonly overview: SegmentOverview;
  /** Of exchanges that lie in two segments or are open, and records that stand alone; in order. */
  readonly rest: readonly FoundLine[];
}

/** Exchanges that began in a time. Milliseconds since the epoch. */
export interface CountedTime {
  readonly sinceMs: number;
  readonly untilMs: number;
}

interface OpenLine {
  readonly at: number;
  readonly length: number;
  readonly beganMs: number;
  readonly terms: RecordTerms;
}

const lineFeed = 0x0a;
const idLength = 36;

/**
 * Counts the exchanges of a segment.
 *
 * @param terms for many segments
 * @param onBytes is told how much was read
 * @returns `undefined`: something in it is no record, so that readers have to see it
 * @throws {Error} of the file system
 */
export async function scanOverview(
  directory: string,
  segment: Segment,
  time: CountedTime,
  terms: LineTerms,
  onBytes: (bytes: number) => void,
): Promise<CountedSegment | undefined> {
  const scan = new OverviewScan(time, terms);
  let isOfRecords = true;
  const window = await readWindows(segment, (lines, bytes) => {
    onBytes(bytes);
    isOfRecords = scan.pass(lines);
    return isOfRecords;
  });
  if (!isOfRecords) return undefined;
  // A line that is being written is nothing to be told.
  if (window.skippedBytes > 0 || (window.tailBytes > 0 && segment.isSealed)) return undefined;
  await scan.addFacts(join(directory, factsStem(segment) + factsEnding));
  return scan.finish();
}

class OverviewScan {
  readonly #time: CountedTime;
  readonly #terms: LineTerms;
  readonly #builder = new OverviewBuilder();
  readonly #open = new Map<string, OpenLine>();
  /** Where counted last records begin, in their order: their place is their number. */
  readonly #closings: number[] = [];
  readonly #rest: FoundLine[] = [];
  readonly #head = new LineHead();

  constructor(time: CountedTime, terms: LineTerms) {
    this.#time = time;
    this.#terms = terms;
  }

  /** @returns whether all lines are records */
  pass({ bytes, offset, end: stop }: LineWindow): boolean {
    const head = this.#head;
    for (let at = 0; at < stop;) {
      const end = bytes.indexOf(lineFeed, at);
      head.read(bytes, at, end);
      if (head.idAt < 0) return false;
      const id = bytes.toString("latin1", head.idAt, head.idAt + idLength);
      const beganMs = timeOfLine(bytes, head.timeAt);
      const line = { at: offset + at, length: end - at, beganMs };
      this.#add(id, head.kind === "closing", line, this.#terms.ofLine(bytes, at, end));
      at = end + 1;
    }
    return true;
  }

  #add(id: string, isClosing: boolean, line: Omit<OpenLine, "terms">, terms: RecordTerms): void {
    if (!isClosing) {
      this.#open.set(id, { ...line, terms });
      return;
    }
    const opening = this.#open.get(id);
    this.#open.delete(id);
    const { at, length } = line;
    if (opening === undefined) {
      this.#rest.push({ at, length, isClosing: true });
      return;
    }
    const { sinceMs, untilMs } = this.#time;
    if (opening.beganMs < sinceMs || opening.beganMs >= untilMs) return;
    this.#builder.add(this.#closings.length, opening.beganMs, opening.terms, terms);
    this.#closings.push(at);
  }

  /** A segment without facts has none. */
  async addFacts(path: string): Promise<void> {
    let next = 0;
    try {
      await using file = await open(path, readingFlags);
      for await (const lines of wholeLines(file))
        for (let at = 0; at < lines.length;) {
          const end = lines.indexOf(lineFeed, at);
          const place = placeInLine(lines, at, end);
          while ((this.#closings[next] ?? Infinity) < place) next += 1;
          if (this.#closings[next] === place) this.#addFactsLine(next, lines, at, end);
          at = end + 1;
        }
    } catch (error) {
      if (!hasErrorCode(error, "ENOENT")) throw error;
    }
  }

  #addFactsLine(number: number, lines: Buffer, at: number, end: number): void {
    const text = lines.toString("latin1", at, end);
    this.#builder.addFacts(number, this.#terms.ofFacts(text), documentsIn(text));
  }

  finish(): CountedSegment | undefined {
    const overview = this.#builder.finish();
    if (overview === undefined) return undefined;
    for (const { at, length } of this.#open.values())
      this.#rest.push({ at, length, isClosing: false });
    return { overview, rest: this.#rest.sort((one, other) => one.at - other.at) };
  }
}
