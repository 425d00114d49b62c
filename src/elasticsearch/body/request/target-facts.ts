import type { ApiMatch } from "../../api/api-endpoint.ts";
import { decodePathPart } from "../../names/path-part.ts";
import type { CursorKind } from "../cursor-digest.ts";
import type { DocumentRef } from "../document-list.ts";
import { queryParameter } from "../../api/query-parameter.ts";
import type { NameUse, WriteAction } from "./request-facts.ts";
import { writeActions, type RequestRecord } from "./request-record.ts";

/** What a request's target tells: indices, documents, cursors of path and query string. */

/** Endpoints whose last index of the path is made, while the others are read. */
const makesLast = new Set([
  "indices.clone",
  "indices.shrink",
  "indices.split",
  "indices.downsample",
  "indices.create_from",
  "indices.rollover",
]);

/** What becomes of the indices in the path, where the class of the endpoint does not say it. */
const pathUses = new Map<string, NameUse>([
  ["indices.create", "create"],
  ["indices.create_data_stream", "create"],
  ["ccr.follow", "create"],
  ["indices.delete", "delete"],
  ["indices.delete_data_stream", "delete"],
  ["indices.migrate_to_data_stream", "change"],
  ["indices.promote_data_stream", "change"],
]);

/** Endpoints with a cursor as last segment of the path. */
const pathCursors = new Map<string, CursorKind>([
  ["scroll", "scroll"],
  ["clear_scroll", "scroll"],
  ["async_search.get", "async_search"],
  ["async_search.status", "async_search"],
  ["async_search.delete", "async_search"],
  ["esql.async_query_get", "async_esql"],
  ["esql.async_query_stop", "async_esql"],
  ["esql.async_query_delete", "async_esql"],
  ["eql.get", "async_eql"],
  ["eql.get_status", "async_eql"],
  ["eql.delete", "async_eql"],
  ["sql.get_async", "async_sql"],
  ["sql.get_async_status", "async_sql"],
  ["sql.delete_async", "async_sql"],
]);

/** Endpoints whose path is `/{index}/_word/{id}`: the document, and what is done with it. */
const documentPaths = new Map<string, WriteAction | undefined>([
  ...writeActions.map((action) => [action, action] as const),
  ["get", undefined],
  ["get_source", undefined],
  ["exists", undefined],
  ["exists_source", undefined],
  ["explain", undefined],
  ["termvectors", undefined],
]);

/** Adds to a record what the target of its request says. */
export function addTargetFacts(match: ApiMatch, record: RequestRecord): void {
  const { name } = match.endpoint;
  for (const [at, index] of match.indices.entries()) {
    const isLast = at === match.indices.length - 1 && at > 0;
    record.name("index", isLast && makesLast.has(name) ? "create" : pathUse(match), index);
  }
  const pipeline = queryParameter(match.query, "pipeline");
  if (pipeline !== undefined) record.name("pipeline", "read", pipeline);
  addDocument(match, record);
  if (name === "mtermvectors")
    for (const id of queryParameter(match.query, "ids")?.split(",") ?? [])
      record.documents.add(match.indices[0], id, true);
  const cursorKind = pathCursors.get(name);
  const cursor = cursorKind === undefined ? undefined : cursorOf(match, cursorKind);
  if (cursorKind !== undefined && cursor !== undefined)
    for (const id of cursor.split(",")) record.cursor(cursorKind, id);
}

function pathUse({ endpoint }: ApiMatch): NameUse {
  const known = pathUses.get(endpoint.name);
  if (known !== undefined) return known;
  if (makesLast.has(endpoint.name)) return "read";
  // Reindex and by-query calls are writes, whose path names what they go through.
  switch (endpoint.class) {
    case "read":
      return "read";
    case "write":
      return "write";
    case "meta":
      return "name";
    default:
      return "change";
  }
}

/**
 * The document that a target names, in its path or, where that has no id, as a parameter
 * (`/a/_doc?id=1`). Both undefined: it is no target of a document.
 */
export function documentOfPath({ endpoint, path, query, indices }: ApiMatch): DocumentRef {
  if (!documentPaths.has(endpoint.name)) return { index: undefined, id: undefined };
  const segment = segmentsOf(path)[2] ?? "";
  const id = segment === "" ? queryParameter(query, "id") : decodePathPart(segment);
  return { index: indices[0], id };
}

function addDocument(match: ApiMatch, record: RequestRecord): void {
  const { name } = match.endpoint;
  if (!documentPaths.has(name)) return;
  const { index, id } = documentOfPath(match);
  record.documents.add(index, id, id !== undefined);
  const action = documentPaths.get(name);
  if (action === undefined) return;
  const kind = writeActions.indexOf(action);
  if (index === undefined) record.actionWithoutIndex(kind);
  else record.actions.count(record.actions.numberOfText(index), kind);
}

function cursorOf({ path, endpoint, query }: ApiMatch, kind: CursorKind): string | undefined {
  if (kind !== "scroll") return decodePathPart(segmentsOf(path).at(-1) ?? "");
  const segment = segmentsOf(path)[2];
  if (segment !== undefined && segment !== "") return decodePathPart(segment);
  return endpoint.name === "scroll" || endpoint.name === "clear_scroll"
    ? queryParameter(query, "scroll_id")
    : undefined;
}

/** Segments of the path; of an absolute-form target, too (RFC 9112 §3.2.2). */
function segmentsOf(target: string): string[] {
  const path = target.startsWith("/")
    ? target
    : target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, "");
  return path.split("/", 16).slice(1);
}
