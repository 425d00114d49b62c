/** Recognises lines that differ from one that was read only in some values. */
import { Buffer } from "node:buffer";

import { containerEnd, contentEnd, stringEnd, wordEnd } from "./line-values.ts";

/** `content`: the string that is the last value of its line. */
export type LineValueKind = "text" | "content" | "word" | "container";

/** A value of a line; quotes are no part of it, brackets are. */
export interface LineValue {
  readonly kind: LineValueKind;
  readonly start: number;
  readonly end: number;
  /** Number of the field that it is; -1: of none. */
  readonly field: number;
  /** Lines that differ in it are of other forms. */
  readonly isFixed: boolean;
}

/** A value that was the same in all lines of the form, by its place in a part. */
interface FixedValue extends Omit<LineValue, "start" | "end"> {
  part: number;
  start: number;
  end: number;
}

/** Bytes of a form; longer lines are not remembered. */
const maxBytes = 8192;
/** From here on a native comparison is faster than a loop. Bytes. */
const nativeBytes = 48;
const quote = 0x22;

/**
 * A line as parts that are the same in all lines of the form, with values of their own between
 * them. It begins as one line; a value in which another one differs is opened.
 */
export class LineForm {
  readonly #parts: Buffer[];
  /** What stands behind each part but the last one. */
  readonly #opens: { readonly kind: LineValueKind; readonly field: number }[] = [];
  readonly #fixed: FixedValue[] = [];
  /** Where the parts of the line that matched last begin. */
  readonly #partsAt: number[] = [];
  readonly #texts: (string | undefined)[] = [];
  /** Fields that differ from line to line, by their numbers. */
  readonly #areOpen: boolean[] = [];

  private constructor(part: Buffer, values: readonly LineValue[], origin: number) {
    this.#parts = [part];
    for (const { kind, start, end, field, isFixed } of values)
      this.#fixed.push({
        kind,
        field,
        isFixed,
        part: 0,
        start: start - origin,
        end: end - origin,
      });
  }

  /**
   * The form of a line that was read.
   *
   * @param values all of them, in their order
   */
  static of(
    bytes: Buffer,
    start: number,
    end: number,
    values: readonly LineValue[],
  ): LineForm | undefined {
    const last = values.at(-1);
    const contentBytes = last?.kind === "content" ? last.end - last.start : 0;
    if (end - start - contentBytes > maxBytes) return undefined;
    // Only the content of a body can be longer than that; it is opened at once.
    if (last === undefined || contentBytes === 0)
      return new LineForm(Buffer.from(bytes.subarray(start, end)), values, start);
    const head = bytes.subarray(start, last.start);
    const whole = Buffer.concat([head, bytes.subarray(last.end, end)]);
    const form = new LineForm(whole, [...values.slice(0, -1), { ...last, end: last.start }], start);
    form.#open(form.#fixed.length - 1);
    return form;
  }

  /**
   * Finds the values of a line, if it has this form.
   *
   * @param starts where fields begin is noted here, by their numbers
   */
  match(
    bytes: Buffer,
    start: number,
    end: number,
    starts: Int32Array,
    ends: Int32Array,
    areTexts: Uint8Array,
  ): boolean {
    let at = start;
    for (let part = 0; ; part += 1) {
      let fixed = this.#parts[part];
      if (fixed === undefined) return false;
      if (!isAt(bytes, at, end, fixed)) {
        if (!this.#openAt(part, bytes, at, end)) return false;
        fixed = this.#parts[part];
        if (fixed === undefined) return false;
      }
      this.#partsAt[part] = at;
      at += fixed.length;
      const open = this.#opens[part];
      if (open === undefined) break;
      const { kind, field } = open;
      const stop = endOf(kind, bytes, at, end);
      if (stop < 0) return false;
      if (field >= 0) {
        starts[field] = at;
        ends[field] = stop;
        areTexts[field] = kind === "text" || kind === "content" ? 1 : 0;
      }
      at = stop;
    }
    if (at !== end) return false;
    for (let index = 0; index < this.#fixed.length; index += 1) {
      const value = this.#fixed[index];
      if (value === undefined || value.field < 0) continue;
      const partAt = this.#partsAt[value.part] ?? 0;
      starts[value.field] = partAt + value.start;
      ends[value.field] = partAt + value.end;
      areTexts[value.field] = value.kind === "text" || value.kind === "content" ? 1 : 0;
    }
    return true;
  }

  /** The text of a field that is the same in all lines of the form, once it was kept. */
  text(field: number): string | undefined {
    return this.#texts[field];
  }

  /** Keeps the text of a field, if it is the same in all lines of the form. */
  keepText(field: number, text: string): void {
    if (this.#areOpen[field] !== true) this.#texts[field] = text;
  }

  /** Opens the value in which a line differs. @returns false: it differs in something else */
  #openAt(part: number, bytes: Buffer, at: number, end: number): boolean {
    const fixed = this.#parts[part] ?? empty;
    const most = Math.min(fixed.length, end - at);
    let same = 0;
    while (same < most && bytes[at + same] === fixed[same]) same += 1;
    const found = this.#fixed.findIndex(
      (value) => value.part === part && value.start <= same && same <= value.end,
    );
    if (found < 0 || this.#fixed[found]?.isFixed === true) return false;
    this.#open(found);
    return true;
  }

  #open(index: number): void {
    const [value] = this.#fixed.splice(index, 1);
    if (value === undefined) return;
    const { part, start, end, kind, field } = value;
    const bytes = this.#parts[part] ?? empty;
    this.#parts.splice(part, 1, bytes.subarray(0, start), bytes.subarray(end));
    this.#opens.splice(part, 0, { kind, field });
    if (field >= 0) {
      this.#areOpen[field] = true;
      this.#texts[field] = undefined;
    }
    for (const other of this.#fixed) {
      if (other.part === part && other.start >= end) {
        other.start -= end;
        other.end -= end;
        other.part += 1;
      } else if (other.part > part) other.part += 1;
    }
  }
}

const empty = Buffer.alloc(0);

function endOf(kind: LineValueKind, bytes: Buffer, from: number, end: number): number {
  switch (kind) {
    case "text":
      return stringEnd(bytes, from, end);
    case "content":
      return contentEnd(bytes, from, end);
    case "word":
      return isOpening(bytes[from]) || bytes[from] === quote ? -1 : wordEnd(bytes, from, end);
    case "container":
      return isOpening(bytes[from]) ? containerEnd(bytes, from, end) : -1;
  }
}

function isOpening(byte: number | undefined): boolean {
  return byte === 0x7b || byte === 0x5b;
}

function isAt(bytes: Buffer, at: number, end: number, wanted: Buffer): boolean {
  const { length } = wanted;
  if (at + length > end) return false;
  if (length >= nativeBytes) return wanted.compare(bytes, at, at + length) === 0;
  for (let index = 0; index < length; index += 1)
    if (bytes[at + index] !== wanted[index]) return false;
  return true;
}
