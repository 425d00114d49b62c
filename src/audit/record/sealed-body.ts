/** What a process that died has left of a body. */
import type { BodyPointer } from "./body-pointer.ts";

export interface SealedBody {
  readonly pointer: BodyPointer;
  /** The body had ended as its framing said; only its record is missing. */
  readonly isComplete: boolean;
  /** It went through the redaction, which may have replaced parts of it. */
  readonly isRedacted: boolean;
}
