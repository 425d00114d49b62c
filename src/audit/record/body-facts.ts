/** What is known of one body: the tap notes it, the encoders write it. */
import type { Buffer } from "node:buffer";

import type { BodyPointer } from "./body-pointer.ts";

/**
 * Where the content of a body went: `none` nothing to record (no body, or sizes only), `inline` in
 * the record, `stored` in a pack, `hidden` only a keyed hash because nothing of the
 * body may be stored, `not_stored` only a hash because there is no store, the configuration
 * does not want it, or it failed, `streaming` not known yet.
 */
export type BodyState = "none" | "inline" | "stored" | "hidden" | "not_stored" | "streaming";

/**
 * What the redaction did: `none` nothing, `redacted` values were replaced, `bounded` what it could
 * not look through is missing, `hidden` nothing may be stored.
 */
export type BodyRedaction = "none" | "redacted" | "bounded" | "hidden";

/** Takes one body while it passes. */
export interface BodySink {
  /** Takes bytes of the body, without chunk framing; they are valid during the call only. */
  write(bytes: Buffer, start: number, end: number): void;
  /**
   * Ends the body; the first call counts.
   *
   * @param isComplete whether it ended as its framing said; a cut body keeps what had passed
   */
  finish(isComplete: boolean): void;
}

/**
 * The facts of one body. A body passes through the tap, which fills this in; where nobody wants its
 * content, the relay sets `bytes` only.
 */
export class BodyFacts {
  /** Bytes of the body as received, without chunk framing. */
  bytes = 0;
  /** The body ended as its framing said. */
  complete = false;
  /** @internal from here on: set by the audit */
  state: BodyState = "none";
  /** The whole body in state `inline`. Valid until its record has been encoded, never kept. */
  content: Buffer | undefined = undefined;
  /** Where the body lies in state `stored`. */
  pointer: BodyPointer | undefined = undefined;
  /** In state `not_stored` the SHA-256 of what would have been stored, in hexadecimal. */
  sha256 = "";
  /** What the redaction did to the body. */
  redaction: BodyRedaction = "none";
  /** Values that the redaction removed. */
  removed = 0;
  /**
   * Where the redaction did anything, the first half of the HMAC-SHA256 of the bytes as received,
   * in hexadecimal.
   */
  hmac = "";
  /** A request that names an index of credentials in its body, as `_bulk` may. */
  namesCredentials = false;
  /**
   * Of a request: short values that the redaction removed, and which its answer may repeat. Never
   * written.
   */
  secrets: readonly string[] | undefined = undefined;
  /**
   * The body was still under way when the request record was written: the terminal record carries
   * its facts.
   */
  isLate = false;
  /** It should have been stored and could not be. */
  isLost = false;
  /** Whoever takes the body while it passes. */
  sink: BodySink | undefined = undefined;

  /**
   * Forgets what was recorded of a body that is not the exchange's after all; its sink must be
   * finished.
   */
  clear(): void {
    this.bytes = 0;
    this.complete = false;
    this.state = "none";
    this.content = undefined;
    this.pointer = undefined;
    this.sha256 = "";
    this.redaction = "none";
    this.removed = 0;
    this.hmac = "";
    this.namesCredentials = false;
    this.secrets = undefined;
    this.isLate = false;
    this.isLost = false;
    this.sink = undefined;
  }
}
