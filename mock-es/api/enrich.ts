/** Enrich policies: stored, shown, and executed as a copy in memory. */
import { refuseViews } from "../store/index-view.ts";
import { EsError, illegalArgument, notSupported, xContentParseException } from "../es-error.ts";
import { toTexts } from "../json/coerce.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import { collectRaw } from "../search/fields/reader.ts";
import { compileSourceFilter } from "../search/fetch/source-filter.ts";
import type { Cluster } from "../store/cluster.ts";
import { EnrichCopy, type EnrichDocument, type EnrichPolicy } from "../store/enrich-policies.ts";
import { resolveIndices, resolveTargets, searchIndexOptions } from "../store/index-expression.ts";
import type { IndexState } from "../store/index-state.ts";
import { matchingDocuments } from "./search-run.ts";
import { scopeOf } from "./search-scope.ts";

/** `_enrich/policy`. */
export const enrichRoutes: readonly Route[] = [
  ...routesOf("enrich.put_policy", "required", ["PUT /_enrich/policy/{name}"], put),
  ...routesOf(
    "enrich.get_policy",
    "none",
    ["GET /_enrich/policy", "GET /_enrich/policy/{name}"],
    get,
  ),
  ...routesOf("enrich.delete_policy", "none", ["DELETE /_enrich/policy/{name}"], remove),
  ...routesOf(
    "enrich.execute_policy",
    "none",
    ["PUT,POST /_enrich/policy/{name}/_execute"],
    execute,
  ),
  ...routesOf("enrich.stats", "none", ["GET /_enrich/_stats"], stats),
];

const types = ["match", "geo_match", "range"];
const members = ["query", "indices", "match_field", "enrich_fields", "elasticsearch_version"];
const required = ["indices", "match_field", "enrich_fields"];

function put(request: EsRequest, cluster: Cluster): EsReply {
  const name = request.pathParameters["name"] ?? "";
  const policy = readPolicy(name, parseObjectBody(request.body) ?? {});
  const { enrichPolicies } = cluster.objects;
  if (name !== name.toLowerCase())
    throw illegalArgument(`Invalid policy name [${name}], must be lowercase`);
  if (enrichPolicies.has(name))
    throw new EsError(400, "resource_already_exists_exception", `policy [${name}] already exists`);
  for (const index of resolveIndices(cluster, policy.indices.join(","), searchIndexOptions))
    checkFields(policy, index);
  enrichPolicies.set(name, policy);
  return jsonReply({ acknowledged: true });
}

function readPolicy(name: string, body: JsonObject): EnrichPolicy {
  const [type = "", given] = Object.entries(body)[0] ?? [];
  if (!types.includes(type))
    throw illegalArgument(
      `unsupported policy type [${type}], supported types are [${types.join(", ")}]`,
    );
  if (type !== "match") throw notSupported(`an enrich policy of the type [${type}]`);
  const policy = isObject(given) ? given : {};
  for (const key of Object.keys(policy)) {
    if (!members.includes(key))
      throw xContentParseException(`[policy] unknown field [${key}]`).at(policy, key, "key");
  }
  const missing = required.filter((key) => policy[key] === undefined);
  if (missing.length > 0) throw illegalArgument(`Required [${missing.join(", ")}]`);
  const { query } = policy;
  return {
    name,
    indices: toTexts(policy["indices"]),
    query: isObject(query) ? query : undefined,
    matchField: textOf(policy["match_field"]),
    enrichFields: toTexts(policy["enrich_fields"]),
    copy: undefined,
  };
}

/** @throws {EsError} 500, as the server answers, for a mapping that has no such match field */
function checkFields(policy: EnrichPolicy, index: IndexState): void {
  const { name, matchField } = policy;
  if (index.mappings.properties.size === 0)
    throw failure(
      `Enrich policy execution for [${name}] failed. Could not read mapping for source [${index.name}] included by pattern [${policy.indices.join(", ")}]`,
    );
  if (index.mappings.find(matchField) !== undefined) return;
  const parts = matchField.split(".");
  const field = parts.pop() ?? matchField;
  const parent = parts.length === 0 ? "root" : parts.join(".");
  throw failure(
    `Enrich policy execution for [${name}] failed while validating field mappings for index [${index.name}]`,
    {
      caused_by: {
        type: "exception",
        reason: `Could not traverse mapping to field [${matchField}]. Could not find the [${field}] field under [${parent}]`,
      },
    },
  );
}

function failure(reason: string, extra: Record<string, unknown> = {}): EsError {
  return new EsError(500, "exception", reason, extra);
}

function get(request: EsRequest, cluster: Cluster): EsReply {
  const { enrichPolicies } = cluster.objects;
  const given = request.pathParameters["name"];
  const names = given === undefined ? [...enrichPolicies.keys()] : given.split(",");
  const found = [...new Set(names)].flatMap((name) => enrichPolicies.get(name) ?? []);
  return jsonReply({ policies: found.map((policy) => ({ config: { match: shown(policy) } })) });
}

function shown(policy: EnrichPolicy): JsonObject {
  const { name, indices, query, matchField, enrichFields } = policy;
  return {
    name,
    ...(query === undefined ? {} : { query }),
    indices,
    match_field: matchField,
    enrich_fields: enrichFields,
  };
}

function find(request: EsRequest, cluster: Cluster, verb: string): EnrichPolicy {
  const name = request.pathParameters["name"] ?? "";
  const policy = cluster.objects.enrichPolicies.get(name);
  if (policy !== undefined) return policy;
  throw new EsError(404, "resource_not_found_exception", `policy [${name}] ${verb}`);
}

function remove(request: EsRequest, cluster: Cluster): EsReply {
  const { name } = find(request, cluster, "not found");
  const users = [...cluster.objects.pipelines]
    .filter(([, { definition }]) => isUsedBy(definition, name))
    .map(([id]) => id);
  if (users.length > 0)
    throw new EsError(
      409,
      "status_exception",
      `Could not delete policy [${name}] because a pipeline is referencing it [${users.join(", ")}]`,
    );
  cluster.objects.enrichPolicies.delete(name);
  return jsonReply({ acknowledged: true });
}

/** True when a processor of a pipeline, however deep it stands, is an `enrich` of the policy. */
function isUsedBy(part: unknown, policy: string): boolean {
  if (Array.isArray(part)) return part.some((item) => isUsedBy(item, policy));
  if (!isObject(part)) return false;
  const { enrich } = part;
  if (isObject(enrich) && enrich["policy_name"] === policy) return true;
  return Object.values(part).some((item) => isUsedBy(item, policy));
}

function execute(request: EsRequest, cluster: Cluster): EsReply {
  const policy = find(request, cluster, "does not exist");
  if (!request.query.flag("wait_for_completion", true))
    throw notSupported("[wait_for_completion=false] of [enrich.execute_policy]");
  const targets = resolveTargets(cluster, policy.indices.join(","), searchIndexOptions);
  refuseViews(
    cluster,
    targets.map(({ index }) => index),
    "[enrich.execute_policy]",
  );
  for (const { index } of targets) checkFields(policy, index);
  const fields = [policy.matchField, ...policy.enrichFields];
  const keep = compileSourceFilter(fields);
  const path = policy.matchField.split(".");
  const documents: EnrichDocument[] = [];
  for (const { shard, document } of matchingDocuments(
    cluster,
    scopeOf(cluster, targets),
    policy.query,
  )) {
    const raw: unknown[] = [];
    collectRaw(document.source, path, 0, raw);
    const kept = keep(document.source);
    const keys = raw.filter((value) => value !== null).map(textOf);
    const own = isObject(kept) ? kept : {};
    documents.push({ fields: own, keys, document, index: shard.state });
  }
  policy.copy = new EnrichCopy(
    documents,
    targets.map(({ index }) => index),
  );
  return jsonReply({ status: { phase: "COMPLETE" } });
}

/** Policies are executed in the request, and looked up without a search or a cache. */
function stats(_request: EsRequest, cluster: Cluster): EsReply {
  const ofNodes = (names: string): Record<string, unknown>[] =>
    cluster.nodes.map(({ id }) => ({
      node_id: id,
      ...Object.fromEntries(names.split(" ").map((name) => [name, 0])),
    }));
  return jsonReply({
    executing_policies: [],
    coordinator_stats: ofNodes(
      "queue_size remote_requests_current remote_requests_total executed_searches_total",
    ),
    cache_stats: ofNodes(
      "count hits misses evictions hits_time_in_millis misses_time_in_millis size_in_bytes",
    ),
  });
}
