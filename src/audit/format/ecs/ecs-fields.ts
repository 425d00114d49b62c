/** Renders single fields of ECS records as JSON. */
import { isIP } from "node:net";

import type { CertificateFacts, Identity } from "../../../elasticsearch/identity/identity.ts";
import { base64Of, isExact, jsonString, jsonWireString } from "../json-text.ts";
import type { ExchangeRecord, TlsFacts } from "../../record/exchange-record.ts";

const traceparentForm = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;
const methodFields = new Map(
  ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"].map((method) => [
    method,
    `"method":"${method}"`,
  ]),
);

/**
 * The value of `source` or `server`. Anything that is no IP address (a Unix socket) is an `address`
 * only.
 */
export function addressFields(address: string, port: number): string {
  const plain =
    address.startsWith("::ffff:") && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
  if (isIP(plain) === 0) return `{"address":${jsonString(plain)}}`;
  return `{"ip":"${plain}","port":${port}}`;
}

export function tlsFields(tls: TlsFacts): string {
  const version = /^TLSv(\d\.\d)$/.exec(tls.version)?.[1];
  const client = [
    tls.serverName === undefined ? "" : `"server_name":${jsonWireString(tls.serverName)}`,
    certificateFields(tls.clientCertificate),
  ].filter((part) => part !== "");
  const versionFields =
    version === undefined
      ? `"version":${jsonString(tls.version)}`
      : `"version":"${version}","version_protocol":"tls"`;
  const clientField = client.length === 0 ? "" : `,"client":{${client.join(",")}}`;
  return `"tls":{${versionFields},"cipher":${jsonString(tls.cipher)}${clientField}},`;
}

function certificateFields(certificate: CertificateFacts | undefined): string {
  if (certificate === undefined) return "";
  return (
    `"subject":${jsonString(certificate.subject)},"hash":{"sha256":` +
    `${jsonString(certificate.fingerprint256)}}`
  );
}

/** `"client":{…},` where it is somebody else than `source`. */
export function clientFields({
  connection,
  clientAddress,
  clientEvidence,
}: ExchangeRecord): string {
  if (clientEvidence === "peer" || clientEvidence === "untrusted") return "";
  if (clientAddress === connection.peerAddress)
    return `"client":${addressFields(clientAddress, connection.peerPort)},`;
  return isIP(clientAddress) === 0
    ? `"client":{"address":${jsonString(clientAddress)}},`
    : `"client":{"ip":"${clientAddress}"},`;
}

/** `"user":{…},` from what the client claims. */
export function userFields(identity: Identity): string {
  const parts: string[] = [];
  if (identity.userName !== undefined) parts.push(`"name":${jsonWireString(identity.userName)}`);
  if (identity.userId !== undefined) parts.push(`"id":${jsonWireString(identity.userId)}`);
  if (identity.effectiveUserName !== undefined)
    parts.push(`"effective":{"name":${jsonWireString(identity.effectiveUserName)}}`);
  return parts.length === 0 ? "" : `"user":{${parts.join(",")}},`;
}

/** `"auth":{…},` of `es_proxy`; empty without a credential. */
export function authFields(identity: Identity): string {
  if (identity.scheme === "none") return "";
  const { jwt } = identity;
  const parts = [`"scheme":"${identity.scheme}"`];
  if (identity.schemeName !== undefined) parts.push(`"name":${jsonString(identity.schemeName)}`);
  if (identity.malformed) parts.push('"malformed":true');
  if (identity.token !== undefined) parts.push(`"token":"${identity.token}"`);
  if (jwt !== undefined) {
    const claims = [
      jwt.iss === undefined ? "" : `"iss":${jsonString(jwt.iss)},`,
      jwt.sub === undefined ? "" : `"sub":${jsonString(jwt.sub)},`,
      jwt.exp === undefined ? "" : `"exp":${jwt.exp},`,
    ];
    parts.push(`"jwt":{${claims.join("")}"unverified":true}`);
  }
  return `"auth":{${parts.join(",")}},`;
}

/**
 * `"trace":{…},"span":{…},` of a W3C `traceparent`; empty when it is absent or not of that form.
 */
export function traceFields(traceparent: string | undefined): string {
  if (traceparent === undefined) return "";
  const parts = traceparentForm.exec(traceparent);
  return parts === null ? "" : `"trace":{"id":"${parts[1]}"},"span":{"id":"${parts[2]}"},`;
}

/** `"name":"value",` or nothing. */
export function header(name: string, value: string | undefined): string {
  return value === undefined ? "" : `"${name}":${jsonWireString(value)},`;
}

/**
 * `"name":"base64",` with the exact bytes of a value that holds bytes outside ASCII; otherwise
 * nothing.
 */
export function rawField(name: string, value: string | undefined): string {
  return value === undefined || isExact(value) ? "" : `"${name}":"${base64Of(value)}",`;
}

export function methodField(method: string): string {
  return methodFields.get(method) ?? `"method":${jsonWireString(method)}`;
}
