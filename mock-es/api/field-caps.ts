/** What fields there are, and what can be done with them. */
import { parentsOf as parentsOfRelations } from "../search/fields/join-field.ts";
import { viewOf } from "../store/index-view.ts";
import type { estypes } from "@elastic/elasticsearch";
import { illegalArgument, validationFailed } from "../es-error.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { parseShape, type Shape } from "../json/object-parser.ts";
import { findUnreadable } from "../search/shard-search.ts";
import { routesOf, type Route } from "../rest/route.ts";
import { mayPass } from "./can-match.ts";
import type { Cluster } from "../store/cluster.ts";
import { simplePattern } from "../text/simple-pattern.ts";
import type { FieldNode } from "../store/field-node.ts";
import { resolveIndices, searchIndexOptions } from "../store/index-expression.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import { checkBlocks } from "../store/block-checks.ts";
import type { IndexState } from "../store/index-state.ts";
import { toTexts } from "../json/coerce.ts";
import { isObject as isJsonObject, type JsonObject, textOf } from "../json/json-value.ts";
import { mapperParsing } from "../store/mapping-problem.ts";
import { checkRuntimeFields } from "../search/runtime-fields.ts";

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
  _data_stream_timestamp: ["_data_stream_timestamp", false, false],
  _ignored_source: ["_ignored_source", false, false],
  _index_mode: ["_index_mode", true, true],
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

/** What a body asks for. */
interface Asked {
  readonly fields?: readonly string[];
  readonly index_filter?: unknown;
  readonly runtime_mappings?: JsonObject;
}

const shape: Shape<Asked> = {
  name: "field_caps_request",
  members: {
    fields: { kind: "strings", isSetLater: true, read: readFields },
    index_filter: { kind: "object", isSetLater: true, read: readFilter },
    runtime_mappings: { kind: "object", isSetLater: true },
  },
  build: (values): Asked => values,
};

function readFields(value: unknown, holder: JsonObject, key: string): unknown {
  if ((value as readonly string[]).length > 0) return value;
  const list = holder[key] as object;
  throw illegalArgument("specified fields can't be null or empty").standingAt(
    list,
    undefined,
    "end",
  );
}

function readFilter(value: unknown): unknown {
  const problem = findUnreadable({ query: value });
  if (problem !== undefined) throw problem;
  return value;
}

function fieldCaps(request: EsRequest, cluster: Cluster): EsReply {
  const body = parseShape(shape, parseObjectBody(request.body) ?? {});
  if (request.query.has("fields") && body.fields !== undefined)
    throw illegalArgument(
      "can't specify a request body and [fields] request parameter, either specify a request body or the [fields] request parameter",
    );
  const fields = request.query.list("fields") ?? body.fields ?? [];
  if (request.query.list("fields")?.length === 0)
    throw illegalArgument("specified fields can't be null or empty");
  if (fields.length === 0) throw validationFailed("no fields specified");
  cluster.beginAction();
  const runtimeFields = body.runtime_mappings ?? {};
  checkRuntimeFields(runtimeFields, mapperParsing, false);
  const patterns = fields.map(simplePattern);
  const options = readIndexOptions(request.query, searchIndexOptions);
  const all = resolveIndices(cluster, request.pathParameters["index"], options);
  checkBlocks(all, "read");
  const indices = all.filter((index) => mayPass(cluster, index, body.index_filter));
  const types = request.query.list("types") ?? [];
  const byField = new Map<string, Map<string, { capability: Capability; indices: string[] }>>();
  const filter = createFilter(request.query.list("filters") ?? []);
  const isAsked = (index: IndexState, name: string, capability: Capability): boolean =>
    patterns.some((pattern) => pattern.test(name)) &&
    (types.length === 0 || types.includes(capability.type)) &&
    filter.takes(index, name, capability);
  for (const index of indices) {
    const granted = viewOf(cluster, index, "indices:data/read/field_caps")?.mappings;
    const isSeen = (name: string): boolean => {
      const node = index.mappings.find(name);
      // Of an alias its field has to be granted.
      const field = node?.type === "alias" ? String(node.parameters["path"]) : name;
      return granted === undefined || node === undefined || granted.fields().has(field);
    };
    const capabilities = capabilitiesOf(index, {
      ...index.mappings.runtimeFields,
      ...runtimeFields,
    });
    const all = new Map([...capabilities].filter(([name]) => isSeen(name)));
    const asked = new Set<string>();
    for (const [name, capability] of all) {
      if (index.mappings.find(name)?.properties !== undefined) continue;
      if (!isAsked(index, name, capability)) continue;
      asked.add(name);
      // An object is told of with the fields in it that are asked for.
      if (filter.takesParents) for (const parent of parentsOf(name)) asked.add(parent);
    }
    for (const [name, capability] of all) {
      const isParent = index.mappings.find(name)?.properties !== undefined;
      const isMultiParent = !isParent && !isAsked(index, name, capability);
      if (!asked.has(name) || isMultiParent) continue;
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

interface CapabilityFilter {
  readonly takes: (index: IndexState, name: string, capability: Capability) => boolean;
  readonly takesParents: boolean;
}

const knownFilters: readonly string[] = [
  "+metadata",
  "-metadata",
  "-multifield",
  "-nested",
  "-parent",
];

/** Compiles `filters`. @throws {EsError} 400 for one that does not exist */
function createFilter(filters: readonly string[]): CapabilityFilter {
  for (const filter of filters)
    if (!knownFilters.includes(filter))
      throw illegalArgument(`Unknown field caps filter [${filter}]`);
  const has = (filter: string): boolean => filters.includes(filter);
  return {
    takes: (index, name, { metadata_field: isMetadata }) => {
      if (isMetadata === true ? has("-metadata") : has("+metadata")) return false;
      const parents = parentsOf(name).map((parent) => index.mappings.find(parent));
      if (has("-nested") && parents.some((parent) => parent?.type === "nested")) return false;
      return !has("-multifield") || parents.every((parent) => parent?.fields.size === 0);
    },
    takesParents: !has("-parent"),
  };
}

/** The names of what a field is in: `a.b` and `a` of `a.b.c`. */
function parentsOf(name: string): string[] {
  const parents: string[] = [];
  for (let dot = name.lastIndexOf("."); dot > 0; dot = name.lastIndexOf(".", dot - 1))
    parents.push(name.slice(0, dot));
  return parents;
}

/** What the mappings say of a field beside its type: the values of all indices. */
function mergedMeta(a: Capability, b: Capability): { readonly meta?: Metadata } {
  const merged: Record<string, string[]> = {};
  for (const { meta } of [a, b])
    for (const [name, values] of Object.entries(meta ?? {}))
      merged[name] = [...new Set([...(merged[name] ?? []), ...values])].sort();
  return Object.keys(merged).length === 0 ? {} : { meta: merged };
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

const objectCapability: Capability = {
  type: "object",
  metadata_field: false,
  searchable: false,
  aggregatable: false,
  inference: false,
};

function runtimeCapability(definition: JsonObject): Capability {
  const type = textOf(definition["type"]);
  const flags = { metadata_field: false, searchable: true, aggregatable: true, inference: false };
  return { type, ...flags, ...metaOf(definition["meta"]) };
}

/** Of the field with ids of parents. */
const parentIdCapability: Capability = {
  type: "parent",
  metadata_field: false,
  searchable: true,
  aggregatable: true,
  inference: false,
};

function* capabilitiesOf(index: IndexState, runtime: JsonObject): Iterable<[string, Capability]> {
  const metadata = index.mappings.isDefined ? Object.entries(metadataFields) : [];
  for (const [name, [type, searchable, aggregatable]] of metadata) {
    yield [name, { type, metadata_field: true, searchable, aggregatable, inference: false }];
  }
  const { mappings } = index;
  for (const [name, node] of mappings.fields()) {
    // An alias is told as the field that it stands for.
    const target = node.type === "alias" ? mappings.find(textOf(node.parameters["path"])) : node;
    if (target !== undefined) yield [name, capabilityOf(target)];
    if (node.type === "join")
      for (const parent of new Set(parentsOfRelations(node.parameters["relations"]).values()))
        yield [`${name}#${parent}`, parentIdCapability];
  }
  for (const [name, definition] of Object.entries(runtime)) {
    for (const parent of parentsOf(name))
      if (mappings.find(parent) === undefined) yield [parent, objectCapability];
    if (isJsonObject(definition)) yield [name, runtimeCapability(definition)];
  }
}

/** Fields are searched by their doc values where they are not indexed. */
function isSearchable({ type, parameters }: FieldNode): boolean {
  if (type === "binary") return parameters["doc_values"] === true;
  if (parameters["index"] !== false) return true;
  return !isText(type) && type !== "dense_vector" && parameters["doc_values"] !== false;
}

function isAggregatable({ type, parameters }: FieldNode): boolean {
  if (type === "dense_vector" || type === "sparse_vector" || type === "completion") return false;
  if (type === "binary") return parameters["doc_values"] === true;
  return isText(type) ? parameters["fielddata"] === true : parameters["doc_values"] !== false;
}

function isText(type: string): boolean {
  return type === "text" || type === "match_only_text" || type === "search_as_you_type";
}

/** The family of types by which fields are told. */
function familyOf(type: string): string {
  if (type === "match_only_text") return "text";
  return type === "constant_keyword" || type === "wildcard" ? "keyword" : type;
}

function capabilityOf(node: FieldNode): Capability {
  const { type, parameters, properties } = node;
  const isLeaf = properties === undefined;
  return {
    type: familyOf(type),
    metadata_field: false,
    searchable: isLeaf && isSearchable(node),
    aggregatable: isLeaf && isAggregatable(node),
    inference: false,
    ...metaOf(parameters["meta"]),
  };
}

function metaOf(meta: unknown): { readonly meta?: Metadata } {
  if (!isJsonObject(meta) || Object.keys(meta).length === 0) return {};
  const entries = Object.entries(meta).map(([name, value]) => [name, toTexts(value)]);
  return { meta: Object.fromEntries(entries) as Metadata };
}
