/** Redacts plain text line by line: error pages, logs, tables, JSON that is called text. */
import type { Buffer } from "node:buffer";
import { unescapedLetters } from "./json-escapes.ts";
import type { BodyRules } from "./body-rules.ts";
import { SegmentRedactor } from "./segment-redactor.ts";
import { byteSet } from "./text-bytes.ts";
import { TextRules } from "./text-rules.ts";

const lineEnds = byteSet("\n");
/** Behind these, no name, value or URL goes on. */
const divides = byteSet(" \t\r,;&>}");

/** One body of text; see `BodyRedactor`. */
export class TextRedactor extends SegmentRedactor {
  readonly #text: TextRules;
  readonly #decoded: TextRules;
  readonly #isText: boolean;

  /**
   * @param isText what is no text ends what is stored: a zero byte, a long line without a white
   *   space. False: it is looked through like text
   */
  constructor(rules: BodyRules, isText = true) {
    super(rules.key, lineEnds);
    this.#isText = isText;
    this.#text = new TextRules(rules);
    this.#decoded = new TextRules(rules);
  }

  protected override examine(
    bytes: Buffer,
    start: number,
    end: number,
    position: number,
    isLast: boolean,
  ): boolean {
    const text = this.#text;
    const found = isLast ? text.findLast(bytes, start, end) : text.findNext(bytes, start, end);
    if (this.#hidesMore(bytes, start, end, found)) return false;
    this.replaceAll(text.spans, bytes, position - start);
    return !this.#isText || !bytes.subarray(start, end).includes(0);
  }

  /**
   * Whether JSON escapes in a line, such as `pass\\u0077ord`, hide more than was found: then
   * nothing more is stored.
   */
  #hidesMore(bytes: Buffer, start: number, end: number, found: number): boolean {
    const decoded = unescapedLetters(bytes, start, end);
    return decoded !== undefined && this.#decoded.find(decoded, 0, decoded.length) > found;
  }

  protected override divide(bytes: Buffer, start: number, end: number): number {
    if (this.#text.isInside) return end;
    for (let at = end - 1; at > start; at -= 1) if (divides[bytes[at] ?? 0] === 1) return at + 1;
    return this.#isText ? start : end;
  }
}
