import { Buffer } from "node:buffer";
import type { JsonScanner } from "../json-scanner.ts";
import { jsonKind, type JsonKind, type JsonVisitor } from "../json-visitor.ts";
import type { WatchedDocuments } from "../watch/watched-documents.ts";
import type { HitList } from "./hit-list.ts";
import { hitCode } from "./response-codes.ts";
import type { RowFacts } from "./response-facts.ts";

/** Columns whose names are told; ES|QL allows thousands. */
const maxColumns = 1000;
/** Rows of a columnar answer that are put together again; ES|QL's own limit is 10,000. */
const maxColumnarRows = 20_000;
const maxNameLength = 512;

interface Column {
  readonly name: string;
  /** `_id` and `_index` name the document of a row (ES|QL `METADATA`). */
  readonly isId: boolean;
  readonly isIndex: boolean;
  readonly path: Buffer;
  /** The rules that watch it. */
  readonly groups: number;
}

/** A row of a columnar answer, of which the cells come one after the other. */
interface ColumnarRow {
  index: string | undefined;
  id: string | undefined;
  /** The watched ones in which it has a value. */
  readonly columns: Column[];
}

/**
 * Reads the cells of ES|QL and SQL answers: counts rows, takes documents from `_id` and `_index`,
 * and finds watched columns. A cell is a value or an array of values.
 */
export class RowReader implements JsonVisitor {
  readonly #scanner: JsonScanner;
  readonly #hits: HitList;
  readonly #watched: WatchedDocuments | undefined;
  readonly #isColumnar: boolean;
  readonly #columns: Column[] = [];
  #moreColumns = 0;
  #hasRows = false;
  #rows = 0;
  /** Open arrays and objects: 1 around all, 2 a row or column, 3 and more a cell. */
  #depth = 0;
  /** Number of the cell in its row or column. */
  #cell = 0;
  /** Number of the column that is read, in a columnar answer. */
  #column = -1;
  /** A column names documents, or is watched. */
  #readsRows = false;
  #hasIds = false;
  readonly #columnarRows: ColumnarRow[] = [];

  /** @param isColumnar the request asked for columns instead of rows */
  constructor(
    scanner: JsonScanner,
    hits: HitList,
    watched: WatchedDocuments | undefined,
    isColumnar: boolean,
  ) {
    this.#scanner = scanner;
    this.#hits = hits;
    this.#watched = watched;
    this.#isColumnar = isColumnar;
  }

  /** The name of the next column, which comes before all rows. */
  column(name: string): void {
    if (this.#columns.length === maxColumns) {
      this.#moreColumns += 1;
      return;
    }
    const path = Buffer.from(name.slice(0, maxNameLength));
    this.#columns.push({
      name: name.slice(0, maxNameLength),
      isId: name === "_id",
      isIndex: name === "_index",
      path,
      groups: this.#watched?.rulesOfField(path) ?? 0,
    });
  }

  /** A row that is an object begins; what is in it is not read. */
  object(): void {
    this.#hasRows = true;
    this.#rows += 1;
  }

  /** Rows come. @returns itself, to read them */
  begin(): this {
    this.#hasRows = true;
    this.#depth = 0;
    this.#column = -1;
    this.#readsRows = this.#columns.some(({ isId, groups }) => isId || groups !== 0);
    this.#hasIds = this.#columns.some(({ isId }) => isId);
    return this;
  }

  key(): boolean {
    return true;
  }

  open(): boolean {
    this.#depth += 1;
    if (this.#depth > 2) {
      if (this.#depth === 3) this.#beginCell();
      return true;
    }
    if (this.#depth === 1) return true;
    this.#cell = -1;
    if (this.#isColumnar) return this.#openColumn();
    this.#rows += 1;
    if (this.#readsRows) this.#hits.enter(hitCode.hit);
    return this.#readsRows;
  }

  close(): void {
    if (this.#depth === 2 && !this.#isColumnar && this.#readsRows)
      this.#hits.leaveRow(this.#hasIds, this.#columns.length > 1);
    this.#depth -= 1;
  }

  scalar(kind: JsonKind): void {
    if (this.#depth < 2) return;
    if (this.#depth === 2) this.#beginCell();
    if (kind === jsonKind.null) return;
    const column = this.#columns[this.#isColumnar ? this.#column : this.#cell];
    if (column === undefined) return;
    if (this.#isColumnar) this.#takeColumnar(column);
    else this.#take(column, kind);
  }

  /** The answer is over. @returns undefined: it has no rows */
  finish(): RowFacts | undefined {
    // A row that is still open was sent in part.
    while (this.#depth > 0) this.close();
    for (const row of this.#columnarRows) {
      this.#hits.enter(hitCode.hit);
      for (const column of row.columns) this.#watch(column);
      this.#hits.setRow(row.index, row.id);
      this.#hits.leaveRow(this.#hasIds, this.#columns.length > 1);
    }
    if (!this.#hasRows && this.#columns.length === 0) return undefined;
    return {
      count: this.#rows,
      columns: this.#columns.map(({ name }) => name),
      moreColumns: this.#moreColumns,
      moreDocuments: this.#hasIds && this.#isColumnar ? this.#rows - this.#columnarRows.length : 0,
    };
  }

  #beginCell(): void {
    this.#cell += 1;
    if (this.#isColumnar && this.#cell >= this.#rows) this.#rows = this.#cell + 1;
  }

  #openColumn(): boolean {
    this.#column += 1;
    const { isId = false, isIndex = false, groups = 0 } = this.#columns[this.#column] ?? {};
    // The first one tells how many rows there are.
    return this.#column === 0 || isId || groups !== 0 || (isIndex && this.#readsRows);
  }

  #take(column: Column, kind: JsonKind): void {
    if (column.isId) this.#hits.value(hitCode.id, kind);
    else if (column.isIndex) this.#hits.value(hitCode.index, kind);
    this.#watch(column);
  }

  #watch({ path, groups }: Column): void {
    if (groups !== 0) this.#watched?.field(path, path.length, groups);
  }

  #takeColumnar(column: Column): void {
    const isWanted = column.isId || column.isIndex || column.groups !== 0;
    if (!isWanted || !this.#readsRows || this.#cell >= maxColumnarRows) return;
    while (this.#columnarRows.length <= this.#cell)
      this.#columnarRows.push({ index: undefined, id: undefined, columns: [] });
    const row = this.#columnarRows[this.#cell];
    if (row === undefined) return;
    if (column.isId) row.id = this.#scanner.text().slice(0, maxNameLength);
    else if (column.isIndex) row.index = this.#scanner.text().slice(0, maxNameLength);
    if (column.groups !== 0 && row.columns.at(-1) !== column) row.columns.push(column);
  }
}
