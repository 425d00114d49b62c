/** Finds out whether a text hides secrets in encodings. */
import { Buffer } from "node:buffer";

import { decodedText, mayBeEncoded } from "./decoded-text.ts";
import type { SecretSpans } from "./secret-spans.ts";
import { TextRules, type TextRulesOptions } from "./text-rules.ts";

/** Stands for what was found: a value that is no secret. */
const emptyValue = Buffer.from("null");
const emptyCollection = Buffer.from("{}");

/** Looks through texts a second time, decoded, without what was found in them. */
export class HiddenText {
  readonly #options: TextRulesOptions;
  /** Made for the first text with encodings: most have none. */
  #rules: TextRules | undefined = undefined;

  constructor(rules: TextRulesOptions) {
    this.#options = rules;
  }

  /**
   * Whether `bytes[start, end)` holds more than `found` once it is decoded. Where it does, nobody
   * can say which bytes are the secret: all of it is to be removed.
   */
  hidesMore(bytes: Buffer, start: number, end: number, found: SecretSpans): boolean {
    if (!mayBeEncoded(bytes, start, end)) return false;
    const rest = withoutFound(bytes, start, end, found);
    const decoded = decodedText(rest, 0, rest.length);
    if (decoded === undefined) return false;
    this.#rules ??= new TextRules(this.#options);
    return this.#rules.find(decoded, 0, decoded.length) > 0;
  }
}

function withoutFound(bytes: Buffer, start: number, end: number, found: SecretSpans): Buffer {
  if (found.count === 0) return bytes.subarray(start, end);
  const parts: Buffer[] = [];
  let next = start;
  for (let at = 0; at < found.count; at += 1) {
    const from = found.from[at] ?? 0;
    const to = found.to[at] ?? 0;
    parts.push(bytes.subarray(next, from));
    const first = bytes[from];
    // What stood before an `@` leaves a URL without credentials.
    if (first === 0x7b || first === 0x5b) parts.push(emptyCollection);
    else if (bytes[to] !== 0x40) parts.push(emptyValue);
    next = to;
  }
  parts.push(bytes.subarray(next, end));
  return Buffer.concat(parts);
}
