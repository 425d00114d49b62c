/** CMS SignedData with one signer (RFC 5652 §5), as timestamp tokens are (RFC 3161 §2.4.2). */
import { Buffer } from "node:buffer";
import { constants, createHash, verify, X509Certificate } from "node:crypto";

import { context, DerReader, encode, tags, toDotted } from "./der.ts";
import type { DerValue } from "./der.ts";
import { TimestampError } from "./timestamp-error.ts";

/** Content whose signature is valid; whether the signer is trusted is another question. */
export interface SignedContent {
  readonly content: Buffer;
  readonly signer: X509Certificate;
  /** All certificates that came with it, the signer's among them. */
  readonly certificates: readonly X509Certificate[];
}

const oids = {
  signedData: "1.2.840.113549.1.7.2",
  contentType: "1.2.840.113549.1.9.3",
  messageDigest: "1.2.840.113549.1.9.4",
  signingCertificate: "1.2.840.113549.1.9.16.2.12",
  signingCertificateV2: "1.2.840.113549.1.9.16.2.47",
  rsaPss: "1.2.840.113549.1.1.10",
} as const;

/** SHA-1 is not among them: what it hashes could be exchanged. */
const digests: Readonly<Record<string, string>> = {
  "2.16.840.1.101.3.4.2.1": "sha256",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
};

/** Signature algorithms, with their digest where it is part of them. */
const signatures: Readonly<Record<string, string | undefined>> = {
  "1.2.840.113549.1.1.1": undefined,
  "1.2.840.113549.1.1.11": "sha256",
  "1.2.840.113549.1.1.12": "sha384",
  "1.2.840.113549.1.1.13": "sha512",
  [oids.rsaPss]: undefined,
  "1.2.840.10045.2.1": undefined,
  "1.2.840.10045.4.3.2": "sha256",
  "1.2.840.10045.4.3.3": "sha384",
  "1.2.840.10045.4.3.4": "sha512",
  "1.3.101.112": "none",
};

/** Enough for a signer and the chain above it. */
const maxCertificates = 16;

/**
 * Reads a ContentInfo and checks its signature: content type, digest of the content, the signer's
 * certificate among the signed attributes (RFC 5035), and the signature over these attributes.
 *
 * @param contentType object identifier that the content must have
 * @throws {TimestampError} `syntax`, `signature`
 */
export function verifySignedData(bytes: Uint8Array, contentType: string): SignedContent {
  const info = new DerReader(DerReader.only(bytes, tags.sequence).content);
  if (toDotted(info.next(tags.objectIdentifier).content) !== oids.signedData)
    throw new TimestampError("syntax", "the token is not signed data");
  const signedData = info.inside(context(0)).inside(tags.sequence);
  signedData.next(tags.integer);
  signedData.next(tags.set);
  const encapsulated = signedData.inside(tags.sequence);
  if (toDotted(encapsulated.next(tags.objectIdentifier).content) !== contentType)
    throw new TimestampError("syntax", "the token holds content of another type");
  const { content } = encapsulated.inside(context(0)).next(tags.octetString);
  const certificates = readCertificates(signedData.optional(context(0)));
  signedData.optional(context(1));
  const signers = new DerReader(signedData.next(tags.set).content).rest();
  const [signerInfo, ...others] = signers;
  if (signerInfo?.tag !== tags.sequence || others.length > 0)
    throw new TimestampError("syntax", "the token has not exactly one signer");
  const signer = verifySigner(signerInfo.content, content, contentType, certificates);
  return { content: Buffer.from(content), signer, certificates };
}

function readCertificates(set: DerValue | undefined): X509Certificate[] {
  const values = set === undefined ? [] : new DerReader(set.content).rest();
  if (values.length > maxCertificates)
    throw new TimestampError("syntax", `the token brings ${values.length} certificates`);
  return values
    .filter(({ tag }) => tag === tags.sequence)
    .map(({ raw }) => {
      try {
        return new X509Certificate(raw);
      } catch (cause) {
        throw new TimestampError("syntax", "a certificate of the token cannot be read", { cause });
      }
    });
}

function verifySigner(
  signerInfo: Uint8Array,
  content: Uint8Array,
  contentType: string,
  certificates: readonly X509Certificate[],
): X509Certificate {
  const reader = new DerReader(signerInfo);
  reader.next(tags.integer);
  // Which certificate it is, is also told by the signed attributes, and there it cannot be changed.
  reader.next();
  const digest = digestOf(reader.inside(tags.sequence));
  const attributes = reader.next(context(0));
  const algorithm = reader.inside(tags.sequence);
  const signature = reader.next(tags.octetString).content;
  const values = readAttributes(attributes.content);
  const type = DerReader.only(attributeOf(values, oids.contentType), tags.objectIdentifier);
  const hash = DerReader.only(attributeOf(values, oids.messageDigest), tags.octetString);
  if (toDotted(type.content) !== contentType || !hash.content.equals(hashOf(digest, content)))
    throw new TimestampError("signature", "what was signed is not the content of the token");
  const signer = findSigner(values, certificates);
  // Signed as a SET, although an implicit tag stands in its place (RFC 5652 §5.4).
  const signed = encode(tags.set, attributes.content);
  if (!isValid(signed, signature, algorithm, digest, signer))
    throw new TimestampError("signature", "the signature of the token is not valid");
  return signer;
}

/** The one value of each signed attribute, by object identifier. */
function readAttributes(content: Uint8Array): ReadonlyMap<string, Buffer> {
  const values = new Map<string, Buffer>();
  for (const { content: attribute } of new DerReader(content).rest()) {
    const reader = new DerReader(attribute);
    const type = toDotted(reader.next(tags.objectIdentifier).content);
    const set = new DerReader(reader.next(tags.set).content).rest();
    const [value] = set;
    if (value === undefined || set.length > 1 || values.has(type))
      throw new TimestampError("syntax", `the signed attribute ${type} has not exactly one value`);
    values.set(type, value.raw);
  }
  return values;
}

function attributeOf(values: ReadonlyMap<string, Buffer>, type: string): Buffer {
  const value = values.get(type);
  if (value === undefined)
    throw new TimestampError("syntax", `the signed attribute ${type} is missing`);
  return value;
}

/** The certificate whose hash is signed: SigningCertificate (RFC 2634) or its version 2. */
function findSigner(
  values: ReadonlyMap<string, Buffer>,
  certificates: readonly X509Certificate[],
): X509Certificate {
  const newer = values.get(oids.signingCertificateV2);
  const attribute = newer ?? attributeOf(values, oids.signingCertificate);
  const certId = new DerReader(DerReader.only(attribute, tags.sequence).content)
    .inside(tags.sequence)
    .inside(tags.sequence);
  // The older attribute knows SHA-1 only; it chooses among certificates that are checked anyway.
  const algorithm = newer === undefined ? undefined : certId.optional(tags.sequence);
  const digest =
    newer === undefined
      ? "sha1"
      : algorithm === undefined
        ? "sha256"
        : digestOf(new DerReader(algorithm.content));
  const hash = certId.next(tags.octetString).content;
  const signer = certificates.find(({ raw }) => hash.equals(hashOf(digest, raw)));
  if (signer === undefined)
    throw new TimestampError("signature", "the token does not bring the certificate of its signer");
  return signer;
}

function isValid(
  signed: Uint8Array,
  signature: Uint8Array,
  algorithm: DerReader,
  digest: string,
  { publicKey }: X509Certificate,
): boolean {
  const type = toDotted(algorithm.next(tags.objectIdentifier).content);
  if (!Object.hasOwn(signatures, type))
    throw new TimestampError("signature", `signatures of type ${type} are not supported`);
  const own = signatures[type] ?? digest;
  const key =
    type === oids.rsaPss
      ? {
          key: publicKey,
          padding: constants.RSA_PKCS1_PSS_PADDING,
          saltLength: constants.RSA_PSS_SALTLEN_AUTO,
        }
      : publicKey;
  try {
    return verify(own === "none" ? null : own, signed, key, signature);
  } catch {
    // A key of another kind than the algorithm's.
    return false;
  }
}

function digestOf(algorithm: DerReader): string {
  const oid = toDotted(algorithm.next(tags.objectIdentifier).content);
  const digest = Object.hasOwn(digests, oid) ? digests[oid] : undefined;
  if (digest === undefined)
    throw new TimestampError("signature", `the digest ${oid} is not accepted`);
  return digest;
}

function hashOf(digest: string, content: Uint8Array): Buffer {
  return createHash(digest).update(content).digest();
}
