/** A timestamp authority of the tests: makes tokens, also ones that must be refused. */
import { createHash, createPrivateKey, sign, X509Certificate } from "node:crypto";

import {
  context,
  encode,
  encodeInteger,
  encodeObjectIdentifier,
  tags,
} from "../../src/attestation/der.ts";
import type { AuthorityIdentity } from "./authority-identity.ts";

export interface TokenOptions {
  readonly imprint: Uint8Array;
  readonly nonce?: Uint8Array;
  /** @default now */
  readonly time?: Date;
  /** @default SHA-256 */
  readonly imprintAlgorithm?: string;
  readonly version?: number;
  /** What is hashed into the messageDigest attribute. @default the content */
  readonly digested?: Uint8Array;
  /** @default SHA-256 */
  readonly digestAlgorithm?: string;
  readonly contentType?: string;
  /** Signers in the SignedData. @default 1 */
  readonly signers?: number;
  /** Certificates that the token brings, DER. @default the signer's and those between */
  readonly certificates?: readonly Uint8Array[];
  /** Signed attributes to leave out. */
  readonly without?: readonly string[];
  /** SigningCertificate of RFC 2634 with SHA-1 instead of version 2. */
  readonly isOlderAttribute?: boolean;
  /** GeneralizedTime as it is written. */
  readonly timeText?: string;
}

const oids = {
  sha256: "2.16.840.1.101.3.4.2.1",
  signedData: "1.2.840.113549.1.7.2",
  tstInfo: "1.2.840.113549.1.9.16.1.4",
  contentType: "1.2.840.113549.1.9.3",
  messageDigest: "1.2.840.113549.1.9.4",
  signingCertificate: "1.2.840.113549.1.9.16.2.12",
  signingCertificateV2: "1.2.840.113549.1.9.16.2.47",
} as const;

const signatureAlgorithms: Readonly<Record<string, string>> = {
  ec: "1.2.840.10045.4.3.2",
  rsa: "1.2.840.113549.1.1.11",
  ed25519: "1.3.101.112",
};

const sequence = (...parts: readonly Uint8Array[]): Buffer => encode(tags.sequence, ...parts);
const algorithm = (oid: string): Buffer => sequence(encodeObjectIdentifier(oid));
const small = (value: number): Buffer => encodeInteger(Buffer.of(value));

/** DER of a token. */
export function makeToken(identity: AuthorityIdentity, options: TokenOptions): Buffer {
  const content = tstInfo(options);
  const type = options.contentType ?? oids.tstInfo;
  const signer = signerInfo(identity, content, type, options);
  const certificates =
    options.certificates ??
    [identity.certPem, ...identity.chainPem.slice(0, -1)].map(
      (pem) => new X509Certificate(pem).raw,
    );
  const signedData = sequence(
    small(3),
    encode(tags.set, algorithm(options.digestAlgorithm ?? oids.sha256)),
    sequence(encodeObjectIdentifier(type), encode(context(0), encode(tags.octetString, content))),
    encode(context(0), ...certificates),
    encode(tags.set, ...Array.from({ length: options.signers ?? 1 }, () => signer)),
  );
  return sequence(encodeObjectIdentifier(oids.signedData), encode(context(0), signedData));
}

/** DER of a whole answer. */
export function grantedResponse(token: Uint8Array, status = 0): Buffer {
  return sequence(sequence(small(status)), token);
}

/** DER of an answer without a token. */
export function refusedResponse(status: number, text?: string, failureBit?: number): Buffer {
  const bits = Buffer.alloc(5);
  if (failureBit !== undefined) bits[1 + (failureBit >> 3)] = 0x80 >> (failureBit % 8);
  return sequence(
    sequence(
      small(status),
      ...(text === undefined ? [] : [sequence(encode(tags.utf8String, Buffer.from(text)))]),
      ...(failureBit === undefined ? [] : [encode(tags.bitString, bits)]),
    ),
  );
}

function tstInfo(options: TokenOptions): Buffer {
  const time = options.time ?? new Date();
  const text = options.timeText ?? `${time.toISOString().replaceAll(/[-:T]|\.\d+Z$/g, "")}Z`;
  return sequence(
    small(options.version ?? 1),
    encodeObjectIdentifier("1.2.3.4.5"),
    sequence(
      algorithm(options.imprintAlgorithm ?? oids.sha256),
      encode(tags.octetString, options.imprint),
    ),
    small(77),
    encode(tags.generalizedTime, Buffer.from(text)),
    sequence(small(1)),
    ...(options.nonce === undefined ? [] : [encodeInteger(options.nonce)]),
  );
}

function signerInfo(
  { certPem, keyPem }: AuthorityIdentity,
  content: Uint8Array,
  type: string,
  options: TokenOptions,
): Buffer {
  const key = createPrivateKey(keyPem);
  const kind = key.asymmetricKeyType ?? "";
  const { raw } = new X509Certificate(certPem);
  const hash = (name: string, data: Uint8Array): Buffer =>
    encode(tags.octetString, createHash(name).update(data).digest());
  const certId = sequence(hash(options.isOlderAttribute === true ? "sha1" : "sha256", raw));
  const certificateAttribute =
    options.isOlderAttribute === true ? oids.signingCertificate : oids.signingCertificateV2;
  const attributes = (
    [
      [oids.contentType, encodeObjectIdentifier(type)],
      [oids.messageDigest, hash("sha256", options.digested ?? content)],
      [certificateAttribute, sequence(sequence(certId))],
    ] as const
  )
    .filter(([oid]) => options.without?.includes(oid) !== true)
    .map(([oid, value]) => sequence(encodeObjectIdentifier(oid), encode(tags.set, value)));
  const signed = encode(tags.set, ...attributes);
  return sequence(
    small(1),
    sequence(sequence(), small(1)),
    algorithm(options.digestAlgorithm ?? oids.sha256),
    encode(context(0), ...attributes),
    algorithm(signatureAlgorithms[kind] ?? ""),
    encode(tags.octetString, sign(kind === "ed25519" ? null : "sha256", signed, key)),
  );
}
