import { Buffer } from "node:buffer";
import type { WatchedDocuments } from "../watch/watched-documents.ts";
import type { HitList } from "./hit-list.ts";
import { hitCode } from "./response-codes.ts";
import type { RowFacts } from "./response-facts.ts";

/** Columns whose names are told; ES|QL allows thousands. */
const maxColumns = 1000;
const maxNameLength = 512;

/** What a request says of the rows of its answer. */
export interface RowForm {
  /** Columns instead of rows. */
  readonly isColumnar: boolean;
  /** Columns that hold ids and indices of documents: `METADATA` of ES|QL, under any names. */
  readonly idColumns: readonly string[];
  readonly indexColumns: readonly string[];
}

interface Column {
  readonly name: string;
  readonly isId: boolean;
  readonly isIndex: boolean;
  readonly path: Buffer;
  /** The rules that watch it. */
  readonly groups: number;
}

/**
 * Counts the rows of ES|QL and SQL answers, takes documents from the columns that name them, and
 * finds watched columns.
 */
export class RowTable {
  readonly #hits: HitList;
  readonly #watched: WatchedDocuments | undefined;
  readonly #form: RowForm;
  readonly #columns: Column[] = [];
  #moreColumns = 0;
  #hasRows = false;
  #rows = 0;
  #moreDocuments = 0;
  // The row that is being read.
  #isOpen = false;
  #index: string | undefined = undefined;
  #id: string | undefined = undefined;

  constructor(hits: HitList, watched: WatchedDocuments | undefined, form: RowForm) {
    this.#hits = hits;
    this.#watched = watched;
    this.#form = form;
  }

  get isColumnar(): boolean {
    return this.#form.isColumnar;
  }

  /** The name of the next column, which comes before all rows. */
  column(name: string): void {
    if (this.#columns.length === maxColumns) {
      this.#moreColumns += 1;
      return;
    }
    const { idColumns, indexColumns } = this.#form;
    const path = Buffer.from(name.slice(0, maxNameLength));
    this.#columns.push({
      name: name.slice(0, maxNameLength),
      isId: idColumns.includes(name) && !this.hasIds,
      isIndex: indexColumns.includes(name) && !this.#columns.some(({ isIndex }) => isIndex),
      path,
      groups: this.#watched?.rulesOfField(name) ?? 0,
    });
  }

  /** A column names documents. */
  get hasIds(): boolean {
    return this.#columns.some(({ isId }) => isId);
  }

  /** Rows have to be looked into. */
  get readsRows(): boolean {
    return this.#columns.some(({ isId, groups }) => isId || groups !== 0);
  }

  /** What stands in a column is needed, if rows are read. */
  needs(column: number): boolean {
    const { isId = false, isIndex = false, groups = 0 } = this.#columns[column] ?? {};
    return isId || isIndex || groups !== 0;
  }

  /** The text of a cell is needed. */
  needsText(column: number): boolean {
    const { isId = false, isIndex = false } = this.#columns[column] ?? {};
    return isId || isIndex;
  }

  /** Rows are not looked into, or not listed any more. */
  countRows(rows: number, documents: number): void {
    this.#hasRows = true;
    this.#rows += rows;
    this.#moreDocuments += documents;
  }

  openRow(): void {
    this.countRows(1, 0);
    this.#isOpen = true;
    this.#index = undefined;
    this.#id = undefined;
    this.#hits.enter(hitCode.hit);
  }

  /** The open row has a value in a column. @param text matters where {@link needsText} says so */
  value(column: number, text: string): void {
    const found = this.#columns[column];
    if (found === undefined) return;
    if (found.isId) this.#id = text.slice(0, maxNameLength);
    else if (found.isIndex) this.#index = text.slice(0, maxNameLength);
    if (found.groups !== 0) this.#watched?.field(found.path, found.path.length, found.groups);
  }

  closeRow(): void {
    this.#isOpen = false;
    this.#hits.leaveRow(this.#index, this.#id, this.hasIds, this.#columns.length > 1);
  }

  /** The answer is over. @returns undefined: it has no rows */
  finish(): RowFacts | undefined {
    // A row that is still open was sent in part.
    if (this.#isOpen) this.closeRow();
    if (!this.#hasRows && this.#columns.length === 0) return undefined;
    return {
      count: this.#rows,
      columns: this.#columns.map(({ name }) => name),
      moreColumns: this.#moreColumns,
      moreDocuments: this.#moreDocuments,
    };
  }
}
