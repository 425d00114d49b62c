/** One file of an evidence archive. */
import type { Buffer } from "node:buffer";
import type { Readable } from "node:stream";

export interface EvidenceFile {
  /** Within the archive. */
  readonly path: string;
  /** The content, or how to open it: bodies of any size pass through. */
  readonly content: Buffer | (() => Readable);
}
