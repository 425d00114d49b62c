/** Queries that measure themselves while they run. */
import type { SearchDocument } from "../fields/document.ts";
import { type CompiledQuery, constantScore, NO_MATCH } from "../queries/compiled-query.ts";
import { boosted, combine, matchAll } from "../queries/compound-queries.ts";
import { bestOf } from "../queries/dis-max.ts";
import { childrenOf, type LuceneQuery, textOfQuery, typeOf } from "../lucene/lucene-query.ts";
import { nanoseconds } from "./shard-clock.ts";

/** A query with its measurements. */
export interface Measured {
  readonly query: CompiledQuery;
  /** To be read when everything has run. */
  readonly node: () => ProfiledQuery;
}

/** A query as profiles show it. */
export interface ProfiledQuery {
  readonly type: string;
  readonly description: string;
  readonly time_in_nanos: number;
  readonly breakdown: Readonly<Record<string, number>>;
  readonly children?: readonly ProfiledQuery[];
}

/** What the server counts and a mock that checks one document after the other never does. */
const neverDone =
  "set_min_competitive_score shallow_advance next_doc compute_max_score advance count_weight build_scorer"
    .split(" ")
    .flatMap((name): [string, number][] => [
      [name, 0],
      [`${name}_count`, 0],
    ]);

/**
 * Compiles a query so that it measures itself.
 *
 * @param isScored its scores are needed
 */
export function measureQuery(query: LuceneQuery, isScored: boolean): Measured {
  const started = nanoseconds();
  const children: Measured[] = [];
  const plain = compileParts(query, isScored, 1, (inner, scored) => {
    const measured = measureQuery(inner, scored);
    children.push(measured);
    return measured.query;
  });
  const createWeight = nanoseconds() - started;
  let time = 0;
  let checked = 0;
  let scored = 0;
  const { score } = plain;
  const measured: CompiledQuery = {
    ...plain,
    score(document: SearchDocument) {
      const before = nanoseconds();
      const value = score(document);
      time += nanoseconds() - before;
      checked++;
      if (isScored && value !== NO_MATCH) scored++;
      return value;
    },
  };
  const node = (): ProfiledQuery => ({
    type: typeOf(query),
    description: textOfQuery(query),
    time_in_nanos: createWeight + time,
    breakdown: {
      ...Object.fromEntries(neverDone),
      create_weight: createWeight,
      create_weight_count: 1,
      match: time,
      match_count: checked,
      score: 0,
      score_count: scored,
    },
    ...(children.length === 0 ? {} : { children: children.map((child) => child.node()) }),
  });
  return { query: measured, node };
}

type CompileInner = (query: LuceneQuery, isScored: boolean) => CompiledQuery;

function compileParts(
  query: LuceneQuery,
  isScored: boolean,
  boost: number,
  inner: CompileInner,
): CompiledQuery {
  switch (query.kind) {
    case "leaf":
      return query.compile(boost, isScored);
    case "none":
      return constantScore(() => false, 1);
    case "all":
      return matchAll(boost);
    case "boost":
      return compileParts(query.query, isScored, Math.fround(query.boost * boost), inner);
    case "constant": {
      const { score } = inner(query.query, false);
      return constantScore((document) => score(document) !== NO_MATCH, boost);
    }
    case "best": {
      const queries = childrenOf(query).map((each) => inner(each, isScored));
      return boosted(bestOf(queries, query.tieBreaker), boost);
    }
    case "bool": {
      const clauses = query.clauses.map(({ occur, query: each }) => {
        const scores = isScored && (occur === "+" || occur === "");
        return { occur, compiled: inner(each, scores) };
      });
      const of = (wanted: string): CompiledQuery[] =>
        clauses.filter(({ occur }) => occur === wanted).map(({ compiled }) => compiled);
      const [must, filter, should, mustNot] = [of("+"), of("#"), of(""), of("-")];
      const isFree = must.length + filter.length > 0;
      const required = query.minimum > 0 ? query.minimum : isFree ? 0 : 1;
      const scorers = [filter, mustNot].map((list) => list.map(({ score }) => score));
      const combined = combine(must, scorers[0] ?? [], should, scorers[1] ?? [], required);
      return boosted(combined, boost);
    }
  }
}
