/** Gathers what the index of one segment holds, in memory. */
import { endianness } from "node:os";

import { visitValues, type RecordDocument } from "../../kql/document-values.ts";
import { halvesField, indexedFields } from "./index-format.ts";
import { idKey } from "./index-keys.ts";
import { NumberList } from "./number-list.ts";

/** Where a line lies. Bytes. */
export interface IndexedLine {
  readonly at: number;
  readonly length: number;
}

/** One row of `entries`. */
export interface IndexedEntry {
  readonly beganMs: number;
  readonly opening: IndexedLine | undefined;
  readonly closing: IndexedLine | undefined;
}

/** Values of fields as they are indexed. */
export type TermValue = string | number;

/** One value of one field, and who has it. */
export interface IndexedTerm {
  readonly field: string;
  readonly value: TermValue;
  readonly numbers: NumberList;
}

const paths = indexedFields.map((field) => ({ field, path: field.split(".") }));
/** Bits of a number in the sorted keys; no segment has more entries. */
const numberBits = 24;
/** Entries that numbers can count. */
export const mostEntries = 2 ** numberBits;
/** Where the halves of a whole number of 64 bits stand in memory. */
const [lowHalf, highHalf] = endianness() === "LE" ? [0, 1] : [1, 0];

/** The contents of an index; numbers are given in the order of `add`. */
export class IndexContents {
  readonly entries: IndexedEntry[] = [];
  /** Where the documents of an entry begin in their file, by number. */
  readonly documentsAt = new Map<number, number>();
  /** Names of indices that documents are of. */
  readonly names = new Set<string>();
  readonly #terms = new Map<string, Map<TermValue, IndexedTerm>>();
  readonly #ids = new KeyedNumbers();
  readonly #documents = new KeyedNumbers();

  /** @returns the number of the entry */
  add(id: string, entry: IndexedEntry): number {
    const number = this.entries.length;
    this.entries.push(entry);
    this.#ids.add(idKey(id), number);
    return number;
  }

  /** @param hash of `DocumentHasher` */
  addDocument(hash: number, number: number): void {
    this.#documents.add(hash, number);
  }

  addTerm(field: string, value: TermValue, number: number): void {
    let byValue = this.#terms.get(field);
    if (byValue === undefined) this.#terms.set(field, (byValue = new Map()));
    let term = byValue.get(value);
    if (term === undefined)
      byValue.set(value, (term = { field, value, numbers: new NumberList() }));
    term.numbers.add(number);
  }

  /** One of its records lies in another segment. */
  addHalf(number: number): void {
    this.addTerm(halvesField, "", number);
  }

  /** All terms, by field and value. */
  terms(): IndexedTerm[] {
    const terms = [...this.#terms.values()].flatMap((byValue) => [...byValue.values()]);
    return terms.sort(
      (one, other) =>
        order(one.field, other.field) || order(String(one.value), String(other.value)),
    );
  }

  /** Keys of ids with their numbers, in order. */
  ids(): Generator<readonly [key: number, numbers: number | Buffer]> {
    return this.#ids.sorted();
  }

  /** Hashes of documents with their numbers, in order. */
  documents(): Generator<readonly [key: number, numbers: number | Buffer]> {
    return this.#documents.sorted();
  }
}

/** The values of a document that are indexed. */
export function visitTerms(
  document: RecordDocument,
  visit: (field: string, value: TermValue) => void,
): void {
  for (const { field, path } of paths)
    visitValues(document, path, 0, false, (value) => {
      if (typeof value === "string" || typeof value === "number") visit(field, value);
      return false;
    });
}

function order(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** Pairs of a key and a number, sorted as whole numbers of 64 bits: that needs no comparison. */
class KeyedNumbers {
  #pairs = new BigUint64Array(4096);
  #halves = new Uint32Array(this.#pairs.buffer);
  count = 0;

  /** @param key of up to 40 bits */
  add(key: number, number: number): void {
    if (this.count === this.#pairs.length) {
      const larger = new BigUint64Array(this.count * 2);
      larger.set(this.#pairs);
      this.#pairs = larger;
      this.#halves = new Uint32Array(larger.buffer);
    }
    this.#halves[2 * this.count + lowHalf] = (key % 0x100) * mostEntries + number;
    this.#halves[2 * this.count + highHalf] = Math.floor(key / 0x100);
    this.count += 1;
  }

  *sorted(): Generator<readonly [key: number, numbers: number | Buffer]> {
    this.#pairs.subarray(0, this.count).sort();
    for (let at = 0; at < this.count;) {
      const key = this.#keyAt(at);
      const first = this.#numberAt(at);
      at += 1;
      if (at === this.count || this.#keyAt(at) !== key) {
        yield [key, first];
        continue;
      }
      const list = new NumberList();
      list.add(first);
      for (; at < this.count && this.#keyAt(at) === key; at += 1) list.add(this.#numberAt(at));
      yield [key, list.count === 1 ? first : list.bytes];
    }
  }

  #keyAt(at: number): number {
    const high = this.#halves[2 * at + highHalf] ?? 0;
    return high * 0x100 + ((this.#halves[2 * at + lowHalf] ?? 0) >>> numberBits);
  }

  #numberAt(at: number): number {
    return (this.#halves[2 * at + lowHalf] ?? 0) & (mostEntries - 1);
  }
}
