/** The one error of what is read from timestamp authorities. */

/**
 * What is wrong: `syntax` (not in the format), `rejected` (the authority gave no token), `imprint`
 * (a token for something else), `nonce` (a token for another request), `certificate` (not an
 * authority that is trusted), `signature`.
 */
export type TimestampErrorCode =
  | "syntax"
  | "rejected"
  | "imprint"
  | "nonce"
  | "certificate"
  | "signature";

/** A timestamp that proves nothing. Match on `code`; `message` is one line for the operator. */
export class TimestampError extends Error {
  readonly code: TimestampErrorCode;

  constructor(code: TimestampErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "TimestampError";
    this.code = code;
  }
}
