/**
 * Tables on a terminal: columns as wide as the first rows need. Where they do not fit, texts are
 * cut, then the columns that can be spared are left out, then those before the last one.
 */
import { displayWidth, type Output, type Style } from "./output.ts";

/** One column of a table. */
export interface TableColumn {
  readonly title: string;
  readonly isRight: boolean;
  /** Columns of text at least; for rows that come one by one. */
  readonly leastWidth?: number;
  /** Half of it is worth nothing: a number, an id, a time. @default isRight */
  readonly isWhole?: boolean;
  /** Left out where the terminal is too narrow, the highest first. @default never */
  readonly spare?: number;
}

/** Text of one cell, and how it is shown. */
export interface Cell {
  readonly text: string;
  readonly style?: Style | undefined;
}

/** Columns of text; `undefined`: the column is left out. */
type Width = number | undefined;

const gap = "  ";
/** Rows that are looked at before the widths are fixed. */
const lookahead = 200;
/** Texts are cut to this before columns are left out, and no column to less than the second. */
const [legible, narrowest] = [9, 6];

/** Writes rows under a head; `end` must be called. */
export class Table {
  readonly #output: Output;
  readonly #columns: readonly TableColumn[];
  #widths: readonly Width[] | undefined = undefined;
  #waiting: (readonly Cell[] | string)[] = [];

  constructor(output: Output, columns: readonly TableColumn[]) {
    this.#output = output;
    this.#columns = columns;
  }

  async row(cells: readonly Cell[]): Promise<void> {
    await this.#add(cells);
  }

  /** A line across the table. @param end stays whole where the line has to be cut */
  async note(text: string, end = ""): Promise<void> {
    const room = this.#output.width - displayWidth(end);
    await this.#add(end === "" ? text : cut(text, Math.max(room, narrowest)) + end);
  }

  /** Writes what waits for the widths to be known; for rows that come one by one. */
  async flush(): Promise<void> {
    if (this.#widths === undefined && this.#waiting.length > 0) await this.#begin();
  }

  async end(): Promise<void> {
    await this.flush();
    const spared = this.#columns.filter((_, at) => this.#widths?.[at] === undefined);
    if (this.#widths === undefined || spared.length === 0) return;
    const names = spared.map(({ title }) => title).join(", ");
    await this.note(`not shown, as ${this.#output.width} columns are too narrow: ${names}`);
  }

  async #add(line: readonly Cell[] | string): Promise<void> {
    if (this.#widths !== undefined) {
      await this.#output.write(this.#text(line, this.#widths));
      return;
    }
    this.#waiting.push(line);
    if (this.#waiting.length >= lookahead) await this.#begin();
  }

  async #begin(): Promise<void> {
    const widths = this.#columns.map(({ title, leastWidth = 0 }, at) =>
      this.#waiting.reduce(
        (width, line) =>
          typeof line === "string" ? width : Math.max(width, displayWidth(line[at]?.text ?? "")),
        Math.max(title.length, leastWidth),
      ),
    );
    this.#widths = fitted(widths, this.#columns, this.#output.width);
    const head = this.#columns.map(({ title }): Cell => ({ text: title, style: "bold" }));
    let text = this.#text(head, this.#widths);
    for (const line of this.#waiting) text += this.#text(line, this.#widths);
    this.#waiting = [];
    await this.#output.write(text);
  }

  #text(line: readonly Cell[] | string, widths: readonly Width[]): string {
    if (typeof line === "string") return `${this.#output.style("dim", line)}\n`;
    const last = widths.findLastIndex((width) => width !== undefined);
    const cells = this.#columns.flatMap(({ isRight }, at) => {
      const { text, style } = line[at] ?? { text: "" };
      const width = widths[at];
      if (width === undefined) return [];
      const shown = cut(text, this.#output.width === Infinity ? Infinity : width);
      const padding = " ".repeat(Math.max(0, width - displayWidth(shown)));
      const styled = style === undefined ? shown : this.#output.style(style, shown);
      if (isRight) return padding + styled;
      return at === last ? styled : styled + padding;
    });
    return `${cells.join(gap)}\n`;
  }
}

/** The widths made smaller until they fit beside each other, see {@link TableColumn}. */
function fitted(
  widths: readonly number[],
  columns: readonly TableColumn[],
  available: number,
): Width[] {
  const spares = columns.map(({ spare = 0 }) => spare);
  const steps = [...new Set(spares)].filter((spare) => spare > 0).sort((one, other) => other - one);
  let narrowed: Width[] = [...widths];
  for (const least of [Infinity, ...steps]) {
    const kept = widths.map((width, at) => ((spares[at] ?? 0) < least ? width : undefined));
    narrowed = narrower(kept, available, legible, (at) => !isWhole(columns[at]));
    if (surplusOf(narrowed, available) <= 0) return narrowed;
  }
  for (let left = columns.length - 1; left > 1; left -= 1) {
    narrowed = narrower(narrowed, available, narrowest, (at) => !isWhole(columns[at]));
    if (surplusOf(narrowed, available) <= 0) return narrowed;
    // A row without its first column and the reference at its end says nothing.
    narrowed = narrowed.with(left - 1, undefined);
  }
  return narrower(narrowed, available, narrowest, () => true);
}

function isWhole(column: TableColumn | undefined): boolean {
  return column?.isWhole ?? column?.isRight ?? false;
}

function surplusOf(widths: readonly Width[], available: number): number {
  const shown = widths.filter((width) => width !== undefined);
  return shown.reduce((sum, width) => sum + width + gap.length, -gap.length) - available;
}

/** The widest of those that may be cut first, the last one of equal ones. */
function narrower(
  widths: readonly Width[],
  available: number,
  least: number,
  mayCut: (at: number) => boolean,
): Width[] {
  const result = [...widths];
  for (let surplus = surplusOf(result, available); surplus > 0; surplus -= 1) {
    const widest = Math.max(...result.map((width = 0, at) => (mayCut(at) ? width : 0)));
    if (widest <= least) break;
    const at = result.findLastIndex((width, index) => width === widest && mayCut(index));
    result[at] = widest - 1;
  }
  return result;
}

/** A text in at most so many columns; what is cut off is shown by an ellipsis. */
function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let shown = "";
  for (const character of text) {
    if (displayWidth(shown + character) > width - 1) break;
    shown += character;
  }
  return `${shown}…`;
}
