/** Whether a certificate may sign timestamps, and whether it is trusted (RFC 3161 §2.3). */
import type { X509Certificate } from "node:crypto";

import { context, DerReader, tags, toDotted } from "./der.ts";
import { TimestampError } from "./timestamp-error.ts";

const extendedKeyUsage = "2.5.29.37";
const timeStamping = "1.3.6.1.5.5.7.3.8";
/** Longest chain above a signer. */
const maxDepth = 8;

/**
 * Checks the certificate of a token's signer at the time of the token. Revocation is not looked at.
 *
 * @param others certificates that may be between it and a trusted one
 * @param trusted a chain may end at any of them
 * @param time milliseconds since the Unix epoch
 * @throws {TimestampError} `certificate`
 */
export function checkAuthority(
  signer: X509Certificate,
  others: readonly X509Certificate[],
  trusted: readonly X509Certificate[],
  time: number,
): void {
  if (!isForTimestamps(signer))
    throw new TimestampError(
      "certificate",
      "the authority's certificate is not for timestamps alone (a critical extended key usage)",
    );
  let current = signer;
  for (let depth = 0; depth < maxDepth; depth += 1) {
    if (!isValidAt(current, time))
      throw new TimestampError(
        "certificate",
        `a certificate was not valid at the time of the token (${nameOf(current)})`,
      );
    if (trusted.some(({ fingerprint256 }) => fingerprint256 === current.fingerprint256)) return;
    const issuer = [...trusted, ...others].find((candidate) => hasIssued(candidate, current));
    if (issuer === undefined || issuer.fingerprint256 === current.fingerprint256) break;
    current = issuer;
  }
  throw new TimestampError(
    "certificate",
    `no trusted certificate stands above that of the authority (${nameOf(signer)})`,
  );
}

/** True for an extended key usage that is critical and names timestamps and nothing else. */
function isForTimestamps({ raw }: X509Certificate): boolean {
  const certificate = new DerReader(DerReader.only(raw, tags.sequence).content);
  const extensions = certificate
    .inside(tags.sequence)
    .rest()
    .find(({ tag }) => tag === context(3));
  if (extensions === undefined) return false;
  const list = new DerReader(DerReader.only(extensions.content, tags.sequence).content).rest();
  const usages = list.filter(({ content }) => {
    const [type] = new DerReader(content).rest();
    return type !== undefined && toDotted(type.content) === extendedKeyUsage;
  });
  const [usage, ...more] = usages;
  if (usage === undefined || more.length > 0) return false;
  const reader = new DerReader(usage.content);
  reader.next(tags.objectIdentifier);
  const isCritical = reader.optional(tags.boolean)?.content[0] === 0xff;
  const { content } = reader.next(tags.octetString);
  const purposes = new DerReader(DerReader.only(content, tags.sequence).content).rest();
  const [purpose, ...others] = purposes;
  if (purpose === undefined || others.length > 0) return false;
  return isCritical && toDotted(purpose.content) === timeStamping;
}

function hasIssued(issuer: X509Certificate, subject: X509Certificate): boolean {
  try {
    return issuer.ca && subject.checkIssued(issuer) && subject.verify(issuer.publicKey);
  } catch {
    // A key that this OpenSSL does not know.
    return false;
  }
}

function isValidAt(certificate: X509Certificate, time: number): boolean {
  return certificate.validFromDate.getTime() <= time && time <= certificate.validToDate.getTime();
}

/** One line, as its owner has chosen it. */
function nameOf({ subject }: X509Certificate): string {
  return (subject ?? "").replaceAll(/\p{C}/gu, " ").slice(0, 200);
}
