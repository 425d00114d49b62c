/** What the caller of a request sees of an index: the documents and fields that are granted. */
import { EsError, notSupported } from "../es-error.ts";
import { compileQuery } from "../search/queries/query.ts";
import { fieldTest } from "../security/granted-parts.ts";
import type { Cluster } from "./cluster.ts";
import type { IndexState } from "./index-state.ts";
import type { Mappings } from "./mappings.ts";
import type { StoredDocument } from "./stored-document.ts";

/** A part of an index. */
export interface IndexView {
  /** The fields that are granted. */
  readonly mappings: Mappings;
  readonly hidesDocuments: boolean;
  readonly hidesFields: boolean;
  readonly sees: (document: StoredDocument) => boolean;
}

/** What an index is read with. */
const searchAction = "indices:data/read/search";

/**
 * The part of an index that a caller sees; `undefined`: all of it.
 *
 * @param by the names that the request leads to it with: its own, or those of aliases
 */
export function viewOf(
  cluster: Cluster,
  index: IndexState,
  action = searchAction,
  by: readonly string[] = [index.name],
): IndexView | undefined {
  const permission = cluster.access?.caller.permission;
  if (permission === undefined) return undefined;
  const named = [...by, ...(index.dataStream === undefined ? [] : [index.dataStream.name])];
  // Where nobody asked how the index was named, and an alias grants it, it was by that.
  const names = permission.allowsIndex(named, action) ? named : [...index.reachedBy.keys()];
  const restrictions = permission.restrictionsOn(names, action);
  if (restrictions === undefined) return undefined;
  const { queries, fields } = restrictions;
  if (fields.length > 0 && index.mappings.runtimeFields !== undefined)
    throw notSupported("security of fields over runtime fields");
  const options = { index: index.name, nowMs: cluster.entropy.nowMs() };
  const tests = queries.map((alternatives) =>
    alternatives.map((text) => compileQuery(JSON.parse(text), index.mappings, options)),
  );
  return {
    mappings: fields.length === 0 ? index.mappings : index.mappings.restrictedTo(fieldTest(fields)),
    hidesDocuments: queries.length > 0,
    hidesFields: fields.length > 0,
    sees: (document) =>
      tests.every((alternatives) => alternatives.some((score) => score(document) >= 0)),
  };
}

/**
 * Refuses what is not imitated for callers who see a part of an index only.
 *
 * @throws {EsError} 400
 */
export function refuseViews(cluster: Cluster, indices: readonly IndexState[], what: string): void {
  if (cluster.access === undefined) return;
  if (indices.some((index) => viewOf(cluster, index) !== undefined))
    throw notSupported(`${what} with security of documents and fields`);
}

/**
 * Refuses what would show more of an index than a caller sees, who sees a part of it only.
 *
 * @throws {EsError} 400 `security_exception`
 */
export function refuseExposure(
  cluster: Cluster,
  index: IndexState | undefined,
  action: string,
  reason: string,
): void {
  if (index !== undefined && viewOf(cluster, index, action) !== undefined)
    throw new EsError(400, "security_exception", reason);
}

/**
 * Refuses to change a document of which a part is seen only.
 *
 * @param isBulk true for an item of a bulk
 * @throws {EsError} 400 `security_exception`
 */
export function refuseUpdates(cluster: Cluster, index: IndexState, isBulk: boolean): void {
  if (viewOf(cluster, index, "indices:data/write/update") === undefined) return;
  const what = isBulk ? "a bulk item request with update requests embedded" : "an update request";
  const reason = `Can't execute ${what} if field or document level security is enabled`;
  const cause = { type: "security_exception", reason };
  throw new EsError(400, cause.type, reason, isBulk ? { suppressed: [cause] } : {});
}
