/** Which lines and bodies an erasure takes, and what they share with what stays. */
import { hash } from "node:crypto";

import type { AuditDocument } from "../format/audit-document.ts";
import { isErasedLine } from "../format/erased-line.ts";
import { readLine } from "../format/line-reader.ts";
import { LineWindow } from "../read/line-window.ts";
import { SegmentFiles } from "../read/segment-files.ts";
import type { Segment } from "../read/segment.ts";
import type { RecordLine, TrailEntry } from "../read/trail-entry.ts";
import type { BodyFilePointer, BodyPointer } from "../record/body-pointer.ts";
import { fileOf, pointersOf } from "./body-pointers.ts";

const lineFeed = 0x0a;
/** What every pointer to a body holds. */
const anyPointer = [".pack", "bodies/"];
/** Each file of bodies is searched for by its name, unless there are more. */
const maxNeedles = 16;

/** What is taken. */
export class ErasurePlan {
  /** SHA-256 of the lines, in hexadecimal. */
  readonly entries = new Set<string>();
  readonly ids = new Set<string>();
  /** Names of the journals that hold any of the lines. */
  readonly journals = new Set<string>();
  /** Inodes of the segments that hold any: a segment keeps its own when it is ended. */
  readonly inodes = new Set<number>();
  /** First record of the oldest segment that holds one. Milliseconds since the epoch. */
  fromMs = Infinity;
  readonly #pointers = new Map<string, BodyPointer | BodyFilePointer>();

  /** Takes an exchange or session with both records and its bodies. */
  add(entry: TrailEntry): void {
    const lines = [entry.opening, entry.closing].filter((line) => line !== undefined);
    for (const line of lines) if (this.#addLine(line)) this.ids.add(entry.id);
  }

  get isEmpty(): boolean {
    return this.entries.size === 0;
  }

  /** Bodies lie in files of their own, as earlier versions stored them: for the whole directory. */
  get hasBodyFiles(): boolean {
    return [...this.#pointers.values()].some((pointer) => "file" in pointer);
  }

  /**
   * The bodies that no record points to any more: equal bodies of a segment are stored once.
   *
   * @param segments in which records may point to the same files
   * @throws {Error} of the file system
   */
  async unshared(segments: readonly Segment[]): Promise<(BodyPointer | BodyFilePointer)[]> {
    const left = new Map(this.#pointers);
    if (left.size === 0) return [];
    const files = [...new Set(Array.from(left.values(), fileOf))];
    const needles = files.length > maxNeedles ? anyPointer : files;
    for (const segment of segments)
      for await (const document of pointingRecords(segment, needles, this.entries))
        for (const pointer of pointersOf(document)) left.delete(keyOf(pointer));
    return [...left.values()];
  }

  /** @returns false: it was erased before */
  #addLine(line: RecordLine): boolean {
    if (isErasedLine(line.bytes, 0, line.bytes.length)) return false;
    this.entries.add(hash("sha256", line.bytes, "hex"));
    this.journals.add(line.segment.journal);
    this.inodes.add(line.segment.inode);
    this.fromMs = Math.min(this.fromMs, line.segment.firstMs);
    for (const pointer of pointersOf(line.document ?? {}))
      this.#pointers.set(keyOf(pointer), pointer);
    return true;
  }
}

/** Records of a segment with one of these texts, but for those that are erased. */
async function* pointingRecords(
  segment: Segment,
  needles: readonly string[],
  erased: ReadonlySet<string>,
): AsyncGenerator<AuditDocument> {
  const files = new SegmentFiles();
  const window = new LineWindow();
  const started = await files.start(segment);
  try {
    window.begin();
    for (let remaining = started.size; ;) {
      const count = await window.advance(started.source, remaining);
      if (count === 0) return;
      remaining -= count;
      const { bytes, end } = window;
      for (const needle of needles)
        for (let at = bytes.indexOf(needle); at >= 0 && at < end;) {
          const start = bytes.lastIndexOf(lineFeed, at) + 1;
          const stop = bytes.indexOf(lineFeed, at);
          const line = bytes.subarray(start, stop);
          const document = erased.has(hash("sha256", line, "hex"))
            ? undefined
            : readLine(line.toString("latin1"));
          if (document !== undefined) yield document;
          at = bytes.indexOf(needle, stop);
        }
    }
  } finally {
    await started.end();
    await files.close();
  }
}

function keyOf(pointer: BodyPointer | BodyFilePointer): string {
  return "file" in pointer ? pointer.file : `${pointer.pack} ${pointer.offset}`;
}
