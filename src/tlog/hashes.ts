/** The hashes of the log: record entries, leaves and nodes (RFC 6962 §2.1, SHA-256). */

import { Buffer } from "node:buffer";
import { hash } from "node:crypto";

/** Bytes of every hash and of every entry. */
export const hashBytes = 32;
/** First byte of what a leaf hash is made of; keeps leaves and nodes apart (RFC 6962 §2.1). */
export const leafPrefix = 0x00;
/** First byte of what a node hash is made of. */
export const nodePrefix = 0x01;

/**
 * With a length Node does not ask whether the function is one that needs a length: 0.20 instead of
 * 0.22 µs for 65 bytes (Node 26).
 */
const asText = { outputEncoding: "binary", outputLength: hashBytes } as const;

/** Root of the tree without leaves: SHA-256 of nothing. */
export const emptyRoot: Buffer = sha256(Buffer.alloc(0));

/** SHA-256, 32 bytes. */
export function sha256(data: Uint8Array): Buffer {
  return Buffer.from(digestText(data), "latin1");
}

/**
 * SHA-256 as a string with one character a byte (latin1). `crypto.hash` makes it in a third of the
 * time of a Buffer (measured with Node 26 for 65 bytes: 0.24 µs and 0.67 µs).
 */
export function digestText(data: Uint8Array): string {
  return hash("sha256", data, asText);
}

/**
 * The entry of a record: SHA-256 of its line's exact bytes, without the newline.
 *
 * Not the line itself, because an entry of a bundle holds at most 65,535 bytes, and because a
 * record can then be erased without touching the tree.
 */
export function recordEntry(line: Uint8Array): Buffer {
  return sha256(line);
}

/** Hash of a leaf: H(0x00 ‖ entry). */
export function leafHash(entry: Uint8Array): Buffer {
  const preimage = Buffer.allocUnsafe(entry.length + 1);
  preimage[0] = leafPrefix;
  preimage.set(entry, 1);
  return sha256(preimage);
}

/** Hash of a node: H(0x01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  const preimage = Buffer.allocUnsafe(1 + 2 * hashBytes);
  preimage[0] = nodePrefix;
  preimage.set(left, 1);
  preimage.set(right, 1 + hashBytes);
  return sha256(preimage);
}
