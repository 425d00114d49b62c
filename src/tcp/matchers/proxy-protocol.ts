import { Buffer } from "node:buffer";
import { readProxyHeader, type ProxyHeader as Header } from "../../net/proxy-protocol.ts";
import type { Match } from "./match.ts";

/** The header that a proxy in front of us puts before the client's bytes. */
export interface ProxyHeader extends Header {
  readonly version: 1 | 2;
}

/**
 * Reads a PROXY protocol header, version 1 (text) or 2 (binary), as HAProxy's `proxy-protocol.txt`
 * defines them: additional fields that overrun and a wrong checksum make it none.
 *
 * The header is only as true as its sender: ask `connection.peer` before you believe it.
 */
export function proxyProtocol(data: Uint8Array): Match<ProxyHeader> {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const header = readProxyHeader(bytes, Infinity);
  return header && { version: bytes[0] === 0x0d ? 2 : 1, ...header };
}
