/** `_delete_by_query` and `_update_by_query`. */
import { refuseViews } from "../store/index-view.ts";
import { EsError, illegalArgument, notSupported, validationFailed } from "../es-error.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { isObject, type JsonObject, jsonText, textOf } from "../json/json-value.ts";
import type { EsReply, EsRequest } from "../rest/es-request.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import type { QueryParameters } from "../rest/query-parameters.ts";
import { routesOf, type Route } from "../rest/route.ts";
import { bareScriptError } from "../script/bare-error.ts";
import { readScript, type Script } from "../script/script.ts";
import { keptSource } from "../search/fetch/source-filter.ts";
import type { Cluster } from "../store/cluster.ts";
import { scriptDocument } from "../store/document-script.ts";
import { conflict, deleteDocument, indexDocument } from "../store/document-write.ts";
import { requireNames, resolveTargets, searchIndexOptions } from "../store/index-expression.ts";
import type { IndexState } from "../store/index-state.ts";
import { type StoredDocument, sourceText } from "../store/stored-document.ts";
import { parseDuration } from "../values/duration.ts";
import { type ByQueryOptions, type PreparedWrite, runSlices, sumOf } from "./by-query-run.ts";
import type { ByQueryAnswer, ByQueryStatus } from "./by-query-status.ts";
import { replyByQuery, scriptDescription } from "./by-query-task.ts";
import { readQueryOnly } from "./search-body.ts";
import { type Match, matchingDocuments } from "./search-run.ts";
import { readShardChoice, scopeOf, type SearchScope } from "./search-scope.ts";
import { slicedScope } from "./slice.ts";
import { checkTimeouts, refuseActiveShards } from "./write-parameters.ts";

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

/** Default of `scroll_size`. */
const defaultBatchSize = 1000;

function run(request: EsRequest, cluster: Cluster, deletes: boolean): EsReply {
  const { query, pathParameters } = request;
  const body = parseObjectBody(request.body) ?? {};
  refuseUncovered(cluster, query, body);
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
  const script =
    body["script"] === undefined || deletes ? undefined : readBareScript(body["script"], cluster);
  const indices = pathParameters["index"] ?? "";
  const verb = deletes ? "delete" : "update";
  return replyByQuery(request, cluster, {
    action: `indices:data/write/${verb}/byquery`,
    description: `${verb}-by-query [${indices}]${scriptDescription(body["script"], script)}`,
    perform: () => perform(request, cluster, { deletes, body, asked, options, script }),
  });
}

/** What a request asks for. */
interface Wanted {
  readonly deletes: boolean;
  readonly body: JsonObject;
  readonly asked: unknown;
  readonly options: ByQueryOptions;
  readonly script: Script | undefined;
}

const everyIndexIsNamed = "use _all if you really want to delete from all existing indexes";

function perform(request: EsRequest, cluster: Cluster, wanted: Wanted): ByQueryAnswer {
  const { query } = request;
  const { deletes, body, asked, options, script } = wanted;
  const expression = request.pathParameters["index"];
  if (deletes) requireNames(expression, everyIndexIsNamed);
  const targets = resolveTargets(cluster, expression, readIndexOptions(query, searchIndexOptions));
  refuseViews(
    cluster,
    targets.map(({ index }) => index),
    "changes by query",
  );
  refuseActiveShards(
    query,
    targets.map(({ index }) => index),
  );
  const whole = scopeOf(cluster, targets, readShardChoice(query));
  const scope = slicedScope(whole, body, "scroll");
  const prepare = (match: Match): PreparedWrite => {
    if (deletes) return removal(match);
    return script === undefined ? rewriting(cluster, match) : scripted(cluster, match, script);
  };
  const find = (part: SearchScope): Iterable<Match> => matchingDocuments(cluster, part, asked);
  const { slices, failures } = runSlices(scope, options, find, prepare);
  if (query.flag("refresh", false)) for (const index of scope.indices) index.refresh();
  return {
    status: sumOf(slices),
    slices,
    failures,
    tookMs: Math.round(performance.now() - request.startedMs),
    requestsPerSecond: options.requestsPerSecond,
    shows: new Set(deletes ? [] : ["updated"]),
  };
}

function refuseUncovered(cluster: Cluster, query: QueryParameters, body: JsonObject): void {
  if (body["sort"] !== undefined || query.has("sort"))
    throw notSupported("[sort] of a by-query request");
  const pipeline = query.text("pipeline");
  if (pipeline !== undefined && pipeline !== "_none")
    throw cluster.objects.pipelines.has(pipeline)
      ? notSupported("[pipeline] of a by-query request")
      : illegalArgument(`pipeline with id [${pipeline}] does not exist`);
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
  const slices = readSlices(query.text("slices"));
  return {
    maxDocs: readMaxDocs(query, body["max_docs"], slices),
    proceeds: readConflicts(query.text("conflicts") ?? body["conflicts"]),
    batchSize,
    requestsPerSecond: readRequestsPerSecond(query),
    slices,
  };
}

function readMaxDocs(query: QueryParameters, fromBody: unknown, slices: number): number {
  const given = checkedMaxDocs(query.integer("max_docs"), slices);
  const inBody = checkedMaxDocs(fromBody === undefined ? undefined : Number(fromBody), slices);
  if (given !== undefined && inBody !== undefined && given !== inBody) {
    throw illegalArgument(`[max_docs] set to two different values [${given}] and [${inBody}]`);
  }
  return given ?? inBody ?? Infinity;
}

function checkedMaxDocs(maxDocs: number | undefined, slices: number): number | undefined {
  if (maxDocs === undefined) return undefined;
  if (maxDocs < 0)
    throw illegalArgument(`[max_docs] parameter cannot be negative, found [${maxDocs}]`);
  if (maxDocs < slices) throw illegalArgument("[max_docs] should be >= [slices]");
  return maxDocs;
}

function readConflicts(value: unknown): boolean {
  const text = value === undefined ? "abort" : textOf(value);
  if (text === "abort" || text === "proceed") return text === "proceed";
  throw illegalArgument(`conflicts may only be "proceed" or "abort" but was [${text}]`);
}

/**
 * Reads how many documents are written in a second at most.
 *
 * @throws {EsError} 400
 */
export function readRequestsPerSecond(query: QueryParameters): number {
  const text = query.text("requests_per_second");
  if (text === undefined || text === "-1") return Infinity;
  const number = Number(text);
  if (number > 0) return number;
  const reason =
    "[requests_per_second] must be a float greater than 0. Use -1 to disable throttling.";
  throw illegalArgument(reason, Number.isNaN(number) ? badNumber(text) : {});
}

function badNumber(text: string): Record<string, unknown> {
  return {
    caused_by: { type: "number_format_exception", reason: `For input string: "${text}"` },
  };
}

function readSlices(text: string | undefined): number {
  // The server takes one slice for each shard of the smallest index, up to a limit; with that
  // choice left to it one slice is as good as several.
  if (text === undefined || text === "auto") return 1;
  if (/^\d+$/.test(text) && Number(text) >= 1) return Number(text);
  throw illegalArgument(
    `[slices] must be a positive integer or the string "auto", but was [${text}]`,
    /^-?\d+$/.test(text) ? {} : badNumber(text),
  );
}

/**
 * Reads a script.
 *
 * @throws {EsError} 400 `script_exception` for one that does not parse, or a refusal
 */
export function readBareScript(given: unknown, cluster: Cluster): Script {
  try {
    return readScript(given, (id) => cluster.objects.scripts.get(id)?.source);
  } catch (error) {
    throw bareScriptError(error);
  }
}

/**
 * @throws {EsError} 409 when a document was written after searches saw it last
 */
function checkUnchanged(index: IndexState, document: StoredDocument): void {
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

function removal({ shard, document }: Match): PreparedWrite {
  const { state } = shard;
  const { id, routing } = document;
  const run = (status: ByQueryStatus): void => {
    checkUnchanged(state, document);
    deleteDocument(state, id, { routing });
    status.deleted++;
  };
  return { index: state.name, id, run };
}

function rewriting(cluster: Cluster, { shard, document }: Match): PreparedWrite {
  const { state } = shard;
  const { id, routing } = document;
  const source = keptSource(state.mappings)(document.source);
  if (source === undefined)
    throw illegalArgument(`[${document.index}][${id}] didn't store _source`);
  const text = source === document.source ? sourceText(source) : jsonText(source);
  const run = (status: ByQueryStatus): void => {
    checkUnchanged(state, document);
    indexDocument(cluster, state, id, text, false, { routing });
    status.updated++;
  };
  return { index: state.name, id, run };
}

const rules = { operations: ["noop", "index", "delete"], writable: [] };

function scripted(cluster: Cluster, { shard, document }: Match, script: Script): PreparedWrite {
  const { state } = shard;
  const { id, version, routing } = document;
  const source = keptSource(state.mappings)(document.source);
  if (!isObject(source)) throw illegalArgument(`[${document.index}][${id}] didn't store _source`);
  const seen = { index: state.name, id, version, routing, source, operation: "index" };
  const nowMs = cluster.entropy.nowMs();
  const changed = scriptDocument(script, { ...seen, nowMs }, rules);
  const run = (status: ByQueryStatus): void => {
    if (changed.operation === "noop") {
      status.noops++;
      return;
    }
    checkUnchanged(state, document);
    if (changed.operation === "delete") {
      deleteDocument(state, id, { routing });
      status.deleted++;
    } else {
      indexDocument(cluster, state, id, jsonText(changed.source), false, { routing });
      status.updated++;
    }
  };
  return { index: state.name, id, run };
}
