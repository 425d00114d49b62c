import { Buffer } from "node:buffer";
/**
 * What every matcher returns: the result; `undefined` while it needs more bytes to be sure; `null`
 * when the bytes cannot become this protocol. Each is a pure function of all bytes so far, gives
 * `null` at the first wrong byte, and never throws.
 */
export type Match<T> = T | undefined | null;

/**
 * Whether bytes are the beginning of a text, or go beyond it.
 *
 * @returns `true` when the text is there, `undefined` when it may come, `null` when it cannot
 */
export function startsWith(data: Uint8Array, text: string): Match<true> {
  const length = Math.min(data.length, text.length);
  for (let at = 0; at < length; at += 1) if (data[at] !== text.charCodeAt(at)) return null;
  return data.length >= text.length ? true : undefined;
}

/** Bytes as text, one character per byte: nothing is lost, and nothing fails. */
export function latin1(data: Uint8Array, from: number, to: number): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("latin1", from, to);
}

/** Bytes as UTF-8. */
export function utf8(data: Uint8Array, from: number, to: number): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("utf8", from, to);
}

/** A big-endian number of two bytes; bytes that are not there count as 0. */
export function uint16(data: Uint8Array, at: number): number {
  return ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0);
}

/** A big-endian number of four bytes, without sign. */
export function uint32(data: Uint8Array, at: number): number {
  return uint16(data, at) * 0x10000 + uint16(data, at + 2);
}

/** Four bytes as an IPv4 address. */
export function ipv4(data: Uint8Array, at: number): string {
  return data.subarray(at, at + 4).join(".");
}

/** Sixteen bytes as an IPv6 address, every group written out. */
export function ipv6(data: Uint8Array, at: number): string {
  return Array.from({ length: 8 }, (_, group) => uint16(data, at + 2 * group).toString(16)).join(
    ":",
  );
}
