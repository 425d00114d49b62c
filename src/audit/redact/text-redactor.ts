/** Redacts plain text line by line: error pages, logs, tables, JSON that is called text. */
import type { Buffer } from "node:buffer";
import type { BodyRules } from "./body-rules.ts";
import { HiddenText } from "./hidden-text.ts";
import { SegmentRedactor, type Division } from "./segment-redactor.ts";
import { wantedBytes } from "./byte-search.ts";
import { byteSet } from "./text-bytes.ts";
import { TextRules } from "./text-rules.ts";

const lineEnds = wantedBytes("\n");
/** Behind these, no name, value or URL goes on. */
const divides = byteSet(" \t\r,;&>}");

/** Bytes that no text holds in a charset such as ISO-8859-1: control characters of ASCII. */
const controls = new Uint8Array(256).fill(1, 0, 9).fill(1, 0x0e, 0x1b).fill(1, 0x1c, 0x20);

/**
 * What a body is: text in UTF-8, text in another charset, or anything in which text may stand. What
 * is no text where there should be one ends what is stored, and so does a long line without a white
 * space.
 */
export type TextContent = "utf-8" | "charset" | "bytes";

/** One body of text; see `BodyRedactor`. */
export class TextRedactor extends SegmentRedactor {
  readonly #text: TextRules;
  readonly #hidden: HiddenText;
  readonly #content: TextContent;

  constructor(rules: BodyRules, content: TextContent = "utf-8") {
    super(rules.key, lineEnds, divides);
    this.#content = content;
    this.#text = new TextRules(rules);
    this.#hidden = new HiddenText(rules);
  }

  protected override examine(
    bytes: Buffer,
    start: number,
    end: number,
    position: number,
    isLast: boolean,
  ): boolean {
    if (this.beginsFormPart(bytes, start, end)) return false;
    const { spans } = this.#text;
    if (isLast) this.#text.findLast(bytes, start, end);
    else this.#text.findNext(bytes, start, end);
    // Nothing behind it is stored: a value that is hidden may go on in the next line.
    if (this.#hidden.hidesMore(bytes, start, end, spans)) return false;
    this.replaceAll(spans, bytes, position - start);
    return this.#isWhatItIsCalled(bytes, start, end);
  }

  protected override get division(): Division {
    if (this.#text.isInside) return "end";
    return this.#content === "bytes" ? "preferred" : "dividers";
  }

  #isWhatItIsCalled(bytes: Buffer, start: number, end: number): boolean {
    if (this.#content === "utf-8") return this.isReadable(bytes, start, end);
    if (this.#content === "bytes") return true;
    for (let at = start; at < end; at += 1) if (controls[bytes[at] ?? 0] === 1) return false;
    return true;
  }
}
