/** What text-scanner.ts knows of XML and HTML. */
import { Buffer } from "node:buffer";

import { byteSet, firstOf, nameStart } from "./text-bytes.ts";

const lessThan = 0x3c;
const greaterThan = 0x3e;
const bracket = 0x5d;
const endsTag = byteSet("<>");
const endsTagName = byteSet(" \t\r\n/<>");
const aroundLabel = byteSet(" \t\r\n:");
const cdata = "<![CDATA[";

/** Attributes that name what stands in `value`: `<input name="password" value="…">`. */
const namingAttribute = /\s(?:name|key|id|field)\s*=\s*["']?([^"'\s>]+)/i;
/** A tag is looked for so many bytes before one of its attributes. */
const maxTag = 512;

/** Index behind the tag that begins at `at`; 0: it has no end in `bytes[at, end)`. */
export function tagEnd(bytes: Uint8Array, at: number, end: number): number {
  const stop = firstOf(endsTag, bytes, at + 1, end);
  return stop < end && bytes[stop] === greaterThan ? stop + 1 : 0;
}

/** The end of the name of an opening tag, whose `<` stands at `at`; `at + 1`: it is none. */
export function tagNameEnd(bytes: Uint8Array, at: number, end: number): number {
  return firstOf(endsTagName, bytes, at + 1, end);
}

/** Index behind `<![CDATA[` at `at`; 0: it does not stand there. */
export function cdataStart(bytes: Buffer, at: number, end: number): number {
  const start = at + cdata.length;
  return start <= end && bytes.toString("latin1", at, start) === cdata ? start : 0;
}

/** Where `]]>` stands; `end`: nowhere. */
export function cdataEnd(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at + 2 < end; at += 1)
    if (bytes[at] === bracket && bytes[at + 1] === bracket && bytes[at + 2] === greaterThan)
      return at;
  return end;
}

/** The single word between another tag and the one at `at`; `undefined`: there is none. */
export function labelBefore(bytes: Buffer, lowest: number, at: number): Buffer | undefined {
  let last = at;
  while (last > lowest && aroundLabel[bytes[last - 1] ?? 0] === 1) last -= 1;
  const word = nameStart(bytes, lowest, last);
  let first = word;
  while (first > lowest && aroundLabel[bytes[first - 1] ?? 0] === 1) first -= 1;
  const isLabel = word < last && first > lowest && bytes[first - 1] === greaterThan;
  return isLabel ? bytes.subarray(word, last) : undefined;
}

/** Where the tag begins in which `at` stands; -1: in none. */
export function tagStart(bytes: Uint8Array, start: number, at: number): number {
  const lowest = Math.max(start, at - maxTag);
  for (let from = at - 1; from >= lowest; from -= 1) {
    if (bytes[from] === lessThan) return from;
    if (bytes[from] === greaterThan) return -1;
  }
  return -1;
}

/** What the tag `[at, end)` names in an attribute; `undefined`: nothing. */
export function nameInTag(bytes: Buffer, at: number, end: number): Buffer | undefined {
  const last = Math.min(end, at + 2 * maxTag);
  const name = namingAttribute.exec(bytes.toString("latin1", at, last))?.[1];
  return name === undefined ? undefined : Buffer.from(name, "latin1");
}
