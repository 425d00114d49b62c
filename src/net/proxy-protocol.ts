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
/** Longest header that is read: v2 with unix addresses, or with IP addresses and some TLVs. */
export const maxProxyHeaderBytes = 536;

/**
 * Reads a PROXY protocol header, version 1 or 2, at the begin of a connection.
 *
 * @returns `undefined` while bytes are missing, `null` when it is none (or one that is too long).
 */
export function readProxyHeader(bytes: Buffer): ProxyHeader | undefined | null {
  if (startsLike(bytes, signature)) return bytes.length < 16 ? undefined : readV2(bytes);
  if (startsLike(bytes, v1Start)) return readV1(bytes);
  return null;
}

function startsLike(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length);
  return bytes.compare(start, 0, length, 0, length) === 0;
}

function readV1(bytes: Buffer): ProxyHeader | undefined | null {
  const end = bytes.subarray(0, maxLine).indexOf("\r\n");
  if (end === -1) return bytes.length < maxLine ? undefined : null;
  const length = end + 2;
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

function readV2(bytes: Buffer): ProxyHeader | undefined | null {
  const versionAndCommand = bytes.readUInt8(12);
  const family = bytes.readUInt8(13);
  const length = 16 + bytes.readUInt16BE(14);
  if (versionAndCommand >> 4 !== 2 || (versionAndCommand & 0xf) > 1 || length > maxProxyHeaderBytes)
    return null;
  if (bytes.length < length) return undefined;
  const header = bytes.subarray(0, length);
  const isLocal = (versionAndCommand & 0xf) === 0;
  const addressesEnd = 16 + addressBytes(family, length);
  if (addressesEnd > length) return null;
  // A LOCAL header may have anything in place of the addresses (§2.2), so the place of the TLVs is
  // unknown.
  if (!isLocal && !areTlvsValid(header, addressesEnd)) return null;
  if (isLocal) return { source: undefined, destination: undefined, length };
  if (family === 0x11)
    return {
      source: { address: bytes.subarray(16, 20).join("."), port: bytes.readUInt16BE(24) },
      destination: { address: bytes.subarray(20, 24).join("."), port: bytes.readUInt16BE(26) },
      length,
    };
  if (family === 0x21)
    return {
      source: { address: ipv6(bytes.subarray(16, 32)), port: bytes.readUInt16BE(48) },
      destination: { address: ipv6(bytes.subarray(32, 48)), port: bytes.readUInt16BE(50) },
      length,
    };
  return family === 0x00 || family === 0x31
    ? { source: undefined, destination: undefined, length }
    : null;
}

/** Length of both addresses and ports of a family; everything where it has none of its own. */
function addressBytes(family: number, length: number): number {
  switch (family) {
    case 0x11:
      return 12;
    case 0x21:
      return 36;
    case 0x31:
      return 216;
    default:
      return length - 16;
  }
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
