import { Buffer } from "node:buffer";
import { isIP } from "node:net";

import { areTlvsValid } from "./proxy-tlvs.ts";

/**
 * The two ends of the client's own connection, from a PROXY protocol header; `undefined` addresses
 * for LOCAL and UNKNOWN.
 */
export interface ProxyHeader {
  readonly source: { readonly address: string; readonly port: number } | undefined;
  readonly destination: { readonly address: string; readonly port: number } | undefined;
  /** Bytes of the header. */
  readonly length: number;
}

/** Longest v1 line with its line end (PROXY protocol specification §2.1). */
const maxLine = 107;
const signature = Buffer.from("0d0a0d0a000d0a515549540a", "hex");
const v1Start = Buffer.from("PROXY ");
/** Version and command. */
const local = 0x20;
const proxied = 0x21;
const unspecified = 0x00;
const tcp4 = 0x11;
const tcp6 = 0x21;
/**
 * Length of both addresses and ports of each family and transport that there is. Those that are not
 * TCP over IP count as unspecified, as the specification asks for (§2.2).
 */
const addressBytes: Readonly<Record<number, number>> = {
  [unspecified]: 0,
  [tcp4]: 12,
  0x12: 12,
  [tcp6]: 36,
  0x22: 36,
  0x31: 216,
  0x32: 216,
};
/** Longest header that is read: v2 with unix addresses, or with IP addresses and some TLVs. */
export const maxProxyHeaderBytes = 536;

/**
 * Reads a PROXY protocol header, version 1 or 2, at the begin of a connection.
 *
 * @param mostBytes of a header of version 2
 * @returns `undefined` while bytes are missing, `null` when it is none (or one that is too long).
 */
export function readProxyHeader(
  bytes: Buffer,
  mostBytes: number = maxProxyHeaderBytes,
): ProxyHeader | undefined | null {
  if (startsLike(bytes, signature)) return readV2(bytes, mostBytes);
  if (startsLike(bytes, v1Start)) return readV1(bytes);
  return null;
}

function startsLike(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length);
  return bytes.compare(start, 0, length, 0, length) === 0;
}

function readV1(bytes: Buffer): ProxyHeader | undefined | null {
  const length = bytes.subarray(0, maxLine).indexOf(0x0a) + 1;
  if (length === 0) return bytes.length < maxLine ? undefined : null;
  const end = length - 2;
  if (bytes[end] !== 0x0d) return null;
  const [, family, from = "", to = "", fromPort = "", toPort = "", ...more] = bytes
    .toString("latin1", 0, end)
    .split(" ");
  if (family === "UNKNOWN") return { source: undefined, destination: undefined, length };
  const version = family === "TCP4" ? 4 : family === "TCP6" ? 6 : 0;
  if (
    version === 0 ||
    more.length > 0 ||
    isIP(from) !== version ||
    isIP(to) !== version ||
    from.includes("%") ||
    to.includes("%")
  )
    return null;
  if (!isPort(fromPort) || !isPort(toPort)) return null;
  return {
    source: { address: from, port: Number(fromPort) },
    destination: { address: to, port: Number(toPort) },
    length,
  };
}

function isPort(text: string): boolean {
  return /^(?:0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65535;
}

function readV2(bytes: Buffer, mostBytes: number): ProxyHeader | undefined | null {
  const [command = local, family = unspecified] = bytes.subarray(12);
  if (command !== local && command !== proxied) return null;
  if (bytes.length < 16) return undefined;
  const length = 16 + bytes.readUInt16BE(14);
  const addresses = addressBytes[family];
  const addressesEnd = 16 + (addresses ?? 0);
  const isLocal = command === local;
  // The family of a LOCAL header is ignored, and what stands in place of the addresses (§2.2).
  if (length > mostBytes || (!isLocal && (addresses === undefined || addressesEnd > length)))
    return null;
  if (bytes.length < length) return undefined;
  const header = bytes.subarray(0, length);
  const isUnknown = isLocal || family === unspecified;
  if (!areTlvsValid(header, isUnknown ? 16 : addressesEnd, isUnknown)) return null;
  if (isUnknown || (family !== tcp4 && family !== tcp6))
    return { source: undefined, destination: undefined, length };
  const size = family === tcp4 ? 4 : 16;
  const textOf = (at: number): string => {
    const address = header.subarray(at, at + size);
    return family === tcp4 ? address.join(".") : ipv6(address);
  };
  const ports = 16 + size * 2;
  return {
    source: { address: textOf(16), port: header.readUInt16BE(ports) },
    destination: { address: textOf(16 + size), port: header.readUInt16BE(ports + 2) },
    length,
  };
}

function ipv6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16)).join(
    ":",
  );
  return new URL(`http://[${groups}]`).hostname.slice(1, -1);
}

/** The connection that a header describes: its two ends. */
export interface ProxiedConnection {
  readonly peerAddress: string;
  readonly peerPort: number;
  readonly localAddress: string;
  readonly localPort: number;
}

/**
 * The header for a connection made on behalf of `client`. Where that has no IP addresses of one
 * family (a unix socket): v1 `UNKNOWN`, v2 `UNSPEC`.
 */
export function writeProxyHeader(version: "v1" | "v2", client: ProxiedConnection): Buffer {
  const { peerAddress, peerPort, localAddress, localPort } = client;
  const family = isIP(peerAddress) === isIP(localAddress) ? isIP(peerAddress) : 0;
  if (version === "v1") {
    if (family === 0) return Buffer.from("PROXY UNKNOWN\r\n");
    return Buffer.from(
      `PROXY TCP${family} ${bare(peerAddress)} ${bare(localAddress)} ${peerPort} ${localPort}\r\n`,
    );
  }
  const addressLength = family === 4 ? 4 : 16;
  const length = family === 0 ? 0 : addressLength * 2 + 4;
  const header = emptyHeader(0x21, family === 0 ? 0x00 : family === 4 ? 0x11 : 0x21, length);
  if (family === 0) return header;
  bytesOf(peerAddress, family).copy(header, 16);
  bytesOf(localAddress, family).copy(header, 16 + addressLength);
  header.writeUInt16BE(peerPort, 16 + addressLength * 2);
  header.writeUInt16BE(localPort, 18 + addressLength * 2);
  return header;
}

/** The header for a connection of our own, such as a health probe: v1 `UNKNOWN`, v2 `LOCAL`. */
export function writeOwnHeader(version: "v1" | "v2"): Buffer {
  return version === "v1" ? Buffer.from("PROXY UNKNOWN\r\n") : emptyHeader(0x20, 0x00, 0);
}

function emptyHeader(versionAndCommand: number, family: number, length: number): Buffer {
  const header = Buffer.alloc(16 + length);
  signature.copy(header);
  header.writeUInt8(versionAndCommand, 12);
  header.writeUInt8(family, 13);
  header.writeUInt16BE(length, 14);
  return header;
}

/**
 * Without the zone of a link-local address, which means something on this machine only (RFC 4007
 * §11.2).
 */
function bare(address: string): string {
  return address.replace(/%.*$/, "");
}

function bytesOf(address: string, family: number): Buffer {
  if (family === 4) return Buffer.from(address.split(".").map(Number));
  const [head = "", tail] = new URL(`http://[${bare(address)}]`).hostname.slice(1, -1).split("::");
  const groups = (text: string): string[] => (text === "" ? [] : text.split(":"));
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  const middle = Array.from({ length: 8 - front.length - back.length }, () => "0");
  return Buffer.from(
    [...front, ...middle, ...back].map((group) => group.padStart(4, "0")).join(""),
    "hex",
  );
}
