/** Gathers what the index of one segment holds, in memory. */
import { visitValues, type RecordDocument } from "../../kql/document-values.ts";
import type { IndexedEntry } from "./entry-blocks.ts";
import { halvesField, indexedFields } from "./index-format.ts";
import { idKey } from "./index-keys.ts";
import { KeyedNumbers } from "./keyed-numbers.ts";
import { NumberList } from "./number-list.ts";

/** Values of fields as they are indexed. */
export type TermValue = string | number;

/** One value of one field, and who has it. */
export interface IndexedTerm {
  readonly field: string;
  readonly value: TermValue;
  readonly numbers: NumberList;
}

const paths = indexedFields.map((field) => ({ field, path: field.split(".") }));

/** An entry whose facts are still to come. */
type GatheredEntry = { -readonly [K in keyof IndexedEntry]: IndexedEntry[K] };

/** The contents of an index; numbers are given in the order of `add`. */
export class IndexContents {
  readonly entries: GatheredEntry[] = [];
  /** Names of indices that documents are of. */
  readonly names = new Set<string>();
  /** Keys of searches that a call here goes on with. */
  readonly continued = new KeyedNumbers();
  readonly ids = new KeyedNumbers();
  /** By hashes of `DocumentHasher`. */
  readonly documents = new KeyedNumbers();
  /** By the keys of `read-keys.ts`. */
  readonly reads = new KeyedNumbers();
  readonly #terms = new Map<string, Map<TermValue, IndexedTerm>>();

  /** @returns the number of the entry */
  add(id: string, { beganMs, opening, closing }: Omit<IndexedEntry, "documentsAt" | "factsAt">) {
    const number = this.entries.length;
    const entry = { beganMs, opening, closing, documentsAt: undefined, factsAt: undefined };
    this.entries.push(entry);
    this.ids.add(idKey(id), number);
    return number;
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
