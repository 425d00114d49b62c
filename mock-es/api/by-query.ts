import type { estypes } from "@elastic/elasticsearch";
import { EsError, illegalArgument, validationFailed } from "../es-error.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { isJsonObject, parseObjectBody } from "../json/json-body.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { indexDocument } from "../store/document-write.ts";
import { resolveTargets, searchIndexOptions } from "../store/index-expression.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import { readQueryOnly } from "./search-body.ts";
import { matchingDocuments, scopeOf } from "./search-run.ts";

/** `_delete_by_query`, and `_update_by_query` without a script. */
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

const members: ReadonlySet<string> = new Set(["query", "max_docs", "conflicts", "slice", "sort"]);

function run(request: EsRequest, cluster: Cluster, deletes: boolean): EsReply {
  const body = parseObjectBody(request.body) ?? {};
  if (body["script"] !== undefined) throw illegalArgument("scripts are not supported by mock-es");
  if (request.query.text("wait_for_completion") === "false") {
    throw illegalArgument(
      "[wait_for_completion=false] is not supported by mock-es: it has no tasks",
    );
  }
  const query = readQueryOnly(request, members);
  if (deletes && query === undefined) throw validationFailed("query is missing");
  if (query !== undefined && !isJsonObject(query)) {
    throw new EsError(
      400,
      "parsing_exception",
      "[query] query malformed, must start with start_object",
    );
  }
  const options = readIndexOptions(request.query, searchIndexOptions);
  const scope = scopeOf(cluster, resolveTargets(cluster, request.pathParameters["index"], options));
  const maxDocs = readMaxDocs(request, body["max_docs"]);
  const documents = matchingDocuments(cluster, scope, query).slice(0, maxDocs);
  for (const document of documents) {
    const index = cluster.indices.get(document.index);
    if (index === undefined) continue;
    if (deletes) index.remove(document.id);
    else
      indexDocument(cluster, index, document.id, document.text, false, {
        routing: document.routing,
      });
  }
  const count = documents.length;
  const scrollSize = request.query.integer("scroll_size") ?? 1000;
  const value: estypes.DeleteByQueryResponse & estypes.UpdateByQueryResponse = {
    took: Math.round(performance.now() - request.startedMs),
    timed_out: false,
    total: count,
    ...(deletes ? {} : { updated: count }),
    deleted: deletes ? count : 0,
    batches: Math.ceil(count / scrollSize),
    version_conflicts: 0,
    noops: 0,
    retries: { bulk: 0, search: 0 },
    throttled_millis: 0,
    requests_per_second: -1,
    throttled_until_millis: 0,
    failures: [],
  };
  return jsonReply(value);
}

function readMaxDocs(request: EsRequest, fromBody: unknown): number {
  const maxDocs =
    request.query.integer("max_docs") ?? (typeof fromBody === "number" ? fromBody : undefined);
  if (maxDocs === undefined) return Infinity;
  if (maxDocs > 0) return maxDocs;
  throw illegalArgument(`[max_docs] parameter cannot be negative, found [${maxDocs}]`);
}
