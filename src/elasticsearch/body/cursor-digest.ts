import { createHmac } from "node:crypto";

/** What an id opens that makes several calls one read. */
export type CursorKind =
  | "scroll"
  | "point_in_time"
  | "async_search"
  | "async_esql"
  | "async_eql"
  | "async_sql"
  | "sql";

/** For tables by number. */
export const cursorKinds: readonly CursorKind[] = [
  "scroll",
  "point_in_time",
  "async_search",
  "async_esql",
  "async_eql",
  "async_sql",
  "sql",
];

export interface CursorFact {
  readonly kind: CursorKind;
  /** Digest of the id: the id itself gives access to what it reads. */
  readonly digest: string;
}

/** Hexadecimal digits of a digest: 64 bits, enough to tell the reads of years apart. */
const digestDigits = 16;

/**
 * Names a scroll, a point in time or another cursor without giving it away: whoever has its id can
 * go on reading. Equal ids give equal digests under one key, so that calls can be joined.
 */
export class CursorDigest {
  readonly #key: Uint8Array;

  /** @param key secret; the same for all records that are to be joined */
  constructor(key: Uint8Array) {
    this.#key = key;
  }

  of(id: string): string {
    return createHmac("sha256", this.#key).update(id).digest("hex").slice(0, digestDigits);
  }
}
