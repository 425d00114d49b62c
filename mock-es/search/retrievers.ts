/** `retriever`: rewritten into the search that it stands for. */
import { illegalArgument, notSupported, parsingException, validationFailed } from "../es-error.ts";
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import { checkKnown } from "./known-members.ts";

/** A tree of retrievers as a search body without them, or as several that are ranked together. */
export type Retriever =
  | { readonly kind: "search"; readonly body: JsonObject }
  | { readonly kind: "fusion"; readonly fusion: RankFusion };

/** How the results of a retriever count among those of others. */
export interface FusedRetriever {
  readonly retriever: Retriever;
  /** @default 1 */
  readonly weight: number;
  /** Of a linear combination: how scores are made comparable. */
  readonly normalizer: string;
}

/** Several retrievers, ranked together by their ranks or by their scores. */
export interface RankFusion {
  readonly retrievers: readonly FusedRetriever[];
  /** Ranks count `1 / (rankConstant + rank)`; `undefined`: scores count, not ranks. */
  readonly rankConstant: number | undefined;
  /** How many of the best of each retriever are ranked. */
  readonly windowSize: number;
  readonly minScore: number | undefined;
}

/** Members that every retriever has. */
const shared = ["filter", "min_score", "_name"];
const members: Readonly<Record<string, readonly string[]>> = {
  standard: ["query", "search_after", "terminate_after", "sort", "collapse", ...shared],
  knn: [
    "field",
    "query_vector",
    "query_vector_builder",
    "k",
    "num_candidates",
    "visit_percentage",
    "similarity",
    "rescore_vector",
    ...shared,
  ],
  rrf: ["retrievers", "rank_window_size", "rank_constant", "query", "fields", ...shared],
  linear: ["retrievers", "rank_window_size", "query", "fields", "normalizer", ...shared],
  pinned: ["retriever", "ids", "docs", "rank_window_size", ...shared],
  rescorer: ["retriever", "rescore", "rank_window_size", ...shared],
  rule: ["retriever", "ruleset_ids", "match_criteria", "rank_window_size", ...shared],
};

/** Retrievers of Elasticsearch that are refused by name, not as unknown ones. */
const notComputed: ReadonlySet<string> = new Set([
  "diversify",
  "random_reranker",
  "text_similarity_reranker",
]);

/** What a search may not say beside its retriever. */
const besides = ["query", "knn", "search_after", "terminate_after", "sort", "rescore"];

/**
 * Reads the `retriever` of a search body.
 *
 * @param size hits that the search shows, and those that it passes over
 * @throws {EsError} 400 in the server's words, or for a retriever that is not computed
 */
export function readRetriever(body: JsonObject, size: number): Retriever {
  const clashes = besides.filter(
    (name) => body[name] !== undefined && (name !== "terminate_after" || body[name] !== 0),
  );
  if (clashes.length > 0)
    throw validationFailed(`cannot specify [retriever] and [${clashes.join(", ")}]`);
  const retriever = parse(body["retriever"], [], size);
  checkWindow(body["retriever"], body["size"]);
  for (const name of ["min_score", "collapse"]) {
    const isGivenTwice = retriever.kind === "fusion" || retriever.body[name] !== undefined;
    if (body[name] !== undefined && isGivenTwice)
      throw notSupported(`[${name}] beside such a [retriever]`);
  }
  return retriever;
}

/** @param isInner true for one that stands within another */
function parse(
  given: unknown,
  filters: readonly unknown[],
  size: number,
  isInner = false,
): Retriever {
  if (!isObject(given)) throw illegalArgument("retriever malformed, must start with start_object");
  const [name, second] = Object.keys(given);
  if (name === undefined)
    throw parsingException("retriever malformed, empty clause found").at(given, undefined, "end");
  const body = given[name];
  const known = Object.hasOwn(members, name) ? members[name] : undefined;
  if (known === undefined) {
    if (notComputed.has(name)) throw notSupported(`the retriever [${name}]`);
    const reason = `unknown retriever [${name}]`;
    throw parsingException(reason, {
      caused_by: { type: "named_object_not_found_exception", reason: `unknown field [${name}]` },
    }).at(given, name);
  }
  if (!isObject(body)) {
    const reason = `[${name}] retriever malformed, no start_object after retriever name`;
    throw parsingException(reason).at(given, name);
  }
  checkKnown(name, body, known);
  if (second !== undefined) {
    const reason = `[${name}] malformed retriever, expected [END_OBJECT] but found [FIELD_NAME]`;
    throw parsingException(reason).at(given, second, "key");
  }
  if (isInner && body["_name"] !== undefined) throw notSupported("[_name] of an inner retriever");
  const own = body["filter"];
  const all = [...filters, ...(own === undefined ? [] : Array.isArray(own) ? own : [own])];
  if (name === "knn") return { kind: "search", body: knnSearch(body, all, size) };
  if (name === "standard") return { kind: "search", body: standardSearch(body, all) };
  if (name === "rrf" || name === "linear")
    return { kind: "fusion", fusion: readFusion(name, body, all, size) };
  return { kind: "search", body: aroundSearch(name, body, all, size) };
}

/** @throws {EsError} 400 where fewer of the best are scored again than are shown */
function checkWindow(retriever: unknown, size: unknown): void {
  const rescorer = isObject(retriever) ? retriever["rescorer"] : undefined;
  if (!isObject(rescorer)) return;
  const { rescore } = rescorer;
  const list: readonly unknown[] = Array.isArray(rescore) ? rescore : [rescore];
  const windows = list.map((one) => Number((isObject(one) ? one["window_size"] : undefined) ?? 10));
  const widest = Math.max(...windows);
  if (size !== undefined && widest < Number(size)) {
    const reason = `[rescorer] requires [window_size: ${widest}] be greater than or equal to [size: ${textOf(size)}]`;
    throw validationFailed(reason);
  }
}

/** A search that pins documents, or scores the best again, of what another retriever finds. */
function aroundSearch(
  name: string,
  body: JsonObject,
  filters: readonly unknown[],
  size: number,
): JsonObject {
  const { retriever: given, min_score: minScore, _name } = body;
  if (_name !== undefined) throw notSupported("[_name] of a retriever");
  if (given === undefined) throw illegalArgument("Required [retriever]");
  const inner = parse(given, filters, size, true);
  if (inner.kind !== "search" || inner.body["knn"] !== undefined)
    throw notSupported(`the retriever [${name}] around one that is not [standard]`);
  const least = minScore === undefined ? {} : { min_score: minScore };
  const { query, ...rest } = inner.body;
  if (name === "rescorer") {
    if (body["rescore"] === undefined) throw illegalArgument("Required [rescore]");
    return { ...inner.body, ...least, rescore: body["rescore"] };
  }
  if (rest["sort"] !== undefined || rest["search_after"] !== undefined)
    throw notSupported(`[sort] in the retriever [${name}]`);
  const organic = query ?? { match_all: {} };
  if (name === "pinned") {
    const { ids, docs } = body;
    const pinned = {
      ...(ids === undefined ? {} : { ids }),
      ...(docs === undefined ? {} : { docs }),
    };
    return { ...rest, ...least, query: { pinned: { ...pinned, organic } } };
  }
  const { ruleset_ids: rulesets, match_criteria: criteria } = body;
  return {
    ...rest,
    ...least,
    query: { rule: { organic, ruleset_ids: rulesets, match_criteria: criteria } },
  };
}

function standardSearch(body: JsonObject, filters: readonly unknown[]): JsonObject {
  // Its name is not told where it is alone.
  const { query, filter: _filter, _name, ...rest } = body;
  if (filters.length === 0) return { ...rest, ...(query === undefined ? {} : { query }) };
  const bool = { filter: filters, ...(query === undefined ? {} : { must: [query] }) };
  return { ...rest, query: { bool } };
}

function knnSearch(body: JsonObject, filters: readonly unknown[], size: number): JsonObject {
  const { filter: _filter, min_score: minScore, ...knn } = body;
  if (knn["k"] === undefined) throw illegalArgument("Required [k]");
  return {
    knn: {
      ...knn,
      num_candidates: knn["num_candidates"] ?? Math.max(size, Number(knn["k"])),
      ...(filters.length === 0 ? {} : { filter: filters }),
    },
    ...(minScore === undefined ? {} : { min_score: minScore }),
  };
}

function readFusion(
  name: "rrf" | "linear",
  body: JsonObject,
  filters: readonly unknown[],
  size: number,
): RankFusion {
  if (body["_name"] !== undefined) throw notSupported("[_name] of a retriever");
  const list = isOfFields(name, body) ? [overFields(name, body)] : body["retrievers"];
  if (!Array.isArray(list)) throw illegalArgument("Required [retrievers]");
  const rankConstant = Number(body["rank_constant"] ?? defaultRankConstant);
  if (!(rankConstant >= 1)) {
    throw illegalArgument(
      `[rank_constant] must be greater or equal to [1] for [rrf], but got [${textOf(body["rank_constant"])}]`,
    );
  }
  const windowSize = Number(body["rank_window_size"] ?? defaultWindow);
  if (windowSize < size) {
    throw validationFailed(
      `[${name}] requires [rank_window_size: ${windowSize}] be greater than or equal to [size: ${size}]`,
    );
  }
  const minScore = body["min_score"];
  return {
    retrievers: list.map((entry) => {
      // An entry may carry a weight beside its retriever.
      const { retriever = entry, weight = 1, normalizer } = isObject(entry) ? entry : {};
      return {
        retriever: parse(retriever, filters, windowSize, true),
        weight: weightOf(weight),
        normalizer: normalizerOf(normalizer ?? body["normalizer"]),
      };
    }),
    rankConstant: name === "rrf" ? rankConstant : undefined,
    windowSize,
    minScore: minScore === undefined ? undefined : Number(minScore),
  };
}

/**
 * True for the form of a retriever that asks fields for a text, and has no retrievers of its own.
 *
 * @throws {EsError} 400 for what does not stand together
 */
function isOfFields(name: "rrf" | "linear", body: JsonObject): boolean {
  const { query, fields, retrievers, normalizer } = body;
  const isEmpty =
    retrievers === undefined || (Array.isArray(retrievers) && retrievers.length === 0);
  const refuse = (...problems: string[]): Error =>
    validationFailed(...problems.map((problem) => `[${name}] ${problem}`));
  if (query === undefined && fields === undefined) {
    if (isEmpty) throw refuse("must provide [retrievers] or [query]");
    return false;
  }
  if (query === undefined) throw refuse("[query] must be provided when [fields] is specified");
  const problems = [
    ...(query === "" ? ["[query] cannot be empty"] : []),
    ...(Array.isArray(fields) && fields.length === 0 ? ["[fields] cannot be empty"] : []),
    ...(isEmpty ? [] : ["cannot combine [retrievers] and [query]"]),
    ...(name === "linear" && normalizer === undefined
      ? ["[normalizer] must be provided when [query] is specified"]
      : []),
  ];
  if (problems.length > 0) throw refuse(...problems);
  return true;
}

/** The retriever that asks fields for a text, or those that are asked by default. */
function overFields(name: "rrf" | "linear", { query, fields }: JsonObject): JsonObject {
  const list: readonly unknown[] = Array.isArray(fields) ? fields : [];
  const isNegative = list.some((field) => /\^-/.test(textOf(field)));
  if (isNegative) throw illegalArgument(`[${name}] per-field weights must be non-negative`);
  const asked = fields === undefined ? {} : { fields };
  return { standard: { query: { multi_match: { query, type: "most_fields", ...asked } } } };
}

function weightOf(given: unknown): number {
  const weight = Math.fround(Number(given));
  if (weight >= 0) return weight;
  throw illegalArgument(`[weight] must be non-negative, found [${textOf(given)}]`);
}

function normalizerOf(given: unknown): string {
  const name = given === undefined ? "none" : textOf(given);
  if (["none", "minmax", "l2_norm"].includes(name)) return name;
  throw illegalArgument(`Unknown normalizer [${name}]`);
}

/** Defaults of `rrf`. */
const defaultRankConstant = 60;
const defaultWindow = 10;
