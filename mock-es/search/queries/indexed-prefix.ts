/** Beginnings of terms that a text field indexes by themselves (`index_prefixes`). */
import { isObject } from "../../json/json-value.ts";
import { createTermReader, type TermList } from "../fields/document-terms.ts";
import type { SearchDocument } from "../fields/document.ts";
import type { Field } from "../fields/field.ts";
import type { Occurrence } from "./term-statistics.ts";

/** Characters of the shortest and of the longest beginning; `undefined`: none are indexed. */
export function indexedLengths(field: Field): readonly [least: number, most: number] | undefined {
  const given = field.parameters["index_prefixes"];
  if (!isObject(given)) return undefined;
  return [Number(given["min_chars"] ?? 2), Number(given["max_chars"] ?? 5)];
}

/** True when all of these are among the beginnings that a field indexes. */
export function areIndexed(field: Field, prefixes: readonly string[]): boolean {
  const [least, most] = indexedLengths(field) ?? [Infinity, 0];
  return prefixes.every(({ length }) => length >= least && length <= most);
}

/** Occurrences of one beginning, without regard to lengths of texts. */
export class PrefixOccurrence implements Occurrence {
  totalTerms = 0;
  readonly length = 1;
  readonly #prefix: string;
  readonly #lengths: readonly [least: number, most: number];
  readonly #read: (document: SearchDocument) => TermList;

  constructor(field: Field, prefix: string) {
    this.#prefix = prefix;
    this.#lengths = indexedLengths(field) ?? [0, 0];
    this.#read = createTermReader(field);
  }

  visit(document: SearchDocument): number {
    const [least, most] = this.#lengths;
    let count = 0;
    this.totalTerms = 0;
    for (const term of this.#read(document).terms) {
      this.totalTerms += Math.max(0, Math.min(most, term.length) - least + 1);
      if (term.startsWith(this.#prefix)) count++;
    }
    return count;
  }
}
