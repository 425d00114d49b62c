/** `_delete_by_query` and `_update_by_query`. */
import { EsError, illegalArgument, notSupported, validationFailed } from "../es-error.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { isObject, type JsonObject, jsonText, textOf } from "../json/json-value.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import type { QueryParameters } from "../rest/query-parameters.ts";
import { routesOf, type Route } from "../rest/route.ts";
import { readScript, type Script } from "../script/script.ts";
import { keptSource } from "../search/fetch/source-filter.ts";
import type { Cluster } from "../store/cluster.ts";
import { scriptDocument } from "../store/document-script.ts";
import { conflict, deleteDocument, indexDocument } from "../store/document-write.ts";
import { resolveTargets, searchIndexOptions } from "../store/index-expression.ts";
import type { IndexState } from "../store/index-state.ts";
import { type StoredDocument, sourceText } from "../store/stored-document.ts";
import { parseDuration } from "../values/duration.ts";
import {
  type ByQueryFailure,
  type ByQueryStatus,
  newStatus,
  renderByQuery,
} from "./by-query-status.ts";
import { readQueryOnly } from "./search-body.ts";
import { type Match, matchingDocuments } from "./search-run.ts";
import { readShardChoice, scopeOf } from "./search-scope.ts";
import { slicedScope } from "./slice.ts";
import { checkTimeouts } from "./write-parameters.ts";

/** The two endpoints. */
export const byQueryRoutes: readonly Route[] = [
  ...routesOf(
    "delete_by_query",
    "optional",
    ["POST /{index}/_delete_by_query"],
    (request, cluster) => run(request, cluster, true),
  ),
  ...routesOf(
    "update_by_query",
    "optional",
    ["POST /{index}/_update_by_query"],
    (request, cluster) => run(request, cluster, false),
  ),
];

const members: ReadonlySet<string> = new Set([
  "query",
  "max_docs",
  "conflicts",
  "slice",
  "sort",
  "script",
]);

/** How a run goes, as query string and body say. */
export interface ByQueryOptions {
  readonly maxDocs: number;
  /** True: version conflicts are counted; false: the first one ends the run. */
  readonly proceeds: boolean;
  readonly batchSize: number;
  readonly requestsPerSecond: number;
  readonly slices: number;
}

/** Default of `scroll_size`. */
const defaultBatchSize = 1000;

function run(request: EsRequest, cluster: Cluster, deletes: boolean): EsReply {
  const { query } = request;
  const body = parseObjectBody(request.body) ?? {};
  refuseUncovered(query, body);
  const asked = readQueryOnly(request, members);
  if (deletes && asked === undefined) throw validationFailed("query is missing");
  if (asked !== undefined && !isObject(asked)) {
    throw new EsError(
      400,
      "parsing_exception",
      "[query] query malformed, must start with start_object",
    );
  }
  const options = readByQueryOptions(query, body);
  const targets = resolveTargets(
    cluster,
    request.pathParameters["index"],
    readIndexOptions(query, searchIndexOptions),
  );
  const whole = scopeOf(cluster, targets, readShardChoice(query));
  const scope = slicedScope(whole, body, "scroll");
  const script =
    body["script"] === undefined || deletes
      ? undefined
      : readScript(body["script"], (id) => cluster.objects.scripts.get(id)?.source);
  const write = (match: Match, status: ByQueryStatus): void => {
    if (deletes) remove(match, status);
    else if (script === undefined) rewrite(cluster, match, status);
    else rewriteByScript(cluster, match, script, status);
  };
  const slices: ByQueryStatus[] = [];
  const failures: ByQueryFailure[] = [];
  let left = options.maxDocs;
  for (let slice = 0; slice < options.slices; slice++) {
    const part =
      options.slices === 1
        ? scope
        : slicedScope(scope, { slice: { id: slice, max: options.slices } }, "scroll");
    const matches = takeMatches(matchingDocuments(cluster, part, asked), left);
    left -= matches.length;
    const status = writeAll(matches, options, write, failures);
    slices.push(status);
    if (failures.length > 0) break;
  }
  if (query.flag("refresh", false)) for (const index of scope.indices) index.refresh();
  const value = renderByQuery({
    status: sumOf(slices),
    slices,
    failures,
    tookMs: Math.round(performance.now() - request.startedMs),
    batchSize: options.batchSize,
    requestsPerSecond: options.requestsPerSecond,
    shows: new Set(deletes ? [] : ["updated"]),
  });
  return jsonReply(value, statusOf(failures));
}

/** The worst of the failures decides; 200 without any. */
export function statusOf(failures: readonly ByQueryFailure[]): number {
  return Math.max(200, ...failures.map((failure) => failure.status));
}

function refuseUncovered(query: QueryParameters, body: JsonObject): void {
  if (body["sort"] !== undefined || query.has("sort"))
    throw notSupported("[sort] of a by-query request");
  if (!query.flag("wait_for_completion", true)) throw notSupported("[wait_for_completion=false]");
  const pipeline = query.text("pipeline");
  if (pipeline !== undefined && pipeline !== "_none")
    throw illegalArgument(`pipeline with id [${pipeline}] does not exist`);
  if (query.has("terminate_after")) throw notSupported("[terminate_after] of a by-query request");
}

/**
 * Reads how a run goes.
 *
 * @throws {EsError} 400
 */
export function readByQueryOptions(query: QueryParameters, body: JsonObject): ByQueryOptions {
  checkTimeouts(query);
  for (const name of ["scroll", "search_timeout"]) {
    const text = query.text(name);
    if (text !== undefined) parseDuration(text, name);
  }
  const batchSize = query.integer("scroll_size") ?? defaultBatchSize;
  if (batchSize <= 0)
    throw illegalArgument(`[scroll_size] must be greater than 0, found [${batchSize}]`);
  return {
    maxDocs: readMaxDocs(query, body["max_docs"]),
    proceeds: readConflicts(query.text("conflicts") ?? body["conflicts"]),
    batchSize,
    requestsPerSecond: readRequestsPerSecond(query),
    slices: readSlices(query.text("slices")),
  };
}

function readMaxDocs(query: QueryParameters, fromBody: unknown): number {
  const given = query.integer("max_docs");
  const inBody = fromBody === undefined ? undefined : Number(fromBody);
  if (given !== undefined && inBody !== undefined && given !== inBody) {
    throw illegalArgument(`[max_docs] set to two different values [${given}] and [${inBody}]`);
  }
  const maxDocs = given ?? inBody;
  if (maxDocs === undefined) return Infinity;
  if (maxDocs > 0) return maxDocs;
  throw validationFailed(
    `maxDocs should be greater than 0 if the request is limited to some number of documents or -1 if it isn't but it was [${maxDocs}]`,
  );
}

function readConflicts(value: unknown): boolean {
  const text = value === undefined ? "abort" : textOf(value);
  if (text === "abort" || text === "proceed") return text === "proceed";
  throw illegalArgument(`conflicts may only be "proceed" or "abort" but was [${text}]`);
}

function readRequestsPerSecond(query: QueryParameters): number {
  const text = query.text("requests_per_second");
  if (text === undefined || text === "-1") return Infinity;
  const number = Number(text);
  if (number > 0) return number;
  throw illegalArgument(
    Number.isNaN(number)
      ? `[requests_per_second] must be a float greater than 0. Use -1 to disable throttling.`
      : `[requests_per_second] must be a float greater than 0. Use -1 to disable throttling.`,
  );
}

function readSlices(text: string | undefined): number {
  // The server takes one slice for each shard of the smallest index, up to a limit; with that
  // choice left to it one slice is as good as several.
  if (text === undefined || text === "auto") return 1;
  if (!/^-?\d+$/.test(text)) {
    throw illegalArgument(
      `[slices] must be a positive integer or the string "auto", but was [${text}]`,
    );
  }
  if (Number(text) >= 1) return Number(text);
  throw illegalArgument(`[slices] must be at least 1 but was [${text}]`);
}

/** The first of some matches. */
export function takeMatches(matches: Iterable<Match>, most: number): Match[] {
  const taken: Match[] = [];
  if (most <= 0) return taken;
  for (const match of matches) {
    taken.push(match);
    if (taken.length >= most) break;
  }
  return taken;
}

/** Writes matches one by one, until a failure that is not to be passed over. */
export function writeAll(
  matches: readonly Match[],
  options: ByQueryOptions,
  write: (match: Match, status: ByQueryStatus) => void,
  failures: ByQueryFailure[],
): ByQueryStatus {
  const status = newStatus();
  status.total = matches.length;
  for (const match of matches) {
    try {
      write(match, status);
    } catch (error) {
      if (!(error instanceof EsError)) throw error;
      const isConflict = error.type === "version_conflict_engine_exception";
      if (isConflict) status.versionConflicts++;
      if (isConflict && options.proceeds) continue;
      const { index, document } = { index: match.shard.index, document: match.document };
      failures.push({ index, id: document.id, cause: error.toCause(), status: error.status });
      return status;
    }
  }
  return status;
}

/** What several runs did together. */
export function sumOf(parts: readonly ByQueryStatus[]): ByQueryStatus {
  const sum = newStatus();
  for (const part of parts) {
    sum.total += part.total;
    sum.updated += part.updated;
    sum.created += part.created;
    sum.deleted += part.deleted;
    sum.versionConflicts += part.versionConflicts;
    sum.noops += part.noops;
  }
  return sum;
}

/**
 * @throws {EsError} 409 when a document was written after searches saw it last
 */
export function checkUnchanged(index: IndexState, document: StoredDocument): void {
  const { id, routing, seqNo, primaryTerm } = document;
  const current = index.find(id, routing);
  if (current === document) return;
  const required = `required seqNo [${seqNo}], primary term [${primaryTerm}].`;
  throw conflict(
    index,
    id,
    routing,
    current === undefined
      ? `${required} but no document was found`
      : `${required} current document has seqNo [${current.seqNo}] and primary term [${current.primaryTerm}]`,
  );
}

function remove({ shard, document }: Match, status: ByQueryStatus): void {
  checkUnchanged(shard.state, document);
  deleteDocument(shard.state, document.id, { routing: document.routing });
  status.deleted++;
}

function rewrite(cluster: Cluster, { shard, document }: Match, status: ByQueryStatus): void {
  const { state } = shard;
  checkUnchanged(state, document);
  const source = keptSource(state.mappings)(document.source);
  if (source === undefined)
    throw illegalArgument(`[${document.index}][${document.id}] didn't store _source`);
  const text = source === document.source ? sourceText(source) : jsonText(source);
  indexDocument(cluster, state, document.id, text, false, { routing: document.routing });
  status.updated++;
}

function rewriteByScript(
  cluster: Cluster,
  { shard, document }: Match,
  script: Script,
  status: ByQueryStatus,
): void {
  const { state } = shard;
  const { id, version, routing } = document;
  const source = keptSource(state.mappings)(document.source);
  if (!isObject(source)) throw illegalArgument(`[${document.index}][${id}] didn't store _source`);
  const changed = scriptDocument(
    script,
    {
      index: state.name,
      id,
      version,
      routing,
      source,
      operation: "index",
      nowMs: cluster.entropy.nowMs(),
    },
    ["noop", "index", "delete"],
  );
  checkUnchanged(state, document);
  if (changed.operation === "noop") status.noops++;
  else if (changed.operation === "delete") {
    deleteDocument(state, id, { routing });
    status.deleted++;
  } else {
    indexDocument(cluster, state, id, jsonText(changed.source), false, { routing });
    status.updated++;
  }
}
