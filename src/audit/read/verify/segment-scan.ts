/** Goes through the lines of a segment: the entry of each, and what a verification must know. */
import { Buffer } from "node:buffer";

import { errorMessage } from "../../../core/system-error.ts";
import { digestText, hashBytes, leafPrefix } from "../../../tlog/hashes.ts";
import { textAt, valueAt, membersOf, type AuditDocument } from "../../format/audit-document.ts";
import { isErasedLine, readErasedLine } from "../../format/erased-line.ts";
import { readLine } from "../../format/line-reader.ts";
import { LineWindow } from "../line-window.ts";
import { SegmentFiles } from "../segment-files.ts";
import type { Segment } from "../segment.ts";
import { allocate, type Latin1Buffer } from "./block-tree.ts";
import { BodyCheck, type BodyProblem } from "./body-check.ts";

/** Something about one line. */
export type LineNote = { readonly line: number } & (
  | { readonly kind: "erased"; readonly entry: string; readonly event: string }
  /** A record of the trail about the trail. */
  | {
      readonly kind: "event";
      readonly action: string;
      readonly id: string;
      readonly fields: AuditDocument;
    }
  | { readonly kind: "body"; readonly entry: string; readonly problem: BodyProblem }
);

/** Lines that stand one behind the other. */
export interface ScannedLines {
  /** Entries of the log, and their leaf hashes: 32 bytes for each line. */
  readonly entries: Buffer;
  readonly leaves: Buffer;
  readonly notes: readonly LineNote[];
  /** Of the file, that have been read so far. */
  readonly bytesRead: number;
}

/** Bytes that are no record, nor the beginning of one. */
export interface Damage {
  readonly offset: number;
  readonly message: string;
}

/** How a segment ended. */
export interface ScanEnd {
  /** Bytes behind the last line feed: a line that is still being written, or was cut. */
  readonly tailBytes: number;
  readonly damages: readonly Damage[];
  /** Why it could not be read to its end. */
  readonly error: string | undefined;
  readonly bodies: number;
  readonly bodyBytes: number;
}

const lineFeed = 0x0a;
/**
 * Each line that has one of these is parsed: bodies that lie elsewhere, events of the trail. Node
 * searches for up to seven bytes by their first one, which should be a rare one: 28 GB/s for
 * `.pack"`, 4 GB/s for `"pack":"audit-`.
 */
const needlesOf = {
  ecs: ['.pack"', "bodies/", '["conf'],
  text: [".pack,", "bodies/", "Event: "],
} as const;

/** Lines of a window, at first. */
const initialLines = 8192;

/** What a scan looks at beside the lines. */
export interface ScanOptions {
  readonly directory: string;
  /** Whether bodies are compared with their hashes. */
  readonly checksBodies: boolean;
}

/** Goes through one segment once, as it is now. Never throws. */
export async function* scanSegment(
  segment: Segment,
  { directory, checksBodies }: ScanOptions,
): AsyncGenerator<ScannedLines, ScanEnd> {
  const files = new SegmentFiles();
  const scanner = new LineScanner(checksBodies ? new BodyCheck(directory) : undefined, segment);
  const window = new LineWindow();
  try {
    const started = await files.start(segment);
    try {
      window.begin();
      for (let remaining = started.size; ;) {
        const count = await window.advance(started.source, remaining);
        if (count === 0) break;
        remaining -= count;
        yield { ...(await scanner.pass(window)), bytesRead: started.source.position };
      }
    } finally {
      await started.end();
    }
    return { ...scanner.bodies, ...endOf(window), error: undefined };
  } catch (error) {
    return { ...emptyEnd, ...scanner.bodies, error: errorMessage(error) };
  } finally {
    await files.close();
  }
}

/** Of a segment from which nothing was read. */
export const emptyEnd: ScanEnd = {
  tailBytes: 0,
  damages: [],
  error: undefined,
  bodies: 0,
  bodyBytes: 0,
};

function endOf(window: LineWindow): Pick<ScanEnd, "tailBytes" | "damages"> {
  const { tailBytes, tailAt, isTailBroken, skippedBytes, skippedAt } = window;
  const damages: Damage[] = [];
  if (skippedBytes > 0)
    damages.push({
      offset: skippedAt,
      message: `${skippedBytes} bytes are in lines too long for records`,
    });
  if (isTailBroken)
    damages.push({ offset: tailAt, message: `${tailBytes} bytes at its end are no records` });
  return { tailBytes, damages };
}

class LineScanner {
  readonly #bodies: BodyCheck | undefined;
  readonly #needles: readonly Buffer[];
  /** Entries of the window. */
  #entries = allocate(initialLines * hashBytes);
  #leaves = allocate(initialLines * hashBytes);
  readonly #preimage = allocate(1 + hashBytes);
  #count = 0;
  #lines = 0;

  constructor(bodies: BodyCheck | undefined, { format }: Segment) {
    this.#bodies = bodies;
    this.#preimage[0] = leafPrefix;
    this.#needles = needlesOf[format].map((text) => Buffer.from(text, "latin1"));
  }

  /** Those outside of the records, so far. */
  get bodies(): Pick<ScanEnd, "bodies" | "bodyBytes"> {
    const { bodies = 0, bytes = 0 } = this.#bodies ?? {};
    return { bodies, bodyBytes: bytes };
  }

  /** The whole lines of a window. */
  async pass({ bytes, end }: LineWindow): Promise<Omit<ScannedLines, "bytesRead">> {
    const notes: LineNote[] = [];
    this.#count = 0;
    let hit = this.#nextHit(bytes, 0, end);
    for (let at = 0; at < end;) {
      const stop = bytes.indexOf(lineFeed, at);
      if (isErasedLine(bytes, at, stop)) this.#passErased(bytes, at, stop, notes);
      else this.#putEntry(digestText(bytes.subarray(at, stop)));
      if (hit < stop) {
        const note = await this.#noteOf(bytes.toString("latin1", at, stop));
        if (note !== undefined) notes.push(note);
        hit = this.#nextHit(bytes, stop, end);
      }
      this.#lines += 1;
      at = stop + 1;
    }
    const length = this.#count * hashBytes;
    const [entries, leaves] = [this.#entries, this.#leaves].map((digests) =>
      Buffer.from(digests.subarray(0, length)),
    );
    return { entries: entries ?? bytes, leaves: leaves ?? bytes, notes };
  }

  #putEntry(digest: string): void {
    const at = this.#count * hashBytes;
    if (at === this.#entries.length) {
      this.#entries = grown(this.#entries);
      this.#leaves = grown(this.#leaves);
    }
    this.#entries.latin1Write(digest, at);
    this.#preimage.latin1Write(digest, 1);
    this.#leaves.latin1Write(digestText(this.#preimage), at);
    this.#count += 1;
  }

  #nextHit(bytes: Buffer, from: number, end: number): number {
    let first = end;
    for (const needle of this.#needles) {
      // Never beyond the nearest one so far: rare needles would be searched for again and again.
      const found = bytes.subarray(0, first).indexOf(needle, from);
      if (found >= 0) first = found;
    }
    return first;
  }

  #passErased(bytes: Buffer, at: number, stop: number, notes: LineNote[]): void {
    const erased = readErasedLine(bytes, at, stop);
    if (erased === undefined) {
      this.#putEntry(digestText(bytes.subarray(at, stop)));
      return;
    }
    this.#putEntry(erased.entry.toString("latin1"));
    const entry = erased.entry.toString("hex");
    notes.push({ kind: "erased", line: this.#lines, entry, event: erased.event });
  }

  /** Of the last line. */
  async #noteOf(text: string): Promise<LineNote | undefined> {
    const document = readLine(text);
    if (document === undefined) return undefined;
    const line = this.#lines;
    if (textAt(document, "es_proxy.record") === "event")
      return {
        kind: "event",
        line,
        action: textAt(document, "event.action") ?? "",
        id: textAt(document, "event.id") ?? "",
        fields: membersOf(valueAt(document, "es_proxy.event")),
      };
    const problem = await this.#bodies?.problemOf(document);
    const at = (this.#count - 1) * hashBytes;
    const entry = this.#entries.toString("hex", at, at + hashBytes);
    return problem && { kind: "body", line, entry, problem };
  }
}

function grown(digests: Latin1Buffer): Latin1Buffer {
  const larger = allocate(2 * digests.length);
  digests.copy(larger);
  return larger;
}
