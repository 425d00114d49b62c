/** Remembers what belongs to names that came recently, found by their bytes. */
import type { Buffer } from "node:buffer";

const places = 64;

interface Recent<Value> {
  readonly name: Uint8Array;
  readonly value: Value;
}

/**
 * Remembers what belongs to names that came a moment ago, found by their bytes: no string is made.
 * One name a place; a later one takes it.
 */
export class RecentNames<Value> {
  /** By place; filled when names come, because most bodies have few. */
  readonly #entries: (Recent<Value> | undefined)[] = [];

  /** The place's entry, if it is that of the name `bytes[start, end)`. */
  find(bytes: Buffer, start: number, end: number): Recent<Value> | undefined {
    const recent = this.#entries[placeOf(bytes, start, end)];
    if (recent === undefined) return undefined;
    const { name } = recent;
    const length = end - start;
    if (name.length !== length) return undefined;
    for (let at = 0; at < length; at += 1) if (name[at] !== bytes[start + at]) return undefined;
    return recent;
  }

  set(bytes: Buffer, start: number, end: number, value: Value): void {
    const name = new Uint8Array(end - start);
    for (let at = start; at < end; at += 1) name[at - start] = bytes[at] ?? 0;
    this.#entries[placeOf(bytes, start, end)] = { name, value };
  }
}

/** Names of one index or document differ at their ends, in the middle, or in length. */
function placeOf(bytes: Buffer, start: number, end: number): number {
  const length = end - start;
  if (length < 4) return (length * 17 + (bytes[start] ?? 0) * 5 + (bytes[end - 1] ?? 0)) % places;
  const tail = (bytes[end - 1] ?? 0) + (bytes[end - 2] ?? 0) * 3 + (bytes[end - 3] ?? 0) * 7;
  return (
    (tail * 5 + (bytes[end - 4] ?? 0) * 11 + (bytes[start + (length >> 1)] ?? 0) + length) % places
  );
}
