import type { Buffer } from "node:buffer";
import type { BodyReader } from "../body-reader.ts";
import type { Examination, ExaminationReason } from "../examination.ts";
import { DelimitedCells, type CellSink } from "./delimited-cells.ts";
import type { ResponseFacts } from "./response-facts.ts";
import type { RowTable } from "./row-table.ts";

/**
 * Reads the rows of an ES|QL or SQL answer in CSV or tab-separated text. The first line names the
 * columns, unless `header=absent` was asked for; then only rows are counted.
 */
export class DelimitedAnswer implements BodyReader<ResponseFacts>, CellSink {
  readonly #table: RowTable;
  readonly #rest: BodyReader<ResponseFacts>;
  readonly #cells: DelimitedCells;
  #bytes = 0;
  #isHeader: boolean;
  #isRowOpen = false;
  #column = 0;

  /**
   * @param table takes the rows
   * @param rest makes the facts of what `table` took
   */
  constructor(
    table: RowTable,
    rest: BodyReader<ResponseFacts>,
    format: {
      readonly delimiter: number;
      readonly hasQuotes: boolean;
      readonly hasHeader: boolean;
    },
  ) {
    this.#table = table;
    this.#rest = rest;
    this.#isHeader = format.hasHeader;
    this.#cells = new DelimitedCells(this, format.delimiter, format.hasQuotes);
  }

  write(piece: Buffer, start: number, end: number): void {
    this.#bytes += end - start;
    this.#cells.write(piece, start, end);
  }

  finish(reason?: ExaminationReason): ResponseFacts {
    const bytes = this.#bytes;
    this.#cells.finish();
    const facts = this.#rest.finish();
    if (bytes === 0) return { ...facts, body: { state: "empty", bytes } };
    const body: Examination =
      reason === undefined
        ? { state: "whole", bytes }
        : { state: "partial", reason, at: bytes, bytes };
    return { ...facts, body };
  }

  cell(bytes: Buffer, length: number): void {
    if (this.#isHeader) {
      this.#table.column(bytes.toString("utf8", 0, length));
      return;
    }
    if (!this.#isRowOpen) {
      this.#isRowOpen = true;
      this.#table.openRow();
    }
    // An empty cell is a missing value.
    if (length > 0 && this.#table.needs(this.#column)) {
      const text = this.#table.needsText(this.#column) ? bytes.toString("utf8", 0, length) : "";
      this.#table.value(this.#column, text);
    }
    this.#column += 1;
  }

  row(): void {
    if (this.#isRowOpen) this.#table.closeRow();
    this.#isRowOpen = false;
    this.#isHeader = false;
    this.#column = 0;
  }
}
