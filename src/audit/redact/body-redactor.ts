/** What the tap and the redaction of bodies say to each other. */
import type { Buffer } from "node:buffer";

/**
 * `none`: the bytes are as received. `redacted`: values were replaced by markers. `bounded`: what
 * was looked through is there, redacted; the rest was not looked through and is not. `hidden`:
 * nothing of the body may be stored.
 */
export type RedactionState = "none" | "redacted" | "bounded" | "hidden";

/** What became of one body. */
export interface RedactionResult {
  readonly state: RedactionState;
  /** Values that were removed. */
  readonly removed: number;
  /**
   * HMAC-SHA256 of the body as received, its first 32 hexadecimal digits, to be recorded in place
   * of any plain digest, from which a secret could be guessed; empty in state `none`.
   */
  readonly hmac: string;
  /** Short values that were removed. Secrets: they must not be kept longer than the exchange. */
  readonly secrets?: readonly string[] | undefined;
  /** The body names an index of credentials, which the path of its request does not name. */
  readonly namesCredentials?: true;
}

/** Takes what may be stored. */
export interface RedactedSink {
  /** Bytes that are valid during the call only. */
  keep(bytes: Buffer, start: number, end: number): void;
}

/**
 * Takes one body, without chunk framing and in pieces of any size, and passes on what may be
 * stored: at the latest in `finish`, never more than the bytes received plus 1 KiB. A coded body
 * (`Content-Encoding`) stays in its coding. Never throws but what the sink throws.
 */
export interface BodyRedactor {
  write(bytes: Buffer, start: number, end: number, sink: RedactedSink): void;
  /**
   * Whether a body that is at hand whole may be stored as received; neither of the other methods is
   * called then. Absent: it must be looked through.
   */
  passes?(bytes: Buffer, start: number, end: number): boolean;
  /** Ends the body, also one that was cut. Exactly once. */
  finish(sink: RedactedSink): RedactionResult;
}
