/** How the score of a document came about, in Lucene's words. */
import { floatJson, floatText } from "../../json/java-number.ts";
import type { Explanation, QueryExplanation, SearchDocument } from "../fields/document.ts";

/** An explanation of a match. */
export function match(
  value: number,
  description: string,
  details: readonly Explanation[] = [],
): Explanation {
  return { value: floatJson(value), description, details, isMatch: true, score: value };
}

/** A whole number, such as a count of documents. */
export function count(value: number, description: string): Explanation {
  return { value, description, details: [], isMatch: true, score: value };
}

/** An explanation of why there is no match. */
export function noMatch(description: string, details: readonly Explanation[] = []): Explanation {
  return { value: floatJson(0), description, details, isMatch: false, score: 0 };
}

/** Of a query that gives every match the same score. */
export function explainConstant(
  text: string,
  accepts: (document: SearchDocument) => boolean,
  boost: number,
): QueryExplanation {
  return {
    text,
    isConstant: true,
    explain(document, place, factor) {
      const score = Math.fround(boost * factor);
      if (!accepts(document)) return noMatch(`${text} doesn't match id ${place}`);
      return match(score, score === 1 ? text : `${text}^${floatText(score)}`);
    },
  };
}

/** The clauses of a boolean query; absent explanations make the whole have none. */
export interface ExplainedClauses {
  readonly must?: readonly (QueryExplanation | undefined)[];
  readonly filter?: readonly (QueryExplanation | undefined)[];
  readonly should?: readonly (QueryExplanation | undefined)[];
  readonly mustNot?: readonly (QueryExplanation | undefined)[];
  /** `minimum_should_match` where it is given. @default 0 */
  readonly minimum?: number;
}

type Occur = "+" | "#" | "" | "-";

/** A clause of a boolean query. */
export interface ExplainedClause {
  readonly occur: Occur;
  readonly query: QueryExplanation;
}

function isKnown(clause: {
  readonly occur: Occur;
  readonly query: QueryExplanation | undefined;
}): clause is ExplainedClause {
  return clause.query !== undefined;
}

/** Of a boolean query (Lucene's BooleanWeight); `undefined` when a clause cannot be explained. */
export function explainBool(clauses: ExplainedClauses): QueryExplanation | undefined {
  const { must = [], filter = [], should = [], mustNot = [], minimum = 0 } = clauses;
  const given: readonly (readonly [Occur, readonly (QueryExplanation | undefined)[]])[] = [
    ["+", must],
    ["#", filter],
    ["", should],
    ["-", mustNot],
  ];
  const list = given.flatMap(([occur, queries]) => queries.map((query) => ({ occur, query })));
  if (!list.every(isKnown)) return undefined;
  // Terms that only decide beside others are weighed by invented counts in the server.
  const decides = list.filter(({ occur, query }) => {
    return (occur === "#" || occur === "-") && query.isConstant !== true;
  });
  if (decides.length > 0 && list.length > 1) return undefined;
  const whole = merged(list, minimum);
  const [only, second] = whole;
  if (only === undefined) return undefined;
  if (second === undefined && only.occur === "#") return filterOnly(only.query);
  if (second === undefined && only.occur !== "-" && minimum <= 1) return only.query;
  const text = whole
    .map(({ occur, query }) => occur + (query.isBool === true ? `(${query.text})` : query.text))
    .join(" ");
  return {
    text: minimum > 0 ? `(${text})~${minimum}` : text,
    isBool: true,
    explain: (document, place, factor) => explainAll(whole, minimum, document, place, factor),
  };
}

/** Equal clauses that score are one of them with a boost, as Lucene rewrites them. */
function merged(list: readonly ExplainedClause[], minimum: number): ExplainedClause[] {
  const counts = new Map<string, { readonly clause: ExplainedClause; times: number }>();
  for (const [at, clause] of list.entries()) {
    const { occur, query } = clause;
    const isMergeable = occur === "+" || (occur === "" && minimum <= 1);
    const key = isMergeable ? `${occur} ${query.text}` : String(at);
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { clause, times: 1 });
    else known.times++;
  }
  return [...counts.values()].map(({ clause, times }) => {
    const { occur, query } = clause;
    if (times === 1) return clause;
    return {
      occur,
      query: {
        ...query,
        text: `(${query.text})^${floatText(times)}`,
        explain: (document, place, factor) => query.explain(document, place, factor * times),
      },
    };
  });
}

/** A filter alone is a constant without a score. */
function filterOnly(query: QueryExplanation): QueryExplanation {
  const text = `ConstantScore(${query.text})`;
  return {
    text,
    isConstant: true,
    explain(document, place) {
      if (query.explain(document, place, 1).isMatch) return match(0, `${text}^0.0`);
      return noMatch(`${text} doesn't match id ${place}`);
    },
  };
}

/** Explains a document by the clauses of a boolean query, `minimum` of the optional ones. */
export function explainAll(
  list: readonly ExplainedClause[],
  minimum: number,
  document: SearchDocument,
  place: number,
  factor: number,
): Explanation {
  const details: Explanation[] = [];
  const missed: Explanation[] = [];
  let sum = 0;
  let isFailed = false;
  let matched = 0;
  let optional = 0;
  for (const { occur, query } of list) {
    const found = query.explain(document, place, factor);
    if (!found.isMatch) {
      if (occur === "+" || occur === "#") {
        details.push(noMatch(`no match on required clause (${query.text})`, [found]));
        isFailed = true;
      } else if (occur === "")
        missed.push(noMatch(`no match on optional clause (${query.text})`, [found]));
      continue;
    }
    if (occur === "-") {
      details.push(noMatch(`match on prohibited clause (${query.text})`, [found]));
      isFailed = true;
      continue;
    }
    matched++;
    if (occur === "") optional++;
    if (occur === "#") {
      const product = [match(0, "# clause"), match(1, query.text)];
      details.push(match(0, "match on required clause, product of:", product));
    } else {
      details.push(found);
      sum += found.score;
    }
  }
  if (isFailed)
    return noMatch("Failure to meet condition(s) of required/prohibited clause(s)", details);
  if (matched === 0) return noMatch("No matching clauses", [...details, ...missed]);
  if (optional < minimum) {
    const reason = `Failure to match minimum number of optional clauses: ${minimum}, matched: ${optional}`;
    return noMatch(reason, [...details, ...missed]);
  }
  return match(Math.fround(sum), "sum of:", details);
}

/** Of the best of several queries. */
export function explainBest(
  queries: readonly (QueryExplanation | undefined)[],
  tieBreaker: number,
): QueryExplanation | undefined {
  const known = queries.filter((query) => query !== undefined);
  if (known.length < queries.length) return undefined;
  const tie = tieBreaker === 0 ? "" : `~${floatText(tieBreaker)}`;
  const text = `(${known.map((query) => query.text).join(" | ")})${tie}`;
  return {
    text,
    explain(document, place, factor) {
      const found = known
        .map((query) => query.explain(document, place, factor))
        .filter((each) => each.isMatch);
      if (found.length === 0) return noMatch("No matching clause");
      const scores = found.map(({ score }) => score);
      const best = Math.max(...scores);
      const others = scores.reduce((sum, score) => sum + score, 0) - best;
      const what =
        tieBreaker === 0 ? "max of:" : `max plus ${floatText(tieBreaker)} times others of:`;
      return match(Math.fround(best + others * tieBreaker), what, found);
    },
  };
}
