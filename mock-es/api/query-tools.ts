/** Looking at queries instead of running them. */
import { refuseViews, viewOf } from "../store/index-view.ts";
import type { estypes } from "@elastic/elasticsearch";
import { EsError, type EsErrorCause, notSupported, validationFailed } from "../es-error.ts";
import { parseExactJson } from "../json/exact-numbers.ts";
import { doubleJson } from "../json/java-number.ts";
import { bodyText, parseObjectBody } from "../json/json-body.ts";
import { isObject, type JsonObject } from "../json/json-value.ts";
import { completeError } from "../rest/error-completion.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import { routesOf, type Route } from "../rest/route.ts";
import { compileQuery } from "../search/queries/query.ts";
import { stageOf } from "../search/faults.ts";
import { explainDocument } from "../search/explain.ts";
import { findUnreadable, type SearchShard } from "../search/shard-search.ts";
import { runSearch } from "../search/search.ts";
import { checkBlocks } from "../store/block-checks.ts";
import type { Cluster } from "../store/cluster.ts";
import { resolveIndices, resolveTargets, searchIndexOptions } from "../store/index-expression.ts";
import type { IndexState } from "../store/index-state.ts";
import { simplePattern } from "../text/simple-pattern.ts";
import { findDocument, readReadOptions, renderFound } from "./get-document.ts";
import { readQueryFirst, refuseUnreadable } from "./first-fault.ts";
import { javaChain, luceneText } from "./query-text.ts";
import { readQueryOnly, refuseQueryString } from "./search-body.ts";
import { surroundings } from "./search-run.ts";
import { limitsOf, readShardChoice, scopeOf, scopeShard } from "./search-scope.ts";

/** `_explain`, `_validate/query` and `_search_shards`. */
export const queryToolRoutes: readonly Route[] = [
  ...routesOf("explain", "optional", ["GET,POST /{index}/_explain/{id}"], explain, (request) => {
    refuseUnreadable({ query: explainedQuery(request) });
  }),
  ...routesOf(
    "indices.validate_query",
    "optional",
    ["GET,POST /_validate/query", "GET,POST /{index}/_validate/query"],
    validateQuery,
  ),
  ...routesOf(
    "search_shards",
    "none",
    ["GET,POST /_search_shards", "GET,POST /{index}/_search_shards"],
    searchShards,
  ),
];

/**
 * Says whether one document matches and with which score, and how that came about where it is
 * known.
 */
function explainedQuery(request: EsRequest): unknown {
  const query = readQueryOnly(request);
  if (query === undefined) throw validationFailed("query is missing");
  return query;
}

function explain(request: EsRequest, cluster: Cluster): EsReply {
  const query = explainedQuery(request);
  return readQueryFirst(query, () => explainQuery(request, cluster, query));
}

function explainQuery(request: EsRequest, cluster: Cluster, query: unknown): EsReply {
  const { index: name = "", id = "" } = request.pathParameters;
  const options = readReadOptions(request.query);
  // It is searched for, as far as searches see.
  const { index, document } = findDocument(cluster, name, id, { ...options, isRealtime: false });
  refuseViews(cluster, [index], "[_explain]");
  if (document === undefined) {
    const unreadable = findUnreadable({ query });
    if (unreadable !== undefined) throw unreadable;
    return jsonReply({ _index: index.name, _id: id, matched: false }, 404);
  }
  const number = index.shardNumber(document.id, document.routing);
  const corpus = index.shards[number]?.seen() ?? [];
  const shard = { ...scopeShard(cluster, index, number, [document], undefined), corpus };
  const score = scoreOf(cluster, shard, query);
  const explanation =
    onOneShard(() => explainDocument(query, shard, document, surroundings(cluster))) ??
    withoutDetails(score);
  const { fetchSource, storedFields } = options;
  const hasSource = fetchSource !== undefined && fetchSource.enabled !== false;
  const hasGet = hasSource || storedFields !== undefined;
  const get = hasGet ? renderFound(index, document, options) : undefined;
  const value = {
    _index: index.name,
    _id: id,
    matched: score !== undefined,
    explanation,
    ...(get === undefined ? {} : { get: withoutIdentity(parseExactJson(get)) }),
  };
  return jsonReply(value);
}

function withoutDetails(score: unknown): object {
  return score === undefined
    ? { value: doubleJson(0), description: "no matching term", details: [] }
    : {
        value: score,
        description: "score of the query; mock-es does not break it down",
        details: [],
      };
}

/** The part of a document's answer that the answer around it does not say already. */
function withoutIdentity(found: unknown): unknown {
  if (!isObject(found)) return found;
  const { _index, _id, _version, _routing, ...rest } = found;
  return rest;
}

/** The score of a document, by the statistics of its shard; `undefined` when it does not match. */
function scoreOf(cluster: Cluster, shard: SearchShard, query: unknown): unknown {
  return onOneShard(() => {
    return runSearch({ query, size: 1 }, [shard], surroundings(cluster)).hits[0]?._score;
  });
}

/** Asks one shard alone. @throws {EsError} its refusal */
function onOneShard<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw error instanceof EsError ? ofOneShard(error) : error;
  }
}

/** The refusal of a shard that is asked alone, which is told without a search around it. */
function ofOneShard(error: EsError): EsError {
  const failed = error.extra["failed_shards"];
  const first: unknown = Array.isArray(failed) ? failed[0] : undefined;
  if (!isObject(first) || !isObject(first["reason"])) return error;
  const cause = first["reason"] as EsErrorCause;
  const { type, reason, ...extra } = cause;
  const { root_cause } = error.extra;
  if (type === "query_shard_exception")
    return new EsError(400, type, reason, { root_cause, ...extra });
  const { index } = first;
  return new EsError(400, "query_shard_exception", `failed to create query: ${reason}`, {
    root_cause,
    index_uuid: "_na_",
    index,
    caused_by: cause,
  });
}

const rewritesPart = "Validate with rewrite isn't supported if document level security is enabled";

function validateQuery(request: EsRequest, cluster: Cluster): EsReply {
  const { query } = request;
  const options = readIndexOptions(query, searchIndexOptions);
  const indices = resolveIndices(cluster, request.pathParameters["index"], options);
  checkBlocks(indices, "read");
  const allShards = query.flag("all_shards", false);
  if (query.flag("rewrite", false))
    for (const index of indices)
      if (viewOf(cluster, index)?.hidesDocuments === true)
        throw new EsError(400, "security_exception", rewritesPart);
  const explains = query.flag("explain", false) || query.flag("rewrite", false) || allShards;
  refuseQueryString(request);
  let asked: unknown;
  let places: Validation[];
  try {
    asked = readQueryOnly(request, queryOnly);
    if (asked === undefined && request.body.length > 0)
      throw validationFailed("query cannot be null");
    if (asked !== undefined && !isObject(asked)) {
      throw new EsError(
        400,
        "parsing_exception",
        "[_na] query malformed, must start with start_object",
      );
    }
    const unreadable = asked === undefined ? undefined : findUnreadable({ query: asked });
    if (unreadable !== undefined) throw unreadable;
    places = indices.flatMap((index) => {
      const shards = allShards ? index.shards.map((_, shard) => shard) : [undefined];
      return shards.map((shard) => validateOn(cluster, index, shard, asked));
    });
  } catch (error) {
    const isFinal =
      error instanceof EsError &&
      (error.reason.endsWith("by mock-es") || stageOf(error) === "validate");
    if (!(error instanceof EsError) || isFinal) throw error;
    const problem = completeError(error, cluster, bodyText(request.body));
    return jsonReply({
      valid: false,
      ...(query.flag("explain", false) ? { error: parseFailure(problem) } : {}),
    });
  }
  const isValid = places.every((place) => place.problem === undefined);
  const total = places.length;
  return jsonReply({
    _shards: { total, successful: total, failed: 0 },
    valid: isValid,
    ...(explains ? { explanations: places.map((place) => renderValidation(place, asked)) } : {}),
  });
}

/** What the server says of a body that it cannot read, whoever refused it. */
function parseFailure(problem: EsError): string {
  const chain = javaChain(problem.toCause());
  return problem.type === "parsing_exception"
    ? chain
    : `org.elasticsearch.common.ParsingException: Failed to parse; ${chain}`;
}

const queryOnly: ReadonlySet<string> = new Set(["query"]);

/** What validating a query on an index, or on one shard of it, gave. */
interface Validation {
  readonly index: IndexState;
  readonly shard: number | undefined;
  readonly problem: EsErrorCause | undefined;
}

function validateOn(
  cluster: Cluster,
  index: IndexState,
  shard: number | undefined,
  query: unknown,
): Validation {
  const options = {
    index: index.name,
    ...surroundings(cluster),
    limits: limitsOf(cluster, index),
    corpus: index.shards[shard ?? 0]?.seen(),
  };
  try {
    compileQuery(query, index.mappings.searched(index.name), options);
    return { index, shard, problem: undefined };
  } catch (error) {
    const failed = error instanceof EsError ? error.extra["failed_shards"] : undefined;
    const first: unknown = Array.isArray(failed) ? failed[0] : undefined;
    if (!isObject(first) || !isObject(first["reason"])) throw error;
    return { index, shard, problem: first["reason"] as EsErrorCause };
  }
}

function renderValidation({ index, shard, problem }: Validation, query: unknown): JsonObject {
  return {
    index: index.name,
    ...(shard === undefined ? {} : { shard }),
    valid: problem === undefined,
    ...(problem === undefined
      ? { explanation: luceneText(query, index.mappings) }
      : { error: `[${index.name}/${index.uuid}] ${javaChain(problem)}` }),
  };
}

function isNamed(alias: string, names: readonly string[]): boolean {
  let isFound = false;
  for (const name of names) {
    const isExcluded = name.startsWith("-") && name.length > 1;
    const pattern = isExcluded ? name.slice(1) : name === "_all" ? "*" : name;
    if (simplePattern(pattern).test(alias)) isFound = !isExcluded;
  }
  return isFound;
}

/** The filter of an alias as the server writes a query. */
function shownFilter(filters: readonly unknown[]): estypes.QueryDslQueryContainer {
  const [filter] = filters;
  const term = isObject(filter) && isObject(filter["term"]) ? Object.entries(filter["term"]) : [];
  const [field, value] = term[0] ?? [];
  const isPlain = filters.length === 1 && term.length === 1 && !isObject(value);
  if (!isPlain || field === undefined)
    throw notSupported("[_search_shards] of aliases with filters other than one [term]");
  return { term: { [field]: { value: value as string } } };
}

function searchShards(request: EsRequest, cluster: Cluster): EsReply {
  parseObjectBody(request.body);
  const options = readIndexOptions(request.query, {
    ...searchIndexOptions,
    ignoreUnavailable: true,
    forbidClosed: false,
  });
  const targets = resolveTargets(cluster, request.pathParameters["index"], options);
  const scope = scopeOf(cluster, targets, readShardChoice(request.query), "metadata_read");
  const shards: estypes.NodeShard[][] = [];
  const indices: Record<string, estypes.SearchShardsShardStoreIndex> = {};
  for (const { index, filters } of targets) {
    const names = request.pathParameters["index"]?.split(",") ?? ["*"];
    const aliases = [...index.reachedBy.keys()].filter(
      (alias) => isNamed(alias, names) && (cluster.access?.allows(alias) ?? true),
    );
    indices[index.name] = {
      ...(aliases.length === 0 ? {} : { aliases: aliases.sort() }),
      ...(filters === undefined ? {} : { filter: shownFilter(filters) }),
    };
  }
  for (const { state, shard } of scope.shards) {
    shards.push([
      {
        state: "STARTED",
        primary: true,
        node: cluster.nodeId,
        relocating_node: null,
        shard,
        index: state.name,
        allocation_id: { id: `${state.uuid}-${shard}` },
        relocation_failure_info: { failed_attempts: 0 },
      },
    ]);
  }
  const [ip = "127.0.0.1"] = cluster.httpAddress.split(":");
  const node: estypes.SearchShardsSearchShardsNodeAttributes = {
    name: cluster.profile.nodeName,
    ephemeral_id: cluster.nodeId,
    transport_address: `${ip}:9300`,
    external_id: cluster.profile.nodeName,
    attributes: {},
    roles: ["data", "ingest", "master"],
    version: cluster.profile.version,
    min_index_version: 8000099,
    max_index_version: Number(cluster.profile.indexVersion),
  };
  const nodes = shards.length === 0 ? {} : { [cluster.nodeId]: node };
  const value: estypes.SearchShardsResponse = { nodes, indices, shards };
  return jsonReply(value);
}
