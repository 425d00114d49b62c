import type { Buffer } from "node:buffer";
import type { Examination, ExaminationReason } from "../examination.ts";
import { JsonScanner } from "../json-scanner.ts";
import { jsonKind, type JsonKind, type JsonVisitor } from "../json-visitor.ts";
import { NdjsonScanner, type LineVisitor } from "../ndjson-scanner.ts";
import { Shape, shape } from "../shape.ts";
import { ShapeReader, type ShapeSink } from "../shape-reader.ts";
import type { RequestBody } from "./json-request.ts";
import { writeActions, type RequestRecord } from "./request-record.ts";

/** Codes 1 … 5: one more than the action's number in `writeActions`. */
const code = { root: 10, index: 11, id: 12, opType: 13, pipeline: 14 } as const;
const index = writeActions.indexOf("index");
const create = writeActions.indexOf("create");
const remove = writeActions.indexOf("delete");
const unknown = writeActions.indexOf("unknown");
/** Ids have at most 512 bytes (`IndexRequest.MAX_DOCUMENT_ID_LENGTH`). */
const maxText = 2048;

const metadata = {
  _index: shape(code.index),
  _id: shape(code.id),
  op_type: shape(code.opType),
  pipeline: shape(code.pipeline),
};
const actionLine = shape(
  code.root,
  Object.fromEntries(
    writeActions.slice(0, unknown).map((name, at) => [name, shape(at + 1, metadata)]),
  ),
).others(new Shape(unknown + 1).others(new Shape()));

/**
 * Reads a bulk request: action lines in full, the documents between them by their line ends only.
 *
 * After Elasticsearch's `BulkRequestParser`: blank action lines are skipped, `delete` has no
 * document line, the first member of an action line is the action (others are ignored for version 8
 * clients, else refused), `op_type` makes an index action a create action, an action line that is
 * no JSON ends what is read of the body.
 */
export class BulkRequest implements RequestBody, LineVisitor, ShapeSink {
  readonly #record: RequestRecord;
  readonly #defaultNumber: number;
  readonly #reader: ShapeReader = new ShapeReader(actionLine, this);
  readonly #json: JsonScanner = new JsonScanner(this.#reader, maxText);
  readonly #lines: NdjsonScanner = new NdjsonScanner(this.#json, this);
  #bytes = 0;
  #fault: ExaminationReason | undefined = undefined;
  #isDocument = false;
  /** Number in `writeActions`; -1: none seen in this line. */
  #action = -1;
  /** The action's object is over: what follows in the line is not read by Elasticsearch. */
  #isClosed = false;
  /** The index's number in the record's counts, and its name. */
  #index = -1;
  #indexText: string | undefined = undefined;
  #id: string | undefined = undefined;
  #hasId = false;

  constructor(record: RequestRecord) {
    this.#record = record;
    const { defaultIndex } = record;
    this.#defaultNumber =
      defaultIndex === undefined ? -1 : record.actions.numberOfText(defaultIndex);
  }

  write(piece: Buffer, start: number, end: number): void {
    this.#bytes += end - start;
    if (this.#fault === undefined) this.#lines.write(piece, start, end);
  }

  finish(reason?: ExaminationReason): Examination {
    if (this.#fault === undefined && reason === undefined) this.#lines.finish();
    if (this.#bytes === 0 && reason === undefined) return { state: "empty", bytes: 0 };
    if (this.#fault === undefined && reason !== undefined)
      return { state: "partial", reason, at: this.#bytes, bytes: this.#bytes };
    if (this.#lines.isUnterminated) this.#fault ??= "end";
    if (this.#fault === undefined) return { state: "whole", bytes: this.#bytes };
    const at = this.#lines.lineStart;
    return { state: "partial", reason: this.#fault, at, bytes: this.#bytes };
  }

  line(): boolean {
    if (this.#isDocument || this.#fault !== undefined) return false;
    this.#reader.reset(actionLine);
    this.#action = -1;
    this.#isClosed = false;
    return true;
  }

  lineEnd(): void {
    if (this.#fault !== undefined) return;
    if (this.#isDocument) {
      this.#isDocument = false;
      return;
    }
    if (this.#json.isBlank) return;
    // Version 8 clients are allowed to leave the last brace out.
    const isRead = this.#json.fault === undefined || (this.#json.fault === "end" && this.#isClosed);
    if (!isRead || this.#action < 0) {
      this.#fault = this.#json.fault ?? "syntax";
      return;
    }
    this.#isDocument = this.#action !== remove;
    this.#count();
  }

  emptyLine(): void {
    // Where a document has to stand, it is an empty one.
    this.#isDocument = false;
  }

  enter(entered: number): void {
    if (entered === code.root || this.#action >= 0) return;
    this.#action = entered - 1;
    this.#index = this.#defaultNumber;
    this.#indexText = this.#record.defaultIndex;
    this.#id = undefined;
    this.#hasId = false;
  }

  leave(left: number): void {
    if (left !== code.root) this.#isClosed = true;
  }

  value(found: number, kind: JsonKind): boolean {
    this.#take(found, kind);
    return true;
  }

  #take(found: number, kind: JsonKind): void {
    if (this.#isClosed || kind === jsonKind.null) return;
    const { bytes, start, end } = this.#json;
    switch (found) {
      case code.index:
        this.#index = this.#record.actions.numberOf(bytes, start, end);
        // A name without a number is made a string only where it is told.
        this.#indexText =
          this.#index >= 0 || this.#record.documents.needsId ? this.#record.actions.lastName : "";
        break;
      case code.id:
        this.#hasId = true;
        if (this.#record.documents.needsId) this.#id = this.#json.text();
        break;
      case code.opType:
        if (this.#action === index && this.#json.text() === "create") this.#action = create;
        break;
      case code.pipeline:
        this.#record.name("pipeline", "read", this.#json.text());
        break;
      default:
    }
  }

  name(): void {
    // An action that Elasticsearch does not know: its shape tells it.
  }

  foreign(): JsonVisitor | undefined {
    return undefined;
  }

  #count(): void {
    const { actions, documents } = this.#record;
    if (this.#indexText === undefined) this.#record.actionWithoutIndex(this.#action);
    else actions.count(this.#index, this.#action);
    documents.add(this.#indexText, this.#id, this.#hasId);
  }
}
