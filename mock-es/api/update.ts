/** Updates of single documents. */
import { parseExactJson } from "../json/exact-numbers.ts";
import { type JsonObject, jsonText } from "../json/json-value.ts";
import { EsError, illegalArgument, notSupported, validationFailed } from "../es-error.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { bodyText, parseObjectBody } from "../json/json-body.ts";
import type { QueryParameters } from "../rest/query-parameters.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { parseUpdate, type UpdateOutcome, updateDocument } from "../store/document-update.ts";
import { hasPipelines, ingestedText } from "../store/ingest.ts";
import type { IndexState } from "../store/index-state.ts";
import { refuseUpdates } from "../store/index-view.ts";
import { writeRouting, writeTarget } from "../store/write-target.ts";
import { type FetchSource, parseFetchSource, renderSource, toShownSource } from "./fetch-source.ts";
import {
  afterWrite,
  checkActiveShards,
  forcesRefresh,
  readConditions,
  writeReply,
} from "./write-parameters.ts";

/** `_update` of one document. */
export const updateRoutes: readonly Route[] = routesOf(
  "update",
  "required",
  ["POST /{index}/_update/{id}"],
  update,
);

/** The index that is written to; that it is closed is one of its blocks here. */
function updateTarget(cluster: Cluster, name: string, requireAlias: boolean): IndexState {
  try {
    return writeTarget(cluster, name, { requireAlias, operation: "update" });
  } catch (error) {
    if (!(error instanceof EsError) || error.type !== "index_closed_exception") throw error;
    const reason = `index [${String(error.extra["index"])}] blocked by: [FORBIDDEN/4/index closed];`;
    throw new EsError(403, "cluster_block_exception", reason);
  }
}

function update(request: EsRequest, cluster: Cluster): EsReply {
  const { index: name = "", id = "" } = request.pathParameters;
  const { query } = request;
  const conditions = readConditions(query);
  if (conditions.version !== undefined) {
    throw validationFailed(
      "internal versioning can not be used for optimistic concurrency control. Please use `if_seq_no` and `if_primary_term` instead",
    );
  }
  if (query.has("lang"))
    throw illegalArgument(`request [${request.path}] contains unrecognized parameter: [lang]`);
  const retries = query.integer("retry_on_conflict") ?? 0;
  const forced = forcesRefresh(query);
  const body = parseObjectBody(request.body);
  const ifSeqNo = conditions.ifSeqNo ?? numberIn(body, "if_seq_no");
  const ifPrimaryTerm = conditions.ifPrimaryTerm ?? numberIn(body, "if_primary_term");
  parseUpdate(bodyText(request.body), { conditions: { ifSeqNo, ifPrimaryTerm }, retries });
  const index = updateTarget(cluster, name, query.flag("require_alias", false));
  refuseUpdates(cluster, index, false);
  const routing = writeRouting(index, name, conditions.routing);
  checkActiveShards(query, index, index.shardNumber(id, routing), () => {
    return `index {[${name}][${id}], source[${partialText(body)}]}`;
  });
  // The server shows the document as it was before its pipelines.
  const fetchSource = wantedSource(query, body);
  if (fetchSource !== undefined && hasPipelines(index, undefined))
    throw notSupported("[_source] of an update that pipelines see");
  const target = { index: index.name, id, routing };
  // What an update makes is indexed as any document is.
  const outcome = updateDocument(
    cluster,
    index,
    id,
    bodyText(request.body),
    { ...conditions, routing, ifSeqNo, ifPrimaryTerm },
    (text) => ingestedText(cluster, index, undefined, target, text),
  );
  afterWrite(query, outcome, routing);
  const reply = writeReply(outcome, routing, forced);
  if (fetchSource === undefined || reply.value === undefined) return reply;
  const get: unknown = parseExactJson(renderGetPart(outcome, fetchSource));
  return jsonReply({ ...reply.value, get }, reply.status, reply.headers);
}

/** What the server's words for an update that has to wait show of it. */
function partialText(body: JsonObject | undefined): string {
  return jsonText(body?.["doc"]);
}

function numberIn(body: JsonObject | undefined, name: string): number | undefined {
  const value = body?.[name];
  return typeof value === "number" ? value : undefined;
}

/** What the body says wins over the query string; without a source there is nothing to show. */
function wantedSource(
  query: QueryParameters,
  body: JsonObject | undefined,
): FetchSource | undefined {
  const own = body?.["_source"];
  const wanted = own === undefined ? parseFetchSource(query) : toShownSource(own);
  return wanted?.enabled === false ? undefined : wanted;
}

/** The `get` member of an update's answer: the document after the update. */
export function renderGetPart(outcome: UpdateOutcome, fetchSource: FetchSource): string {
  const { document } = outcome;
  const source = renderSource(outcome.index, document, {
    ...fetchSource,
    hidesVectors: false,
  });
  return `{"_seq_no":${document.seqNo},"_primary_term":1,"found":true${source === undefined ? "" : `,"_source":${source}`}}`;
}
