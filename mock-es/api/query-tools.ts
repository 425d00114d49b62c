import type { estypes } from "@elastic/elasticsearch";
import { EsError, validationFailed } from "../es-error.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { isJsonObject, parseObjectBody } from "../json/json-body.ts";
import { routesOf, type Route } from "../rest/route.ts";
import { compileQuery } from "../search/queries/query.ts";
import { runSearch } from "../search/search.ts";
import type { Cluster } from "../store/cluster.ts";
import { readTarget } from "../store/document-write.ts";
import { resolveIndices, resolveTargets, searchIndexOptions } from "../store/index-expression.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import type { IndexState } from "../store/index-state.ts";
import { parseFetchSource, renderSource } from "./fetch-source.ts";
import { readQueryOnly } from "./search-body.ts";

/** `_explain`, `_validate/query` and `_search_shards`. */
export const queryToolRoutes: readonly Route[] = [
  ...routesOf("explain", "optional", ["GET,POST /{index}/_explain/{id}"], explain),
  ...routesOf(
    "indices.validate_query",
    "optional",
    ["GET,POST /_validate/query", "GET,POST /{index}/_validate/query"],
    validateQuery,
  ),
  ...routesOf(
    "search_shards",
    "optional",
    ["GET,POST /_search_shards", "GET,POST /{index}/_search_shards"],
    searchShards,
  ),
];

/**
 * Says whether one document matches and with which score; how the score came about is not computed.
 */
function explain(request: EsRequest, cluster: Cluster): EsReply {
  const { index: name = "", id = "" } = request.pathParameters;
  const query = readQueryOnly(request);
  if (query === undefined) throw validationFailed("query is missing");
  const index = readTarget(cluster, name);
  const document = index.find(id);
  if (document === undefined)
    return jsonReply({ _index: index.name, _id: id, matched: false }, 404);
  const score = scoreOf(cluster, index, query, id);
  const explanation: estypes.ExplainExplanation =
    score === undefined
      ? { value: 0, description: "no matching term", details: [] }
      : {
          value: score,
          description: "score of the query; mock-es does not break it down",
          details: [],
        };
  const fetchSource = parseFetchSource(request.query);
  const source = fetchSource === undefined ? undefined : renderSource(document, fetchSource);
  const value: estypes.ExplainResponse = {
    _index: index.name,
    _id: id,
    matched: score !== undefined,
    explanation,
    ...(source === undefined
      ? {}
      : {
          get: {
            _seq_no: document.seqNo,
            _primary_term: 1,
            found: true,
            _source: JSON.parse(source) as unknown,
          },
        }),
  };
  return jsonReply(value);
}

function scoreOf(
  cluster: Cluster,
  index: IndexState,
  query: unknown,
  id: string,
): number | undefined {
  const body = { query: { bool: { must: [query], filter: [{ ids: { values: [id] } }] } }, size: 1 };
  const found = runSearch(body, index.documents(), index.mappings, {
    index: index.name,
    nowMs: cluster.entropy.nowMs(),
  });
  return found.hits[0]?._score ?? undefined;
}

function validateQuery(request: EsRequest, cluster: Cluster): EsReply {
  const options = readIndexOptions(request.query, searchIndexOptions);
  const indices = resolveIndices(cluster, request.pathParameters["index"], options);
  const explains = request.query.flag("explain", false) || request.query.flag("rewrite", false);
  let problem: string | undefined;
  let query: unknown;
  try {
    query = readQueryOnly(request);
    compileOn(cluster, indices, query);
  } catch (error) {
    if (!(error instanceof EsError)) throw error;
    problem = error.reason;
  }
  const value: estypes.IndicesValidateQueryResponse = {
    valid: problem === undefined,
    ...(problem === undefined ? { _shards: { total: 1, successful: 1, failed: 0 } } : {}),
    ...(problem !== undefined && explains ? { error: problem } : {}),
    ...(problem === undefined && explains
      ? {
          explanations: indices.map((index) => ({
            index: index.name,
            valid: true,
            explanation: JSON.stringify(query ?? { match_all: {} }),
          })),
        }
      : {}),
  };
  return jsonReply(value);
}

function compileOn(cluster: Cluster, indices: readonly IndexState[], query: unknown): void {
  if (query !== undefined && !isJsonObject(query)) {
    throw new EsError(400, "parsing_exception", "query malformed, must start with start_object");
  }
  for (const index of indices) {
    compileQuery(query, index.mappings, { index: index.name, nowMs: cluster.entropy.nowMs() });
  }
}

function searchShards(request: EsRequest, cluster: Cluster): EsReply {
  parseObjectBody(request.body);
  const options = readIndexOptions(request.query, searchIndexOptions);
  const targets = resolveTargets(cluster, request.pathParameters["index"], options);
  const shards: estypes.NodeShard[][] = [];
  const indices: Record<string, estypes.SearchShardsShardStoreIndex> = {};
  for (const { index, filters } of targets) {
    const aliases = [...index.aliases]
      .filter(([, metadata]) => metadata.filter !== undefined)
      .map(([name]) => name);
    indices[index.name] = filters === undefined ? {} : { aliases };
    // A routing value leads to one shard; which one does not matter to a client.
    const count = request.query.has("routing") ? 1 : index.settings.shards;
    for (let shard = 0; shard < count; shard++) {
      shards.push([
        {
          state: "STARTED",
          primary: true,
          node: cluster.nodeId,
          relocating_node: null,
          shard,
          index: index.name,
          allocation_id: { id: `${index.uuid}-${shard}` },
          relocation_failure_info: { failed_attempts: 0 },
        },
      ]);
    }
  }
  const [ip = "127.0.0.1"] = cluster.httpAddress.split(":");
  const value: estypes.SearchShardsResponse = {
    nodes: {
      [cluster.nodeId]: {
        name: cluster.profile.nodeName,
        ephemeral_id: cluster.nodeId,
        transport_address: `${ip}:9300`,
        external_id: cluster.profile.nodeName,
        attributes: {},
        roles: ["data", "ingest", "master"],
        version: cluster.profile.version,
        min_index_version: 8000099,
        max_index_version: 9039001,
      },
    },
    indices,
    shards,
  };
  return jsonReply(value);
}
