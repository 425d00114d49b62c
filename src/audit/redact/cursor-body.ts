/** Bodies in which ids of scrolls, points in time and other cursors stand. */
import { Buffer } from "node:buffer";
import type { BodyRedactor, RedactedSink, RedactionResult } from "./body-redactor.ts";
import { codingOf } from "./coded-redactor.ts";
import { cursor, type IdForm } from "./cursor-ids.ts";
import { isBinary, type WatchedForm } from "./hidden-names.ts";
import { IdSearch, lastId } from "./id-search.ts";

/** Of a coded answer so much is kept and decoded for its id, in bytes. */
const codedStart = 65_536;
const maxCoded = 1_048_576;
const maxDecoded = 16_777_216;
/** Of an answer of SQL so much is kept for the cursor at its end, in bytes. */
const endBytes = 65_536;

/** Where ids are looked for in a body, and what is done with them. */
export interface CursorSearch {
  readonly form: IdForm;
  readonly isAnswer: boolean;
  readonly written: WatchedForm;
  /** A cursor stands at the end, too. */
  readonly hasEnd: boolean;
  /** `Content-Encoding`; `undefined`: none. */
  readonly coding: string | undefined;
  /**
   * Told once, when the body has ended; whether they may read credentials.
   */
  readonly found: (ids: readonly string[], result: FoundIn) => boolean;
}

/** What else is known of the body in which ids were looked for. */
export interface FoundIn {
  /** One more may stand there that cannot be read. */
  readonly isUnreadable: boolean;
  /** It names an index of credentials. */
  readonly namesCredentials: boolean;
}

/** Looks for ids in a body, which another redaction looks through, or none. */
export class CursorBody implements BodyRedactor {
  readonly #inner: BodyRedactor | undefined;
  readonly #search: CursorSearch;
  readonly #ids: IdSearch;
  #coded: Buffer[] = [];
  #codedBytes = 0;
  #end: Buffer = Buffer.alloc(0);

  /** @param inner `undefined`: the body may be stored as received */
  constructor(inner: BodyRedactor | undefined, search: CursorSearch) {
    this.#inner = inner;
    this.#search = search;
    this.#ids = new IdSearch(search.form, search.isAnswer, search.written);
  }

  passes(bytes: Buffer, start: number, end: number): boolean {
    const passes = this.#inner === undefined || this.#inner.passes?.(bytes, start, end) === true;
    if (passes) this.#take(bytes, start, end);
    return passes;
  }

  write(bytes: Buffer, start: number, end: number, sink: RedactedSink): void {
    this.#take(bytes, start, end);
    if (this.#inner === undefined) sink.keep(bytes, start, end);
    else this.#inner.write(bytes, start, end, sink);
  }

  finish(sink: RedactedSink): RedactionResult {
    const result = this.#inner?.finish(sink) ?? { state: "none", removed: 0, hmac: "" };
    if (this.#coded.length > 0) this.#decode();
    this.#ids.finish();
    const { hasEnd, written, found } = this.#search;
    const last = hasEnd ? lastId(this.#end, cursor, isBinary(written)) : undefined;
    const ids = last === undefined ? this.#ids.ids : [...this.#ids.ids, last];
    const { isUnreadable } = this.#ids;
    const namesCredentials = result.namesCredentials === true;
    const maySecret = found(ids, { isUnreadable, namesCredentials });
    return maySecret ? { ...result, namesCredentials: true } : result;
  }

  #take(bytes: Buffer, start: number, end: number): void {
    if (this.#search.coding === undefined) return this.#read(bytes, start, end);
    const most = this.#search.hasEnd || !this.#search.isAnswer ? maxCoded : codedStart;
    if (this.#codedBytes < most) this.#coded.push(Buffer.from(bytes.subarray(start, end)));
    this.#codedBytes += end - start;
  }

  #read(bytes: Buffer, start: number, end: number): void {
    if (!this.#ids.isOver) this.#ids.write(bytes, start, end);
    if (!this.#search.hasEnd) return;
    const last = bytes.subarray(Math.max(start, end - endBytes), end);
    this.#end = Buffer.concat([this.#end, last]).subarray(-endBytes);
  }

  /** What cannot be decoded opens no cursor, but may name one. */
  #decode(): void {
    const coding = codingOf(this.#search.coding ?? "");
    const isWhole = this.#codedBytes <= maxCoded;
    if (coding === undefined || (!isWhole && !this.#search.isAnswer)) {
      this.#ids.isUnreadable = true;
      return;
    }
    try {
      const options = { maxOutputLength: maxDecoded, finishFlush: coding.flush };
      const decoded = coding.decode(Buffer.concat(this.#coded), options);
      this.#read(decoded, 0, decoded.length);
    } catch {
      this.#ids.isUnreadable = true;
    }
  }
}
