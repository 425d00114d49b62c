/** Requests to timestamp authorities and their answers (RFC 3161 §2.4). */
import { Buffer } from "node:buffer";

import {
  context,
  DerReader,
  encode,
  encodeInteger,
  encodeObjectIdentifier,
  tags,
  toDotted,
} from "./der.ts";
import { TimestampError } from "./timestamp-error.ts";

/** What a token certifies. */
export interface TimestampInfo {
  /** SHA-256 of what was stamped. */
  readonly imprint: Buffer;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  /** The authority's rules, as an object identifier. */
  readonly policy: string;
  /** Of the token, unique for the authority; hex. */
  readonly serialNumber: string;
  /** Magnitude of the request's nonce; `undefined`: there was none. */
  readonly nonce: Buffer | undefined;
}

export const sha256Oid = "2.16.840.1.101.3.4.2.1";
const timePattern = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{1,9}))?Z$/;

/** Words of PKIFailureInfo (RFC 3161 §2.4.2), by the number of their bit. */
const failures: Readonly<Record<number, string>> = {
  0: "unknown or unsupported algorithm",
  2: "the transaction is not permitted",
  5: "the data has the wrong format",
  14: "the time source is not available",
  15: "the policy is not supported",
  16: "an extension is not supported",
  17: "additional information is not available",
  25: "system failure",
};

/**
 * A request for a token over a SHA-256.
 *
 * @param nonce some random bytes; the token must repeat them
 */
export function formatTimestampRequest(imprint: Uint8Array, nonce: Uint8Array): Buffer {
  const algorithm = encode(tags.sequence, encodeObjectIdentifier(sha256Oid), encode(tags.null));
  return encode(
    tags.sequence,
    encodeInteger(Buffer.of(1)),
    encode(tags.sequence, algorithm, encode(tags.octetString, imprint)),
    encodeInteger(nonce),
    // certReq: the token must bring the certificate that verifies it.
    encode(tags.boolean, Buffer.of(0xff)),
  );
}

/**
 * The token in an answer, as DER of a ContentInfo.
 *
 * @throws {TimestampError} `rejected` with the authority's reason, or `syntax`
 */
export function readTimestampResponse(response: Uint8Array): Buffer {
  const reader = new DerReader(DerReader.only(response, tags.sequence).content);
  const info = reader.inside(tags.sequence);
  const status = readSmall(info.next(tags.integer).content);
  // granted (0) and grantedWithMods (1) are the only ones with a token.
  if (status > 1)
    throw new TimestampError("rejected", `the authority refuses (${status}): ${reasonOf(info)}`);
  const token = reader.next(tags.sequence);
  reader.end();
  return Buffer.from(token.raw);
}

/** Reads the TSTInfo of a token. @throws {TimestampError} `syntax`, `imprint` for other hashes */
export function readTimestampInfo(content: Uint8Array): TimestampInfo {
  const reader = new DerReader(DerReader.only(content, tags.sequence).content);
  if (readSmall(reader.next(tags.integer).content) !== 1)
    throw new TimestampError("syntax", "the token has not version 1");
  const policy = toDotted(reader.next(tags.objectIdentifier).content);
  const messageImprint = reader.inside(tags.sequence);
  const algorithm = messageImprint.inside(tags.sequence);
  if (toDotted(algorithm.next(tags.objectIdentifier).content) !== sha256Oid)
    throw new TimestampError("imprint", "the token is not about a SHA-256");
  const imprint = messageImprint.next(tags.octetString).content;
  messageImprint.end();
  const serialNumber = reader.next(tags.integer).content.toString("hex");
  const time = readTime(reader.next(tags.generalizedTime).content.toString("latin1"));
  reader.optional(tags.sequence);
  reader.optional(tags.boolean);
  const nonce = reader.optional(tags.integer)?.content;
  reader.optional(context(0));
  reader.optional(context(1));
  reader.end();
  return { imprint, time, policy, serialNumber, nonce: nonce && magnitudeOf(nonce) };
}

/** Bytes of a number without leading zeros. */
export function magnitudeOf(integer: Uint8Array): Buffer {
  const bytes = Buffer.from(integer);
  const start = bytes.findIndex((byte) => byte !== 0);
  return start < 0 ? Buffer.alloc(0) : bytes.subarray(start);
}

function readSmall(content: Uint8Array): number {
  const [value = 256] = content;
  if (content.length !== 1 || value >= 0x80)
    throw new TimestampError("syntax", "a number of the answer is out of range");
  return value;
}

function readTime(text: string): number {
  const [, year, month, day, hour, minute, second, fraction = "0"] = timePattern.exec(text) ?? [];
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
  const time = Date.parse(iso);
  if (Number.isNaN(time)) throw new TimestampError("syntax", "the token's time cannot be read");
  return time + Math.floor(Number(`0.${fraction}`) * 1000);
}

/** The authority's text if there is one, else the words for its failure bits. */
function reasonOf(info: DerReader): string {
  const texts = info.optional(tags.sequence);
  const bits = info.optional(tags.bitString)?.content;
  const [text] = texts === undefined ? [] : new DerReader(texts.content).rest();
  if (text !== undefined && text.tag === tags.utf8String)
    return text.content.toString("utf8").replaceAll(/\p{C}/gu, "?").slice(0, 200);
  const set = Object.entries(failures).filter(([bit]) => isBitSet(bits, Number(bit)));
  return set.length === 0 ? "no reason given" : set.map(([, words]) => words).join(", ");
}

/** Bit 0 is the highest one of the first byte behind the count of unused bits (X.690 §8.6). */
function isBitSet(content: Uint8Array | undefined, bit: number): boolean {
  const byte = content?.[1 + Math.floor(bit / 8)] ?? 0;
  return (byte & (0x80 >> (bit % 8))) !== 0;
}
