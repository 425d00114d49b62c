import { isIP } from "node:net";

const V4_PREFIX = "00000000000000000000ffff";

/**
 * An address as 32 hexadecimal digits (IPv4 mapped into IPv6, as the `ip` field type stores it), so
 * that comparing strings compares addresses; `undefined` when the text is no address.
 */
export function ipKey(text: string): string | undefined {
  const family = isIP(text);
  if (family === 4) return V4_PREFIX + v4Hex(text);
  if (family !== 6 || text.includes("%")) return undefined;
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const hex = v4Hex(dotted?.[2] ?? "");
  const plain = dotted === null ? text : `${dotted[1] ?? ""}${hex.slice(0, 4)}:${hex.slice(4)}`;
  const [head = "", tail] = plain.split("::");
  const left = groupsOf(head);
  const right = groupsOf(tail ?? "");
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  return [...left, ...Array.from({ length: zeros }, () => "0000"), ...right].join("");
}

/**
 * First and last address of a CIDR block such as `10.0.0.0/8`; `undefined` when the text is none.
 */
export function cidrRange(text: string): readonly [string, string] | undefined {
  const found = /^(.+)\/(\d{1,3})$/.exec(text);
  const key = ipKey(found?.[1] ?? "");
  if (key === undefined) return undefined;
  const isV4 = isIP(found?.[1] ?? "") === 4;
  const bits = Number(found?.[2]);
  if (bits > (isV4 ? 32 : 128)) return undefined;
  const hostBits = BigInt((isV4 ? 32 : 128) - bits);
  const first = (BigInt(`0x${key}`) >> hostBits) << hostBits;
  const last = first | ((1n << hostBits) - 1n);
  return [hex32(first), hex32(last)];
}

/** The address in its usual notation (RFC 5952 for IPv6). */
export function ipText(key: string): string {
  if (key.startsWith(V4_PREFIX))
    return [24, 26, 28, 30].map((at) => parseInt(key.slice(at, at + 2), 16)).join(".");
  const groups = Array.from({ length: 8 }, (_, at) => parseInt(key.slice(at * 4, at * 4 + 4), 16));
  let best = { at: 0, length: 0 };
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (at + length < 8 && groups[at + length] === 0) length++;
    if (length > best.length) best = { at, length };
  }
  const text = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(":");
  return best.length < 2 ? text(0, 8) : `${text(0, best.at)}::${text(best.at + best.length, 8)}`;
}

function v4Hex(text: string): string {
  return text
    .split(".")
    .map((part) => Number(part).toString(16).padStart(2, "0"))
    .join("");
}

function groupsOf(text: string): string[] {
  return text === "" ? [] : text.split(":").map((group) => group.padStart(4, "0").toLowerCase());
}

function hex32(value: bigint): string {
  return value.toString(16).padStart(32, "0");
}
