/** Proofs in a file (c2sp.org/tlog-proof): entry, path and checkpoint, to be checked offline. */

import { Buffer } from "node:buffer";

import { leafHash } from "./hashes.ts";
import { verifyByPolicy } from "./policy.ts";
import type { Policy, TrustedCheckpoint } from "./policy.ts";
import { decodeBase64, decodeDecimal, decodeHash, decodeText } from "./strict-text.ts";
import { TlogError } from "./tlog-error.ts";
import { isIncluded } from "./tree-proof-check.ts";

/** What a `.tlog-proof` file holds. */
export interface ProofFile {
  /** Of the entry in the log, from 0. */
  readonly index: number;
  /** Hashes from the leaf's sibling up to the root's child. */
  readonly path: readonly Uint8Array[];
  /** The log's checkpoint with its signatures, as it was published. */
  readonly checkpoint: Uint8Array;
  /** Any bytes; no signature covers them. */
  readonly extra: Uint8Array | undefined;
}

const header = "c2sp.org/tlog-proof@v1";
/** A tree of 2^63 leaves has no longer path. */
const maxPath = 63;

/** The text of a proof file. */
export function formatProofFile({ index, path, checkpoint, extra }: ProofFile): Buffer {
  const lines = [
    header,
    ...(extra === undefined ? [] : [`extra ${toBase64(extra)}`]),
    `index ${index}`,
    ...path.map(toBase64),
    "\n",
  ];
  return Buffer.concat([Buffer.from(lines.join("\n")), checkpoint]);
}

/**
 * Reads a proof file. The checkpoint in it is not looked at.
 *
 * @throws {TlogError} `syntax` or `limit`
 */
export function parseProofFile(bytes: Uint8Array): ProofFile {
  const text = decodeText(bytes, "the proof file");
  const end = text.indexOf("\n\n");
  const [first, ...lines] = text.slice(0, Math.max(0, end)).split("\n");
  if (end < 0 || first !== header)
    throw new TlogError("syntax", `a proof file begins with ${header} and has an empty line`);
  const extra = readExtra(lines);
  const index = decodeDecimal(/^index (.*)$/.exec(lines.shift() ?? "")?.[1] ?? "");
  if (index === undefined) throw new TlogError("syntax", "the proof file has no valid index line");
  if (lines.length > maxPath)
    throw new TlogError(
      "limit",
      `the proof file has ${lines.length} hashes; at most ${maxPath} make sense`,
    );
  const path = lines.map((line) => {
    const hash = decodeHash(line);
    if (hash === undefined)
      throw new TlogError("syntax", "a line of the path is not a hash of 32 bytes in base64");
    return hash;
  });
  return { index, path, checkpoint: Buffer.from(text.slice(end + 2)), extra };
}

/**
 * Checks that an entry is in a log that the policy trusts.
 *
 * @param entry of the log: for a record, `recordEntry(line)`
 * @throws {TlogError} `signature`, `quorum` (see `verifyByPolicy`), `proof` when the path does not
 *   lead from the entry to the checkpoint's root, `syntax`
 */
export function verifyProofFile(
  proof: ProofFile,
  entry: Uint8Array,
  policy: Policy,
): TrustedCheckpoint {
  const trusted = verifyByPolicy(proof.checkpoint, policy);
  const { size, root } = trusted.checkpoint;
  const claim = { index: proof.index, size, root, leafHash: leafHash(entry) };
  if (!isIncluded(claim, proof.path))
    throw new TlogError(
      "proof",
      `the entry is not number ${proof.index} of the log's ${size} entries`,
    );
  return trusted;
}

/** Takes the extra line off the lines, if there is one. */
function readExtra(lines: string[]): Buffer | undefined {
  const [line = ""] = lines;
  if (!line.startsWith("extra ")) return undefined;
  const extra = decodeBase64(line.slice("extra ".length));
  if (extra === undefined)
    throw new TlogError("syntax", "the extra line of the proof file is not base64");
  lines.shift();
  return extra;
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
}
