import type { estypes } from "@elastic/elasticsearch";
import { EsError, illegalArgument } from "../es-error.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { parseMapBody } from "../json/json-body.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { simplePattern } from "../text/simple-pattern.ts";
import { renderField } from "../store/field-node.ts";
import { renderWithDefaults } from "../store/parameter-defaults.ts";
import { resolveIndices } from "../store/index-expression.ts";
import type { IndexState } from "../store/index-state.ts";
import { checkBlocks, checkClusterBlocks } from "../store/block-checks.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import { viewOf } from "../store/index-view.ts";
import type { Mappings } from "../store/mappings.ts";
import { metadataOptions } from "./indices.ts";

/** Reading and extending mappings. */
export const mappingRoutes: readonly Route[] = [
  ...routesOf(
    "indices.get_mapping",
    "none",
    ["GET /_mapping", "GET /_mappings", "GET /{index}/_mapping", "GET /{index}/_mappings"],
    getMapping,
  ),
  ...routesOf(
    "indices.put_mapping",
    "required",
    ["PUT,POST /{index}/_mapping", "PUT,POST /{index}/_mappings"],
    putMapping,
  ),
  ...routesOf(
    "indices.get_field_mapping",
    "none",
    ["GET /_mapping/field/{fields}", "GET /{index}/_mapping/field/{fields}"],
    getFieldMapping,
  ),
];

function getMapping(request: EsRequest, cluster: Cluster): EsReply {
  const options = readIndexOptions(request.query, { ...metadataOptions, expandClosed: false });
  const value: Record<string, { mappings: Record<string, unknown> }> = {};
  const indices = resolveIndices(cluster, request.pathParameters["index"], options);
  checkBlocks(indices, "metadata_read");
  for (const index of indices) {
    value[index.name] = {
      mappings: (viewOf(cluster, index, "indices:admin/mappings/get") ?? index).mappings.render(),
    };
  }
  return jsonReply(value);
}

function putMapping(request: EsRequest, cluster: Cluster): EsReply {
  const body = parseMapBody(request.body);
  if (body["_doc"] !== undefined)
    throw illegalArgument("Types cannot be provided in put mapping requests");
  const options = readIndexOptions(request.query, { ...metadataOptions, allowNoIndices: false });
  const indices = resolveIndices(cluster, request.pathParameters["index"], options);
  checkClusterBlocks(cluster, "metadata_write");
  checkBlocks(indices, "metadata_write");
  // A mapping that any of the indices refuses must change none.
  const changes = indices.map((index) => index.mappings.prepare(body, index.nextWrite));
  for (const change of changes) change();
  cluster.stateVersion++;
  const value: estypes.IndicesPutMappingResponse = { acknowledged: true };
  return jsonReply(value);
}

/** Fields that every index has. */
const metadataFields: readonly string[] =
  "_data_stream_timestamp _doc_count _field_names _id _ignored _ignored_source _index _index_mode _nested_path _routing _seq_no _source _version".split(
    " ",
  );

function getFieldMapping(request: EsRequest, cluster: Cluster): EsReply {
  const options = readIndexOptions(request.query, { ...metadataOptions, expandClosed: false });
  const showsDefaults = request.query.flag("include_defaults", false);
  const patterns = (request.pathParameters["fields"] ?? "").split(",").map(simplePattern);
  const value: Record<string, { mappings: Record<string, unknown> }> = {};
  const indices = resolveIndices(cluster, request.pathParameters["index"], options);
  // What its block hides is not there.
  const isHidden = ({ settings }: IndexState): boolean =>
    settings.blocks.some(({ levels }) => levels.includes("metadata_read"));
  // A closed one has no fields to ask.
  const shown = indices.filter((index) => !index.isClosed && !isHidden(index));
  for (const index of shown) {
    const { mappings } = viewOf(cluster, index, "indices:admin/mappings/fields/get") ?? index;
    value[index.name] = {
      mappings: index.mappings.isDefined ? fieldMappings(mappings, patterns, showsDefaults) : {},
    };
  }
  return jsonReply(value, shown.length === 0 ? 404 : 200);
}

function fieldMappings(
  mappings: Mappings,
  patterns: readonly RegExp[],
  showsDefaults: boolean,
): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  const { _source: source, _routing: routing } = mappings.render();
  const rendered: Record<string, unknown> = {
    ...(source === undefined ? {} : { _source: { _source: source } }),
    ...(routing === undefined ? {} : { _routing: { _routing: routing } }),
  };
  for (const name of metadataFields)
    if (patterns.some((pattern) => pattern.test(name)))
      found[name] = { full_name: name, mapping: rendered[name] ?? {} };
  for (const [name, node] of mappings.fields()) {
    if (node.properties !== undefined || !patterns.some((pattern) => pattern.test(name))) continue;
    const leaf = name.slice(name.lastIndexOf(".") + 1);
    const shown = showsDefaults ? renderWithDefaults(node) : renderField(node);
    found[name] = { full_name: name, mapping: { [leaf]: shown } };
  }
  return found;
}

/** 404 with a body that still lists what was found, as alias and template requests answer. */
export function partlyMissing(reason: string, found: Readonly<Record<string, unknown>>): EsReply {
  return { ...jsonReply({ error: reason, status: 404, ...found }, 404), isWhole: false };
}

/** 404 `resource_not_found_exception`. */
export function resourceNotFound(reason: string): EsError {
  return new EsError(404, "resource_not_found_exception", reason);
}
