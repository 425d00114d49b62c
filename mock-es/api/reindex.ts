/** `_reindex`: documents of some indices, written to another. */
import { refuseViews } from "../store/index-view.ts";
import {
  emptyIndexName,
  EsError,
  illegalArgument,
  notSupported,
  validationFailed,
  xContentParseException,
} from "../es-error.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { isObject, type JsonObject, jsonText, textOf, tokenOf } from "../json/json-value.ts";
import type { EsReply, EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Script } from "../script/script.ts";
import { compileSourceFilter, keptSource } from "../search/fetch/source-filter.ts";
import type { Cluster } from "../store/cluster.ts";
import { scriptDocument } from "../store/document-script.ts";
import { writeIndexOf } from "../store/data-streams.ts";
import { deleteDocument, indexDocument } from "../store/document-write.ts";
import { resolveTargets, searchIndexOptions } from "../store/index-expression.ts";
import type { IndexState } from "../store/index-state.ts";
import { sourceText } from "../store/stored-document.ts";
import { pendingWrite } from "../store/ingest.ts";
import { writeTarget } from "../store/write-target.ts";
import { readBareScript, readByQueryOptions } from "./by-query.ts";
import { type ByQueryOptions, type PreparedWrite, runSlices, sumOf } from "./by-query-run.ts";
import type { ByQueryAnswer, ByQueryStatus } from "./by-query-status.ts";
import { replyByQuery, scriptDescription } from "./by-query-task.ts";
import { type Match, matchingDocuments } from "./search-run.ts";
import { scopeOf } from "./search-scope.ts";
import { refuseActiveShards } from "./write-parameters.ts";
import { toJavaText } from "../values/java-text.ts";
import { inMember } from "../json/object-parser.ts";

/** `_reindex`. */
export const reindexRoutes: readonly Route[] = routesOf(
  "reindex",
  "required",
  ["POST /_reindex"],
  reindex,
);

const members = ["source", "dest", "script", "conflicts", "max_docs", "size"];
const sourceMembers = [
  "index",
  "query",
  "size",
  "sort",
  "slice",
  "_source",
  "remote",
  "runtime_mappings",
];
const destMembers = ["index", "op_type", "routing", "version_type", "pipeline"];

/** Where documents go, and how. */
interface Destination {
  readonly index: string;
  readonly isCreation: boolean;
  readonly isExternal: boolean;
  /** `keep`, `discard`, or `=value`. */
  readonly routing: string;
  readonly script: Script | undefined;
  /** Name of a pipeline; `undefined`: that of the index. */
  readonly pipeline: string | undefined;
}

function reindex(request: EsRequest, cluster: Cluster): EsReply {
  const { query } = request;
  const body = parseObjectBody(request.body) ?? {};
  checkMembers("reindex", body, members);
  checkKinds(body);
  const source = isObject(body["source"]) ? body["source"] : {};
  const dest = isObject(body["dest"]) ? body["dest"] : {};
  checkMembers("source", source, sourceMembers);
  checkMembers("dest", dest, destMembers);
  refuseUncovered(source);
  const batch = source["size"] === undefined ? undefined : Number(source["size"]);
  const { max_docs: most, size } = body;
  if (most !== undefined && size !== undefined && textOf(most) !== textOf(size))
    throw illegalArgument(
      `[max_docs] set to two different values [${textOf(size)}] and [${textOf(most)}]`,
    );
  const options = readByQueryOptions(query, { ...body, max_docs: most ?? size });
  const expression = indexList(source["index"]);
  const name = dest["index"];
  if (expression === undefined || expression === "")
    throw validationFailed("use _all if you really want to copy from all existing indexes");
  if (name === undefined) throw validationFailed("index must be specified");
  const routing = textOf(dest["routing"] ?? "keep");
  if (!/^(?:keep|discard|=.*)$/.test(routing)) {
    throw validationFailed("routing must be unset, [keep], [discard] or [=<some new value>]");
  }
  if (batch === 0) throw validationFailed("[size] cannot be [0] in a scroll context");
  const destination = readDestination(cluster, dest, body["script"]);
  const wanted = {
    expression,
    source,
    destination,
    options: { ...options, batchSize: batch ?? options.batchSize },
  };
  if (source["_source"] === false)
    throw illegalArgument("_source:false is not supported in this context");
  const script = scriptDescription(body["script"], destination.script);
  return replyByQuery(request, cluster, {
    action: "indices:data/write/reindex",
    description: `reindex from [${expression}]${script} to [${destination.index}]`,
    perform: () => perform(request, cluster, wanted),
  });
}

/** What a request asks for. */
interface Wanted {
  readonly expression: string;
  readonly source: JsonObject;
  readonly destination: Destination;
  readonly options: ByQueryOptions;
}

function perform(request: EsRequest, cluster: Cluster, wanted: Wanted): ByQueryAnswer {
  const { expression, source, destination, options } = wanted;
  const targets = resolveTargets(cluster, expression, searchIndexOptions);
  const written = existingTarget(cluster, destination);
  if (targets.some(({ index }) => index === written))
    throw validationFailed(
      `reindex cannot write into an index its reading from [${written?.name ?? ""}]`,
    );
  refuseActiveShards(request.query, written === undefined ? [] : [written], written === undefined);
  refuseViews(
    cluster,
    targets.map(({ index }) => index),
    "[_reindex]",
  );
  const asked = source["query"];
  const keep = compileSourceFilter(source["_source"]);
  const { slices, failures } = runSlices(
    scopeOf(cluster, targets),
    options,
    (part) => matchingDocuments(cluster, part, asked),
    (match) => copying(cluster, match, destination, keep),
  );
  if (request.query.flag("refresh", false)) cluster.indices.get(destination.index)?.refresh();
  return {
    status: sumOf(slices),
    slices,
    failures,
    tookMs: Math.round(performance.now() - request.startedMs),
    requestsPerSecond: options.requestsPerSecond,
    shows: new Set(["updated", "created"]),
  };
}

function checkMembers(what: string, body: JsonObject, known: readonly string[]): void {
  for (const key of Object.keys(body)) {
    if (!known.includes(key))
      throw xContentParseException(`[${what}] unknown field [${key}]`).at(body, key, "key");
  }
}

function refuseUncovered(source: JsonObject): void {
  for (const key of ["remote", "sort", "slice", "runtime_mappings"])
    if (source[key] !== undefined) throw notSupported(`[source.${key}] of [reindex]`);
}

function indexList(given: unknown): string | undefined {
  if (given === undefined || given === null) return undefined;
  const list = Array.isArray(given) ? (given as readonly unknown[]) : [given];
  if (list.some((one) => typeof one !== "string"))
    throw illegalArgument(
      `Expected [index] to be a list of a string but was [${toJavaText(given)}]`,
    );
  if (Array.isArray(given) && given.includes("")) throw emptyIndexName();
  return list.join(",");
}

/** @throws {EsError} 400 for members of other kinds than the server reads */
function checkKinds(body: JsonObject): void {
  const { source, dest, conflicts, max_docs: most, size } = body;
  for (const [name, value] of Object.entries({ source, dest }))
    if (value !== undefined && !isObject(value)) throw unlike(name, body, name);
  for (const name of ["index", "op_type", "routing", "version_type", "pipeline"]) {
    const value = isObject(dest) ? dest[name] : undefined;
    if (value !== undefined && typeof value !== "string" && isObject(dest))
      inMember("reindex", "dest", body, () => {
        throw unlike(name, dest, "dest");
      });
  }
  if (conflicts !== undefined && typeof conflicts !== "string")
    throw unlike("conflicts", body, "reindex");
  for (const [name, value] of Object.entries({ max_docs: most, size })) {
    if (value === undefined || typeof value === "number") continue;
    if (typeof value !== "string" || !/^[+-]?\d+(?:\.\d*)?$/.test(value))
      throw unlike(name, body, "reindex");
  }
}

function unlike(name: string, holder: JsonObject, parser: string): EsError {
  const reason = `[${parser}] ${name} doesn't support values of type: ${tokenOf(holder[name])}`;
  return xContentParseException(reason).at(holder, name);
}

function readDestination(cluster: Cluster, dest: JsonObject, script: unknown): Destination {
  const operation = textOf(dest["op_type"] ?? "index");
  if (operation !== "index" && operation !== "create")
    throw illegalArgument(`opType must be 'create' or 'index', found: [${operation}]`);
  const versions = textOf(dest["version_type"] ?? "internal");
  if (versions !== "internal" && versions !== "external" && versions !== "external_gte")
    throw illegalArgument(`No version type match [${versions}]`);
  return {
    index: textOf(dest["index"]),
    isCreation: operation === "create",
    isExternal: versions !== "internal",
    routing: textOf(dest["routing"] ?? "keep"),
    pipeline: readPipeline(cluster, dest["pipeline"]),
    script: script === undefined ? undefined : readBareScript(script, cluster),
  };
}

/** @throws {EsError} 400 for a pipeline that is not there */
function readPipeline(cluster: Cluster, given: unknown): string | undefined {
  if (given === undefined) return undefined;
  const name = textOf(given);
  if (name !== "_none" && !cluster.objects.pipelines.has(name))
    throw illegalArgument(`pipeline with id [${name}] does not exist`);
  return name;
}

const rules = {
  operations: ["noop", "index", "delete"],
  writable: ["_index", "_id", "_version", "_routing"],
};

function copying(
  cluster: Cluster,
  { shard, document }: Match,
  destination: Destination,
  keep: (source: unknown) => unknown,
): PreparedWrite {
  const kept = keptSource(shard.state.mappings)(document.source);
  const source = kept === undefined ? undefined : (keep(kept) ?? {});
  if (!isObject(source))
    throw illegalArgument(`[${document.index}][${document.id}] didn't store _source`);
  const routing = routingOf(destination.routing, document.routing);
  const { index, script, isCreation, isExternal } = destination;
  const { id, version } = document;
  const seen = { index, id, version, routing, source, operation: "index" };
  const nowMs = cluster.entropy.nowMs();
  const changed = script === undefined ? seen : scriptDocument(script, { ...seen, nowMs }, rules);
  // Without a version the document is written whatever is there.
  const isForced = changed.version === null;
  if (!isForced && changed.version !== version)
    throw notSupported("[ctx._version] written by a script of [reindex]");
  const run = (status: ByQueryStatus): void => {
    if (changed.operation === "noop") {
      status.noops++;
      return;
    }
    const open = (name: string) => writeTarget(cluster, name, { isCreation });
    if (changed.operation === "delete") {
      deleteDocument(open(changed.index), changed.id ?? "", { routing: changed.routing });
      status.deleted++;
      return;
    }
    const text = script === undefined ? sourceText(source) : jsonText(changed.source);
    const going = { index: changed.index, id: changed.id, routing: changed.routing };
    const pending = pendingWrite(cluster, going, text, destination.pipeline, open);
    if (pending === "dropped") {
      status.updated++; // as the server counts it
      return;
    }
    const outcome = indexDocument(cluster, pending.index, pending.id, pending.text, isCreation, {
      routing: pending.routing,
      ...(isExternal && !isForced ? { version, versionType: "external" as const } : {}),
    });
    if (outcome.result === "created") status.created++;
    else status.updated++;
  };
  return { index: changed.index, id: changed.id ?? "", run };
}

/** The index that is written to, where it is there already. */
function existingTarget(
  cluster: Cluster,
  { index: name, isCreation }: Destination,
): IndexState | undefined {
  const stream = isCreation ? cluster.dataStreams.get(name) : undefined;
  if (stream !== undefined) return writeIndexOf(stream);
  const isAlias = cluster.indicesOfAlias(name) !== undefined;
  return isAlias ? writeTarget(cluster, name, { isCreation }) : cluster.indices.get(name);
}

function routingOf(rule: string, own: string | undefined): string | undefined {
  if (rule === "keep") return own;
  return rule === "discard" ? undefined : rule.slice(1);
}
