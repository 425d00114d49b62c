/** `_termvectors` and `_mtermvectors`. */
import { refuseViews } from "../store/index-view.ts";
import type { Analyzer } from "../analysis/token.ts";
import { EsError, notSupported, validationFailed } from "../es-error.ts";
import { toText, toTexts } from "../json/coerce.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { isObject, type JsonObject, jsonText } from "../json/json-value.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import type { QueryParameters } from "../rest/query-parameters.ts";
import { routesOf, type Route } from "../rest/route.ts";
import {
  defaultLimits,
  type SearchContext,
  type SearchDocument,
} from "../search/fields/document.ts";
import { checkValue } from "../search/fields/value-check.ts";
import { type TermVectorOptions, termVectors } from "../search/term-vectors.ts";
import type { Cluster } from "../store/cluster.ts";
import type { VersionType } from "../store/document-write.ts";
import type { IndexState } from "../store/index-state.ts";
import { readTarget } from "../store/write-target.ts";
import {
  readMultiTermVectors,
  readTermVectorBody,
  termVectorFlags,
  unparsable,
} from "./term-vector-body.ts";
import { denialsByShard, type DocumentPlace, refusedName } from "./shard-denials.ts";
import { readTermFilter } from "./term-vector-filter.ts";
import { findDocument, readReadOptions, type ReadOptions } from "./get-document.ts";

/** Terms of one document, and of several. */
export const termVectorRoutes: readonly Route[] = [
  ...routesOf(
    "termvectors",
    "optional",
    ["GET,POST /{index}/_termvectors", "GET,POST /{index}/_termvectors/{id}"],
    one,
  ).map((route) => ({ ...route, indicesIn: ({ body }: EsRequest) => indexIn(body) })),
  ...routesOf(
    "mtermvectors",
    "optional",
    ["GET,POST /_mtermvectors", "GET,POST /{index}/_mtermvectors"],
    several,
  ),
];

/** One document that is asked about. */
interface Wanted {
  readonly index: string;
  readonly id: string | undefined;
  readonly body: JsonObject;
  readonly options: ReadOptions;
}

/** The index that a body names in the place of the path's. */
function indexIn(body: Buffer): string | undefined {
  const { _index: name } = parseObjectBody(body) ?? {};
  return name === undefined ? undefined : toText(name);
}

function one(request: EsRequest, cluster: Cluster): EsReply {
  const { index = "" } = request.pathParameters;
  const given = readTermVectorBody(parseObjectBody(request.body) ?? {});
  const body = { ...fromQuery(request.query), ...given };
  const options = readReadOptions(request.query);
  readTermFilter(body["filter"]);
  const id = idOf(request.pathParameters["id"], given);
  const name = given["_index"] === undefined ? index : toText(given["_index"]);
  return jsonReply(answer(cluster, { index: name, id, body, options }, request.startedMs));
}

function several(request: EsRequest, cluster: Cluster): EsReply {
  const body = parseObjectBody(request.body) ?? {};
  const index = request.pathParameters["index"];
  const options = readReadOptions(request.query);
  const { docs, ids } = readMultiTermVectors(body, fromQuery(request.query));
  const wanted: Wanted[] = [
    ...docs.map((doc) => {
      const id = idOf(undefined, doc);
      const name = doc["_index"] === undefined ? index : toText(doc["_index"]);
      return { index: name ?? "", id, body: doc, options };
    }),
    ...[...ids.names, ...(request.query.list("ids") ?? [])].map((id) => {
      return { index: index ?? "", id, body: ids.body, options };
    }),
  ];
  if (wanted.length === 0) throw validationFailed("multi term vectors: no documents requested");
  // Of several documents that are wrong the last one is told.
  const problems = wanted
    .map(({ index: name, id, body: { doc } }, at) => {
      const missing = [
        ...(name === "" ? ["index is missing"] : []),
        ...(id === undefined && doc === undefined ? ["id or doc is missing"] : []),
      ];
      return missing.length === 0 ? [] : [...missing, `at multi term vectors for doc ${at}`];
    })
    .findLast((missing) => missing.length > 0);
  if (problems !== undefined) throw validationFailed(...problems);
  const denied = denialsByShard(cluster, wanted.map(placeOf));
  return jsonReply({
    docs: wanted.map((entry, at) => {
      try {
        if (denied[at] !== undefined) throw denied[at];
        return answer(cluster, entry, performance.now());
      } catch (error) {
        if (!(error instanceof EsError)) throw error;
        const shown = refusedName(cluster, entry.index, error);
        return { _index: shown, _id: entry.id, error: error.toBody().error };
      }
    }),
  });
}

function placeOf({ index, id = "", body: { routing, _routing } }: Wanted): DocumentPlace {
  const given = routing ?? _routing;
  return { index, id, routing: given === undefined ? undefined : toText(given) };
}

/** The id of the path, or of the body. @throws {EsError} beside an artificial document */
function idOf(path: string | undefined, { _id: own, doc }: JsonObject): string | undefined {
  const id = own === undefined ? path : toText(own);
  if (id === undefined || doc === undefined) return id;
  throw unparsable("either [id] or [doc] can be specified, but not both!");
}

/** Options that a query string gives, as the body has them. */
function fromQuery(query: QueryParameters): JsonObject {
  const body: Record<string, unknown> = {};
  const fields = query.list("fields");
  if (fields !== undefined) body["fields"] = fields;
  for (const name of termVectorFlags) if (query.has(name)) body[name] = query.flag(name, true);
  return body;
}

function answer(cluster: Cluster, wanted: Wanted, startedMs: number): Record<string, unknown> {
  const { id, body } = wanted;
  const { doc } = body;
  if (id === undefined && doc === undefined) throw validationFailed("id or doc is missing");
  const took = (): number => Math.round(performance.now() - startedMs);
  if (doc !== undefined) {
    const index = readTarget(cluster, wanted.index);
    const artificial = artificialDocument(index, doc);
    const vectors = termVectors(artificial, contextOf(index), readOptions(index, body, doc));
    return { _index: index.name, _version: 0, found: true, took: took(), term_vectors: vectors };
  }
  const routing = body["routing"] ?? body["_routing"];
  refuseViews(cluster, [readTarget(cluster, wanted.index)], "[_termvectors]");
  const { version, version_type: versionType } = body;
  const { index, document } = inExecution(() =>
    findDocument(cluster, wanted.index, id ?? "", {
      ...wanted.options,
      ...(version === undefined ? {} : { version: Number(version) }),
      ...(versionType === undefined ? {} : { versionType: versionType as VersionType }),
      ...(routing === undefined ? {} : { routing: toText(routing) }),
    }),
  );
  const identity = { _index: index.name, _id: id };
  if (document === undefined) return { ...identity, _version: 0, found: false, took: took() };
  const context = contextOf(index, document.routing, document.id);
  const vectors = termVectors(document, context, readOptions(index, body, undefined));
  return {
    ...identity,
    _version: document.version,
    found: true,
    took: took(),
    term_vectors: vectors,
  };
}

/**
 * Fields that nothing maps have no vectors.
 *
 * @throws {EsError} 400 for such fields where the mapping is strict
 */
function artificialDocument(index: IndexState, doc: unknown): SearchDocument {
  if (!isObject(doc)) throw notSupported("[doc] that is no object");
  for (const name of Object.keys(doc)) {
    const node = index.mappings.find(name);
    const value = doc[name];
    if (node?.properties === undefined && node !== undefined && checkValue(node, value))
      throw notSupported(`[doc] with the field [${name}], which does not fit the mapping,`);
    if (index.mappings.find(name) === undefined && index.mappings.dynamic === "strict")
      throw notSupported(`[doc] with the field [${name}], which a strict mapping lacks,`);
  }
  return { index: index.name, id: "", seqNo: 0, version: 0, source: doc } as SearchDocument;
}

function readOptions(index: IndexState, body: JsonObject, doc: unknown): TermVectorOptions {
  const { fields: asked } = body;
  const flag = (name: string, fallback: boolean): boolean =>
    body[name] === undefined ? fallback : jsonText(body[name]) === "true";
  const asksAll = asked === undefined || (Array.isArray(asked) && asked.length === 0);
  const analyzers = body["per_field_analyzer"];
  // The server makes vectors of stored ones anew, and fails without any.
  if (asksAll && doc === undefined && isObject(analyzers) && Object.keys(analyzers).length > 0)
    throw notSupported("[per_field_analyzer] without [fields]");
  const fields = asksAll
    ? isObject(doc)
      ? Object.keys(doc).flatMap((name) => [name, ...subfieldsOf(index, name)])
      : undefined
    : toTexts(asked).filter((name) => hasTerms(index, name));
  return {
    fields,
    offsets: flag("offsets", true),
    positions: flag("positions", true),
    fieldStatistics: flag("field_statistics", true),
    termStatistics: flag("term_statistics", false),
    analyzers: readAnalyzers(index, body["per_field_analyzer"]),
    filter: readTermFilter(body["filter"]),
  };
}

function subfieldsOf(index: IndexState, name: string): string[] {
  const subfields = index.mappings.find(name)?.fields;
  return [...(subfields?.keys() ?? [])].map((one) => `${name}.${one}`);
}

/** Aliases have no terms of their own, and fields without an index have none. */
function hasTerms(index: IndexState, name: string): boolean {
  const field = index.mappings.find(name);
  return field?.type !== "alias" && field?.parameters["index"] !== false;
}

function readAnalyzers(index: IndexState, given: unknown): ReadonlyMap<string, Analyzer> {
  const analyzers = new Map<string, Analyzer>();
  for (const [field, name] of isObject(given) ? Object.entries(given) : []) {
    const analyzer = index.mappings.analysis.analyzer(toText(name));
    if (analyzer === undefined)
      throw failedExecution(
        new EsError(500, "illegal_argument_exception", "analyzer must not be null"),
        false,
      );
    analyzers.set(field, analyzer);
  }
  return analyzers;
}

/** Runs what fails within the shard. @throws {EsError} 500 around a conflict */
function inExecution<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof EsError) || error.type !== "version_conflict_engine_exception")
      throw error;
    throw failedExecution(error, true);
  }
}

/** @param isRoot the cause is one of Elasticsearch's own exceptions */
function failedExecution(error: EsError, isRoot: boolean): EsError {
  const cause = error.toCause();
  return new EsError(500, "exception", "failed to execute term vector request", {
    ...(isRoot ? { root_cause: [cause] } : {}),
    caused_by: cause,
  });
}

/** Statistics are those of the shard that the document is in. */
function contextOf(index: IndexState, routing?: string, id = ""): SearchContext {
  index.noteSearch();
  const shard = index.shards[index.shardNumber(id, routing)];
  return {
    mappings: index.mappings,
    index: index.name,
    nowMs: 0,
    corpus: shard?.seen() ?? [],
    isScored: false,
    nestedPath: undefined,
    limits: defaultLimits,
  };
}
