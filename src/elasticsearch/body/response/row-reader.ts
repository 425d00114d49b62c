import type { JsonScanner } from "../json-scanner.ts";
import { jsonKind, type JsonKind, type JsonVisitor } from "../json-visitor.ts";
import type { RowTable } from "./row-table.ts";

/** Rows of a columnar answer that are put together again; ES|QL's own limit is 10,000. */
const maxColumnarRows = 20_000;

/** A row of a columnar answer, of which the cells come one after the other. */
type ColumnarRow = [column: number, text: string][];

/**
 * Reads the cells of ES|QL and SQL answers in JSON: an array of rows, or of columns. A cell is a
 * value or an array of values.
 */
export class RowReader implements JsonVisitor {
  readonly #scanner: JsonScanner;
  readonly #table: RowTable;
  /** Open arrays and objects: 1 around all, 2 a row or column, 3 and more a cell. */
  #depth = 0;
  /** Number of the cell in its row or column. */
  #cell = 0;
  /** Number of the column that is read, in a columnar answer. */
  #column = -1;
  #readsRows = false;
  /** Rows of a columnar answer. */
  #rows = 0;
  readonly #columnar: ColumnarRow[] = [];

  constructor(scanner: JsonScanner, table: RowTable) {
    this.#scanner = scanner;
    this.#table = table;
  }

  /** Rows come. @returns itself, to read them */
  begin(): this {
    this.#depth = 0;
    this.#column = -1;
    this.#readsRows = this.#table.readsRows;
    this.#table.countRows(0, 0);
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
    if (this.#table.isColumnar) return this.#openColumn();
    if (this.#readsRows) this.#table.openRow();
    else this.#table.countRows(1, 0);
    return this.#readsRows;
  }

  close(): void {
    const endsRow = this.#depth === 2 && !this.#table.isColumnar && this.#readsRows;
    if (endsRow) this.#table.closeRow();
    this.#depth -= 1;
  }

  scalar(kind: JsonKind): boolean {
    if (this.#depth < 2) return false;
    if (this.#depth === 2) this.#beginCell();
    if (kind === jsonKind.null || !this.#readsRows) return false;
    const column = this.#table.isColumnar ? this.#column : this.#cell;
    if (!this.#table.needs(column)) return false;
    const text = this.#table.needsText(column) ? this.#scanner.text() : "";
    if (this.#table.isColumnar) this.#keep(column, text);
    else this.#table.value(column, text);
    return true;
  }

  /** The answer is over: puts the rows of a columnar one together. */
  finish(): void {
    if (!this.#table.isColumnar) return;
    const listed = this.#readsRows ? Math.min(this.#rows, maxColumnarRows) : 0;
    for (let at = 0; at < listed; at += 1) {
      this.#table.openRow();
      for (const [column, text] of this.#columnar[at] ?? []) this.#table.value(column, text);
      this.#table.closeRow();
    }
    const rest = this.#rows - listed;
    this.#table.countRows(rest, this.#table.hasIds ? rest : 0);
  }

  #openColumn(): boolean {
    this.#column += 1;
    // The first one tells how many rows there are.
    return this.#column === 0 || (this.#readsRows && this.#table.needs(this.#column));
  }

  #beginCell(): void {
    this.#cell += 1;
    if (this.#table.isColumnar && this.#cell >= this.#rows) this.#rows = this.#cell + 1;
  }

  #keep(column: number, text: string): void {
    if (this.#cell >= maxColumnarRows) return;
    const row = (this.#columnar[this.#cell] ??= []);
    // Of several values in a cell one is enough.
    if (row.at(-1)?.[0] !== column) row.push([column, text]);
  }
}
