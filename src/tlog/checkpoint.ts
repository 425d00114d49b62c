/** Checkpoints: the size and root of a log (c2sp.org/tlog-checkpoint). */

import { Buffer } from "node:buffer";

import { decodeDecimal, decodeHash, decodeText } from "./strict-text.ts";
import { TlogError } from "./tlog-error.ts";

/** What a checkpoint says. */
export interface Checkpoint {
  /** Which log it is; its key has the same name. */
  readonly origin: string;
  /** Number of entries. */
  readonly size: number;
  /** Root of the tree of that size, 32 bytes. */
  readonly root: Uint8Array;
  /** Further lines that the log signs and nobody can audit; the specification advises none. */
  readonly extensions: readonly string[];
}

/**
 * The note text of a checkpoint.
 *
 * @throws {TlogError} `syntax` when origin or an extension is empty or has control characters,
 *   or the size is none
 */
export function formatCheckpoint({ origin, size, root, extensions }: Checkpoint): string {
  const lines = [origin, String(size), Buffer.from(root).toString("base64"), ...extensions];
  const text = `${lines.join("\n")}\n`;
  const read = parseCheckpoint(decodeText(Buffer.from(text), "the checkpoint"));
  if (read.origin !== origin || read.extensions.length !== extensions.length)
    throw new TlogError("syntax", "a line of the checkpoint holds a newline or is not Unicode");
  return text;
}

/**
 * Reads the text of a checkpoint, without its signatures.
 *
 * @throws {TlogError} `syntax`, also for sizes above 2^53 − 1
 */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split("\n");
  if (lines.pop() !== "")
    throw new TlogError("syntax", "the checkpoint does not end with a newline");
  const [origin = "", decimal = "", base64 = "", ...extensions] = lines;
  if (lines.length < 3 || lines.includes(""))
    throw new TlogError("syntax", "a checkpoint has three lines or more, none of them empty");
  const size = decodeDecimal(decimal);
  if (size === undefined)
    throw new TlogError("syntax", "line 2 of the checkpoint is not a tree size");
  const root = decodeHash(base64);
  if (root === undefined)
    throw new TlogError("syntax", "line 3 of the checkpoint is not a hash of 32 bytes in base64");
  return { origin, size, root, extensions };
}
