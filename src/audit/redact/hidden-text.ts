/** Finds out whether a text hides secrets in encodings. */
import type { Buffer } from "node:buffer";

import { ByteText } from "./byte-text.ts";
import { decodeText, isEncodedText } from "./decoded-text.ts";
import type { SecretSpans } from "./secret-spans.ts";
import { TextRules, type TextRulesOptions } from "./text-rules.ts";

/** Stands for what was found: a value that is no secret. */
const emptyValue = "null";
const emptyCollection = "{}";
/** The text that is being decoded. */
const rest = new ByteText();

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
    if (!isEncodedText(bytes, start, end)) return false;
    copyWithout(bytes, start, end, found);
    this.#rules ??= new TextRules(this.#options);
    const { bytes: decoded } = rest;
    const length = decodeText(decoded, rest.length);
    rest.clear();
    return this.#rules.find(decoded, 0, length) > 0;
  }
}

/** Copies a text, with something harmless in place of what was found in it. */
function copyWithout(bytes: Buffer, start: number, end: number, found: SecretSpans): void {
  let next = start;
  for (let at = 0; at < found.count; at += 1) {
    const from = found.from[at] ?? 0;
    const to = found.to[at] ?? 0;
    rest.addBytes(bytes, next, from);
    const first = bytes[from];
    // What stood before an `@` leaves a URL without credentials.
    if (first === 0x7b || first === 0x5b) rest.add(emptyCollection);
    else if (bytes[to] !== 0x40) rest.add(emptyValue);
    next = to;
  }
  rest.addBytes(bytes, next, end);
}
