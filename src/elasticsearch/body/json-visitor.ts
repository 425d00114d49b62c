import type { Buffer } from "node:buffer";

/** What kind of scalar a value is. */
export const jsonKind = { string: 0, number: 1, true: 2, false: 3, null: 4 } as const;
export type JsonKind = (typeof jsonKind)[keyof typeof jsonKind];

/**
 * Why a JSON text could not be read to its end: a byte that JSON does not have in this place, more
 * than {@link maxJsonDepth} levels, UTF-16 or UTF-32, or an end inside a value.
 */
export type JsonFault = "syntax" | "depth" | "encoding" | "end";

/**
 * Levels of objects and arrays; Jackson's default, which Elasticsearch keeps
 * (StreamReadConstraints).
 */
export const maxJsonDepth = 1000;

/**
 * Takes what a JSON scanner finds. Called while bytes are written; must not call the scanner's
 * `write`, `finish` or `reset`.
 */
export interface JsonVisitor {
  /**
   * A member begins; `bytes[start, end)` is its name, escapes decoded, valid during the call.
   * False: its value is passed over without further calls.
   */
  key(bytes: Buffer, start: number, end: number): boolean;
  /**
   * An object or array begins at the scanner's `valueStart`. False: its contents are passed
   * over; `close` is called all the same.
   */
  open(isArray: boolean): boolean;
  /** The object or array that was opened last ended at the scanner's `valueEnd`. */
  close(isArray: boolean): void;
  /**
   * A string, number or literal; the scanner's fields and `text()` tell which, during the call.
   *
   * @returns false: it makes no difference what stands in it, only of which kind it is
   */
  scalar(kind: JsonKind): boolean;
}
