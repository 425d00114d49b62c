/** A checkpoint and its signatures, in the pieces that `openssl` takes. */
import { Buffer } from "node:buffer";

import { parseNote, verifyNote } from "../../../tlog/note.ts";
import { signatureTypes } from "../../../tlog/signature-type.ts";
import { signedBytes } from "../../../tlog/signed-message.ts";
import type { VerifierKey } from "../../../tlog/verifier-key.ts";
import type { EvidenceFile } from "./evidence-file.ts";

/** One signature that was checked, and where its pieces lie. */
export interface SignaturePieces {
  readonly key: VerifierKey;
  /** POSIX seconds that were signed; `undefined`: the signature says no time. */
  readonly time: number | undefined;
  /** Path of the files, without what follows the last dot. */
  readonly stem: string;
}

/** Bytes of a time before a signature. */
const timeBytes = 8;

/**
 * The signed message, the bare signature and the public key (PEM) of each signature by one of the
 * keys, below a folder.
 */
export function signatureFiles(
  note: Uint8Array,
  keys: readonly VerifierKey[],
  folder: string,
): { readonly files: EvidenceFile[]; readonly signatures: SignaturePieces[] } {
  const parsed = parseNote(note);
  const files: EvidenceFile[] = [{ path: `${folder}/checkpoint.txt`, content: Buffer.from(note) }];
  const signatures = verifyNote(parsed, keys).map(({ key, signature, time }, at) => {
    const stem = `${folder}/signature-${at + 1}`;
    const { type, name } = key;
    const bare = signature.signature.subarray(signatureTypes[type].isTimestamped ? timeBytes : 0);
    const message = signedBytes({ type, name, text: parsed.text, time: time ?? 0 });
    files.push(
      { path: `${stem}.message`, content: message },
      { path: `${stem}.signature`, content: bare },
      { path: `${stem}.pem`, content: Buffer.from(pemOf(key)) },
    );
    return { key, time, stem };
  });
  return { files, signatures };
}

/** SubjectPublicKeyInfo in PEM. */
function pemOf({ type, publicKey }: VerifierKey): string {
  const der = Buffer.concat([Buffer.from(signatureTypes[type].spkiPrefix, "hex"), publicKey]);
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN PUBLIC KEY-----\n${lines.join("\n")}\n-----END PUBLIC KEY-----\n`;
}
