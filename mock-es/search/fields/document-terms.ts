import { standardTerms } from "../../analysis/analyzer.ts";
import type { SearchDocument } from "./document.ts";
import { createReader, type Field } from "./field.ts";

/** The analysed text of one field of one document. */
export interface TermList {
  /** Terms in order; {@link VALUE_GAP} stands between the values of an array. */
  readonly terms: readonly string[];
  /** Number of terms without gaps. */
  readonly length: number;
}

/** Separates the values of an array, so that no phrase reaches across. No term is empty. */
export const VALUE_GAP = "";

const EMPTY: TermList = { terms: [], length: 0 };

// Documents are immutable, so their analysis holds for as long as they live; the maps do not keep
// them alive. There is one map for each field path, and not one for each document, because that is
// a single look-up on the way of every match.
const analysed = new Map<string, WeakMap<SearchDocument, TermList>>();
const MAX_FIELDS = 1000;

/** Reads the analysed text of a field; the work is done once for each document. */
export function createTermReader(field: Field): (document: SearchDocument) => TermList {
  const read = createReader(field);
  const key = field.path.join("\0");
  let known = analysed.get(key);
  if (known === undefined) {
    if (analysed.size >= MAX_FIELDS) analysed.clear();
    known = new WeakMap<SearchDocument, TermList>();
    analysed.set(key, known);
  }
  const lists = known;
  return (document) => {
    let list = lists.get(document);
    if (list === undefined) {
      list = analyse(read(document));
      lists.set(document, list);
    }
    return list;
  };
}

function analyse(values: readonly (string | number)[]): TermList {
  if (values.length === 0) return EMPTY;
  const [first] = values;
  if (values.length === 1) {
    const terms = standardTerms(String(first));
    return { terms, length: terms.length };
  }
  const terms: string[] = [];
  let gaps = 0;
  for (const value of values) {
    if (terms.length > 0) {
      terms.push(VALUE_GAP);
      gaps++;
    }
    terms.push(...standardTerms(String(value)));
  }
  return { terms, length: terms.length - gaps };
}
