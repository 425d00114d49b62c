/** `_reindex`: documents of some indices, written to another. */
import {
  illegalArgument,
  notSupported,
  validationFailed,
  xContentParseException,
} from "../es-error.ts";
import { EsError } from "../es-error.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { isObject, type JsonObject, jsonText, textOf } from "../json/json-value.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import { readScript, type Script } from "../script/script.ts";
import { compileSourceFilter, keptSource } from "../search/fetch/source-filter.ts";
import type { Cluster } from "../store/cluster.ts";
import { scriptDocument } from "../store/document-script.ts";
import { deleteDocument, indexDocument } from "../store/document-write.ts";
import { resolveTargets, searchIndexOptions } from "../store/index-expression.ts";
import { sourceText } from "../store/stored-document.ts";
import { writeTarget } from "../store/write-target.ts";
import { readByQueryOptions, statusOf, sumOf, takeMatches, writeAll } from "./by-query.ts";
import { type ByQueryFailure, type ByQueryStatus, renderByQuery } from "./by-query-status.ts";
import { type Match, matchingDocuments } from "./search-run.ts";
import { scopeOf } from "./search-scope.ts";

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
}

function reindex(request: EsRequest, cluster: Cluster): EsReply {
  const { query } = request;
  const body = parseObjectBody(request.body) ?? {};
  checkMembers("reindex", body, members);
  const source = isObject(body["source"]) ? body["source"] : {};
  const dest = isObject(body["dest"]) ? body["dest"] : {};
  checkMembers("source", source, sourceMembers);
  checkMembers("dest", dest, destMembers);
  refuseUncovered(source, dest);
  if (!query.flag("wait_for_completion", true)) throw notSupported("[wait_for_completion=false]");
  const batch = source["size"] === undefined ? undefined : Number(source["size"]);
  const options = readByQueryOptions(query, {
    ...body,
    max_docs: body["max_docs"] ?? body["size"],
  });
  const expression = indexList(source["index"]);
  const name = dest["index"];
  if (expression === undefined)
    throw validationFailed("use _all if you really want to copy from all existing indexes");
  if (name === undefined) throw validationFailed("index is missing");
  const targets = resolveTargets(cluster, expression, searchIndexOptions);
  const destination = readDestination(cluster, dest, body["script"]);
  if (
    destination.script === undefined &&
    targets.some(({ index }) => index.name === destination.index)
  ) {
    throw validationFailed(
      `reindex cannot write into an index its reading from [${destination.index}]`,
    );
  }
  const scope = scopeOf(cluster, targets);
  const asked = source["query"];
  const failures: ByQueryFailure[] = [];
  const keep = compileSourceFilter(source["_source"]);
  const matches = takeMatches(matchingDocuments(cluster, scope, asked), options.maxDocs);
  const status = writeAll(
    matches,
    options,
    (match, counts) => copy(cluster, match, destination, keep, counts),
    failures,
  );
  if (query.flag("refresh", false)) cluster.indices.get(destination.index)?.refresh();
  const value = renderByQuery({
    status: sumOf([status]),
    slices: [],
    failures,
    tookMs: Math.round(performance.now() - request.startedMs),
    batchSize: batch ?? options.batchSize,
    requestsPerSecond: options.requestsPerSecond,
    shows: new Set(["updated", "created"]),
  });
  return jsonReply(value, statusOf(failures));
}

function checkMembers(what: string, body: JsonObject, known: readonly string[]): void {
  for (const key of Object.keys(body)) {
    if (!known.includes(key))
      throw xContentParseException(`[${what}] unknown field [${key}]`).at(body, key, "key");
  }
}

function refuseUncovered(source: JsonObject, dest: JsonObject): void {
  for (const key of ["remote", "sort", "slice", "runtime_mappings"])
    if (source[key] !== undefined) throw notSupported(`[source.${key}] of [reindex]`);
  const { pipeline } = dest;
  if (pipeline !== undefined && pipeline !== "_none")
    throw notSupported("[dest.pipeline] of [reindex]");
}

function indexList(given: unknown): string | undefined {
  if (given === undefined) return undefined;
  return Array.isArray(given) ? given.map(textOf).join(",") : textOf(given);
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
    script:
      script === undefined
        ? undefined
        : readScript(script, (id) => cluster.objects.scripts.get(id)?.source),
  };
}

function copy(
  cluster: Cluster,
  { shard, document }: Match,
  destination: Destination,
  keep: (source: unknown) => unknown,
  status: ByQueryStatus,
): void {
  const kept = keptSource(shard.state.mappings)(document.source);
  const source = kept === undefined ? undefined : (keep(kept) ?? {});
  if (!isObject(source))
    throw illegalArgument(`[${document.index}][${document.id}] didn't store _source`);
  const routing = routingOf(destination.routing, document.routing);
  const changed =
    destination.script === undefined
      ? undefined
      : scriptDocument(
          destination.script,
          {
            index: destination.index,
            id: document.id,
            version: document.version,
            routing,
            source,
            operation: "index",
            nowMs: cluster.entropy.nowMs(),
          },
          ["noop", "index", "delete"],
        );
  const id = changed === undefined ? document.id : changed.id;
  const target = writeTarget(cluster, changed?.index ?? destination.index, {
    isCreation: destination.isCreation,
  });
  if (changed?.operation === "noop") {
    status.noops++;
    return;
  }
  if (changed?.operation === "delete") {
    deleteDocument(target, id ?? "", { routing: changed.routing });
    status.deleted++;
    return;
  }
  const text = changed === undefined ? sourceText(source) : jsonText(changed.source);
  const outcome = indexDocument(cluster, target, id, text, destination.isCreation, {
    routing: changed === undefined ? routing : changed.routing,
    ...(destination.isExternal
      ? { version: document.version, versionType: "external" as const }
      : {}),
  });
  if (outcome.result === "created") status.created++;
  else status.updated++;
}

function routingOf(rule: string, own: string | undefined): string | undefined {
  if (rule === "keep") return own;
  if (rule === "discard") return undefined;
  if (rule.startsWith("=")) return rule.slice(1);
  throw new EsError(400, "illegal_argument_exception", `Unsupported routing command [${rule}]`);
}
