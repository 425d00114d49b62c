import type { Buffer } from "node:buffer";
import type { CountingValues } from "../counting-values.ts";
import { examinationOf, type Examination, type ExaminationReason } from "../examination.ts";
import type { Shape } from "../shape.ts";
import { RequestCollector } from "./request-collector.ts";
import type { RequestRecord } from "./request-record.ts";

/** What a request's body is read by. */
export interface RequestBody {
  write(piece: Buffer, start: number, end: number): void;
  /** Ends the body. @param reason why not all of it was written */
  finish(reason?: ExaminationReason): Examination;
}

/** Reads a request whose body is one JSON value. */
export class JsonRequest implements RequestBody {
  readonly #collector: RequestCollector;

  constructor(root: Shape, record: RequestRecord, counting?: CountingValues) {
    this.#collector = new RequestCollector(root, record, counting);
  }

  write(piece: Buffer, start: number, end: number): void {
    this.#collector.scanner.write(piece, start, end);
  }

  finish(reason?: ExaminationReason): Examination {
    const { scanner } = this.#collector;
    if (reason === undefined) scanner.finish();
    this.#collector.finish();
    return examinationOf(scanner, reason ?? this.#collector.fault);
  }
}

/** A request whose body tells nothing: what is indexed, settings, mappings. */
export class UnreadRequest implements RequestBody {
  readonly #state: "none" | "not_needed";
  readonly #reason: ExaminationReason | undefined;
  #bytes = 0;

  constructor(reason: ExaminationReason | undefined) {
    this.#state = reason === undefined ? "not_needed" : "none";
    this.#reason = reason;
  }

  write(_piece: Buffer, start: number, end: number): void {
    this.#bytes += end - start;
  }

  finish(): Examination {
    const bytes = this.#bytes;
    if (bytes === 0) return { state: "empty", bytes };
    return this.#reason === undefined
      ? { state: this.#state, bytes }
      : { state: this.#state, reason: this.#reason, bytes };
  }
}
