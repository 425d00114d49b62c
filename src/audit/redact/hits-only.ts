/** Redacts hits, and keeps nothing of what stands behind them. */
import { Buffer } from "node:buffer";
import type { BodyRedactor, RedactedSink, RedactionResult } from "./body-redactor.ts";

/** What begins behind the hits of an answer: values without the names of their fields. */
const marks = ['"aggregations"', '"suggest"', "aggregations:", "suggest:"].map((text) =>
  Buffer.from(text),
);
const longest = Math.max(...marks.map(({ length }) => length));

/** Ends what is stored at the aggregations and suggestions of an answer. */
export class HitsOnly implements BodyRedactor {
  readonly #hits: BodyRedactor;
  #isEnded = false;
  /** The end of what was passed on, in which a mark may have begun. */
  #tail: Buffer = Buffer.alloc(0);

  constructor(hits: BodyRedactor) {
    this.#hits = hits;
  }

  write(bytes: Buffer, start: number, end: number, sink: RedactedSink): void {
    if (this.#isEnded) return;
    const { length } = this.#tail;
    const joined = Buffer.concat([this.#tail, bytes.subarray(start, end)]);
    const found = marks.map((mark) => joined.indexOf(mark)).filter((at) => at >= 0);
    this.#isEnded = found.length > 0;
    const at = this.#isEnded ? Math.max(0, Math.min(...found) - length) : end - start;
    this.#hits.write(bytes, start, start + at, sink);
    this.#tail = joined.subarray(Math.max(0, joined.length - longest + 1));
  }

  finish(sink: RedactedSink): RedactionResult {
    const result = this.#hits.finish(sink);
    return this.#isEnded ? { ...result, state: "bounded" } : result;
  }
}
