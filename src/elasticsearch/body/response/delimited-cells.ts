import { Buffer } from "node:buffer";
import { Carry } from "../carry.ts";

/** Takes the cells of a text in rows. */
export interface CellSink {
  /** A cell has ended; `bytes[0, length)` is its content, cut off at `maxCellBytes`. */
  cell(bytes: Buffer, length: number): void;
  /** A row has ended, after its last cell. */
  row(): void;
}

/** Bytes of a cell that are kept. */
const maxCellBytes = 512;
const quote = 0x22;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * Splits CSV (RFC 4180) and tab-separated text into rows and cells, in pieces cut anywhere.
 * Elasticsearch's `TextFormat`: CSV quotes cells that hold quotes, delimiters or line ends; in
 * tab-separated text they are escaped, so that a tab always separates.
 */
export class DelimitedCells {
  readonly #sink: CellSink;
  readonly #delimiter: number;
  readonly #hasQuotes: boolean;
  readonly #cell = new Carry(maxCellBytes);
  #isQuoted = false;
  /** The byte before was a quote inside a quoted cell: its end, or the first of two. */
  #isAfterQuote = false;
  #isInRow = false;

  constructor(sink: CellSink, delimiter: number, hasQuotes: boolean) {
    this.#sink = sink;
    this.#delimiter = delimiter;
    this.#hasQuotes = hasQuotes;
  }

  write(bytes: Buffer, start: number, end: number): void {
    for (let at = start; at < end; at += 1) {
      const byte = bytes[at] ?? 0;
      if (this.#isQuoted) this.#inQuotes(bytes, at, byte);
      else this.#outside(bytes, at, byte);
    }
  }

  /** The text is over; a row without a line end counts. */
  finish(): void {
    this.#isQuoted = false;
    if (this.#isInRow) this.#endRow();
  }

  #inQuotes(bytes: Buffer, at: number, byte: number): void {
    if (byte === quote && !this.#isAfterQuote) this.#isAfterQuote = true;
    else if (byte === quote || !this.#isAfterQuote) {
      this.#isAfterQuote = false;
      this.#cell.add(bytes, at, at + 1);
    } else {
      this.#isAfterQuote = false;
      this.#isQuoted = false;
      this.#outside(bytes, at, byte);
    }
  }

  #outside(bytes: Buffer, at: number, byte: number): void {
    if (byte === lineFeed) return this.#endRow();
    this.#isInRow = true;
    if (byte === this.#delimiter) this.#endCell();
    else if (byte === quote && this.#hasQuotes && this.#cell.length === 0) this.#isQuoted = true;
    else if (byte !== carriageReturn) this.#cell.add(bytes, at, at + 1);
  }

  #endCell(): void {
    this.#sink.cell(this.#cell.bytes, this.#cell.length);
    this.#cell.length = 0;
  }

  #endRow(): void {
    this.#endCell();
    this.#isInRow = false;
    this.#sink.row();
  }
}
