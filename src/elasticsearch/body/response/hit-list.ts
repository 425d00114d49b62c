import { CountByName } from "../count-by-name.ts";
import { DocumentList, type DocumentListener, type DocumentRef } from "../document-list.ts";
import type { JsonScanner } from "../json-scanner.ts";
import { jsonKind, type JsonKind, type JsonVisitor } from "../json-visitor.ts";
import type { WatchedDocuments } from "../watch/watched-documents.ts";
import { hitCode as code } from "./response-codes.ts";
import type { ReturnedFacts } from "./response-facts.ts";

/** Characters of one name of a nested object. */
const maxNestedName = 512;

/** A document that is being read. */
interface OpenHit {
  /** `hitCode.hit`, `option` or `single`. */
  kind: number;
  /** Number in the counts by index; -1: none, or no room. */
  number: number;
  index: string | undefined;
  id: string | undefined;
  hasId: boolean;
  /** Name of the nested object that it stands for. */
  nested: string | undefined;
  hasContent: boolean;
  isMissing: boolean;
}

/** What {@link HitList} tells of what is no document. */
export interface HitSink {
  /** The option of a suggester was a text. */
  suggestion(): void;
  /** A document could not be read; the scanner's last scalar is the error's type. */
  documentError(): void;
}

/**
 * Counts the documents in an answer: hits, hits within hits, documents asked for by id, options of
 * a completion suggester. A nested object within its document counts as a part of that.
 */
export class HitList {
  readonly #scanner: JsonScanner;
  readonly #sink: HitSink;
  readonly #watched: WatchedDocuments | undefined;
  /** The document of the path, for an answer that is its content and names nothing. */
  readonly #asked: DocumentRef;
  readonly #documents: DocumentList;
  readonly #byIndex = new CountByName(1);
  readonly #open: OpenHit[] = [];
  #depth = 0;
  #withContent = 0;
  #missing = 0;

  constructor(
    scanner: JsonScanner,
    sink: HitSink,
    watched: WatchedDocuments | undefined,
    listener: DocumentListener | undefined,
    asked: DocumentRef,
  ) {
    this.#asked = asked;
    this.#scanner = scanner;
    this.#sink = sink;
    this.#watched = watched;
    this.#documents = new DocumentList(listener);
  }

  enter(entered: number): void {
    if (entered === code.nested) return;
    const hit = (this.#open[this.#depth] ??= { ...closedHit });
    this.#depth += 1;
    hit.kind = entered;
    hit.number = -1;
    hit.index = undefined;
    hit.id = undefined;
    hit.hasId = false;
    hit.nested = undefined;
    hit.hasContent = false;
    hit.isMissing = false;
    this.#watched?.enter();
  }

  value(found: number, kind: JsonKind): void {
    const hit = this.#open[this.#depth - 1];
    if (hit === undefined) return;
    const { bytes, start, end } = this.#scanner;
    switch (found) {
      case code.index:
        if (kind !== jsonKind.string || start === end) return;
        hit.number = this.#byIndex.numberOf(bytes, start, end);
        // A name without a number is made a string only where it is told.
        hit.index = hit.number >= 0 || this.#needsText ? this.#byIndex.lastName : "";
        break;
      case code.id:
        if (kind === jsonKind.null || start === end) return;
        hit.hasId = true;
        if (this.#needsText) hit.id = this.#scanner.text();
        break;
      case code.nestedField:
        hit.nested = nestedName(hit.nested, this.#scanner.text());
        break;
      case code.found:
        hit.isMissing = kind === jsonKind.false;
        break;
      case code.missing:
        hit.isMissing = kind === jsonKind.true;
        break;
      case code.error:
        hit.isMissing = true;
        this.#sink.documentError();
        break;
      default:
    }
  }

  get #needsText(): boolean {
    return this.#documents.needsId || this.#watched !== undefined;
  }

  /** Content of the open document begins; or, where the answer is nothing else, the document. */
  foreign(found: number): JsonVisitor | undefined {
    if (found === code.document) this.enter(code.document);
    const hit = this.#open[this.#depth - 1];
    if (hit === undefined) return undefined;
    hit.hasContent = true;
    // Fields and highlights of a nested object have the names of the whole document.
    return this.#watched?.content(hit.index, found === code.fields ? undefined : hit.nested);
  }

  leave(left: number): void {
    if (left === code.nested) return;
    this.#depth -= 1;
    const hit = this.#open[this.#depth];
    if (hit === undefined) return;
    // An index of -1 would be looked up by name, slowly.
    const around = this.#depth === 0 ? undefined : this.#open[this.#depth - 1];
    const isText = hit.kind === code.option && !hit.hasId && !hit.hasContent;
    // An error in its place has neither.
    const isNone = hit.kind === code.single && !hit.hasId && !hit.hasContent;
    const isPart = hit.nested !== undefined && this.#depth > 0;
    if (isText || isNone || isPart || hit.isMissing) {
      this.#watched?.leavePart();
      if (isText) this.#sink.suggestion();
      else if (hit.isMissing) this.#missing += 1;
      else if (isPart && around !== undefined) around.hasContent ||= hit.hasContent;
      return;
    }
    // Rules of a watch know no aliases, and the path may name one: for them the index stays
    // unknown.
    this.#watched?.leave(hit.index, hit.kind === code.document ? this.#asked.id : hit.id);
    if (hit.kind === code.document) this.#nameAsAsked(hit);
    this.#add(hit);
  }

  /**
   * A row is over.
   *
   * @param isDocument it names one; else only its watched columns count
   */
  leaveRow(
    index: string | undefined,
    id: string | undefined,
    isDocument: boolean,
    hasContent: boolean,
  ): void {
    this.#depth -= 1;
    const hit = this.#open[this.#depth];
    if (hit === undefined) return;
    hit.number = index === undefined ? -1 : this.#byIndex.numberOfText(index);
    hit.index = index;
    hit.id = id;
    hit.hasId = id !== undefined;
    hit.hasContent = hasContent;
    if (isDocument) this.#add(hit);
    this.#watched?.leave(index, id);
  }

  /** The answer is over; documents that are still open were sent in part, and count. */
  finish(): void {
    while (this.#depth > 0) this.leave(code.hit);
  }

  facts(): ReturnedFacts {
    const byIndex = this.#byIndex.map((index, _kind, count) => ({ index, count }));
    return {
      ...this.#documents.facts(),
      withContent: this.#withContent,
      missing: this.#missing,
      byIndex,
      moreIndices: this.#byIndex.more,
    };
  }

  #nameAsAsked(hit: OpenHit): void {
    const { index, id } = this.#asked;
    hit.index = index;
    if (index !== undefined) hit.number = this.#byIndex.numberOfText(index);
    hit.id = id;
    hit.hasId = id !== undefined;
  }

  #add(hit: OpenHit): void {
    this.#byIndex.count(hit.number, 0);
    if (hit.hasContent) this.#withContent += 1;
    this.#documents.add(hit.index, hit.id, hit.hasId);
  }
}

const closedHit: OpenHit = {
  kind: code.hit,
  number: -1,
  index: undefined,
  id: undefined,
  hasId: false,
  nested: undefined,
  hasContent: false,
  isMissing: false,
};

function nestedName(above: string | undefined, field: string): string {
  const name = above === undefined ? field : `${above}.${field}`;
  return name.slice(0, maxNestedName);
}
