/** A page for a terminal that is put together line by line. */
import { toOneLine } from "../../config/diagnostic.ts";
import { displayWidth, type Output, type Style } from "./output.ts";

/** Wider pages are hard to read. Columns. */
const widest = 100;
/** Of labels, which stand before the values of fields. Columns. */
export const labelWidth = 10;
/** Longer words are broken. UTF-16 code units. */
const longestWord = 24;

/** The text so far, and how it is laid out. */
export class PageText {
  text = "";
  /** Columns; infinite where the output has no width. */
  readonly width: number;
  readonly #output: Output;

  constructor(output: Output) {
    this.#output = output;
    this.width = Math.min(widest, output.width);
  }

  style(style: Style, text: string): string {
    return this.#output.style(style, text);
  }

  line(text: string): void {
    this.text += `${text}\n`;
  }

  /** A label and a value, which goes on under itself when it is long; nothing without a value. */
  field(label: string, value: string | undefined): void {
    if (value === undefined || value === "") return;
    const indent = " ".repeat(labelWidth + 2);
    const rows = wrapped(toOneLine(value), this.width - indent.length);
    const name = this.style("dim", label.padEnd(labelWidth + 2));
    this.line(`${name}${rows.join(`\n${indent}`)}`);
  }
}

/**
 * Rows of at most so many columns, broken at a space near their end, or anywhere: ids and targets
 * have no words.
 */
function wrapped(text: string, width: number): string[] {
  if (displayWidth(text) <= width) return [text];
  const rows: string[] = [];
  let row = "";
  for (const character of text) {
    if (displayWidth(row + character) > width) {
      const space = character === " " ? row.length : row.lastIndexOf(" ");
      const isNear = space > row.length - longestWord;
      rows.push(isNear ? row.slice(0, space) : row);
      row = isNear ? row.slice(space + 1) : "";
      if (character === " " && isNear) continue;
    }
    row += character;
  }
  return [...rows, row];
}
