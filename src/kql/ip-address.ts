/** Addresses and CIDR blocks as Elasticsearch's `ip` type compares them. */
import { isIP } from "node:net";

const mappedPrefix = `${"0".repeat(20)}ffff`;

/**
 * An address as 32 hexadecimal digits, IPv4 mapped into IPv6, so that comparing strings compares
 * addresses; `undefined` when the text is none, or has a zone.
 */
export function addressKey(text: string): string | undefined {
  const family = isIP(text);
  if (family === 4) return mappedPrefix + hexOfV4(text);
  if (family !== 6 || text.includes("%")) return undefined;
  const lastColon = text.lastIndexOf(":");
  const tail = text.slice(lastColon + 1);
  const plain = tail.includes(".")
    ? text.slice(0, lastColon + 1) + hexOfV4(tail).replace(/(.{4})(.{4})/, "$1:$2")
    : text;
  const gap = plain.indexOf("::");
  const left = groupsOf(gap < 0 ? plain : plain.slice(0, gap));
  const right = gap < 0 ? "" : groupsOf(plain.slice(gap + 2));
  return left + "0".repeat(32 - left.length - right.length) + right;
}

/** First and last address of a CIDR block such as `10.0.0.0/8`; `undefined` when it is none. */
export function blockKeys(text: string): readonly [first: string, last: string] | undefined {
  const [, address = "", digits] = /^(.+)\/(\d{1,3})$/.exec(text) ?? [];
  const key = addressKey(address);
  if (key === undefined) return undefined;
  const isV4 = isIP(address) === 4;
  const length = Number(digits) + (isV4 ? 96 : 0);
  if (length > 128) return undefined;
  const hostBits = BigInt(128 - length);
  const first = (BigInt(`0x${key}`) >> hostBits) << hostBits;
  const last = first | ((1n << hostBits) - 1n);
  return [first.toString(16).padStart(32, "0"), last.toString(16).padStart(32, "0")];
}

function hexOfV4(text: string): string {
  return text
    .split(".")
    .map((part) => Number(part).toString(16).padStart(2, "0"))
    .join("");
}

function groupsOf(text: string): string {
  if (text === "") return "";
  return text
    .split(":")
    .map((group) => group.toLowerCase().padStart(4, "0"))
    .join("");
}
