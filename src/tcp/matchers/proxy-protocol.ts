import { isIPv4, isIPv6 } from "node:net";
import { parsePort } from "../remote-address.ts";
import type { TcpAddress } from "../route-contract.ts";
import { ipv4, ipv6, latin1, startsWith, uint16, type Match } from "./match.ts";

/** The header that a proxy in front of us puts before the client's bytes. */
export interface ProxyHeader {
  readonly version: 1 | 2;
  /** The client as that proxy saw it; `undefined` for its own probes and for other than TCP. */
  readonly source: TcpAddress | undefined;
  /** What the client connected to; `undefined` as above. */
  readonly destination: TcpAddress | undefined;
  /** Bytes of the header: the client's begin there. */
  readonly length: number;
}

/**
 * Reads a PROXY protocol header, version 1 (text) or 2 (binary), as HAProxy's `proxy-protocol.txt`
 * defines them.
 *
 * The header is only as true as its sender: ask `connection.peer` before you believe it.
 */
export function proxyProtocol(data: Uint8Array): Match<ProxyHeader> {
  return data[0] === 0x0d ? version2(data) : version1(data);
}

function version1(data: Uint8Array): Match<ProxyHeader> {
  const prefix = startsWith(data, "PROXY ");
  if (prefix !== true) return prefix;
  const end = data.indexOf(0x0a);
  // §2.1: at most 107 bytes with CR LF.
  if (end < 0) return data.length >= 107 ? null : undefined;
  if (end > 106 || data[end - 1] !== 0x0d) return null;
  const words = latin1(data, 0, end - 1).split(" ");
  const length = end + 1;
  if (words[1] === "UNKNOWN")
    return { version: 1, source: undefined, destination: undefined, length };
  const [, family, from = "", to = "", fromPort = "", toPort = ""] = words;
  const isAddress = family === "TCP4" ? isIPv4 : family === "TCP6" ? isIPv6 : undefined;
  const source = parsePort(fromPort);
  const destination = parsePort(toPort);
  if (words.length !== 6 || isAddress === undefined || !isAddress(from) || !isAddress(to))
    return null;
  if (source === undefined || destination === undefined) return null;
  return {
    version: 1,
    source: { address: from, port: source },
    destination: { address: to, port: destination },
    length,
  };
}

function version2(data: Uint8Array): Match<ProxyHeader> {
  const prefix = startsWith(data, signature);
  if (prefix === null) return null;
  if (data.length > 12 && data[12] !== 0x20 && data[12] !== 0x21) return null;
  if (data.length < 16) return undefined;
  const length = 16 + uint16(data, 14);
  if (data.length < length) return undefined;
  const isLocal = data[12] === 0x20;
  const size = data[13] === 0x11 ? 4 : data[13] === 0x21 ? 16 : undefined;
  if (isLocal || size === undefined)
    return { version: 2, source: undefined, destination: undefined, length };
  if (length < 16 + 2 * size + 4) return null;
  const toText = size === 4 ? ipv4 : ipv6;
  const ports = 16 + 2 * size;
  return {
    version: 2,
    source: { address: toText(data, 16), port: uint16(data, ports) },
    destination: { address: toText(data, 16 + size), port: uint16(data, ports + 2) },
    length,
  };
}

const signature = "\r\n\r\n\0\r\nQUIT\n";
