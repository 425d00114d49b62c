import type { ExchangeRecord } from "./record.ts";

/** What a line is, for the case that it cannot be stored. */
export type LineKind = "request" | "terminal" | "gap";

/** Encoded lines, back to back in one buffer, with what is needed to account for each of them when only a part could be written. */
export class LineBatch {
  buffer: Buffer;
  /** Octets in use. */
  length = 0;
  /** Lines in use. */
  count = 0;
  /** End offset of each line in the buffer. */
  readonly ends: number[] = [];
  readonly sequences: number[] = [];
  readonly records: (ExchangeRecord | undefined)[] = [];
  readonly kinds: LineKind[] = [];
  /** Index of the line's waiter in the trail's list; −1: none. */
  readonly waiters: number[] = [];
  readonly #initialBytes: number;

  constructor(initialBytes: number) {
    this.#initialBytes = initialBytes;
    this.buffer = Buffer.allocUnsafeSlow(initialBytes);
  }

  /** Adds a line of pure ASCII that ends with a line feed. */
  append(line: string, kind: LineKind, sequence: number, record: ExchangeRecord | undefined, waiter: number): void {
    const end = this.length + line.length;
    if (end > this.buffer.length) this.#grow(end);
    this.buffer.write(line, this.length, "latin1");
    this.#add(end, kind, sequence, record, waiter);
  }

  /** Adds line `index` of another batch. */
  copy(from: LineBatch, index: number): void {
    const start = index === 0 ? 0 : (from.ends[index - 1] ?? 0);
    const stop = from.ends[index] ?? start;
    const end = this.length + stop - start;
    if (end > this.buffer.length) this.#grow(end);
    from.buffer.copy(this.buffer, this.length, start, stop);
    this.#add(end, from.kinds[index] ?? "gap", from.sequences[index] ?? 0, from.records[index], -1);
  }

  /** Length of line `index` in octets. */
  lineLength(index: number): number {
    return (this.ends[index] ?? 0) - (index === 0 ? 0 : (this.ends[index - 1] ?? 0));
  }

  /** Forgets all lines; gives memory back that one large batch needed. */
  clear(): void {
    // A batch that lives long must not keep finished exchanges alive.
    for (let index = 0; index < this.count; index += 1) this.records[index] = undefined;
    this.length = 0;
    this.count = 0;
    if (this.buffer.length > 4 * this.#initialBytes) this.buffer = Buffer.allocUnsafeSlow(this.#initialBytes);
    if (this.ends.length > 65_536) {
      this.ends.length = 0;
      this.sequences.length = 0;
      this.records.length = 0;
      this.kinds.length = 0;
      this.waiters.length = 0;
    }
  }

  #add(end: number, kind: LineKind, sequence: number, record: ExchangeRecord | undefined, waiter: number): void {
    const index = this.count;
    this.length = end;
    this.ends[index] = end;
    this.kinds[index] = kind;
    this.sequences[index] = sequence;
    this.records[index] = record;
    this.waiters[index] = waiter;
    this.count = index + 1;
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }
}
