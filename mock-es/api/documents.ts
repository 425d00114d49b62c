/** Writing and reading of single documents. */
import type { estypes } from "@elastic/elasticsearch";
import { EsError, illegalArgument, validationFailed } from "../es-error.ts";
import { bodyText } from "../json/json-body.ts";
import { jsonReply, jsonTextReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import {
  checkId,
  deleteDocument,
  indexDocument,
  validateConditions,
} from "../store/document-write.ts";
import { pendingWrite } from "../store/ingest.ts";
import { deletionTarget, writeRouting, writeTarget } from "../store/write-target.ts";
import { renderSource } from "./fetch-source.ts";
import { findDocument, readReadOptions, renderFound } from "./get-document.ts";
import {
  afterWrite,
  checkActiveShards,
  forcesRefresh,
  readConditions,
  writeReply,
} from "./write-parameters.ts";

/** Index, create, get, exists, source and delete of single documents. */
export const documentRoutes: readonly Route[] = [
  ...routesOf("index", "required", ["PUT,POST /{index}/_doc/{id}", "POST /{index}/_doc"], indexOne),
  ...routesOf("create", "required", ["PUT,POST /{index}/_create/{id}"], createOne),
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

function createOne(request: EsRequest, cluster: Cluster): EsReply {
  const opType = request.query.text("op_type") ?? "create";
  if (opType !== "create") throw illegalArgument(`opType must be 'create', found: [${opType}]`);
  return write(request, cluster, true);
}

function write(request: EsRequest, cluster: Cluster, mustBeNew: boolean): EsReply {
  const { index: name = "", id: given } = request.pathParameters;
  const { query } = request;
  const conditions = readConditions(query);
  const isNew = mustBeNew || given === undefined;
  validateConditions(isNew ? "create" : "index", conditions);
  if (given !== undefined) checkId(given);
  if (query.text("pipeline") === "") throw validationFailed("pipeline cannot be an empty string");
  const forced = forcesRefresh(query);
  const requireAlias = query.flag("require_alias", false);
  const requireDataStream = query.flag("require_data_stream", false);
  const pending = pendingWrite(
    cluster,
    { index: name, id: given, routing: conditions.routing },
    bodyText(request.body),
    query.text("pipeline"),
    (target) =>
      writeTarget(cluster, target, {
        requireAlias,
        requireDataStream,
        isCreation: isNew,
        isConditional: conditions.ifSeqNo !== undefined,
      }),
  );
  if (pending === "dropped") return droppedReply(name, given);
  const { index, id, text } = pending;
  const routing = writeRouting(index, name, pending.routing);
  checkActiveShards(query, index, index.shardNumber(id ?? "", routing), () => {
    return `index {[${name}][${id ?? ""}], source[${text}]}`;
  });
  const outcome = indexDocument(cluster, index, id, text, mustBeNew, { ...conditions, routing });
  afterWrite(query, outcome, routing);
  return writeReply(outcome, routing, forced);
}

function droppedReply(index: string, id: string | undefined): EsReply {
  return jsonReply({
    _index: index,
    _id: id ?? "auto-generated",
    _version: -3,
    result: "noop",
    _shards: { total: 0, successful: 0, failed: 0 },
  });
}

function deleteOne(request: EsRequest, cluster: Cluster): EsReply {
  const { index: name = "", id = "" } = request.pathParameters;
  const { query } = request;
  const conditions = readConditions(query);
  validateConditions("delete", conditions);
  const forced = forcesRefresh(query);
  const isExternal = conditions.versionType === "external";
  const index = isExternal
    ? writeTarget(cluster, name, { operation: "delete" })
    : deletionTarget(cluster, name);
  const routing = writeRouting(index, name, conditions.routing);
  checkActiveShards(query, index, index.shardNumber(id, routing), () => {
    return `delete {[${name}][${id}]}`;
  });
  const outcome = deleteDocument(index, id, { ...conditions, routing });
  afterWrite(query, outcome, routing);
  return writeReply(outcome, routing, forced);
}

function getOne(request: EsRequest, cluster: Cluster): EsReply {
  const { index: name = "", id = "" } = request.pathParameters;
  const options = readReadOptions(request.query);
  const { index, document, mappings } = findDocument(cluster, name, id, options);
  if (document === undefined) {
    const missing: estypes.GetResponse = { _index: index.name, _id: id, found: false };
    return jsonReply(missing, 404);
  }
  return jsonTextReply(renderFound(index, document, options, mappings));
}

function getSource(request: EsRequest, cluster: Cluster): EsReply {
  const { index: name = "", id = "" } = request.pathParameters;
  const unread = ["version", "version_type"].filter((each) => request.query.has(each));
  if (unread.length > 0) {
    const named = unread.map((each) => `[${each}]`).join(", ");
    const noun = unread.length > 1 ? "parameters" : "parameter";
    throw illegalArgument(`request [${request.path}] contains unrecognized ${noun}: ${named}`);
  }
  const options = readReadOptions(request.query);
  const { fetchSource = {} } = options;
  if (fetchSource.enabled === false) throw validationFailed("fetching source can not be disabled");
  const { index, document, mappings } = findDocument(cluster, name, id, options);
  const source =
    document === undefined ? undefined : renderSource(index, document, fetchSource, mappings);
  // A source is never filtered.
  if (source !== undefined) return { ...jsonTextReply(source), isWhole: true };
  const what = document === undefined ? "Document" : "Source";
  throw new EsError(
    404,
    "resource_not_found_exception",
    `${what} not found [${index.name}]/[${id}]`,
  );
}
