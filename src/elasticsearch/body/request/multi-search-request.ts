/** Reads the body of a multi search: headers and searches in turn. */
import type { Buffer } from "node:buffer";
import type { Examination, ExaminationReason } from "../examination.ts";
import { NdjsonScanner, type LineVisitor } from "../ndjson-scanner.ts";
import { inside, type Shape } from "../shape.ts";
import type { RequestBody } from "./json-request.ts";
import { named } from "./query-shapes.ts";
import { RequestCollector } from "./request-collector.ts";
import type { RequestRecord } from "./request-record.ts";

const header = inside({ "index indices": named("index", "read") });

/**
 * Reads a multi search: lines with headers and searches in turn.
 *
 * After Elasticsearch's `MultiSearchRequest.readMultiLineFormat`: an empty header stands for the
 * path's indices, an empty line at the beginning of the body is skipped, a line that is no JSON
 * ends what is read.
 */
export class MultiSearchRequest implements RequestBody, LineVisitor {
  readonly #search: Shape;
  readonly #record: RequestRecord;
  readonly #collector: RequestCollector;
  readonly #lines: NdjsonScanner;
  #isHeader = true;
  #fault: ExaminationReason | undefined = undefined;
  #faultAt = 0;
  #bytes = 0;

  /** @param search shape of each search: a body or a template */
  constructor(search: Shape, record: RequestRecord) {
    this.#search = search;
    this.#record = record;
    this.#collector = new RequestCollector(header, record);
    this.#lines = new NdjsonScanner(this.#collector.scanner, this);
  }

  write(piece: Buffer, start: number, end: number): void {
    this.#bytes += end - start;
    if (this.#fault === undefined) this.#lines.write(piece, start, end);
  }

  finish(reason?: ExaminationReason): Examination {
    const bytes = this.#bytes;
    if (this.#fault === undefined && reason === undefined) this.#lines.finish();
    this.#collector.finish();
    // What is said of one search is not said of all.
    this.#record.size = undefined;
    this.#record.from = undefined;
    if (this.#fault !== undefined)
      return { state: "partial", reason: this.#fault, at: this.#faultAt, bytes };
    if (reason !== undefined) return { state: "partial", reason, at: bytes, bytes };
    if (bytes === 0) return { state: "empty", bytes };
    if (this.#lines.isUnterminated)
      return { state: "partial", reason: "end", at: this.#lines.lineStart, bytes };
    const { fault } = this.#collector;
    return fault === undefined
      ? { state: "whole", bytes }
      : { state: "partial", reason: fault, at: bytes, bytes };
  }

  line(): boolean {
    if (this.#fault !== undefined) return false;
    this.#collector.reader.reset(this.#isHeader ? header : this.#search);
    return true;
  }

  lineEnd(): void {
    if (this.#fault !== undefined) return;
    const { fault } = this.#collector.scanner;
    this.#collector.finish();
    if (fault !== undefined) {
      this.#fault = fault;
      this.#faultAt = this.#lines.lineStart;
    } else this.#next();
  }

  emptyLine(): void {
    if (this.#lines.lineStart > 0) this.#next();
  }

  #next(): void {
    if (!this.#isHeader) this.#record.searches += 1;
    this.#isHeader = !this.#isHeader;
  }
}
