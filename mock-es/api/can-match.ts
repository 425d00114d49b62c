/** `index_filter`: indices of which no shard can have what a query asks for are left out. */
import { EsError, notSupported } from "../es-error.ts";
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import { compileQuery } from "../search/queries/query.ts";
import type { Cluster } from "../store/cluster.ts";
import type { IndexState } from "../store/index-state.ts";

/** Queries on one field that no value rules out: the server only looks at its mapping. */
const onField: ReadonlySet<string> = new Set(
  "term terms match match_phrase prefix wildcard regexp fuzzy range exists".split(" "),
);

/**
 * False for an index that a query finds nothing in, as far as its mapping and the least and the
 * largest dates say it; documents are not looked at.
 *
 * @throws {EsError} 400 for a query that cannot be, or whose answer depends on how it is rewritten
 */
export function passes(cluster: Cluster, index: IndexState, filter: unknown): boolean {
  if (filter === undefined) return true;
  return hasMatch(cluster, index, filter) || canMatch(cluster, index, filter);
}

/** As {@link passes}: an index of which the filter cannot be asked is left in. */
export function mayPass(cluster: Cluster, index: IndexState, filter: unknown): boolean {
  try {
    return passes(cluster, index, filter);
  } catch (error) {
    if (!(error instanceof EsError) || error.type !== "search_phase_execution_exception")
      throw error;
    return true;
  }
}

function hasMatch(cluster: Cluster, index: IndexState, filter: unknown): boolean {
  const score = compileQuery(filter, index.mappings.searched(index.name), {
    index: index.name,
    nowMs: cluster.entropy.nowMs(),
  });
  for (const shard of index.shards)
    for (const document of shard.seen()) if (score(document) >= 0) return true;
  return false;
}

function canMatch(cluster: Cluster, index: IndexState, filter: unknown): boolean {
  const [type = "", body] = isObject(filter) ? (Object.entries(filter)[0] ?? []) : [];
  if (type === "match_all") return true;
  if (type === "match_none") return false;
  if (type === "bool" && isObject(body)) return boolCanMatch(cluster, index, body);
  if (!onField.has(type) || !isObject(body))
    throw notSupported(`[index_filter] with a query [${type}] that finds nothing`);
  const name = type === "exists" ? textOf(body["field"]) : nameOf(body);
  const mappings = index.mappings.searched(index.name);
  if (name.startsWith("_")) throw notSupported(`[index_filter] on the field [${name}]`);
  const field = mappings.find(name);
  if (field === undefined) return false;
  if (type !== "range" || !field.type.startsWith("date")) return true;
  // The dates of the index and those that are asked for overlap.
  const range = body[name];
  if (!isObject(range)) return true;
  const { gte, gt, from, lte, lt, to, ...rest } = range;
  const below = Object.entries({ lte, lt, to });
  const above = Object.entries({ gte, gt, from });
  return [below, above].every((ends) => {
    const one = Object.fromEntries(ends.filter(([, value]) => value !== undefined));
    return hasMatch(cluster, index, { range: { [name]: { ...rest, ...one } } });
  });
}

function nameOf(body: JsonObject): string {
  return Object.keys(body).find((name) => name !== "boost" && name !== "_name") ?? "";
}

function boolCanMatch(cluster: Cluster, index: IndexState, body: JsonObject): boolean {
  const clauses = (name: string): readonly unknown[] =>
    body[name] === undefined ? [] : ([body[name]].flat() as readonly unknown[]);
  if (clauses("must_not").length > 0)
    throw notSupported("[index_filter] with [must_not] that finds nothing");
  const needed = [...clauses("must"), ...clauses("filter")];
  const should = clauses("should");
  const can = (clause: unknown): boolean => canMatch(cluster, index, clause);
  return needed.every(can) && (needed.length > 0 || should.length === 0 || should.some(can));
}
