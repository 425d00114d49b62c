/** What fields there are, and what can be done with them. */
import type { estypes } from "@elastic/elasticsearch";
import { validationFailed } from "../es-error.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { routesOf, type Route } from "../rest/route.ts";
import { compileQuery } from "../search/queries/query.ts";
import type { Cluster } from "../store/cluster.ts";
import { simplePattern } from "../text/simple-pattern.ts";
import type { FieldNode } from "../store/field-node.ts";
import { resolveIndices, searchIndexOptions } from "../store/index-expression.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import { checkBlocks } from "../store/index-blocks.ts";
import type { IndexState } from "../store/index-state.ts";
import { toTexts } from "../json/coerce.ts";
import { isObject as isJsonObject } from "../json/json-value.ts";

/** `_field_caps`. */
export const fieldCapsRoutes: readonly Route[] = [
  ...routesOf(
    "field_caps",
    "optional",
    ["GET,POST /_field_caps", "GET,POST /{index}/_field_caps"],
    fieldCaps,
  ),
];

const metadataFields: Readonly<
  Record<string, readonly [type: string, searchable: boolean, aggregatable: boolean]>
> = {
  _id: ["_id", true, false],
  _index: ["_index", true, true],
  _source: ["_source", false, false],
  _routing: ["_routing", true, false],
  _seq_no: ["_seq_no", true, true],
  _version: ["_version", false, true],
  _ignored: ["_ignored", true, true],
  _field_names: ["_field_names", true, false],
  _nested_path: ["_nested_path", true, false],
  _doc_count: ["integer", false, false],
  _tier: ["keyword", true, true],
};

/**
 * `inference` (fields that a model fills) is newer than the client's type; the mock has no such
 * fields.
 */
type Capability = Omit<estypes.FieldCapsFieldCapability, "meta"> & {
  readonly inference?: boolean;
  readonly meta?: Metadata;
};

/** Values of `meta` by name. */
type Metadata = Readonly<Record<string, readonly string[]>>;

function fieldCaps(request: EsRequest, cluster: Cluster): EsReply {
  const body = parseObjectBody(request.body) ?? {};
  const fields = request.query.list("fields") ?? toTexts(body["fields"]);
  if (fields.length === 0) throw validationFailed("no fields specified");
  const patterns = fields.map(simplePattern);
  const options = readIndexOptions(request.query, searchIndexOptions);
  const all = resolveIndices(cluster, request.pathParameters["index"], options);
  checkBlocks(all, "read");
  const indices = all.filter((index) => passes(cluster, index, body["index_filter"]));
  const types = request.query.list("types");
  const byField = new Map<string, Map<string, { capability: Capability; indices: string[] }>>();
  const isAsked = (name: string): boolean => patterns.some((pattern) => pattern.test(name));
  // An object is told of with the fields in it that are asked for.
  const isWanted = (index: IndexState, name: string): boolean =>
    isAsked(name) ||
    (index.mappings.find(name)?.properties !== undefined &&
      [...index.mappings.fields().keys()].some((f) => f.startsWith(`${name}.`) && isAsked(f)));
  for (const index of indices) {
    for (const [name, capability] of capabilitiesOf(index)) {
      if (!isWanted(index, name)) continue;
      if (types !== undefined && !types.includes(capability.type)) continue;
      const ofField =
        byField.get(name) ?? new Map<string, { capability: Capability; indices: string[] }>();
      byField.set(name, ofField);
      const known = ofField.get(capability.type);
      if (known === undefined) ofField.set(capability.type, { capability, indices: [index.name] });
      else {
        known.indices.push(index.name);
        known.capability = { ...known.capability, ...mergedMeta(known.capability, capability) };
      }
    }
  }
  const unmapped = request.query.flag("include_unmapped", false);
  const value = {
    indices: indices.map((index) => index.name).sort(),
    fields: Object.fromEntries(
      [...byField.keys()]
        .sort()
        .map((name) => [name, renderField(byField.get(name) ?? new Map(), indices, unmapped)]),
    ),
  };
  return jsonReply(value);
}

/** What the mappings say of a field beside its type: the values of all indices. */
function mergedMeta(a: Capability, b: Capability): { readonly meta?: Metadata } {
  const merged: Record<string, string[]> = {};
  for (const { meta } of [a, b])
    for (const [name, values] of Object.entries(meta ?? {}))
      merged[name] = [...new Set([...(merged[name] ?? []), ...values])].sort();
  return Object.keys(merged).length === 0 ? {} : { meta: merged };
}

/** True when a document of an index fits a filter, or there is none. */
export function passes(cluster: Cluster, index: IndexState, filter: unknown): boolean {
  if (filter === undefined) return true;
  const score = compileQuery(filter, index.mappings, {
    index: index.name,
    nowMs: cluster.entropy.nowMs(),
  });
  for (const shard of index.shards)
    for (const document of shard.seen()) if (score(document) >= 0) return true;
  return false;
}

function renderField(
  types: ReadonlyMap<string, { capability: Capability; indices: string[] }>,
  all: readonly IndexState[],
  includeUnmapped: boolean,
): Record<string, Capability> {
  const rendered: Record<string, Capability> = {};
  const mapped = new Set([...types.values()].flatMap((entry) => entry.indices));
  const rest = all.map((index) => index.name).filter((name) => !mapped.has(name));
  for (const [type, { capability, indices }] of types) {
    rendered[type] =
      types.size > 1 || (includeUnmapped && rest.length > 0)
        ? { ...capability, indices }
        : capability;
  }
  if (includeUnmapped && rest.length > 0) {
    rendered["unmapped"] = {
      type: "unmapped",
      metadata_field: false,
      searchable: false,
      aggregatable: false,
      indices: rest,
    };
  }
  return rendered;
}

function* capabilitiesOf(index: IndexState): Iterable<[string, Capability]> {
  for (const [name, [type, searchable, aggregatable]] of Object.entries(metadataFields)) {
    yield [name, { type, metadata_field: true, searchable, aggregatable, inference: false }];
  }
  for (const [name, node] of index.mappings.fields()) yield [name, capabilityOf(node)];
}

function capabilityOf(node: FieldNode): Capability {
  const { type, parameters, properties } = node;
  const isObject = properties !== undefined;
  const isText = type === "text" || type === "match_only_text" || type === "search_as_you_type";
  return {
    type:
      type === "match_only_text"
        ? "text"
        : type === "constant_keyword" || type === "wildcard"
          ? "keyword"
          : type,
    metadata_field: false,
    searchable: !isObject && parameters["index"] !== false,
    aggregatable:
      !isObject &&
      type !== "dense_vector" &&
      (isText ? parameters["fielddata"] === true : parameters["doc_values"] !== false),
    inference: false,
    ...metaOf(parameters["meta"]),
  };
}

function metaOf(meta: unknown): { readonly meta?: Metadata } {
  if (!isJsonObject(meta) || Object.keys(meta).length === 0) return {};
  const entries = Object.entries(meta).map(([name, value]) => [name, toTexts(value)]);
  return { meta: Object.fromEntries(entries) as Metadata };
}
