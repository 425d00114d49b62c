import type { Buffer } from "node:buffer";
import type { ExaminationReason } from "./examination.ts";

/** Reads one body, content coding removed, in pieces cut anywhere. */
export interface BodyReader<Facts> {
  /** Reads `piece[start, end)`, which may be used again afterwards. */
  write(piece: Buffer, start: number, end: number): void;
  /**
   * Ends the body, once.
   *
   * @param reason why not all of it was written; undefined: it was
   */
  finish(reason?: ExaminationReason): Facts;
}
