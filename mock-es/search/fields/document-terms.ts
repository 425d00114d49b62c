/** The analysed texts of documents, remembered for as long as the documents live. */
import { standardAnalyzer } from "../../analysis/built-in-analyzers.ts";
import { standardTerms } from "../../analysis/standard-tokenizer.ts";
import type { Analyzer } from "../../analysis/token.ts";
import type { SearchDocument } from "./document.ts";
import type { Field } from "./field.ts";
import { createReader } from "./reader.ts";
import type { IndexedValue } from "./value.ts";

/** The analysed text of one field of one document. */
export interface TermList {
  /** Terms in order. */
  readonly terms: readonly string[];
  /** Position of each term; `undefined` when they are 0, 1, 2, … */
  readonly positions: readonly number[] | undefined;
  /** Number of positions that hold a term: what BM25 takes for the length of the text. */
  readonly length: number;
}

const empty: TermList = { terms: [], positions: undefined, length: 0 };

// Documents are immutable, so their analysis holds for as long as they live; the maps do not keep
// them alive. There is one map for each analyzer and field path, and not one for each document,
// because that is a single look-up on the way of every match.
const analysed = new WeakMap<Analyzer, Map<string, WeakMap<SearchDocument, TermList>>>();
const maxFields = 1000;

/** Reads the analysed text of a field; the work is done once for each document. */
export function createTermReader(field: Field): (document: SearchDocument) => TermList {
  const read = createReader(field);
  const { index: analyzer = standardAnalyzer, positionGap = 100 } = field.analysis ?? {};
  const lists = listsOf(field, analyzer);
  return (document) => {
    let list = lists.get(document);
    if (list === undefined) {
      list = analyse(read(document), analyzer, positionGap);
      lists.set(document, list);
    }
    return list;
  };
}

function listsOf(field: Field, analyzer: Analyzer): WeakMap<SearchDocument, TermList> {
  let byField = analysed.get(analyzer);
  if (byField === undefined || byField.size >= maxFields) {
    byField = new Map();
    analysed.set(analyzer, byField);
  }
  const paths = field.places.map((place) => place.path.join("\0")).join("\0\0");
  const key = `${paths}\0${field.isReachable}\0${field.sinceWrite}\0${field.analysis?.positionGap ?? ""}`;
  let lists = byField.get(key);
  if (lists === undefined) byField.set(key, (lists = new WeakMap()));
  return lists;
}

/** Analyses the values of a field. */
export function analyse(
  values: readonly IndexedValue[],
  analyzer: Analyzer,
  positionGap: number,
): TermList {
  if (values.length === 0) return empty;
  if (values.length === 1 && analyzer === standardAnalyzer) {
    const terms = standardTerms(String(values[0]));
    return { terms, positions: undefined, length: terms.length };
  }
  const terms: string[] = [];
  const positions: number[] = [];
  let base = 0;
  let length = 0;
  let last = -1;
  for (const value of values) {
    const tokens = analyzer.analyze(String(value));
    for (const { term, position } of tokens) {
      const place = base + position;
      terms.push(term);
      positions.push(place);
      if (place !== last) length++;
      last = place;
    }
    // Places that dropped terms leave behind the last one count, too (Lucene's IndexingChain).
    base = Math.max(base, last + 1) + (tokens.trailing ?? 0) + positionGap;
  }
  const isPlain = positions.every((position, at) => position === at);
  return { terms, positions: isPlain ? undefined : positions, length };
}
