/** `sparse_vector`: the dot product of the tokens of a query and those of documents. */
import {
  EsError,
  illegalArgument,
  notSupported,
  parsingException,
  xContentParseException,
} from "../../es-error.ts";
import { isRawNumber } from "../../json/exact-numbers.ts";
import { doubleText } from "../../json/java-number.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "../../json/json-value.ts";
import type { SearchContext } from "../fields/document.ts";
import { type Field, resolveField } from "../fields/field.ts";
import { createSparseReader, pruningProblem } from "../fields/sparse-vector.ts";
import { toJavaText } from "../../values/java-text.ts";
import { boostOf, type CompiledQuery, matchNone, rewrittenToNone } from "./compiled-query.ts";
import { boosted, combine, explanationOf } from "./compound-queries.ts";
import { explainBool } from "./explanation.ts";
import { queryShardFailure } from "./shard-problem.ts";
import { tokenQuery } from "./token-query.ts";

const texts = ["field", "inference_id", "query", "_name"];
const members = [...texts, "query_vector", "prune", "pruning_config", "boost"];

/** Which tokens of a query are left out (TokenPruningConfig). */
interface Pruning {
  /** Times that a token may be as frequent as tokens are on average. */
  readonly ratio: number;
  /** Part of the best weight that keeps a token, however frequent. */
  readonly weight: number;
  /** Only tokens that would be left out count. */
  readonly onlyPruned: boolean;
}

const defaultPruning: Pruning = { ratio: 5, weight: 0.4, onlyPruned: false };

interface Token {
  readonly token: string;
  readonly weight: number;
}

/** `sparse_vector`. */
export function parseSparseVector(body: JsonObject, context: SearchContext): CompiledQuery {
  for (const key of Object.keys(body)) checkMember(body, key);
  if (body["field"] === undefined) {
    const reason = "Required [field]";
    throw parsingException(reason)
      .at(body, undefined, "end")
      .around(illegalArgument(reason).standingAt(body, undefined, "end"));
  }
  const { query_vector: vector, inference_id: model, query } = body;
  if ((vector === undefined) === (model === undefined && query === undefined)) {
    const reason =
      "[sparse_vector] requires one of [query_vector] or [inference_id] for sparse_vector fields";
    throw notBuilt(body, illegalArgument(reason));
  }
  const tokens = isObject(vector) ? Object.entries(vector).map(toToken(body)) : [];
  const boost = boostOf("sparse_vector", body);
  if (vector === undefined && model === undefined)
    throw illegalArgument("inference_id required to perform vector search on query string");
  if (vector === undefined)
    throw notSupported("[inference_id] of [sparse_vector], which needs a model,");
  const field = resolveField(context, textOf(body["field"]));
  if (field === undefined) return rewrittenToNone;
  if (field.type !== "sparse_vector") {
    const reason = `field [${field.name}] must be type [sparse_vector] but is type [${field.type}]`;
    throw queryShardFailure(context, "illegal_argument_exception", reason);
  }
  const kept = prunedTokens(field, tokens, pruningOf(field, body), context);
  const clauses = kept.map(({ token, weight }) => {
    if (weight >= 0) return tokenQuery(context, field, token, weight);
    const reason = `boost must be a positive float, got ${doubleText(weight)}`;
    throw queryShardFailure(context, "illegal_argument_exception", reason);
  });
  const [only] = clauses;
  if (only === undefined) return matchNone;
  if (clauses.length === 1) return boosted(only, boost);
  const should = combine([], [], clauses, [], 1, () =>
    explainBool({ should: clauses.map(explanationOf) }),
  );
  return boosted(should, boost);
}

/** @throws {EsError} 400 for a member that is not known, or of another kind */
function checkMember(body: JsonObject, key: string): void {
  const value = body[key];
  if (!members.includes(key)) {
    const reason = `[sparse_vector] unknown field [${key}]`;
    const inner = xContentParseException(reason).at(body, key, "key");
    throw parsingException(reason).at(body, key).around(inner);
  }
  if (value === null) throw notSupported(`null as [${key}] of [sparse_vector]`);
  const fits =
    key === "query_vector" || key === "pruning_config"
      ? isObject(value) && !isRawNumber(value)
      : texts.includes(key)
        ? typeof value === "string"
        : typeof value !== "object";
  if (!fits) {
    const reason = `[sparse_vector] ${key} doesn't support values of type: ${tokenOf(value)}`;
    throw parsingException(reason).around(xContentParseException(reason).at(body, key));
  }
  if (key === "prune") inMember(body, key, () => readFlag(value));
  if (key === "pruning_config" && isObject(value)) readPruning(value);
  if (key === "boost" && Number.isNaN(Number(value))) {
    const text = textOf(value);
    inMember(body, key, () => {
      throw new EsError(400, "number_format_exception", `For input string: "${text}"`);
    });
  }
}

function readFlag(value: unknown): boolean {
  if (value === true || value === "true") return true;
  if (value === false || value === "false") return false;
  const reason = `Failed to parse value [${textOf(value)}] as only [true] or [false] are allowed.`;
  throw illegalArgument(reason);
}

/** The refusal of a member, with what is wrong with it as its cause. */
function inMember(body: JsonObject, key: string, read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof EsError)) throw error;
    throw memberProblem(key, error.standingAt(body, key));
  }
}

function memberProblem(key: string, cause: EsError): EsError {
  const reason = `[sparse_vector] failed to parse field [${key}]`;
  const place = cause.place ?? cause.stand;
  const inner = xContentParseException(reason).around(cause);
  if (place !== undefined) inner.place = place;
  return parsingException(reason).around(inner);
}

const pruningMembers = [
  "tokens_freq_ratio_threshold",
  "tokens_weight_threshold",
  "only_score_pruned_tokens",
];

function readPruning(config: JsonObject): Pruning {
  for (const key of Object.keys(config)) {
    if (pruningMembers.includes(key)) continue;
    const cause = parsingException(`[pruning_config] unknown token [${key}]`).at(
      config,
      key,
      "key",
    );
    const problem = memberProblem("pruning_config", cause);
    throw problem.at(config, key, "key");
  }
  const number = (key: string, fallback: number): number => {
    const value = Number(config[key] ?? fallback);
    if (Number.isNaN(value)) throw notSupported(`a [${key}] that is no number`);
    return value;
  };
  const ratio = number("tokens_freq_ratio_threshold", defaultPruning.ratio);
  const weight = number("tokens_weight_threshold", defaultPruning.weight);
  const problem = pruningProblem(ratio, weight);
  if (problem !== undefined) {
    const cause = illegalArgument(problem).standingAt(config, undefined, "end");
    throw memberProblem("pruning_config", cause).at(config, undefined, "end");
  }
  const only = config["only_score_pruned_tokens"];
  if (only !== undefined && typeof only !== "boolean")
    throw notSupported("an [only_score_pruned_tokens] that is no boolean");
  return { ratio, weight, onlyPruned: only === true };
}

function toToken(body: JsonObject): (entry: [string, unknown]) => Token {
  return ([token, value]) => {
    const weight = isRawNumber(value) ? Number(value.rawJSON) : value;
    if (typeof weight === "number") return { token, weight: Math.fround(weight) };
    throw notBuilt(body, illegalArgument(`weight must be a number, was [${toJavaText(value)}]`));
  };
}

function notBuilt(body: JsonObject, cause: EsError): EsError {
  const reason = "Failed to build [sparse_vector] after last required field arrived";
  const causes = { caused_by: cause.toCause() };
  return parsingException(reason, {
    caused_by: { type: "x_content_parse_exception", reason, ...causes },
  }).at(body, undefined, "end");
}

/** What the query says of pruning, or else the field. */
function pruningOf(field: Field, body: JsonObject): Pruning | undefined {
  const options = field.parameters["index_options"];
  const given = isObject(options) ? options : { prune: true };
  const isPruned = body["prune"] === undefined ? given["prune"] === true : readFlag(body["prune"]);
  if (!isPruned) return undefined;
  const own = body["pruning_config"];
  if (isObject(own)) return readPruning(own);
  const config = given["pruning_config"];
  if (!isObject(config)) return defaultPruning;
  const plain = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key,
      isRawNumber(value) ? Number(value.rawJSON) : value,
    ]),
  );
  return readPruning(plain);
}

/**
 * The tokens that are looked for. Frequencies are those of the whole shard, as if it were one
 * segment (WeightedTokensUtils).
 */
function prunedTokens(
  field: Field,
  tokens: readonly Token[],
  pruning: Pruning | undefined,
  context: SearchContext,
): readonly Token[] {
  if (pruning === undefined || context.corpus === undefined) return tokens;
  const { fround } = Math;
  const best = Math.max(...tokens.map(({ weight }) => weight));
  const least = fround(fround(pruning.weight) * best);
  const { counts, documents, total } = frequencies(field, context);
  const average = fround(fround(total / documents) / counts.size);
  return tokens.filter(({ token, weight }) => {
    const count = counts.get(token) ?? 0;
    if (count === 0) return false;
    const isKept =
      fround(count / documents) < fround(fround(pruning.ratio) * average) || weight > least;
    return isKept !== pruning.onlyPruned;
  });
}

function frequencies(
  field: Field,
  { corpus }: SearchContext,
): {
  readonly counts: ReadonlyMap<string, number>;
  readonly documents: number;
  readonly total: number;
} {
  const read = createSparseReader(field);
  const counts = new Map<string, number>();
  let documents = 0;
  let total = 0;
  for (const document of corpus ?? []) {
    const vector = read(document);
    if (vector === undefined || vector.size === 0) continue;
    documents++;
    total += vector.size;
    for (const token of vector.keys()) counts.set(token, (counts.get(token) ?? 0) + 1);
  }
  return { counts, documents, total };
}
