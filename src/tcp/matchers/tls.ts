import { Buffer } from "node:buffer";
import { comparableHost } from "../../core/host-name.ts";
import { latin1, uint16, type Match } from "./match.ts";

/** The fields of a ClientHello, which is not encrypted. */
export interface TlsClientHello {
  /**
   * Server name (RFC 6066 §3), lower case, without the dot of an absolute name; `undefined` when
   * the client sent none.
   */
  readonly serverName: string | undefined;
  /**
   * Application protocols (RFC 7301 §3.1) in the client's order, such as `h2`; empty when it sent
   * none.
   */
  readonly protocols: readonly string[];
}

/**
 * Reads a ClientHello (RFC 8446 §4.1.2), also one that is split over many records (§5.1) or over
 * many TCP segments, as those with post-quantum keys are.
 */
export function tlsClientHello(data: Uint8Array): Match<TlsClientHello> {
  const handshake = joinRecords(data);
  if (handshake === null) return null;
  if (handshake.length > 0 && handshake[0] !== clientHelloType) return null;
  if (handshake.length < 4) return undefined;
  const length = ((handshake[1] ?? 0) << 16) | uint16(handshake, 2);
  if (length > mostHelloBytes) return null;
  if (handshake.length < 4 + length) return undefined;
  return parseHello(handshake.subarray(4, 4 + length));
}

/** The ClientHello's server name, lower case; `null` also for a ClientHello without one. */
export function tlsServerName(data: Uint8Array): Match<string> {
  const hello = tlsClientHello(data);
  return hello === undefined || hello === null ? hello : (hello.serverName ?? null);
}

/** The ClientHello's application protocols; empty for a ClientHello without them. */
export function tlsAlpn(data: Uint8Array): Match<readonly string[]> {
  const hello = tlsClientHello(data);
  return hello === undefined || hello === null ? hello : hello.protocols;
}

/**
 * The handshake bytes of as many records as are there, complete or not; a single record is not
 * copied.
 */
function joinRecords(data: Uint8Array): Uint8Array | null {
  const parts: Uint8Array[] = [];
  let at = 0;
  let wanted = 4;
  let joined = 0;
  while (at < data.length && joined < wanted) {
    if (data[at] !== handshakeRecord) return null;
    if (data.length > at + 1 && data[at + 1] !== 3) return null;
    if (data.length < at + 5) break;
    const length = uint16(data, at + 3);
    // RFC 8446 §5.1: at most 2^14 bytes, and no empty handshake fragments.
    if (length === 0 || length > 16_384) return null;
    const part = data.subarray(at + 5, at + 5 + length);
    parts.push(part);
    joined += part.length;
    at += 5 + length;
    if (wanted === 4 && joined >= 4) {
      const head = parts.length === 1 ? part : Buffer.concat(parts);
      if (head[0] !== clientHelloType) return null;
      wanted = 4 + (((head[1] ?? 0) << 16) | uint16(head, 2));
    }
  }
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
}

function parseHello(hello: Uint8Array): TlsClientHello | null {
  // legacy_version 2, random 32, then session id, cipher suites and compression methods, each
  // behind its length.
  let at = 34;
  at += 1 + (hello[at] ?? 0);
  at += 2 + uint16(hello, at);
  at += 1 + (hello[at] ?? 0);
  if (at > hello.length) return null;
  if (at === hello.length) return { serverName: undefined, protocols: [] };
  const end = at + 2 + uint16(hello, at);
  at += 2;
  if (end !== hello.length) return null;
  let serverName: string | undefined;
  let protocols: readonly string[] = [];
  while (at < end) {
    const type = uint16(hello, at);
    const length = uint16(hello, at + 2);
    if (at + 4 + length > end) return null;
    const extension = hello.subarray(at + 4, at + 4 + length);
    at += 4 + length;
    if (type === serverNameExtension) {
      const name = parseServerName(extension);
      if (name === null) return null;
      serverName = name;
    } else if (type === alpnExtension) {
      const list = parseProtocols(extension);
      if (list === null) return null;
      protocols = list;
    }
  }
  return { serverName, protocols };
}

function parseServerName(extension: Uint8Array): string | null {
  const length = uint16(extension, 3);
  // One list with one entry of type host_name, as every client sends it (RFC 6066 §3 allows no
  // second host_name).
  if (uint16(extension, 0) !== extension.length - 2 || extension[2] !== 0) return null;
  if (length === 0 || length !== extension.length - 5) return null;
  const name = latin1(extension, 5, 5 + length);
  const host = comparableHost(name);
  return /^[\x21-\x7e]+$/.test(host) ? host : null;
}

function parseProtocols(extension: Uint8Array): string[] | null {
  if (uint16(extension, 0) !== extension.length - 2) return null;
  const list: string[] = [];
  for (let at = 2; at < extension.length;) {
    const length = extension[at] ?? 0;
    if (length === 0 || at + 1 + length > extension.length) return null;
    list.push(latin1(extension, at + 1, at + 1 + length));
    at += 1 + length;
  }
  return list;
}

const handshakeRecord = 22;
const clientHelloType = 1;
const serverNameExtension = 0;
const alpnExtension = 16;
/** Bytes: larger than any real ClientHello. A longer announcement is not waited for. */
const mostHelloBytes = 65_536;
