/** The files of facts of one segment. */
import {
  closeSync,
  constants,
  fdatasyncSync,
  ftruncateSync,
  mkdirSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { openRegularFile } from "../../core/regular-file.ts";
import { readWholeFile } from "../../core/read-file.ts";

import { hasErrorCode } from "../../core/system-error.ts";
import type { Segment } from "../read/segment.ts";
import { logName } from "../store/tlog-files.ts";

/** The folder below the audit directory that holds how far facts were derived. */
export const factsFolder = "facts";
/** One line an exchange, in the order of their last records. */
export const factsEnding = ".facts";
/** The documents that an exchange returned or wrote, one or several lines each. */
export const documentsEnding = ".documents";

/** What is gathered before it is written. Bytes. */
const batchBytes = 262_144;
const firstBatchBytes = 16_384;
/** Memory that is kept for the next batch. Bytes. */
const maxBatchBytes = 1_048_576;
const lineFeed = 0x0a;

/**
 * Name of the files of facts of a segment, without their ending. It holds the time of the first
 * record, so that it stays the same when the segment is renamed, compressed and copied.
 */
export function factsStem({ journal, firstMs, firstFraction }: Segment): string {
  const stamp = new Date(Number.isFinite(firstMs) ? firstMs : 0).toISOString();
  const seconds = stamp.replaceAll(/[-:]/g, "").slice(0, "20261130T081502.".length);
  // Files are named by what stands in a record: nothing but digits.
  return `${logName(journal)}-${seconds}${firstFraction.replaceAll(/\D/g, "0")}Z`;
}

/** Key that names cursors in facts; made on first use. @throws {Error} of the file system */
export function factsKey(directory: string): Uint8Array {
  const folder = join(directory, factsFolder);
  const path = join(folder, "key");
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(path, randomBytes(32), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (!hasErrorCode(error, "EEXIST")) throw error;
  }
  return readWholeFile(path);
}

/** The same key, for those who only read; `undefined`: there is none. */
export function readFactsKey(directory: string): Uint8Array | undefined {
  try {
    return readWholeFile(join(directory, factsFolder, "key"));
  } catch {
    return undefined;
  }
}

/** A file that lines of ASCII are added to. */
export class LinesFile {
  readonly #fd: number;
  #bytes: number;
  #batch = Buffer.allocUnsafeSlow(firstBatchBytes);
  #length = 0;
  #isDirty = false;

  /** @param bytes what is behind them is cut off. @throws {Error} of the file system */
  constructor(path: string, bytes: number) {
    this.#fd = openRegularFile(path, constants.O_RDWR | constants.O_CREAT);
    this.#bytes = bytes;
    try {
      ftruncateSync(this.#fd, bytes);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Bytes that were written. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether one more line would be written at once, with all that has gathered. */
  isFullWith(line: string): boolean {
    return this.#length + line.length >= batchBytes;
  }

  add(line: string): void {
    const room = this.#length + line.length + 1;
    if (room > this.#batch.length) this.#grow(room);
    this.#length += this.#batch.write(line, this.#length, "latin1");
    this.#batch[this.#length] = lineFeed;
    this.#length += 1;
    if (this.#length >= batchBytes) this.write();
  }

  /** Writes what has gathered. @throws {Error} of the file system */
  write(): void {
    const bytes = this.#length;
    if (bytes === 0) return;
    // What cannot be written is derived again, from the saved state on.
    this.#length = 0;
    for (let at = 0; at < bytes;)
      at += writeSync(this.#fd, this.#batch, at, bytes - at, this.#bytes + at);
    this.#bytes += bytes;
    this.#isDirty = true;
    if (this.#batch.length > maxBatchBytes) this.#batch = Buffer.allocUnsafeSlow(firstBatchBytes);
  }

  /** A line is longer than what is gathered: it names many documents. */
  #grow(room: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(room, 2 * this.#batch.length));
    this.#batch.copy(larger, 0, 0, this.#length);
    this.#batch = larger;
  }

  sync(): void {
    this.write();
    if (this.#isDirty) fdatasyncSync(this.#fd);
    this.#isDirty = false;
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** Bytes in the files of facts of a segment. */
export interface FactsSizes {
  readonly facts: number;
  readonly documents: number;
}

/** Both files of a segment, open for writing. */
export class FactsFiles {
  readonly stem: string;
  readonly facts: LinesFile;
  readonly documents: LinesFile;

  /** @throws {Error} of the file system */
  constructor(directory: string, stem: string, sizes: FactsSizes) {
    this.stem = stem;
    this.facts = new LinesFile(join(directory, stem + factsEnding), sizes.facts);
    try {
      this.documents = new LinesFile(join(directory, stem + documentsEnding), sizes.documents);
    } catch (error) {
      this.facts.close();
      throw error;
    }
  }

  get sizes(): FactsSizes {
    return { facts: this.facts.bytes, documents: this.documents.bytes };
  }

  /** Adds the facts of an exchange, behind its documents. */
  addFacts(line: string): void {
    if (this.facts.isFullWith(line)) this.documents.write();
    this.facts.add(line);
  }

  /** The documents first: whoever finds an exchange in the facts finds its documents, too. */
  write(): void {
    this.documents.write();
    this.facts.write();
  }

  sync(): void {
    this.documents.sync();
    this.facts.sync();
  }

  /** @throws {Error} of the file system; the files are closed then, too */
  close(): void {
    try {
      this.write();
    } finally {
      this.documents.close();
      this.facts.close();
    }
  }
}
