import { tcpErrors } from "../core/tcp-errors.ts";
import type { TcpErrorCode } from "../core/tcp-errors.ts";

/**
 * Why a session ended otherwise than by both sides closing: plain data, without a stack. Bad input
 * and clients that leave are ordinary; an `Error` for each would cost a stack trace that any client
 * could cause.
 */
export interface Failure {
  readonly code: TcpErrorCode;
  /** For the operator's log. */
  readonly message: string;
}

/** A failure with the reason of the error table, or with a more exact one. */
export function failure(code: TcpErrorCode, message: string = tcpErrors[code].reason): Failure {
  return { code, message };
}
