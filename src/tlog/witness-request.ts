/** Messages of the witness protocol: `add-checkpoint` (c2sp.org/tlog-witness). */

import { Buffer } from "node:buffer";

import { decodeDecimal, decodeHash, decodeText } from "./strict-text.ts";
import { TlogError } from "./tlog-error.ts";

/** What a log asks a witness to cosign. */
export interface WitnessRequest {
  /** Size of the tree that the witness has cosigned last, as far as the log knows. */
  readonly oldSize: number;
  /** Consistency proof from the old size to the checkpoint's. */
  readonly proof: readonly Uint8Array[];
  /** Signed by the log. */
  readonly checkpoint: Uint8Array;
}

/** The type of a 409 whose body is the size that the witness has. */
export const sizeContentType = "text/x.tlog.size";
/** Lines of proof in a request, at most (C2SP tlog-witness). */
const maxProof = 63;

/** The body of `POST add-checkpoint`. */
export function formatWitnessRequest({ oldSize, proof, checkpoint }: WitnessRequest): Buffer {
  const hashes = proof.map((hash) => `${Buffer.from(hash).toString("base64")}\n`);
  return Buffer.concat([Buffer.from(`old ${oldSize}\n${hashes.join("")}\n`), checkpoint]);
}

/**
 * Reads such a body. The checkpoint in it is not looked at.
 *
 * @throws {TlogError} `syntax` or `limit`
 */
export function parseWitnessRequest(body: Uint8Array): WitnessRequest {
  const text = decodeText(body, "the request");
  const end = text.indexOf("\n\n");
  if (end < 0) throw new TlogError("syntax", "the request has no empty line");
  const [first = "", ...lines] = text.slice(0, end).split("\n");
  const oldSize = decodeDecimal(/^old (.*)$/.exec(first)?.[1] ?? "");
  if (oldSize === undefined) throw new TlogError("syntax", "the first line is not old SIZE");
  if (lines.length > maxProof)
    throw new TlogError(
      "limit",
      `there are ${lines.length} hashes; at most ${maxProof} are allowed`,
    );
  const proof = lines.map((line) => {
    const hash = decodeHash(line);
    if (hash === undefined)
      throw new TlogError("syntax", "a line of the proof is not a hash of 32 bytes in base64");
    return hash;
  });
  return { oldSize, proof, checkpoint: Buffer.from(text.slice(end + 2)) };
}

/** The body of a 409. */
export function formatSize(size: number): string {
  return `${size}\n`;
}

/** The size in the body of a 409; `undefined` when there is none. */
export function parseSize(body: string): number | undefined {
  return body.endsWith("\n") ? decodeDecimal(body.slice(0, -1)) : undefined;
}
