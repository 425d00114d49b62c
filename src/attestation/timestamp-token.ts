/** Checks timestamp tokens (RFC 3161), offline. */
import { Buffer } from "node:buffer";
import { X509Certificate } from "node:crypto";

import { checkAuthority } from "./authority-certificate.ts";
import { verifySignedData } from "./signed-data.ts";
import { TimestampError } from "./timestamp-error.ts";
import { magnitudeOf, readTimestampInfo } from "./timestamp-message.ts";
import type { TimestampInfo } from "./timestamp-message.ts";

/** What a valid token says. */
export interface Timestamp extends TimestampInfo {
  /** The authority, by the subject of its certificate. */
  readonly authority: string;
}

/** id-ct-TSTInfo. */
const contentType = "1.2.840.113549.1.9.16.1.4";
const pemPattern = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/**
 * Checks that a trusted authority has stamped a hash.
 *
 * @param token DER of a ContentInfo, as `openssl ts -verify -token_in` takes it, too
 * @param imprint SHA-256 of what was stamped
 * @param trusted certificates that a chain may end at
 * @param nonce of the request; absent: not compared, as it is not kept with the token
 * @throws {TimestampError}
 */
export function verifyTimestamp(
  token: Uint8Array,
  imprint: Uint8Array,
  trusted: readonly X509Certificate[],
  nonce?: Uint8Array,
): Timestamp {
  const { content, signer, certificates } = verifySignedData(token, contentType);
  const info = readTimestampInfo(content);
  if (Buffer.compare(info.imprint, imprint) !== 0)
    throw new TimestampError("imprint", "the token is for something else");
  if (nonce !== undefined && info.nonce?.equals(magnitudeOf(nonce)) !== true)
    throw new TimestampError("nonce", "the token is the answer to another request");
  checkAuthority(signer, certificates, trusted, info.time);
  return { ...info, authority: signer.subject.replaceAll("\n", ", ") };
}

/** Certificates in a PEM text. @throws {TimestampError} `certificate` when one cannot be read */
export function readCertificates(pem: string): X509Certificate[] {
  return (pem.match(pemPattern) ?? []).map((text) => {
    try {
      return new X509Certificate(text);
    } catch (cause) {
      throw new TimestampError("certificate", "a certificate cannot be read", { cause });
    }
  });
}
