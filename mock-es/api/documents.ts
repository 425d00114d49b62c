import type { estypes } from "@elastic/elasticsearch";
import { EsError } from "../es-error.ts";
import { jsonReply, jsonTextReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { bodyText } from "../json/json-body.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import {
  conflict,
  deleteDocument,
  indexDocument,
  readTarget,
  validateConditions,
  writeTarget,
} from "../store/document-write.ts";
import type { IndexState } from "../store/index-state.ts";
import type { StoredDocument } from "../store/stored-document.ts";
import { parseFetchSource, renderSource, type FetchSource } from "./fetch-source.ts";
import { readConditions, writeReply } from "./write-parameters.ts";
import { illegalArgument } from "../es-error.ts";

/** Index, create, get, exists, source and delete of single documents. */
export const documentRoutes: readonly Route[] = [
  ...routesOf("index", "required", ["PUT,POST /{index}/_doc/{id}", "POST /{index}/_doc"], indexOne),
  ...routesOf("create", "required", ["PUT,POST /{index}/_create/{id}"], (request, cluster) =>
    write(request, cluster, true),
  ),
  ...routesOf("get", "none", ["GET /{index}/_doc/{id}"], getOne),
  ...routesOf("exists", "none", ["HEAD /{index}/_doc/{id}"], getOne),
  ...routesOf("get_source", "none", ["GET /{index}/_source/{id}"], getSource),
  ...routesOf("exists_source", "none", ["HEAD /{index}/_source/{id}"], getSource),
  ...routesOf("delete", "none", ["DELETE /{index}/_doc/{id}"], deleteOne),
];

function indexOne(request: EsRequest, cluster: Cluster): EsReply {
  const opType = request.query.text("op_type");
  if (opType !== undefined && opType !== "index" && opType !== "create") {
    throw illegalArgument(`opType must be 'create' or 'index', found: [${opType}]`);
  }
  return write(request, cluster, opType === "create");
}

function write(request: EsRequest, cluster: Cluster, mustBeNew: boolean): EsReply {
  const { index: name = "", id } = request.pathParameters;
  const conditions = readConditions(request);
  refusePipeline(request);
  validateConditions(mustBeNew ? "create" : "index", id, conditions);
  const index = writeTarget(cluster, name, request.query.flag("require_alias", false));
  return writeReply(
    request,
    indexDocument(cluster, index, id, bodyText(request.body), mustBeNew, conditions),
  );
}

/**
 * There are no ingest pipelines, so naming one is naming a missing one.
 *
 * @throws {EsError} 400 `pipeline with id [x] does not exist`
 */
export function refusePipeline(request: EsRequest): void {
  const pipeline = request.query.text("pipeline");
  if (pipeline === undefined || pipeline === "_none") return;
  throw illegalArgument(`pipeline with id [${pipeline}] does not exist`);
}

function deleteOne(request: EsRequest, cluster: Cluster): EsReply {
  const { index: name = "", id = "" } = request.pathParameters;
  const conditions = readConditions(request);
  validateConditions("delete", id, conditions);
  const index =
    conditions.versionType === "external"
      ? writeTarget(cluster, name, false)
      : readTarget(cluster, name);
  return writeReply(request, deleteDocument(index, id, conditions));
}

function getOne(request: EsRequest, cluster: Cluster): EsReply {
  const { index: name = "", id = "" } = request.pathParameters;
  const index = readTarget(cluster, name);
  const document = findVisible(request, index, id);
  if (document === undefined) {
    const missing: estypes.GetResponse = { _index: index.name, _id: id, found: false };
    return jsonReply(missing, 404);
  }
  return jsonTextReply(
    renderGet(document, parseFetchSource(request.query), readStoredFields(request)),
  );
}

function getSource(request: EsRequest, cluster: Cluster): EsReply {
  const { index: name = "", id = "" } = request.pathParameters;
  const index = readTarget(cluster, name);
  const document = findVisible(request, index, id);
  if (document === undefined) {
    throw new EsError(404, "resource_not_found_exception", `Document not found [${name}]/[${id}]`);
  }
  const source = renderSource(document, parseFetchSource(request.query) ?? {});
  if (source === undefined) {
    throw new EsError(
      400,
      "action_request_validation_exception",
      "Validation Failed: 1: fetching source can not be disabled;",
    );
  }
  return jsonTextReply(source);
}

function findVisible(
  request: EsRequest,
  index: IndexState,
  id: string,
): StoredDocument | undefined {
  index.counts.gets++;
  const document = index.find(id);
  if (document === undefined) index.counts.getsMissing++;
  else checkReadVersion(request, index, document);
  return document;
}

function checkReadVersion(request: EsRequest, index: IndexState, document: StoredDocument): void {
  if (!request.query.has("version")) return;
  const { version, versionType = "internal" } = readConditions(request);
  if (version === undefined) return;
  const fits =
    versionType === "external_gte" ? document.version <= version : document.version === version;
  if (!fits) {
    throw conflict(
      index,
      document.id,
      `current version [${document.version}] is different than the one provided [${version}]`,
    );
  }
}

function readStoredFields(request: EsRequest): boolean {
  const fields = request.query.list("stored_fields");
  if (fields === undefined || fields.every((field) => field === "_none_" || field === "_source"))
    return fields === undefined || fields.includes("_source");
  throw illegalArgument(
    "stored_fields are not supported by mock-es: it keeps documents as their _source only",
  );
}

/**
 * JSON text of a found document as `get` and `mget` answer it; `showsSource` false leaves the
 * source out.
 */
export function renderGet(
  document: StoredDocument,
  fetchSource: FetchSource | undefined,
  showsSource = true,
): string {
  const routing =
    document.routing === undefined ? "" : `"_routing":${JSON.stringify(document.routing)},`;
  const source = showsSource ? renderSource(document, fetchSource ?? {}) : undefined;
  return `{"_index":${JSON.stringify(document.index)},"_id":${JSON.stringify(document.id)},"_version":${document.version},"_seq_no":${document.seqNo},"_primary_term":${document.primaryTerm},${routing}"found":true${source === undefined ? "" : `,"_source":${source}`}}`;
}
