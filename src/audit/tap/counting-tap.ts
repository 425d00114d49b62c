/** For a body of which only the size is wanted. */
import type { Buffer } from "node:buffer";

import type { BodyFacts } from "../record/body-facts.ts";
import type { BodyTap } from "./body-tap.ts";

/** Counts one body while it passes. */
export class CountingTap implements BodyTap {
  readonly #body: BodyFacts;

  /** @internal made by `TapMaker` */
  constructor(body: BodyFacts) {
    this.#body = body;
    body.sink = this;
  }

  write(_bytes: Buffer, start: number, end: number): void {
    if (this.#body.sink === this && end > start) this.#body.bytes += end - start;
  }

  whole(bytes: Buffer, start: number, end: number): void {
    this.write(bytes, start, end);
    this.finish(true);
  }

  flush(): void {
    // Nothing is kept.
  }

  finish(isComplete: boolean): void {
    if (this.#body.sink !== this) return;
    this.#body.sink = undefined;
    this.#body.complete = isComplete;
  }
}
