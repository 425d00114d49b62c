/** Redacts bodies of forms (`application/x-www-form-urlencoded`) pair by pair. */
import type { Buffer } from "node:buffer";
import type { BodyRules } from "./body-rules.ts";
import { redactPart, type QueryRules } from "./query-redaction.ts";
import { wantedBytes } from "./byte-search.ts";
import { HiddenText } from "./hidden-text.ts";
import { SegmentRedactor } from "./segment-redactor.ts";
import { byteSet, firstOf } from "./text-bytes.ts";
import { TextRules } from "./text-rules.ts";

const separators = wantedBytes("&;\n");
/** What the coding of forms leaves in no name and no value (WHATWG URL §5.2). */
const outsideForms = byteSet(' \t\r\n"<>{}|');

/** One form; see `BodyRedactor`. What is called one and is none is looked through as text, too. */
export class FormRedactor extends SegmentRedactor {
  readonly #rules: QueryRules;
  readonly #text: TextRules;
  readonly #hidden: HiddenText;

  constructor(rules: BodyRules) {
    super(rules.key, separators);
    this.#text = new TextRules(rules);
    this.#hidden = new HiddenText(rules);
    this.#rules = {
      extra: rules.extra,
      markers: this.markers,
      redactSource: undefined,
    };
  }

  protected override examine(bytes: Buffer, start: number, end: number, position: number): boolean {
    if (this.beginsFormPart(bytes, start, end)) return false;
    let last = end;
    while (last > start && separators.table[bytes[last - 1] ?? 0] === 1) last -= 1;
    if (last === start && !this.#text.isInside) return true;
    const part = redactPart(bytes, start, last, this.#rules);
    const isText = this.#text.isInside || firstOf(outsideForms, bytes, start, end) < end;
    // Also where the pair was found: what it holds may go on behind it.
    if (isText) this.#text.findNext(bytes, start, end);
    if (part !== undefined)
      this.out.rewrite(position + part.from - start, position + part.to - start, part.text, "");
    else if (isText) {
      const { spans } = this.#text;
      if (this.#hidden.hidesMore(bytes, start, end, spans)) return false;
      this.replaceAll(spans, bytes, position - start);
    }
    return this.isReadable(bytes, start, end);
  }
}
