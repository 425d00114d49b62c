/**
 * The one error of this folder. It has no row in `core/errors.ts`, because that table lists how an
 * exchange can end (and gets a metric for each), and nothing here is part of an exchange.
 */

/**
 * What is wrong: `syntax` (bytes that are not in the format), `limit` (well formed, but larger than
 * is accepted), `key` (a key that cannot be used), `signature` (missing or wrong), `proof` (hashes
 * that do not lead to the root), `quorum` (too few cosignatures), `tile` (missing or misshapen).
 */
export type TlogErrorCode = "syntax" | "limit" | "key" | "signature" | "proof" | "quorum" | "tile";

/** A failure of the transparency log. Match on `code`; `message` is one line for the operator. */
export class TlogError extends Error {
  readonly code: TlogErrorCode;

  constructor(code: TlogErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "TlogError";
    this.code = code;
  }
}
