/** Kinds of note signatures (c2sp.org/signed-note, c2sp.org/tlog-cosignature). */

/** What a kind of signature is made with. */
export interface SignatureTypeSpec {
  /** The byte before the public key in a vkey and in what a key id is the hash of. */
  readonly code: number;
  readonly algorithm: "ed25519" | "ml-dsa-44";
  /** Bytes of the raw public key. */
  readonly publicKeyBytes: number;
  /** Bytes of the signature itself, without a time before it. */
  readonly signatureBytes: number;
  /** A big-endian uint64 of POSIX seconds stands before the signature and is signed with it. */
  readonly isTimestamped: boolean;
  /** DER before the raw public key in a SubjectPublicKeyInfo (RFC 8410 §4, RFC 9881 §2). */
  readonly spkiPrefix: string;
  /** DER before the 32 bytes of the seed in a PKCS#8 private key (RFC 8410 §7, RFC 9881 §6). */
  readonly pkcs8Prefix: string;
}

const ed25519 = {
  algorithm: "ed25519",
  publicKeyBytes: 32,
  signatureBytes: 64,
  spkiPrefix: "302a300506032b6570032100",
  pkcs8Prefix: "302e020100300506032b657004220420",
} as const;

/**
 * `ed25519`: over the note's text. `ed25519-cosignature`: over a time and the text. The kind
 * `ml-dsa-44-cosignature` signs time, names, size and root, and survives quantum computers; a log
 * uses it too, as there is no other note signature with ML-DSA.
 */
export const signatureTypes = {
  ed25519: { ...ed25519, code: 0x01, isTimestamped: false },
  "ed25519-cosignature": { ...ed25519, code: 0x04, isTimestamped: true },
  "ml-dsa-44-cosignature": {
    code: 0x06,
    algorithm: "ml-dsa-44",
    publicKeyBytes: 1312,
    signatureBytes: 2420,
    isTimestamped: true,
    spkiPrefix: "30820532300b06096086480165030403110382052100",
    pkcs8Prefix: "3034020100300b060960864801650304031104228020",
  },
} as const satisfies Record<string, SignatureTypeSpec>;

export type SignatureType = keyof typeof signatureTypes;

/** The kind with this code; `undefined` for kinds that are not made here. */
export function signatureTypeOf(code: number): SignatureType | undefined {
  const names = Object.keys(signatureTypes) as SignatureType[];
  return names.find((name) => signatureTypes[name].code === code);
}
