import type { Buffer } from "node:buffer";
import type { BodyReader } from "../body-reader.ts";
import type { CountingValues } from "../counting-values.ts";
import type { CursorDigest } from "../cursor-digest.ts";
import type { DocumentListener, DocumentRef } from "../document-list.ts";
import { examinationOf, type ExaminationReason } from "../examination.ts";
import { JsonScanner } from "../json-scanner.ts";
import type { JsonKind, JsonVisitor } from "../json-visitor.ts";
import type { Shape } from "../shape.ts";
import { ShapeReader, type ShapeSink } from "../shape-reader.ts";
import { WatchedDocuments, type WatchListener } from "../watch/watched-documents.ts";
import type { WatchRules } from "../watch/watch-rules.ts";
import { AnswerSummary } from "./answer-summary.ts";
import { BulkItems } from "./bulk-items.ts";
import { ErrorCounts } from "./error-counts.ts";
import { HitList } from "./hit-list.ts";
import { hitCode, itemCode, rowCode, summaryCode, valueCode } from "./response-codes.ts";
import type { ResponseFacts } from "./response-facts.ts";
import { RowReader } from "./row-reader.ts";
import { RowTable, type RowForm } from "./row-table.ts";
import { ValueCounts } from "./value-counts.ts";

/** How answers are read; the same for many of them. */
export interface ResponseOptions {
  readonly digest: CursorDigest;
  /** Watched fields; undefined: none, at no cost. */
  readonly watch?: WatchRules | undefined;
  /** Takes every document that came back. */
  readonly returned?: DocumentListener | undefined;
  /** Takes every document that was written. */
  readonly written?: DocumentListener | undefined;
  /** Takes every document that should have been. */
  readonly failed?: DocumentListener | undefined;
  readonly watched?: WatchListener | undefined;
  /** Takes which values of the answer count. */
  readonly counting?: CountingValues | undefined;
}

/** What a request says of the form of its answer. */
export interface AnswerForm extends RowForm {
  /** Names of aggregations begin with their types (`typed_keys`). */
  readonly hasTypedKeys: boolean;
  /** The document that the path names. */
  readonly asked: DocumentRef;
}

/** Reads the facts of an answer in JSON, of which a {@link Shape} says what is wanted. */
export class JsonAnswer implements ShapeSink, BodyReader<ResponseFacts> {
  readonly #status: number;
  readonly #scanner: JsonScanner;
  readonly #errors: ErrorCounts;
  readonly #summary: AnswerSummary;
  readonly #hits: HitList;
  readonly #values: ValueCounts;
  readonly #items: BulkItems;
  readonly #watched: WatchedDocuments | undefined;
  /** Takes the rows of answers that have some. */
  readonly table: RowTable;
  readonly #rows: RowReader;

  /** @param status of the HTTP response */
  constructor(
    root: Shape,
    status: number,
    form: AnswerForm,
    { digest, watch, returned, written, failed, watched, counting }: ResponseOptions,
  ) {
    this.#status = status;
    const scanner = new JsonScanner(new ShapeReader(root, this));
    scanner.countInto(counting);
    this.#scanner = scanner;
    this.#errors = new ErrorCounts(scanner);
    this.#summary = new AnswerSummary(scanner, this.#errors, digest, counting);
    this.#values = new ValueCounts(scanner, form.hasTypedKeys);
    if (watch !== undefined) this.#watched = new WatchedDocuments(watch, watched);
    this.#items = new BulkItems(scanner, this.#errors, this.#watched, { written, failed });
    const sink = {
      suggestion: () => this.#values.suggestion(),
      documentError: () => this.#errors.add("document"),
    };
    this.#hits = new HitList(scanner, sink, this.#watched, returned, form.asked);
    this.table = new RowTable(this.#hits, this.#watched, form);
    this.#rows = new RowReader(scanner, this.table);
  }

  write(piece: Buffer, start: number, end: number): void {
    this.#items.beginPiece(piece);
    this.#scanner.write(piece, start, end);
    this.#items.endPiece();
  }

  finish(reason?: ExaminationReason): ResponseFacts {
    // What was cut is no fault of the body: its end is not looked at.
    if (reason === undefined) this.#scanner.finish();
    this.#rows.finish();
    const rows = this.table.finish();
    this.#hits.finish();
    return {
      body: examinationOf(this.#scanner, reason),
      ...this.#summary.facts(),
      documents: this.#hits.facts(),
      items: this.#items.finish(),
      ...this.#errors.facts(),
      ...this.#values.facts(),
      rows,
      watched: this.#watched?.facts() ?? [],
      moreWatched: this.#watched?.more ?? 0,
    };
  }

  enter(code: number): void {
    if (code <= hitCode.end) this.#hits.enter(code);
    else if (code <= valueCode.end) this.#values.enter(code);
    else if (code <= itemCode.end) this.#items.enter(code, this.#status);
    else if (code === rowCode.object) this.table.countRows(1, 0);
    else this.#summary.enter(code);
  }

  leave(code: number): void {
    if (code <= hitCode.end) this.#hits.leave(code);
    else if (code <= valueCode.end) this.#values.leave(code);
    else if (code <= itemCode.end) this.#items.leave();
  }

  value(code: number, kind: JsonKind): boolean {
    if (code <= hitCode.end) this.#hits.value(code, kind);
    else if (code <= valueCode.end) this.#values.value(code);
    else if (code <= itemCode.end) this.#items.value(code, kind);
    else if (code <= summaryCode.end) this.#summary.value(code, kind);
    else if (code === rowCode.column) this.table.column(this.#scanner.text());
    return true;
  }

  name(code: number, bytes: Buffer, start: number, end: number): void {
    this.#values.name(code, bytes, start, end);
  }

  foreign(code: number): JsonVisitor | undefined {
    if (code <= hitCode.end) return this.#hits.foreign(code);
    if (code === rowCode.cells) return this.#rows.begin();
    return this.#items.foreign();
  }
}
