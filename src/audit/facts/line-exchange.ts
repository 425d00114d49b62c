/** One exchange as it stands in its two lines, before its bodies are decoded. */
import type { Buffer } from "node:buffer";

/** Bytes of a line: `bytes[start, end)`, without its line feed, or a part of one. */
export interface LineBytes {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/** A body that stands in a line, or none. */
export interface LineBody {
  readonly mediaType: string | undefined;
  readonly coding: string | undefined;
  /** As received; `undefined`: there was none. */
  readonly bytes: number | undefined;
  /** Its content, escaped; `undefined`: there was none. */
  readonly content: LineBytes | undefined;
}

/** What facts are derived from; valid as long as the lines are. */
export interface LineExchange {
  readonly id: string;
  /** As received, one char per byte. */
  readonly method: string;
  readonly target: string;
  /** Wall clock, milliseconds since 1970; NaN where nothing says. */
  readonly startedMs: number;
  readonly durationMs: number;
  /** HTTP status; 0: no answer came. */
  readonly status: number;
  /** "" where the user is unknown. */
  readonly user: string;
  readonly request: LineBody;
  readonly response: LineBody;
}
