/** Signed notes: text with signature lines (c2sp.org/signed-note). */

import { Buffer } from "node:buffer";

import { decodeBase64, decodeText } from "./strict-text.ts";
import { TlogError } from "./tlog-error.ts";
import { isKeyName } from "./verifier-key.ts";
import type { SignatureFacts, VerifierKey } from "./verifier-key.ts";

/** A signature line. */
export interface NoteSignature {
  /** Of the key. */
  readonly name: string;
  /** Of the key; a hint which key to try, not a proof. */
  readonly keyId: number;
  /** Without the key id; kinds with a time have it in front. */
  readonly signature: Buffer;
}

/** A note as it was read; nothing in it is true before {@link verifyNote} says so. */
export interface Note {
  /** Ends with a newline; this is what is signed. */
  readonly text: string;
  /** One or more, in the order of the lines. */
  readonly signatures: readonly NoteSignature[];
}

/** A signature that one of the given keys made. */
export interface VerifiedSignature extends SignatureFacts {
  readonly key: VerifierKey;
  readonly signature: NoteSignature;
}

/** Must be 16 or more; 32 witnesses with two keys each, and a log that changes its two keys. */
export const maxSignatures = 128;

const linePattern = /^— (?<name>[^ ]+) (?<base64>[^ ]+)$/u;
const keyIdBytes = 4;

/** Reads a note. @throws {TlogError} `syntax` or `limit` */
export function parseNote(bytes: Uint8Array): Note {
  const note = decodeText(bytes, "the note");
  // The text may hold empty lines: the last one is the separator.
  const end = note.lastIndexOf("\n\n");
  if (end < 0 || !note.endsWith("\n"))
    throw new TlogError("syntax", "a note is text, an empty line, and signature lines");
  return { text: note.slice(0, end + 1), signatures: parseSignatures(note.slice(end + 2)) };
}

/**
 * Reads signature lines, as they stand in a note or in the answer of a witness.
 *
 * @throws {TlogError} `syntax` when there is none or one is malformed, `limit` above
 *   {@link maxSignatures}
 */
export function parseSignatures(lines: string): NoteSignature[] {
  const split = lines.split("\n");
  if (split.pop() !== "" || split.length === 0)
    throw new TlogError("syntax", "there are no signature lines, or the last one has no newline");
  if (split.length > maxSignatures)
    throw new TlogError(
      "limit",
      `there are ${split.length} signatures; at most ${maxSignatures} are read`,
    );
  return split.map(parseSignature);
}

/** Text and signature lines as one note. */
export function formatNote({ text, signatures }: Note): string {
  return `${text}\n${signatures.map(formatSignature).join("")}`;
}

/** The line of a signature, with its newline. */
export function formatSignature({ name, keyId, signature }: NoteSignature): string {
  const id = Buffer.alloc(keyIdBytes);
  id.writeUInt32BE(keyId);
  return `— ${name} ${Buffer.concat([id, signature]).toString("base64")}\n`;
}

/**
 * The signatures of known keys. Lines of others are ignored.
 *
 * @throws {TlogError} `signature` when a line of a known key does not verify: the note has been
 *   changed, whatever its other signatures say; or when no known key has signed
 */
export function verifyNote(note: Note, keys: readonly VerifierKey[]): VerifiedSignature[] {
  const verified = note.signatures.flatMap((signature): VerifiedSignature[] => {
    const known = keys.find(
      ({ name, keyId }) => name === signature.name && keyId === signature.keyId,
    );
    if (known === undefined) return [];
    const facts = known.check(note.text, signature.signature);
    if (facts === undefined)
      throw new TlogError("signature", `the signature of ${signature.name} is not valid`);
    return [{ key: known, signature, ...facts }];
  });
  if (verified.length === 0) throw new TlogError("signature", "no known key has signed");
  return verified;
}

function parseSignature(line: string): NoteSignature {
  const { name = "", base64 = "" } = linePattern.exec(line)?.groups ?? {};
  const bytes = decodeBase64(base64);
  if (!isKeyName(name) || bytes === undefined || bytes.length <= keyIdBytes)
    throw new TlogError("syntax", "a signature line has the form — NAME BASE64");
  return { name, keyId: bytes.readUInt32BE(0), signature: bytes.subarray(keyIdBytes) };
}
