/** `rescore`: the best hits of each shard, scored again by other queries. */
import {
  EsError,
  illegalArgument,
  notSupported,
  parsingException,
  xContentParseException,
} from "../es-error.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "../json/json-value.ts";
import type {
  Explanation,
  QueryExplanation,
  SearchContext,
  SearchDocument,
} from "./fields/document.ts";
import { explainSearch } from "./lucene/explain-search.ts";
import { match } from "./queries/explanation.ts";
import { shardFailure } from "./problem.ts";
import { type CompiledQuery, NO_MATCH } from "./queries/compiled-query.ts";
import { inField } from "./queries/object-members.ts";
import { compileClause } from "./queries/query.ts";
import { suggestion } from "./problem.ts";
import { wholeNumber } from "./search-body.ts";
import type { Candidate } from "./sort/top-candidates.ts";
import { checkKnown } from "./known-members.ts";

/** One step of a rescoring. */
interface Step {
  readonly query: CompiledQuery;
  /** Hits of the shard that are scored again. */
  readonly window: number;
  readonly queryWeight: number;
  readonly rescoreWeight: number;
  readonly combine: (first: number, second: number) => number;
  /** `score_mode`. */
  readonly mode: string;
  readonly explained: () => QueryExplanation | undefined;
  /** The documents that it was asked of. */
  readonly rescored: Set<SearchDocument>;
}

/** Scores the hits of one shard again. */
export interface Rescorer {
  /** Hits that are to be found before. */
  readonly window: number;
  /** @param candidates the hits of the shard, best first */
  rescore(candidates: readonly Candidate[]): Candidate[];
  /**
   * How the score of a hit that was scored again came about; `undefined` where that is not known.
   *
   * @param first how the query scored it
   */
  explain(first: Explanation, document: SearchDocument, place: number): Explanation | undefined;
}

const modes: Readonly<Record<string, Step["combine"]>> = {
  avg: (a, b) => (a + b) / 2,
  max: Math.max,
  min: Math.min,
  multiply: (a, b) => a * b,
  total: (a, b) => a + b,
};

const defaultWindow = 10;
const members = ["rescore_query", "query_weight", "rescore_query_weight", "score_mode"];

/**
 * Compiles `rescore` for a shard.
 *
 * @throws {EsError} 400 in the server's words
 */
export function compileRescore(given: unknown, context: SearchContext): Rescorer {
  const list = Array.isArray(given) ? (given as readonly unknown[]) : [given];
  const steps = list
    .map((_, at) => readStep(list, at))
    .map((rescoring) => compileStep(rescoring, context));
  return {
    window: Math.max(...steps.map(({ window }) => window)),
    rescore(candidates) {
      let scored = [...candidates];
      for (const step of steps) scored = apply(step, scored);
      return scored;
    },
    explain(first, document, place) {
      let explanation: Explanation | undefined = first;
      for (const step of steps) explanation &&= explainStep(step, explanation, document, place);
      return explanation;
    },
  };
}

/** What one entry of a rescoring says. */
interface Rescoring {
  readonly window: number;
  readonly body: JsonObject;
}

function readStep(list: readonly unknown[], at: number): Rescoring {
  const entry = list[at];
  if (!isObject(entry)) {
    const reason = "unexpected token [END_ARRAY] after [null]";
    throw parsingException(reason).at(list, undefined, "end");
  }
  let window = defaultWindow;
  let body: JsonObject | undefined;
  for (const [key, value] of Object.entries(entry)) {
    if (isObject(value)) {
      if (body !== undefined) {
        const reason = "Can't have more than one rescore type in a [rescore] object";
        throw parsingException(reason).at(entry, key);
      }
      body = readQuery(entry, key, value);
    } else if (value === null || Array.isArray(value)) {
      const reason = `unexpected token [${tokenOf(value)}] after [${key}]`;
      throw parsingException(reason).at(entry, key);
    } else if (key === "window_size") window = wholeNumber("window_size", value);
    else throw parsingException(`rescore doesn't support [${key}]`).at(entry, key);
  }
  if (body === undefined)
    throw parsingException("missing rescore type").at(entry, undefined, "end");
  return { window, body };
}

function readQuery(entry: JsonObject, type: string, body: JsonObject): JsonObject {
  if (type === "learning_to_rank" || type === "script")
    throw notSupported(`[${type}] in [rescore]`);
  if (type !== "query") {
    const at = `unknown field [${type}]${suggestion(type, ["query"])}`;
    throw new EsError(400, "named_object_not_found_exception", at).at(entry, type);
  }
  checkKnown("query", body, members);
  const { rescore_query: query } = body;
  if (query === undefined) throw illegalArgument("rescore_query cannot be null");
  if (!isObject(query)) {
    const reason = `[query] rescore_query doesn't support values of type: ${tokenOf(query)}`;
    throw xContentParseException(reason).at(body, "rescore_query");
  }
  modeOf(body);
  return body;
}

function compileStep({ window, body }: Rescoring, context: SearchContext): Step {
  const most = context.limits.maxRescoreWindow;
  if (window > most) {
    const reason = `Rescore window [${window}] is too large. It must be less than [${most}]. This prevents allocating massive heaps for storing the results to be rescored. This limit can be set by changing the [index.max_rescore_window] index level setting.`;
    throw shardFailure(context.index, "illegal_argument_exception", reason);
  }
  return {
    query: inField("query", "rescore_query", () => {
      return compileClause(body["rescore_query"], { ...context, isScored: true });
    }),
    window,
    queryWeight: Math.fround(Number(body["query_weight"] ?? 1)),
    rescoreWeight: Math.fround(Number(body["rescore_query_weight"] ?? 1)),
    ...modeOf(body),
    explained: () => explainSearch(body["rescore_query"], context, false),
    rescored: new Set(),
  };
}

function explainStep(
  step: Step,
  first: Explanation,
  document: SearchDocument,
  place: number,
): Explanation | undefined {
  const { fround } = Math;
  const { queryWeight, rescoreWeight } = step;
  const weighted = match(fround(first.score * queryWeight), "product of:", [
    first,
    match(queryWeight, "primaryWeight"),
  ]);
  if (!step.rescored.has(document)) return weighted;
  const again = step.explained()?.explain(document, place, 1);
  if (again === undefined) return undefined;
  if (!again.isMatch) return weighted;
  const second = match(fround(again.score * rescoreWeight), "product of:", [
    again,
    match(rescoreWeight, "secondaryWeight"),
  ]);
  const value = fround(step.combine(weighted.score, second.score));
  return match(value, combinations[step.mode] ?? step.mode, [weighted, second]);
}

const combinations: Readonly<Record<string, string>> = {
  avg: "avg of:",
  max: "max of:",
  min: "min of:",
  multiply: "product of:",
  total: "sum of:",
};

function modeOf(body: JsonObject): Pick<Step, "combine" | "mode"> {
  const mode = textOf(body["score_mode"] ?? "total").toLowerCase();
  const combine = Object.hasOwn(modes, mode) ? modes[mode] : undefined;
  if (combine !== undefined) return { mode, combine };
  throw xContentParseException("[query] failed to parse field [score_mode]", {
    caused_by: { type: "illegal_argument_exception", reason: `illegal score_mode [${mode}]` },
  }).at(body, "score_mode");
}

/** The hits behind the window keep their place among each other (ES QueryRescorer). */
function apply(step: Step, candidates: readonly Candidate[]): Candidate[] {
  const { fround } = Math;
  return candidates
    .map((candidate, at) => {
      const weighted = fround(candidate.score * step.queryWeight);
      if (at < step.window) step.rescored.add(candidate.document);
      const second = at < step.window ? step.query.score(candidate.document) : NO_MATCH;
      const score =
        second === NO_MATCH
          ? weighted
          : fround(step.combine(weighted, fround(second * step.rescoreWeight)));
      return { ...candidate, score };
    })
    .sort((a, b) => b.score - a.score || a.ordinal - b.ordinal);
}
