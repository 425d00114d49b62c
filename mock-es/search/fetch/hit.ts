import type { SearchContext } from "../fields/document.ts";
import { compileFieldValues } from "./field-values.ts";
import { parsingException, type JsonObject } from "../problem.ts";
import type { Sort } from "../sort.ts";
import { compileSourceFilter } from "./source-filter.ts";
import type { Candidate } from "../top-candidates.ts";

/** A hit as Elasticsearch answers it. */
export interface SearchHit {
  readonly _index: string;
  readonly _id?: string;
  readonly _version?: number;
  readonly _seq_no?: number;
  readonly _primary_term?: number;
  readonly _score: number | null;
  readonly _source?: unknown;
  readonly fields?: Readonly<Record<string, readonly unknown[]>>;
  readonly sort?: readonly unknown[];
}

/**
 * Compiles what a hit shows (`_source`, `fields`, `docvalue_fields`, `stored_fields`, `version`, …)
 * once for a search.
 */
export function compileHit(
  body: JsonObject,
  sort: Sort,
  hasScore: boolean,
  context: SearchContext,
) {
  const stored = storedFields(body["stored_fields"]);
  const showsSource =
    stored === undefined || stored.includes("_source") || body["_source"] !== undefined;
  const sourceOf = compileSourceFilter(showsSource ? body["_source"] : false);
  const showsId = stored === undefined || !stored.includes("_none_");
  const fieldsOf = compileFieldValues(body, context);
  const showsVersion = body["version"] === true || body["version"] === "true";
  const showsSeqNo = body["seq_no_primary_term"] === true || body["seq_no_primary_term"] === "true";

  return (candidate: Candidate): SearchHit => {
    const { document } = candidate;
    const source = showsId ? sourceOf(document.source) : undefined;
    const fields = fieldsOf?.(document);
    // Members stand in the order in which Elasticsearch writes them.
    const hit: { -readonly [Name in keyof SearchHit]?: SearchHit[Name] } = {
      _index: document.index,
    };
    if (showsId) hit._id = document.id;
    if (showsVersion) hit._version = document.version;
    if (showsSeqNo) {
      hit._seq_no = document.seqNo;
      hit._primary_term = document.primaryTerm;
    }
    hit._score = hasScore ? shortestFloat(candidate.score) : null;
    if (source !== undefined) hit._source = source;
    if (fields !== undefined && Object.keys(fields).length > 0) hit.fields = fields;
    if (sort.isExplicit)
      hit.sort = sort.keys.map((key, at) => showValue(key.show(candidate.values[at]), key.kind));
    return hit as SearchHit;
  };
}

function showValue(value: unknown, kind: string): unknown {
  return kind === "score" && typeof value === "number" ? shortestFloat(value) : value;
}

function storedFields(value: unknown): string[] | undefined {
  if (value === undefined) return undefined;
  const list = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  if (list.includes("_none_") && list.length > 1) {
    throw parsingException("cannot combine _none_ with other fields");
  }
  return list.map(String);
}

/**
 * The shortest decimal that names a 32-bit float, as Java prints it: 0.2876821, not
 * 0.28768208622932434.
 */
export function shortestFloat(value: number): number {
  if (Number.isInteger(value)) return value;
  const exact = Math.fround(value);
  for (let digits = 6; digits < 9; digits++) {
    const candidate = Number(exact.toPrecision(digits));
    if (Math.fround(candidate) === exact) return candidate;
  }
  return Number(exact.toPrecision(9));
}
