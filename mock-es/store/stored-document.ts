/** Documents as they are kept. */
import { parseSourceText } from "../json/exact-numbers.ts";
import { jsonText } from "../json/json-value.ts";
import { docCountOf } from "./doc-count.ts";
import type { SearchDocument } from "../search/fields/document.ts";

/** What a write brings. */
export interface Writing {
  readonly id: string;
  /** `_source` as JSON text. */
  readonly text: string;
  readonly routing: string | undefined;
  /** Fields with a value that is not indexed because it is too long or malformed. */
  readonly ignored: readonly string[] | undefined;
  /** The version, where the client sets it. */
  readonly version: number | undefined;
}

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
  /** Number of the write over all of its index. */
  readonly write: number;
  readonly routing: string | undefined;
  /** Fields with a value that was not indexed because it is too long or malformed. */
  readonly ignored: readonly string[] | undefined;
  readonly docCount: number;
  /** `_source` as JSON text, exactly as the client sent it. */
  readonly text: string;
  #parsed: unknown;

  constructor(index: string, writing: Writing, write: number, version: number, seqNo: number) {
    this.index = index;
    this.id = writing.id;
    this.text = writing.text;
    this.version = version;
    this.seqNo = seqNo;
    this.write = write;
    this.routing = writing.routing;
    this.ignored = writing.ignored;
    this.#parsed = undefined;
    this.docCount = docCountOf(this.text, () => this.source);
  }

  /** A single node never fails over. */
  get primaryTerm(): number {
    return 1;
  }

  get source(): unknown {
    if (this.#parsed === undefined) {
      const parsed = parseSourceText(this.text);
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
  return stored ?? jsonText(source);
}
