import { Buffer, isAscii } from "node:buffer";
import { isIPv6 } from "node:net";
import { createSecureContext } from "node:tls";
import { domainToASCII } from "node:url";
import { z } from "zod";

import { isHost } from "./address.ts";
import { defaults } from "./defaults.ts";
import { file } from "./scalar-schemas.ts";

/** `1.2` and `1.3`, quoted or not, as Node.js names them. */
export const tlsVersion = z
  .union([z.enum(["1.2", "1.3"]), z.literal([1.2, 1.3])], { error: 'expected "1.2" or "1.3"' })
  .transform((version) => (Number(version) === 1.2 ? ("TLSv1.2" as const) : ("TLSv1.3" as const)))
  .prefault(defaults.poolTls.minVersion === "TLSv1.2" ? "1.2" : "1.3")
  .describe("Oldest version of TLS that is spoken.");

/** A list of suites that this program's OpenSSL knows. */
const cipherList = z
  .string()
  .refine(
    isCipherList,
    "OpenSSL knows none of these suites; `openssl ciphers -v` lists the names it knows",
  )
  .default(defaults.ciphers)
  .describe(
    "Suites in the order of preference, as OpenSSL names them. The default has forward " +
      "secrecy and authenticated encryption only: neither CBC nor static RSA.",
  );

function isCipherList(ciphers: string): boolean {
  // Node.js takes an empty list for its own, which has CBC and static RSA.
  if (ciphers.trim() === "") return false;
  try {
    createSecureContext({ ciphers });
    return true;
  } catch {
    return false;
  }
}

/** `tls` of listeners, towards clients. */
export const listenerTls = z
  .strictObject({
    cert: file.describe("Certificate chain, PEM. Read again when the file changes."),
    key: file.describe("Private key of the certificate, PEM, not encrypted."),
    client_ca: file
      .optional()
      .describe(
        "Authorities of client certificates, PEM. Given: clients are asked for a certificate.",
      ),
    client_crl: file
      .optional()
      .describe(
        "Revoked client certificates: lists (CRL) of all authorities in `client_ca`, PEM. Read " +
          "again when the file changes. Certificates of an authority without a list, or with one " +
          "that has expired, are not valid. Open connections stay.",
      ),
    client_auth: z
      .enum(["require", "request"])
      .optional()
      .describe(
        "With `client_ca`: `require` (the default) refuses clients without a valid " +
          "certificate, `request` lets them in unnamed.",
      ),
    min_version: tlsVersion,
    ciphers: cipherList,
  })
  .describe("TLS towards clients. Absent: plain text.");

/** `tls` of pools, towards endpoints. */
export const poolTls = z
  .strictObject({
    ca: file.optional().describe("Authorities that are trusted instead of those of Node.js, PEM."),
    verify: z
      .boolean()
      .default(defaults.poolTls.verify)
      .describe(
        "Check chain and name of the endpoint's certificate. `false` is for tests only: " +
          "anyone on the way can read and change everything.",
      ),
    cert: file.optional().describe("Client certificate, PEM."),
    key: file.optional().describe("Private key of the client certificate, PEM."),
    server_name: z
      .string()
      .refine(isServerName, "expected a host name or an IP address, without port and wildcard")
      .optional()
      .describe(
        "Name for SNI and verification, which must stand among the alternative names of the " +
          "certificate. Default: the endpoint's host.",
      ),
    min_version: tlsVersion,
    ciphers: cipherList,
  })
  .prefault({})
  .describe("TLS towards `https` endpoints; no effect on others.");

function isServerName(text: string): boolean {
  // `1.2` is an address to the other one.
  return (
    isIPv6(text) || isHost(text) || (!isAscii(Buffer.from(text)) && isHost(domainToASCII(text)))
  );
}
