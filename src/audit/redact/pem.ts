/** Private keys in PEM (RFC 7468) within text. */
import type { Buffer } from "node:buffer";

import { quotes } from "./literals.ts";

/** Bytes of `-----BEGIN`; of `ENCRYPTED PRIVATE KEY` and the dashes, and some more. */
const pemBegin = 10;
const maxPemLabel = 48;

/** Index behind the `-----BEGIN … PRIVATE KEY-----` whose first blank stands at `at`; 0: none. */
export function pemStart(bytes: Buffer, at: number, end: number): number {
  const from = Math.max(0, at - pemBegin);
  const label = bytes.toString("latin1", from, Math.min(end, at + maxPemLabel));
  const found = /^-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.exec(label)?.[0];
  return found === undefined ? 0 : from + found.length;
}

/** Index of the dashes behind a key in PEM, which may have fields with single dashes before it. */
export function pemEnd(bytes: Buffer, from: number, end: number): number {
  for (let at = from; at < end; at += 1) {
    if (quotes[bytes[at] ?? 0] === 1) return at;
    if (bytes[at] === 0x2d && bytes[at + 1] === 0x2d) return at;
  }
  return end;
}
