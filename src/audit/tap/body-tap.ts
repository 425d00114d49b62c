/** The one way in for bodies. */
import type { Buffer } from "node:buffer";

import type { BodySink } from "../record/body-facts.ts";

/** Takes one body while it passes, in pieces or whole. Never throws. */
export interface BodyTap extends BodySink {
  /**
   * Takes a whole body at once. A small one is not copied: its bytes must not change until its
   * record was given to the trail, in the same turn.
   */
  whole(bytes: Buffer, start: number, end: number): void;
  /**
   * Writes what has been taken into the pack, now; otherwise that happens at the end of the turn.
   * Call it before bytes are passed on whose body must not be lost.
   */
  flush(): void;
}
