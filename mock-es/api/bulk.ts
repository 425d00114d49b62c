import { EsError } from "../es-error.ts";
import { jsonTextReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import {
  deleteDocument,
  indexDocument,
  validateConditions,
  writeTarget,
  type WriteOutcome,
} from "../store/document-write.ts";
import { parseUpdate, updateDocument, type UpdateOutcome } from "../store/document-update.ts";
import { type BulkAction, parseBulkBody } from "./bulk-body.ts";
import { refusePipeline } from "./documents.ts";
import { renderGetPart } from "./update.ts";
import { forcesRefresh, statusOf } from "./write-parameters.ts";

/** `_bulk`, with and without a default index in the path. */
export const bulkRoutes: readonly Route[] = routesOf(
  "bulk",
  "required",
  ["POST,PUT /_bulk", "POST,PUT /{index}/_bulk"],
  bulk,
);

function bulk(request: EsRequest, cluster: Cluster): EsReply {
  refusePipeline(request);
  const forced = forcesRefresh(request);
  const actions = parseBulkBody(request.body, {
    index: request.pathParameters["index"],
    routing: request.query.text("routing"),
    requireAlias: request.query.flag("require_alias", false),
  });
  // The server reads every update before it runs the first action: one that cannot be read refuses
  // the whole request.
  for (const action of actions) if (action.kind === "update") parseUpdate(action.text);
  let items = "";
  let hasErrors = false;
  for (const action of actions) {
    if (items !== "") items += ",";
    try {
      const imposed = request.failBulkItem?.({ ...action, source: action.text });
      if (imposed !== undefined) throw imposed;
      items += runAction(cluster, action, forced);
    } catch (error) {
      if (!(error instanceof EsError)) throw error;
      hasErrors = true;
      items += renderFailure(action, error);
    }
  }
  const took = Math.round(performance.now() - request.startedMs);
  return jsonTextReply(`{"errors":${hasErrors},"took":${took},"items":[${items}]}`);
}

function runAction(cluster: Cluster, action: BulkAction, forced: boolean): string {
  if (action.kind === "update") {
    const index = writeTarget(cluster, action.index, action.requireAlias);
    const outcome = updateDocument(cluster, index, action.id ?? "", action.text, {
      ...action.conditions,
      retryOnConflict: 0,
    });
    return renderUpdate(action, outcome, forced);
  }
  if (action.hasConditions) validateConditions(action.kind, action.id, action.conditions);
  const index = writeTarget(cluster, action.index, action.requireAlias);
  const outcome =
    action.kind === "delete"
      ? deleteDocument(index, action.id ?? "", action.conditions)
      : indexDocument(
          cluster,
          index,
          action.id,
          action.text,
          action.kind === "create",
          action.conditions,
        );
  return renderOutcome(action.kind, outcome, forced, "");
}

function renderUpdate(action: BulkAction, outcome: UpdateOutcome, forced: boolean): string {
  const get =
    action.fetchSource === undefined ? "" : `,"get":${renderGetPart(outcome, action.fetchSource)}`;
  return renderOutcome("update", outcome, forced, get);
}

/**
 * Shards of a bulk item: an update that changes nothing counts them like a write here, unlike
 * `_update` itself.
 */
function shardsOf(replicas: number): string {
  return `{"total":${1 + replicas},"successful":1,"failed":0}`;
}

function renderOutcome(kind: string, outcome: WriteOutcome, forced: boolean, rest: string): string {
  const { index, result } = outcome;
  const isNoop = result === "noop";
  const refreshed = forced && !isNoop ? `"forced_refresh":true,` : "";
  const shards = shardsOf(index.settings.replicas);
  return `{"${kind}":{"_index":${JSON.stringify(index.name)},"_id":${JSON.stringify(outcome.id)},"_version":${outcome.version},"result":"${result}",${refreshed}"_shards":${shards},"_seq_no":${outcome.seqNo},"_primary_term":1,"status":${statusOf(result)}${rest}}}`;
}

function renderFailure(action: BulkAction, error: EsError): string {
  return JSON.stringify({
    [action.kind]: {
      _index: action.index,
      _id: action.id ?? null,
      status: error.status,
      error: error.toCause(),
    },
  });
}
