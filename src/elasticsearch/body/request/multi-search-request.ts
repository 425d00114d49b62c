/** Reads the body of a multi search: headers and searches in turn. */
import type { Buffer } from "node:buffer";
import type { Examination, ExaminationReason } from "../examination.ts";
import { NdjsonScanner, type LineVisitor } from "../ndjson-scanner.ts";
import { inside, type Shape } from "../shape.ts";
import type { RequestBody } from "./json-request.ts";
import { named } from "./query-shapes.ts";
import { RequestCollector } from "./request-collector.ts";
import type { RequestRecord } from "./request-record.ts";

const headerMembers = { "index indices": named("index", "read").withArrays() };
const header = inside(headerMembers);

/**
 * Reads a multi search: lines with headers and searches in turn.
 *
 * After Elasticsearch's `MultiSearchRequest.readMultiLineFormat`: an empty header stands for the
 * path's indices, and where there are none for all, as an empty list of indices always does; a line
 * that is no JSON ends what is read. An empty line at the beginning of the body is a header, too,
 * but versions up to 7 skip it: what stands in such a body is told by both readings.
 */
export class MultiSearchRequest implements RequestBody, LineVisitor {
  readonly #record: RequestRecord;
  readonly #collector: RequestCollector;
  readonly #lines: NdjsonScanner;
  #search: Shape;
  #header = header;
  #isHeader = true;
  /** Indices and cursors that were named before the current line. */
  #before = { indices: 0, cursors: 0 };
  /** The search at hand reads all indices, unless it is one of a point in time. */
  #isOfAll = false;
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
    this.#collector.reader.reset(this.#isHeader ? this.#header : this.#search);
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
    if (this.#lines.lineStart === 0)
      this.#header = this.#search = this.#search.copy().with(headerMembers);
    this.#next();
  }

  #next(): void {
    const { mentions } = this.#record;
    const { indices, cursors } = mentions;
    if (this.#isHeader) {
      const isNamed = indices > this.#before.indices || this.#record.defaultIndex !== undefined;
      this.#isOfAll = !isNamed || mentions.empty > 0 || mentions.beforeArray === indices;
      mentions.empty = 0;
      mentions.beforeArray = -1;
    } else {
      this.#record.searches += 1;
      if (this.#isOfAll && cursors === this.#before.cursors)
        this.#record.name("index", "read", "*");
    }
    this.#before = { indices, cursors };
    this.#isHeader = !this.#isHeader;
  }
}
