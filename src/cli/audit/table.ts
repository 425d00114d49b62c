/** Tables on a terminal: columns as wide as the first rows need, cut where the terminal ends. */
import { displayWidth, type Output, type Style } from "./output.ts";

/** One column of a table. */
export interface TableColumn {
  readonly title: string;
  readonly isRight: boolean;
  /** Columns of text at least; for rows that come one by one. */
  readonly leastWidth?: number;
}

/** Text of one cell, and how it is shown. */
export interface Cell {
  readonly text: string;
  readonly style?: Style | undefined;
}

const gap = "  ";
/** Rows that are looked at before the widths are fixed. */
const lookahead = 200;
/** Columns are not cut to less than this, however narrow the terminal is. Characters. */
const narrowest = 6;

/** Writes rows under a head; `end` must be called. */
export class Table {
  readonly #output: Output;
  readonly #columns: readonly TableColumn[];
  #widths: number[] | undefined = undefined;
  #waiting: (readonly Cell[] | string)[] = [];

  constructor(output: Output, columns: readonly TableColumn[]) {
    this.#output = output;
    this.#columns = columns;
  }

  async row(cells: readonly Cell[]): Promise<void> {
    await this.#add(cells);
  }

  /** A line across the table. */
  async note(text: string): Promise<void> {
    await this.#add(text);
  }

  /** Writes what waits for the widths to be known; for rows that come one by one. */
  async flush(): Promise<void> {
    if (this.#widths === undefined && this.#waiting.length > 0) await this.#begin();
  }

  async end(): Promise<void> {
    await this.flush();
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
    const isText = this.#columns.map(({ isRight }) => !isRight);
    this.#widths = fitted(widths, isText, this.#output.width);
    const head = this.#columns.map(({ title }): Cell => ({ text: title, style: "bold" }));
    let text = this.#text(head, this.#widths);
    for (const line of this.#waiting) text += this.#text(line, this.#widths);
    this.#waiting = [];
    await this.#output.write(text);
  }

  #text(line: readonly Cell[] | string, widths: readonly number[]): string {
    if (typeof line === "string") return `${this.#output.style("dim", line)}\n`;
    const cells = this.#columns.map(({ isRight }, at) => {
      const { text, style } = line[at] ?? { text: "" };
      const width = widths[at] ?? 0;
      const shown = cut(text, this.#output.width === Infinity ? Infinity : width);
      const padding = " ".repeat(Math.max(0, width - displayWidth(shown)));
      const styled = style === undefined ? shown : this.#output.style(style, shown);
      if (isRight) return padding + styled;
      return at === this.#columns.length - 1 ? styled : styled + padding;
    });
    return `${cells.join(gap)}\n`;
  }
}

/**
 * The widths made smaller until they fit beside each other: the widest texts first, numbers only
 * when all texts are as narrow as they may be.
 */
function fitted(
  widths: readonly number[],
  isText: readonly boolean[],
  available: number,
): number[] {
  const result = [...widths];
  let surplus = result.reduce((sum, width) => sum + width + gap.length, -gap.length) - available;
  for (const isTurn of [true, false])
    while (surplus > 0) {
      const widest = Math.max(...result.filter((_, at) => isText[at] === isTurn));
      if (widest <= narrowest) break;
      const at = result.findLastIndex(
        (width, index) => width === widest && isText[index] === isTurn,
      );
      result[at] = widest - 1;
      surplus -= 1;
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
