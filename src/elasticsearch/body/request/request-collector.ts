import { Buffer } from "node:buffer";
import type { CountingValues } from "../counting-values.ts";
import { cursorKinds } from "../cursor-digest.ts";
import type { ExaminationReason } from "../examination.ts";
import { JsonScanner } from "../json-scanner.ts";
import { jsonKind, type JsonKind, type JsonVisitor } from "../json-visitor.ts";
import type { Shape } from "../shape.ts";
import { ShapeReader, type ShapeSink } from "../shape-reader.ts";
import { OutputFields } from "./output-fields.ts";
import { QueryLookups } from "./query-lookups.ts";
import { nameRoles, query, searchBody } from "./query-shapes.ts";
import { code } from "./request-codes.ts";
import type { RequestRecord } from "./request-record.ts";

/** Queries in queries in queries: nobody writes more. */
const maxNesting = 4;

/** Takes what shapes find in a request's JSON into its record. */
export class RequestCollector implements ShapeSink {
  /** Reads the text whose values are told. */
  #scanner: JsonScanner;
  readonly reader: ShapeReader;
  /** An embedded query that could not be read. */
  fault: ExaminationReason | undefined = undefined;
  readonly #record: RequestRecord;
  readonly #lookups: QueryLookups;
  readonly #outputs: OutputFields;
  #nesting = 0;
  // The document that is being read.
  #isDocumentOpen = false;
  #index: string | undefined = undefined;
  #id: string | undefined = undefined;
  // The ingest processor that is being read.
  #setField = "";
  #setValue: string | undefined = undefined;

  constructor(root: Shape, record: RequestRecord, counting?: CountingValues) {
    this.reader = new ShapeReader(root, this);
    this.#scanner = new JsonScanner(this.reader);
    this.#scanner.countInto(counting);
    this.#record = record;
    this.#lookups = new QueryLookups(record);
    this.#outputs = new OutputFields(record);
  }

  /** Reads the request. */
  get scanner(): JsonScanner {
    return this.#scanner;
  }

  enter(entered: number): void {
    if (isQuery(entered)) this.#lookups.enter(entered);
    else if (entered === code.document) {
      this.#isDocumentOpen = true;
      this.#index = undefined;
      this.#id = undefined;
    } else if (entered === code.setProcessor) {
      this.#setField = "";
      this.#setValue = undefined;
    } else this.#outputs.enter(entered);
  }

  leave(left: number): void {
    if (isQuery(left)) this.#lookups.leave();
    else if (left === code.document) this.#endDocument();
    else this.#outputs.leave(left);
  }

  name(found: number, bytes: Buffer, start: number, end: number): void {
    if (found >= code.name) this.#addName(found, bytes.toString("utf8", start, end));
    else this.#outputs.name(found, bytes, start, end);
  }

  value(found: number, kind: JsonKind): boolean {
    if (kind === jsonKind.null) return false;
    if (found >= code.name) this.#addName(found, this.#scanner.text());
    else if (found >= code.cursor) this.#addCursor(found);
    else return this.#take(found, kind);
    return true;
  }

  foreign(): JsonVisitor | undefined {
    return undefined;
  }

  /** @returns false: a scalar in the place of something else */
  #take(found: number, kind: JsonKind): boolean {
    const scanner = this.#scanner;
    switch (found) {
      case code.lookupIndex:
      case code.lookupId:
      case code.targetIndex:
        this.#lookups.value(found, scanner.text());
        break;
      case code.wrapped:
        this.#read(Buffer.from(scanner.text(), "base64"), query);
        break;
      case code.template:
        this.#read(Buffer.from(scanner.text()), searchBody);
        break;
      case code.aggregationField:
      case code.suggestionField:
      case code.termField:
        this.#outputs.field(found, scanner.text());
        break;
      case code.size:
        this.#record.size = scanner.number();
        break;
      case code.from:
        this.#record.from = scanner.number();
        break;
      case code.searchAfter:
        this.#record.hasSearchAfter = true;
        break;
      case code.columnar:
        this.#record.isColumnar = kind === jsonKind.true;
        break;
      case code.documentIndex:
        this.#index = scanner.text();
        break;
      case code.documentId:
        this.#id = scanner.text();
        break;
      case code.ownDocument:
        this.#record.document(undefined, scanner.text());
        break;
      case code.esql:
        this.#record.query("esql", scanner.text(), scanner.isCut);
        break;
      case code.sql:
        this.#record.query("sql", scanner.text(), scanner.isCut);
        break;
      case code.eql:
        this.#record.query("eql", scanner.text(), scanner.isCut);
        break;
      case code.setField:
        this.#setField = scanner.text();
        this.#checkSet();
        break;
      case code.setValue:
        this.#setValue = scanner.text();
        this.#checkSet();
        break;
      default:
        return false;
    }
    return true;
  }

  array(): void {
    this.#record.arrayBegins();
  }

  /** The text is over; a fault may have left something open. */
  finish(): void {
    this.#lookups.unwind(0);
    this.#outputs.unwind(0);
    if (this.#isDocumentOpen) this.#endDocument();
  }

  #endDocument(): void {
    this.#isDocumentOpen = false;
    this.#record.document(this.#index, this.#id);
  }

  #addName(found: number, text: string): void {
    const role = nameRoles[found - code.name];
    if (role === undefined) return;
    if (role.kind === "index") this.#record.nameList(role.kind, role.use, text);
    else this.#record.name(role.kind, role.use, text);
  }

  #addCursor(found: number): void {
    const kind = cursorKinds[found - code.cursor];
    if (kind !== undefined) this.#record.cursor(kind, this.#scanner.text());
  }

  /** `{"set": {"field": "_index", "value": …}}` sends documents elsewhere. */
  #checkSet(): void {
    if (this.#setField === "_index" && this.#setValue !== undefined)
      this.#record.nameList("index", "write", this.#setValue);
  }

  /** Reads a query that is embedded as text. */
  #read(text: Buffer, root: Shape): void {
    const outer = this.#scanner;
    if (this.#nesting === maxNesting || outer.isCut) {
      this.fault = "embedded";
      return;
    }
    const [lookups, outputs] = [this.#lookups.depth, this.#outputs.depth];
    this.#nesting += 1;
    this.#scanner = new JsonScanner(new ShapeReader(root, this));
    this.#scanner.write(text);
    this.#scanner.finish();
    if (this.#scanner.fault !== undefined) this.fault = "embedded";
    this.#lookups.unwind(lookups);
    this.#outputs.unwind(outputs);
    this.#scanner = outer;
    this.#nesting -= 1;
  }
}

function isQuery(found: number): boolean {
  return found < code.lookupIndex || found === code.wrapped;
}
