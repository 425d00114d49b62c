import { Buffer } from "node:buffer";
import { Carry } from "../carry.ts";
import {
  DocumentList,
  maxListedDocuments,
  type DocumentFacts,
  type DocumentListener,
} from "../document-list.ts";
import type { JsonScanner } from "../json-scanner.ts";
import { textOf } from "../json-text.ts";
import { jsonKind, type JsonKind, type JsonVisitor } from "../json-visitor.ts";
import { KeyTable } from "../key-table.ts";
import { NameTally } from "../name-tally.ts";
import { writeActions } from "../request/request-record.ts";
import type { WatchedDocuments } from "../watch/watched-documents.ts";
import type { ErrorCounts } from "./error-counts.ts";
import { itemCode as code } from "./response-codes.ts";
import type { ItemFact, ItemsFacts } from "./response-facts.ts";

/** Results of `DocWriteResponse.Result`; the first stands for none. */
const results = ["", "created", "updated", "deleted", "not_found", "noop"];
const resultNumbers = new KeyTable(results.map((name, at) => [name, at] as const));
const none = Buffer.alloc(0);
/** Elasticsearch takes ids of 512 bytes; all of them may be escaped. */
const maxIdBytes = 3072;
/** Groups of items with one index, action, result and status that are told apart. */
const maxGroups = 4096;
const statusRadix = 1000;

/** Take every document of an item, by what became of it. */
export interface ItemListeners {
  readonly written: DocumentListener | undefined;
  /** Also those of which the answer does not say it. */
  readonly failed: DocumentListener | undefined;
}

/** Counts the documents that were written, by what became of them. */
export class BulkItems {
  readonly #scanner: JsonScanner;
  readonly #errors: ErrorCounts;
  readonly #watched: WatchedDocuments | undefined;
  readonly #documents: DocumentList;
  readonly #failedDocuments: DocumentList;
  readonly #isTelling: boolean;
  /** The id is `#piece[idAt, idEnd)` and was not made a string; -1: it is not there. */
  #piece: Buffer = none;
  #idAt = -1;
  #idEnd = 0;
  /** Its bytes, where an item goes on in the next piece. */
  readonly #keptId = new Carry(maxIdBytes);
  readonly #indices = new NameTally();
  /** Group number → items. */
  #groups: Map<number, number> | undefined = undefined;
  #lastGroup = -1;
  #lastCount = 0;
  #count = 0;
  #failed = 0;
  #more = 0;
  #hasErrors: boolean | undefined = undefined;
  #withContent = 0;
  // The item that is being read.
  #isOpen = false;
  #action = 0;
  #indexNumber = -1;
  #index: string | undefined = undefined;
  #id: string | undefined = undefined;
  #hasId = false;
  #status = 0;
  /** The item has a status of its own. */
  #isTold = false;
  #result = 0;

  constructor(
    scanner: JsonScanner,
    errors: ErrorCounts,
    watched: WatchedDocuments | undefined,
    { written, failed }: ItemListeners,
  ) {
    this.#scanner = scanner;
    this.#watched = watched;
    this.#errors = errors;
    this.#isTelling = written !== undefined || failed !== undefined;
    this.#documents = new DocumentList(written);
    this.#failedDocuments = new DocumentList(failed);
  }

  /** @param status of the HTTP response: what an item says that stands alone */
  enter(entered: number, status: number): void {
    this.#isOpen = true;
    this.#action = entered - code.item;
    this.#indexNumber = -1;
    this.#index = undefined;
    this.#id = undefined;
    this.#keptId.length = 0;
    this.#idAt = -1;
    this.#hasId = false;
    this.#status = status;
    this.#isTold = false;
    this.#result = 0;
    this.#watched?.enter();
  }

  value(found: number, kind: JsonKind): void {
    const { bytes, start, end } = this.#scanner;
    switch (found) {
      case code.index:
        if (kind !== jsonKind.string) return;
        this.#indexNumber = this.#indices.numberOf(bytes, start, end);
        // A name without a number is made a string only where it is told.
        this.#index = this.#indexNumber >= 0 || this.#needsText ? this.#indices.last : "";
        break;
      case code.id:
        if (kind === jsonKind.null) return;
        this.#hasId = true;
        if (this.#needsText) this.#id = this.#scanner.text();
        else this.#keepId();
        break;
      case code.status:
        this.#status = this.#scanner.number() ?? 0;
        this.#isTold = true;
        break;
      case code.result:
        this.#result = resultNumbers.find(bytes, start, end) ?? 0;
        break;
      case code.errorType:
        this.#errors.add("item");
        break;
      case code.errors:
        this.#hasErrors = kind === jsonKind.true;
        break;
      default:
    }
  }

  get #needsText(): boolean {
    return this.#isTelling || this.#documents.needsId || this.#watched !== undefined;
  }

  /** Of an item that fails it is wanted, which is known when its status has come. */
  #keepId(): void {
    const { bytes, start, end } = this.#scanner;
    this.#keptId.length = 0;
    this.#idAt = -1;
    if (bytes !== this.#piece) this.#keptId.add(bytes, start, end);
    else {
      this.#idAt = start;
      this.#idEnd = end;
    }
  }

  get #laterId(): string | undefined {
    if (this.#idAt >= 0) return textOf(this.#piece, this.#idAt, this.#idEnd);
    const { bytes, length } = this.#keptId;
    return length > 0 ? textOf(bytes, 0, length) : undefined;
  }

  /** Values come from this piece, until {@link endPiece}. */
  beginPiece(piece: Buffer): void {
    this.#piece = piece;
  }

  /** The piece may be used again. */
  endPiece(): void {
    if (this.#isOpen && this.#idAt >= 0) this.#keptId.add(this.#piece, this.#idAt, this.#idEnd);
    this.#idAt = -1;
    this.#piece = none;
  }

  /** The item holds the document's content. */
  foreign(): JsonVisitor | undefined {
    this.#withContent += 1;
    return this.#watched?.content(this.#index, undefined);
  }

  leave(): void {
    this.#isOpen = false;
    this.#watched?.leave(this.#index, this.#id);
    this.#count += 1;
    if (this.#status >= 400) this.#failed += 1;
    if (this.#isWritten) this.#documents.add(this.#index, this.#id, this.#hasId);
    else {
      if (this.#failedDocuments.needsId) this.#id ??= this.#laterId;
      this.#failedDocuments.add(this.#index, this.#id, this.#hasId);
    }
    const status = this.#status >= 0 && this.#status < statusRadix ? Math.trunc(this.#status) : 0;
    const kind = this.#action * results.length + this.#result;
    const place = (this.#indexNumber + 1) * writeActions.length * results.length + kind;
    const group = place * statusRadix + status;
    // An index for which there was no room is not the same as none.
    if (this.#indexNumber < 0 && this.#index !== undefined) this.#more += 1;
    else if (group === this.#lastGroup) this.#lastCount += 1;
    else {
      this.#storeLast();
      this.#lastGroup = group;
      this.#lastCount = 1;
    }
  }

  /** What the item says of itself; `filter_path` can leave that out. */
  get #isWritten(): boolean {
    return this.#status < 400 && (this.#isTold || this.#result !== 0);
  }

  /** Most items are like the one before: only others cost a look into the map. */
  #storeLast(): void {
    if (this.#lastCount === 0) return;
    const groups = (this.#groups ??= new Map());
    const known = groups.get(this.#lastGroup);
    if (known === undefined && groups.size === maxGroups) this.#more += this.#lastCount;
    else groups.set(this.#lastGroup, (known ?? 0) + this.#lastCount);
    this.#lastCount = 0;
  }

  /** The answer is over. @returns undefined: it has no items */
  finish(): ItemsFacts | undefined {
    if (this.#isOpen) this.leave();
    this.#storeLast();
    if (this.#count === 0 && this.#hasErrors === undefined) return undefined;
    const [done, rest] = [this.#documents.facts(), this.#failedDocuments.facts()];
    const isAllDone = this.#hasErrors === false && this.#failed === 0;
    return {
      count: this.#count,
      failed: this.#failed,
      errors: this.#hasErrors,
      withContent: this.#withContent,
      groups: Array.from(this.#groups ?? [], ([group, count]) => this.#fact(group, count)),
      more: this.#more,
      documents: isAllDone ? together(done, rest) : done,
      failedDocuments: isAllDone ? noDocuments : rest,
    };
  }

  #fact(group: number, count: number): ItemFact {
    const place = Math.trunc(group / statusRadix);
    const kind = place % (writeActions.length * results.length);
    const index = Math.trunc(place / (writeActions.length * results.length)) - 1;
    return {
      index: this.#indices.names[index],
      action: writeActions[Math.trunc(kind / results.length)] ?? "unknown",
      status: group % statusRadix,
      result: results[kind % results.length] || undefined,
      count,
    };
  }
}

const noDocuments: DocumentFacts = { count: 0, withoutId: 0, first: [] };

function together(one: DocumentFacts, other: DocumentFacts): DocumentFacts {
  return {
    count: one.count + other.count,
    withoutId: one.withoutId + other.withoutId,
    first: [...one.first, ...other.first].slice(0, maxListedDocuments),
  };
}
