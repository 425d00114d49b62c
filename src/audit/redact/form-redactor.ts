/** Redacts bodies of forms (`application/x-www-form-urlencoded`) pair by pair. */
import type { Buffer } from "node:buffer";
import type { BodyRules } from "./body-rules.ts";
import { redactPart, type QueryRules } from "./query-redaction.ts";
import { wantedBytes } from "./byte-search.ts";
import { SegmentRedactor } from "./segment-redactor.ts";

const separators = wantedBytes("&;\n");

/** One form; see `BodyRedactor`. */
export class FormRedactor extends SegmentRedactor {
  readonly #rules: QueryRules;

  constructor(rules: BodyRules) {
    super(rules.key, separators);
    this.#rules = {
      extra: rules.extra,
      markers: this.markers,
      redactSource: () => undefined,
    };
  }

  protected override examine(bytes: Buffer, start: number, end: number, position: number): boolean {
    let last = end;
    while (last > start && separators.table[bytes[last - 1] ?? 0] === 1) last -= 1;
    const part = redactPart(bytes, start, last, this.#rules);
    if (part !== undefined)
      this.out.rewrite(position + part.from - start, position + part.to - start, part.text, "");
    return this.isReadable(bytes, start, end);
  }
}
