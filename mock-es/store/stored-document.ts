import type { SearchDocument } from "../search/fields/document.ts";

/**
 * One version of one document. Never changed after it was stored: a write puts a new object in its
 * place, so a scroll or point in time that holds the old one goes on seeing it.
 *
 * The source is kept as the text that was received and is served from it; it is parsed on the first
 * query that looks inside.
 */
export class StoredDocument implements SearchDocument {
  readonly index: string;
  readonly id: string;
  readonly version: number;
  readonly seqNo: number;
  readonly primaryTerm: number;
  readonly routing: string | undefined;
  /** `_source` as JSON text, exactly as the client sent it. */
  readonly text: string;
  #parsed: unknown;

  constructor(
    index: string,
    id: string,
    text: string,
    version: number,
    seqNo: number,
    routing: string | undefined,
  ) {
    this.index = index;
    this.id = id;
    this.text = text;
    this.version = version;
    this.seqNo = seqNo;
    this.primaryTerm = 1;
    this.routing = routing;
    this.#parsed = undefined;
  }

  get source(): unknown {
    if (this.#parsed === undefined) {
      const parsed: unknown = JSON.parse(this.text);
      if (typeof parsed === "object" && parsed !== null) textOfSource.set(parsed, this.text);
      this.#parsed = parsed;
    }
    return this.#parsed;
  }
}

const textOfSource = new WeakMap<object, string>();

/**
 * JSON text of a source, or of a part of one. A source that is still whole is written as it was
 * received, so that numbers keep their digits (`1.0`, whole numbers beyond 2^53) on the way through
 * a search.
 */
export function sourceText(source: unknown): string {
  const stored =
    typeof source === "object" && source !== null ? textOfSource.get(source) : undefined;
  return stored ?? JSON.stringify(source);
}
