import { validationFailed } from "../es-error.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { bodyText, isJsonObject, parseObjectBody } from "../json/json-body.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { type UpdateOutcome, updateDocument } from "../store/document-update.ts";
import { writeTarget } from "../store/document-write.ts";
import { type FetchSource, parseFetchSource, renderSource, toFetchSource } from "./fetch-source.ts";
import { readConditions, writeReply } from "./write-parameters.ts";

/** `_update` of one document. */
export const updateRoutes: readonly Route[] = routesOf(
  "update",
  "required",
  ["POST /{index}/_update/{id}"],
  update,
);

function update(request: EsRequest, cluster: Cluster): EsReply {
  const { index: name = "", id = "" } = request.pathParameters;
  const conditions = readConditions(request);
  const body = parseObjectBody(request.body);
  const ifSeqNo =
    conditions.ifSeqNo ?? (typeof body?.["if_seq_no"] === "number" ? body["if_seq_no"] : undefined);
  const ifPrimaryTerm =
    conditions.ifPrimaryTerm ??
    (typeof body?.["if_primary_term"] === "number" ? body["if_primary_term"] : undefined);
  if (ifSeqNo !== undefined && ifPrimaryTerm === undefined) {
    throw validationFailed("ifSeqNo is set, but primary term is [0]");
  }
  if (ifSeqNo !== undefined && isJsonObject(body?.["upsert"])) {
    throw validationFailed("upsert requests don't support `if_seq_no` and `if_primary_term`");
  }
  const index = writeTarget(cluster, name, request.query.flag("require_alias", false));
  const outcome = updateDocument(cluster, index, id, bodyText(request.body), {
    ...conditions,
    ifSeqNo,
    ifPrimaryTerm,
  });
  const reply = writeReply(request, outcome);
  const fetchSource = parseFetchSource(request.query) ?? bodyFetchSource(body);
  if (fetchSource === undefined || reply.value === undefined) return reply;
  const get: unknown = JSON.parse(renderGetPart(outcome, fetchSource));
  return jsonReply({ ...reply.value, get }, reply.status, reply.headers);
}

function bodyFetchSource(body: ReturnType<typeof parseObjectBody>): FetchSource | undefined {
  const wanted = body?.["_source"];
  if (wanted === undefined || wanted === false) return undefined;
  return toFetchSource(wanted) ?? {};
}

/** The `get` member of an update's answer: the document after the update. */
export function renderGetPart(outcome: UpdateOutcome, fetchSource: FetchSource): string {
  const { document } = outcome;
  const source = renderSource(document, fetchSource);
  return `{"_seq_no":${document.seqNo},"_primary_term":1,"found":true${source === undefined ? "" : `,"_source":${source}`}}`;
}
