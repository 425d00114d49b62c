/** Finds everything in a piece of text that the rules of its body remove. */
import { Buffer } from "node:buffer";
import type { BodyRules } from "./body-rules.ts";
import { SecretSpans } from "./secret-spans.ts";
import { TextScanner } from "./text-scanner.ts";

/** Patterns of the configuration are not tried on longer text; it is removed, in bytes. */
const maxPatternText = 65_536;

/** The part of a body's rules that concerns text. */
export type TextRulesOptions = Pick<BodyRules, "names" | "extra" | "patterns">;

/** Built-in rules for text, where they apply, and the patterns of the configuration. */
export class TextRules {
  /** What the last search found, ascending. */
  readonly spans = new SecretSpans();
  readonly #scanner: TextScanner | undefined;
  readonly #patterns: BodyRules["patterns"];

  constructor(rules: TextRulesOptions) {
    const { names, extra } = rules;
    this.#scanner = names === undefined ? undefined : new TextScanner(names, extra, this.spans);
    this.#patterns = rules.patterns;
  }

  /** Nothing is looked for. */
  get isEmpty(): boolean {
    return this.#scanner === undefined && this.#patterns.length === 0;
  }

  /** The last segment ended within a secret. */
  get isInside(): boolean {
    return this.#scanner?.isInside === true;
  }

  /** Searches text that stands alone. @returns number of secrets */
  find(bytes: Buffer, start: number, end: number): number {
    this.#scanner?.reset();
    return this.findNext(bytes, start, end);
  }

  /** Searches a further segment of a text. */
  findNext(bytes: Buffer, start: number, end: number): number {
    const { spans } = this;
    spans.clear();
    this.#scanner?.scan(bytes, start, end);
    if (this.#patterns.length > 0 && end > start) this.#findPatterns(bytes, start, end);
    return spans.count;
  }

  /**
   * Like {@link findNext}, for the last segment of a text that may have been cut: what may be the
   * beginning of credentials in a URL is a secret.
   */
  findLast(bytes: Buffer, start: number, end: number): number {
    this.findNext(bytes, start, end);
    const from = this.#scanner?.openAuthority ?? -1;
    if (from >= 0 && bytes.subarray(from, end).includes(0x3a)) {
      this.spans.add(from, end, true);
      this.spans.merge();
    }
    return this.spans.count;
  }

  #findPatterns(bytes: Buffer, start: number, end: number): void {
    const { spans } = this;
    if (end - start > maxPatternText && this.#patterns.some(({ isBuiltIn }) => !isBuiltIn)) {
      spans.clear();
      spans.add(start, end, true);
      return;
    }
    const text = bytes.toString("utf8", start, end);
    const before = spans.count;
    for (const { form, keepsToken } of this.#patterns) {
      for (const { index, 0: found } of text.matchAll(form)) {
        if (found === "") continue;
        const from = start + Buffer.byteLength(text.slice(0, index));
        spans.add(from, Math.min(end, from + Buffer.byteLength(found)), keepsToken);
      }
    }
    if (spans.count > before) spans.merge();
  }
}
