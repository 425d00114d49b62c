/** Many writes in one request. */
import type { IngestTarget } from "../ingest/ingest-document.ts";
import { parseSourceText } from "../json/exact-numbers.ts";
import { isObject, type JsonObject, jsonText } from "../json/json-value.ts";
import { refuseUpdates } from "../store/index-view.ts";
import { EsError, validationFailed } from "../es-error.ts";
import { jsonTextReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import type { QueryParameters } from "../rest/query-parameters.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { resolveDateMath } from "../store/date-math-name.ts";
import { parseUpdate, updateDocument, type UpdateOutcome } from "../store/document-update.ts";
import {
  deleteDocument,
  indexDocument,
  validateConditions,
  type WriteOutcome,
} from "../store/document-write.ts";
import type { IndexState } from "../store/index-state.ts";
import { hasPipelines, ingestedText, pendingWrite } from "../store/ingest.ts";
import { deletionTarget, writeRouting, writeTarget } from "../store/write-target.ts";
import { namesOfShards } from "./bulk-shards.ts";
import { type BulkAction, parseBulkBody } from "./bulk-body.ts";
import { parseFetchSource, toShownSource } from "./fetch-source.ts";
import { renderGetPart } from "./update.ts";
import {
  afterWrite,
  checkActiveShards,
  checkTimeouts,
  forcesRefresh,
  statusOf,
} from "./write-parameters.ts";

/** `_bulk`, with and without a default index in the path. */
export const bulkRoutes: readonly Route[] = routesOf(
  "bulk",
  "required",
  ["POST,PUT /_bulk", "POST,PUT /{index}/_bulk"],
  bulk,
  readActions,
);

/** @throws {EsError} 400 for what cannot be read in the body */
function readActions(request: EsRequest): BulkAction[] {
  const { query } = request;
  return parseBulkBody(request.body, {
    index: request.pathParameters["index"],
    routing: query.text("routing"),
    requireAlias: query.flag("require_alias", false),
    requireDataStream: query.flag("require_data_stream", false),
    listsPipelines: query.flag("list_executed_pipelines", false),
    pipeline: query.text("pipeline"),
    fetchSource: parseFetchSource(query),
  });
}

function bulk(request: EsRequest, cluster: Cluster): EsReply {
  const { query } = request;
  checkTimeouts(query);
  const forced = forcesRefresh(query);
  if (query.text("pipeline") === "") throw validationFailed("pipeline cannot be an empty string");
  const actions = readActions(request);
  // The server reads every update and checks every condition before it runs the first action: one
  // that cannot be refuses the whole request.
  for (const { kind, id, text, hasConditions, conditions, retries } of actions) {
    if (kind === "update") parseUpdate(text, { conditions, retries });
    else if (hasConditions) validateConditions(kind, conditions, id !== undefined);
  }
  // Nor does it run any when one of the names is no date math.
  for (const { index } of actions) resolveDateMath(cluster, index);
  let items = "";
  let hasErrors = false;
  let isIngested = false;
  const created = createdNames(actions);
  const names = cluster.access === undefined ? undefined : namesOfShards(cluster, actions);
  const attempt: Attempt = { id: undefined, index: "" };
  for (const action of actions) {
    attempt.id = action.id;
    attempt.index = action.index;
    if (items !== "") items += ",";
    if (action.pipeline !== undefined && action.kind !== "delete") isIngested = true;
    try {
      const imposed = request.failBulkItem?.({ ...action, source: action.text });
      if (imposed !== undefined) throw imposed;
      items += runAction(cluster, action, query, { forced, attempt, created, names });
    } catch (error) {
      if (!(error instanceof EsError)) throw error;
      hasErrors = true;
      // Ids are made before the shards are asked.
      if (isNew(action) && error.reason.startsWith("action [indices:data/write/"))
        attempt.id ??= cluster.identifiers.documentId();
      items += renderFailure(action, attempt, error);
    }
  }
  const took = Math.round(performance.now() - request.startedMs);
  const ingest = isIngested ? '"ingest_took":0,' : "";
  return jsonTextReply(`{"errors":${hasErrors},"took":${took},${ingest}"items":[${items}]}`);
}

function isNew({ kind }: BulkAction): boolean {
  return kind === "index" || kind === "create";
}

/** Names of which indices are made when there are none: deletes alone do not do that. */
function createdNames(actions: readonly BulkAction[]): ReadonlySet<string> {
  const creating = actions.filter(
    ({ kind, requireAlias, conditions: { versionType } }) =>
      !requireAlias && (kind !== "delete" || versionType?.startsWith("external") === true),
  );
  return new Set(creating.map(({ index }) => index));
}

/**
 * The document that an action is about: from when it gets to its index, the name of that, and an id
 * that is made for it where it has none.
 */
interface Attempt {
  id: string | undefined;
  index: string;
}

/** What the actions of a request have together. */
interface BulkRun {
  readonly forced: boolean;
  readonly attempt: Attempt;
  readonly created: ReadonlySet<string>;
  /** Of what goes to the shard of an action. */
  readonly names: ReadonlyMap<BulkAction, readonly string[]> | undefined;
}

/** A document that gets a new id is not compared with one that is there. */
function isCompared({ kind, id }: BulkAction): boolean {
  return kind !== "index" || id !== undefined;
}

function runAction(
  cluster: Cluster,
  action: BulkAction,
  query: QueryParameters,
  { forced, attempt, created, names }: BulkRun,
): string {
  const { kind, index: name } = action;
  const together = names?.get(action);
  const open = (target: string): IndexState =>
    kind === "delete" && !created.has(target)
      ? deletionTarget(cluster, target, together)
      : writeTarget(cluster, target, {
          requireAlias: action.requireAlias && kind !== "delete",
          requireDataStream: action.requireDataStream && kind !== "delete",
          isCreation: kind === "create",
          operation: kind,
          isConditional: isCompared(action) && action.conditions.ifSeqNo !== undefined,
          together,
        });
  const target = { index: name, id: action.id, routing: action.conditions.routing };
  const pending = isNew(action)
    ? pendingWrite(cluster, target, action.text, action.pipeline, open)
    : undefined;
  if (pending === "dropped") return renderDropped(kind, name, action.id);
  const { index, text } = pending ?? { index: open(name), text: action.text };
  const id = (pending === undefined ? action.id : pending.id) ?? "";
  const given = pending === undefined ? target.routing : pending.routing;
  const compared = isCompared(action)
    ? action.conditions
    : { ...action.conditions, ifSeqNo: undefined, ifPrimaryTerm: undefined };
  const conditions =
    index.name === name && given === target.routing
      ? compared
      : { ...compared, routing: writeRouting(index, name, given) };
  const { routing } = conditions;
  attempt.index = index.name;
  if (query.size > 0) {
    checkActiveShards(query, index, index.shardNumber(id, routing), () => {
      return kind === "delete"
        ? `delete {[${name}][${id}]}`
        : `index {[${name}][${id}], source[${text}]}`;
    });
  }
  if (kind === "update") {
    refuseUpdates(cluster, index, true);
    const target = { index: index.name, id, routing };
    const body = withIngestedUpsert(cluster, index, action.pipeline, target, text);
    const outcome = updateDocument(cluster, index, id, body, conditions);
    afterWrite(query, outcome, routing);
    return renderUpdate(action, outcome, forced);
  }
  if (kind !== "delete") attempt.id = pending?.id ?? cluster.identifiers.documentId();
  const outcome =
    kind === "delete"
      ? deleteDocument(index, id, conditions)
      : indexDocument(cluster, index, attempt.id, text, kind === "create", conditions);
  afterWrite(query, outcome, routing);
  const pipelines =
    action.listsPipelines && kind !== "delete"
      ? `,"executed_pipelines":${JSON.stringify(pending?.pipelines ?? [])}`
      : "";
  return renderOutcome(kind, outcome, forced, pipelines);
}

/**
 * An update of a bulk request, whose pipelines run before it does: over what is to be stored where
 * there is no document yet, and over nothing else.
 */
function withIngestedUpsert(
  cluster: Cluster,
  index: IndexState,
  pipeline: string | undefined,
  target: IngestTarget,
  text: string,
): string {
  if (!hasPipelines(index, pipeline)) return text;
  const request = parseUpdate(text);
  const part = request["doc_as_upsert"] === true ? "doc" : "upsert";
  const document = request[part];
  if (!isObject(document)) return text;
  const before = jsonText(document);
  const after = ingestedText(cluster, index, pipeline, target, before);
  if (after === before) return text;
  return jsonText({ ...(parseSourceText(text) as JsonObject), [part]: parseSourceText(after) });
}

/** The item of a document that a pipeline has dropped. */
function renderDropped(kind: string, index: string, id: string | undefined): string {
  const shards = '{"total":0,"successful":0,"failed":0}';
  return `{"${kind}":{"_index":${JSON.stringify(index)},"_id":${JSON.stringify(id ?? "auto-generated")},"_version":-3,"result":"noop","_shards":${shards},"status":200}}`;
}

function renderUpdate(action: BulkAction, outcome: UpdateOutcome, forced: boolean): string {
  // What the action line or the query string says wins over the body of the update.
  const asks = action.fetchSource === undefined && action.text.includes('"_source"');
  const own = asks ? parseUpdate(action.text)["_source"] : undefined;
  const fetchSource = own === undefined ? action.fetchSource : toShownSource(own);
  const isShown = fetchSource !== undefined && fetchSource.enabled !== false;
  const get = isShown ? `,"get":${renderGetPart(outcome, fetchSource)}` : "";
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
  const refreshed = forced ? `"forced_refresh":true,` : "";
  const shards = shardsOf(index.settings.replicas);
  return `{"${kind}":{"_index":${JSON.stringify(index.name)},"_id":${JSON.stringify(outcome.id)},"_version":${outcome.version},"result":"${result}",${refreshed}"_shards":${shards},"_seq_no":${outcome.seqNo},"_primary_term":1${rest},"status":${statusOf(result)}}}`;
}

function renderFailure(action: BulkAction, { id, index }: Attempt, error: EsError): string {
  return JSON.stringify({
    [action.kind]: {
      _index: index,
      _id: id ?? null,
      status: error.status,
      error: error.toCause(),
    },
  });
}
