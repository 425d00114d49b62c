/** How Lucene simplifies queries before it runs them (Query.rewrite of Lucene 10.5). */
import {
  boostedQuery,
  type LuceneBool,
  type LuceneClause,
  type LuceneQuery,
  none,
  type Occur,
  textOfQuery,
} from "./lucene-query.ts";

/** Rounds of simplification; every round takes something away, so that few are needed. */
const maxRounds = 64;

/** Simplifies a query. @param isScored false: its scores do not matter */
export function rewriteQuery(query: LuceneQuery, isScored: boolean): LuceneQuery {
  let current: LuceneQuery = isScored ? query : { kind: "constant", query };
  for (let round = 0; round < maxRounds; round++) {
    const next = rewriteOnce(current);
    if (next === current) break;
    current = next;
  }
  return current;
}

/** One round; the same object when nothing is left to do. */
function rewriteOnce(query: LuceneQuery): LuceneQuery {
  switch (query.kind) {
    case "leaf":
    case "none":
    case "all":
      return query;
    case "boost": {
      const inner = rewriteOnce(query.query);
      if (query.boost === 1 || inner.kind === "none") return inner;
      if (inner.kind === "boost")
        return { ...inner, boost: Math.fround(inner.boost * query.boost) };
      if (query.boost === 0 && inner.kind !== "constant")
        return { ...query, query: { kind: "constant", query: inner } };
      return inner === query.query ? query : { ...query, query: inner };
    }
    case "constant": {
      const inner = withoutScores(rewriteOnce(query.query));
      if (inner.kind === "none") return inner;
      return inner === query.query ? query : { kind: "constant", query: inner };
    }
    case "best": {
      const queries = query.queries.map(rewriteOnce);
      const [only] = queries;
      if (only !== undefined && queries.length === 1) return only;
      if (query.tieBreaker === 1) {
        const clauses = queries.map((each) => ({ occur: "", query: each }) as const);
        return { kind: "bool", clauses, minimum: 0 };
      }
      const left = queries.filter(({ kind }) => kind !== "none");
      if (left.length < queries.length)
        return left.length === 0 ? (only ?? query) : { ...query, queries: left };
      const isSame = queries.every((each, at) => each === query.queries[at]);
      return isSame ? query : { ...query, queries };
    }
    case "bool":
      return rewriteBool(query);
  }
}

/** What is left of a query whose scores do not matter. */
function withoutScores(query: LuceneQuery): LuceneQuery {
  if (query.kind === "boost" || query.kind === "constant") return withoutScores(query.query);
  if (query.kind !== "bool") return query;
  const { clauses, minimum } = query;
  const isRequired = clauses.some(({ occur }) => occur === "+" || occur === "#");
  const kept = clauses.filter(({ occur }) => occur !== "" || minimum > 0 || !isRequired);
  if (kept.length === clauses.length && kept.every(({ occur }) => occur !== "+")) return query;
  return {
    ...query,
    clauses: kept.map((clause) => (clause.occur === "+" ? { ...clause, occur: "#" } : clause)),
  };
}

const steps: readonly ((query: LuceneBool) => LuceneQuery)[] = [
  single,
  rewriteClauses,
  withoutDuplicates,
  withoutContradictions,
  withoutNeedlessFilters,
  optionalFilters,
  countRepeated,
  constantFilters,
  inlineOptional,
  requireAll,
  inlineOnlyMust,
  inlineRequired,
];

function rewriteBool(query: LuceneBool): LuceneQuery {
  for (const step of steps) {
    const next = step(query);
    if (next !== query) return next;
  }
  return query;
}

function having(query: LuceneBool, occur: Occur): readonly LuceneClause[] {
  return query.clauses.filter((clause) => clause.occur === occur);
}

function single(query: LuceneBool): LuceneQuery {
  const [only, second] = query.clauses;
  if (only === undefined) return none("empty BooleanQuery");
  if (second !== undefined || query.minimum > 1) return query;
  if (only.occur === "-") return none("pure negative BooleanQuery");
  if (query.minimum === 1 && only.occur !== "") return query;
  if (only.occur !== "#") return only.query;
  return { kind: "boost", query: { kind: "constant", query: only.query }, boost: 0 };
}

function rewriteClauses(query: LuceneBool): LuceneQuery {
  const clauses: LuceneClause[] = [];
  let isSame = true;
  for (const clause of query.clauses) {
    const isDeciding = clause.occur === "#" || clause.occur === "-";
    const rewritten = rewriteOnce(clause.query);
    const inner = isDeciding ? withoutScores(rewritten) : rewritten;
    if (inner.kind === "none") {
      if (clause.occur === "+" || clause.occur === "#") return inner;
      isSame = false;
      continue;
    }
    if (inner !== clause.query) isSame = false;
    clauses.push({ ...clause, query: inner });
  }
  return isSame ? query : { ...query, clauses };
}

function withoutDuplicates(query: LuceneBool): LuceneQuery {
  const seen = new Set<string>();
  const clauses = query.clauses.filter(({ occur, query: inner }) => {
    if (occur !== "#" && occur !== "-") return true;
    const key = `${occur}${textOfQuery(inner)}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  return clauses.length === query.clauses.length ? query : { ...query, clauses };
}

function withoutContradictions(query: LuceneBool): LuceneQuery {
  const excluded = having(query, "-");
  if (excluded.some(({ query: inner }) => inner.kind === "all"))
    return none("MUST_NOT clause is MatchAllDocsQuery");
  const texts = new Set(excluded.map((clause) => textOfQuery(clause.query)));
  const isRefused = query.clauses.some(
    ({ occur, query: inner }) => (occur === "+" || occur === "#") && texts.has(textOfQuery(inner)),
  );
  return isRefused ? none("FILTER or MUST clause also in MUST_NOT") : query;
}

function withoutNeedlessFilters(query: LuceneBool): LuceneQuery {
  const must = having(query, "+");
  const filters = having(query, "#");
  const texts = new Set(must.map((clause) => textOfQuery(clause.query)));
  const hasOther = must.length > 0 || filters.length > 1;
  const clauses = query.clauses.filter(({ occur, query: inner }) => {
    if (occur !== "#") return true;
    return !(hasOther && inner.kind === "all") && !texts.has(textOfQuery(inner));
  });
  return clauses.length === query.clauses.length ? query : { ...query, clauses };
}

/** What may match and is a filter, too, must match. */
function optionalFilters(query: LuceneBool): LuceneQuery {
  const filters = new Set(having(query, "#").map((clause) => textOfQuery(clause.query)));
  const should = new Set(having(query, "").map((clause) => textOfQuery(clause.query)));
  const both = new Set([...filters].filter((text) => should.has(text)));
  if (both.size === 0) return query;
  const clauses = query.clauses.flatMap((clause): LuceneClause[] => {
    if (!both.has(textOfQuery(clause.query))) return [clause];
    if (clause.occur === "#") return [];
    return [clause.occur === "" ? { ...clause, occur: "+" } : clause];
  });
  return { ...query, clauses, minimum: Math.max(0, query.minimum - both.size) };
}

/** Clauses that score and are equal are one with the sum of their boosts. */
function countRepeated(query: LuceneBool): LuceneQuery {
  const merged = new Map<string, { clause: LuceneClause; boost: number }>();
  for (const [at, clause] of query.clauses.entries()) {
    const { occur, query: inner } = clause;
    const isMergeable = occur === "+" || (occur === "" && query.minimum <= 1);
    const bare = inner.kind === "boost" ? inner.query : inner;
    const boost = inner.kind === "boost" ? inner.boost : 1;
    const key = isMergeable ? `${occur} ${textOfQuery(bare)}` : String(at);
    const known = merged.get(key);
    if (known === undefined) merged.set(key, { clause, boost });
    else {
      known.boost += boost;
      known.clause = { occur, query: bare };
    }
  }
  if (merged.size === query.clauses.length) return query;
  const clauses = [...merged.values()].map(({ clause, boost }): LuceneClause => {
    const { occur, query: inner } = clause;
    return inner.kind === "boost" ? clause : { occur, query: boostedQuery(inner, boost) };
  });
  return { ...query, clauses };
}

/** Everything, with filters, scores the same for all. */
function constantFilters(query: LuceneBool): LuceneQuery {
  const must = having(query, "+");
  const [only] = must;
  const hasShould = having(query, "").length > 0;
  if (only === undefined || must.length > 1 || hasShould || having(query, "#").length === 0)
    return query;
  const inner = only.query.kind === "boost" ? only.query.query : only.query;
  if (inner.kind !== "all") return query;
  const clauses = query.clauses.filter((clause) => clause !== only);
  const boost = only.query.kind === "boost" ? only.query.boost : 1;
  return boostedQuery({ kind: "constant", query: { ...query, clauses } }, boost);
}

/** Alternatives of alternatives are alternatives. */
function inlineOptional(query: LuceneBool): LuceneQuery {
  if (query.minimum > 1) return query;
  let isSame = true;
  const clauses = query.clauses.flatMap((clause) => {
    const { occur, query: inner } = clause;
    if (occur !== "" || inner.kind !== "bool" || inner.minimum > 1) return [clause];
    if (!inner.clauses.every((each) => each.occur === "")) return [clause];
    isSame = false;
    return inner.clauses;
  });
  return isSame ? query : { ...query, clauses };
}

/** As many alternatives as must match are no alternatives. */
function requireAll(query: LuceneBool): LuceneQuery {
  const should = having(query, "").length;
  if (query.minimum === 0) return query;
  if (should < query.minimum) return none("SHOULD clause count less than minimumNumberShouldMatch");
  if (should > query.minimum) return query;
  const clauses = query.clauses.map((clause): LuceneClause => {
    return clause.occur === "" ? { ...clause, occur: "+" } : clause;
  });
  return { kind: "bool", clauses, minimum: 0 };
}

/** The alternatives of the only clause that scores. */
function inlineOnlyMust(query: LuceneBool): LuceneQuery {
  const must = having(query, "+");
  const [only] = must;
  if (only === undefined || must.length > 1 || having(query, "").length > 0) return query;
  const { query: inner } = only;
  if (inner.kind !== "bool" || !inner.clauses.every((each) => each.occur === "")) return query;
  const others = query.clauses.filter((clause) => clause !== only);
  return {
    kind: "bool",
    clauses: [...others, ...inner.clauses],
    minimum: Math.max(1, inner.minimum),
  };
}

/** What is required of something required is required itself. */
function inlineRequired(query: LuceneBool): LuceneQuery {
  let isSame = true;
  const clauses = query.clauses.flatMap((clause): readonly LuceneClause[] => {
    const { occur, query: inner } = clause;
    if ((occur !== "+" && occur !== "#") || inner.kind !== "bool" || inner.minimum > 0)
      return [clause];
    if (inner.clauses.some((each) => each.occur === "")) return [clause];
    isSame = false;
    if (occur === "+") return inner.clauses;
    return inner.clauses.map((each) => (each.occur === "+" ? { ...each, occur: "#" } : each));
  });
  return isSame ? query : { ...query, clauses };
}
