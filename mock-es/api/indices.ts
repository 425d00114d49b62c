import { viewOf } from "../store/index-view.ts";
import type { estypes } from "@elastic/elasticsearch";
import { EsError, illegalArgument } from "../es-error.ts";
import type { QueryParameters } from "../rest/query-parameters.ts";
import { checkAliasDefinitions, checkAliasFilter, checkParts } from "./alias-definitions.ts";
import { emptyReply, jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { parseMapBody } from "../json/json-body.ts";
import { isObject } from "../json/json-value.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { resolveDateMath } from "../store/date-math-name.ts";
import { requireNames, resolveIndices, searchIndexOptions } from "../store/index-expression.ts";
import type { IndexOptions } from "../store/index-options.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import { checkBlocks, checkClusterBlocks } from "../store/block-checks.ts";
import { checkTimeouts, readActiveShards } from "./write-parameters.ts";
import type { IndexState } from "../store/index-state.ts";
import { renderSettings } from "./index-settings.ts";
import { warningHeader } from "../rest/warning.ts";

/** Create, delete, get, exists, open and close of indices. */
export const indexRoutes: readonly Route[] = [
  ...routesOf("indices.create", "optional", ["PUT /{index}"], create),
  ...routesOf("indices.delete", "none", ["DELETE /{index}"], remove),
  ...routesOf("indices.get", "none", ["GET /{index}"], get),
  ...routesOf("indices.exists", "none", ["HEAD /{index}"], exists),
  ...routesOf("indices.open", "optional", ["POST /{index}/_open"], (request, cluster) =>
    toggle(request, cluster, false),
  ),
  ...routesOf("indices.close", "optional", ["POST /{index}/_close"], (request, cluster) =>
    toggle(request, cluster, true),
  ),
];

/** Requests about indices themselves see closed ones too. */
export const metadataOptions: IndexOptions = {
  ...searchIndexOptions,
  expandClosed: true,
  forbidClosed: false,
};
const deleteOptions: IndexOptions = {
  ...metadataOptions,
  allowAliases: false,
  includesDataStreams: false,
};

const createMembers: ReadonlySet<string> = new Set(["settings", "mappings", "aliases"]);

function create(request: EsRequest, cluster: Cluster): EsReply {
  const body = parseMapBody(request.body);
  for (const name of Object.keys(body)) {
    if (!createMembers.has(name)) {
      throw new EsError(400, "parse_exception", `unknown key [${name}] for create index`);
    }
  }
  checkParts(body);
  const { mappings } = body;
  if (isObject(mappings) && Object.keys(mappings).join() === "_doc")
    throw illegalArgument("The mapping definition cannot be nested under a type [_doc].");
  if (isObject(body["aliases"])) checkAliasDefinitions(body["aliases"]);
  const { query } = request;
  checkTimeouts(query);
  const name = resolveDateMath(cluster, request.pathParameters["index"] ?? "");
  const aliases = Object.keys(isObject(body["aliases"]) ? body["aliases"] : {});
  cluster.beginAction();
  if (aliases.includes(name))
    throw illegalArgument(`alias name [${name}] self-conflicts with index name`);
  if (aliases.length > 0) {
    cluster.access?.check([name], "indices:admin/aliases");
    cluster.access?.checkAliases(aliases, "indices:admin/aliases");
  }
  const index = cluster.createIndex(name, body);
  try {
    for (const [alias, metadata] of index.aliases)
      checkAliasFilter(cluster, index, alias, metadata);
  } catch (error) {
    cluster.deleteIndex(index);
    throw error;
  }
  const wanted = readActiveShards(query.text("wait_for_active_shards"), index) ?? 1;
  const value: estypes.IndicesCreateResponse = {
    acknowledged: true,
    shards_acknowledged: wanted <= 1,
    index: index.name,
  };
  if (!name.startsWith(".") || index.settings.isHidden) return jsonReply(value);
  const message = `index name [${name}] starts with a dot '.', in the next major version, index names starting with a dot are reserved for hidden indices and system indices`;
  return jsonReply(value, 200, warningHeader(cluster, message));
}

function remove(request: EsRequest, cluster: Cluster): EsReply {
  const expression = request.pathParameters["index"] ?? "";
  requireNames(expression, "index / indices is missing");
  checkDestructive(cluster, expression);
  const options = readIndexOptions(request.query, deleteOptions);
  const indices = resolveIndices(cluster, expression, options);
  checkClusterBlocks(cluster, "metadata_write");
  checkBlocks(indices, "metadata_write");
  for (const index of indices) cluster.deleteIndex(index);
  const value: estypes.IndicesDeleteResponse = { acknowledged: true };
  return jsonReply(value);
}

function get(request: EsRequest, cluster: Cluster): EsReply {
  const features = featuresOf(request.query);
  const indices = resolveIndices(
    cluster,
    request.pathParameters["index"],
    readIndexOptions(request.query, { ...metadataOptions, expandClosed: false }),
  );
  checkBlocks(indices, "metadata_read");
  const value: Record<string, Record<string, unknown>> = {};
  for (const index of indices) {
    value[index.name] = {
      aliases: features.has("aliases") ? Object.fromEntries(index.aliases) : {},
      mappings: features.has("mappings")
        ? (viewOf(cluster, index, "indices:admin/get") ?? index).mappings.render()
        : {},
      settings: features.has("settings") ? renderSettings(request, index) : {},
      ...(index.dataStream === undefined ? {} : { data_stream: index.dataStream.name }),
    };
  }
  return jsonReply(value);
}

const allFeatures: readonly string[] = ["aliases", "mappings", "settings"];

/** What an index is asked about. @throws {EsError} 400 for something else */
function featuresOf(query: QueryParameters): ReadonlySet<string> {
  const given = query.text("features");
  if (given === undefined) return new Set(allFeatures);
  const wrong = given.split(",").filter((name) => !allFeatures.includes(name));
  if (wrong.length > 0) throw illegalArgument(`Invalid features specified [${wrong.join(",")}]`);
  return new Set(given.split(","));
}

function exists(request: EsRequest, cluster: Cluster): EsReply {
  const expression = request.pathParameters["index"];
  const options = readIndexOptions(request.query, { ...metadataOptions, allowNoIndices: true });
  const found = resolveIndices(cluster, expression, options);
  // The server counts the body that GET would have; only `features` has no meaning here.
  const isAnswered = options.ignoreUnavailable || (expression ?? "").includes("*");
  return found.length > 0 || isAnswered ? get(request, cluster) : emptyReply(404);
}

function toggle(request: EsRequest, cluster: Cluster, closes: boolean): EsReply {
  requireNames(request.pathParameters["index"], "index is missing");
  const options = readIndexOptions(request.query, {
    ...metadataOptions,
    includesDataStreams: !closes,
    expandOpen: closes,
    expandClosed: !closes,
  });
  const indices = resolveIndices(cluster, request.pathParameters["index"], options);
  checkDestructive(cluster, request.pathParameters["index"] ?? "");
  checkClusterBlocks(cluster, "metadata_write");
  checkBlocks(indices, "metadata_write");
  const results: Record<string, { closed: boolean }> = {};
  for (const index of indices) {
    if (closes && !index.isClosed) results[index.name] = { closed: true };
    setClosed(index, closes);
  }
  cluster.stateVersion++;
  if (!closes) {
    const opened: estypes.IndicesOpenResponse = { acknowledged: true, shards_acknowledged: true };
    return jsonReply(opened);
  }
  const closed: estypes.IndicesCloseResponse = {
    acknowledged: true,
    shards_acknowledged: Object.keys(results).length > 0,
    indices: results,
  };
  return jsonReply(closed);
}

/**
 * Refuses patterns for what cannot be undone, unless `action.destructive_requires_name` is off.
 *
 * @throws {EsError} 400
 */
function checkDestructive(cluster: Cluster, expression: string): void {
  if (cluster.setting("action.destructive_requires_name") === "false" || expression === "*,-*")
    return;
  // Security has put names in the place of patterns before.
  if (cluster.access !== undefined) return;
  const names = expression.split(",");
  if (expression === "" || names.some((name) => name === "_all" || name.includes("*")))
    throw illegalArgument("Wildcard expressions or all indices are not allowed");
}

function setClosed(index: IndexState, closes: boolean): void {
  index.isClosed = closes;
  if (closes) index.flush();
  if (closes) index.settings.set("index.verified_before_close", "true");
  else index.settings.unset("index.verified_before_close");
}
