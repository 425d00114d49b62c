/** Fingerprint of a multi search: of all its searches together. */
import type { Buffer } from "node:buffer";

import { JsonScanner } from "../body/json-scanner.ts";
import { type LineVisitor, NdjsonScanner } from "../body/ndjson-scanner.ts";
import { maxNameBytes } from "./body-fingerprint.ts";
import { DslForm } from "./dsl-form.ts";
import { requestShape } from "./dsl-shapes.ts";
import { type Fingerprint, fingerprintOf, shortHash } from "./fingerprint.ts";

/** Different searches of one call that are told apart. */
const maxForms = 1000;
/** Characters of a search's form that stand in the text. */
const maxFormText = 1024;

/**
 * Makes the fingerprint of a body of headers and searches in turn. Which searches there are counts,
 * not how often each comes or in which order.
 */
export class MultiSearchFingerprinter implements LineVisitor {
  readonly #form: DslForm;
  readonly #scanner: JsonScanner;
  readonly #lines: NdjsonScanner;
  /** Hash of each form → its beginning. */
  readonly #forms = new Map<string, string>();
  #isHeader = true;
  #isReadable = true;

  constructor() {
    this.#form = new DslForm(requestShape, () => this.#scanner, JSON.stringify);
    this.#scanner = new JsonScanner(this.#form, maxNameBytes);
    this.#lines = new NdjsonScanner(this.#scanner, this);
  }

  write(piece: Buffer, start = 0, end = piece.length): void {
    if (this.#isReadable) this.#lines.write(piece, start, end);
  }

  /** @returns undefined when a search cannot be read, or there is none */
  finish(): Fingerprint | undefined {
    this.#lines.finish();
    if (!this.#isReadable || this.#forms.size === 0) return undefined;
    const sorted = [...this.#forms].sort(([one], [other]) => (one < other ? -1 : 1));
    const [hashes, texts] = [sorted.map(([hash]) => hash), sorted.map(([, text]) => text)];
    return fingerprintOf("dsl", texts.join("\n"), `searches ${hashes.join(" ")}`);
  }

  line(): boolean {
    if (!this.#isHeader) this.#form.reset();
    return !this.#isHeader;
  }

  lineEnd(): void {
    if (!this.#isHeader) this.#add();
    this.#isHeader = !this.#isHeader;
  }

  emptyLine(): void {
    // An empty header stands for the indices of the path.
    this.#isHeader = !this.#isHeader;
  }

  #add(): void {
    const { form } = this.#form;
    if (form === undefined || this.#scanner.fault !== undefined) this.#isReadable = false;
    else if (this.#forms.size < maxForms)
      this.#forms.set(shortHash(form), form.slice(0, maxFormText));
  }
}
