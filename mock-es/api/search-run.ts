import type { JsonObject } from "../json/json-body.ts";
import type { FieldMappings } from "../search/fields/document.ts";
import { compileQuery } from "../search/queries/query.ts";
import type { SearchHit } from "../search/fetch/hit.ts";
import { runSearch, type SearchResult } from "../search/search.ts";
import type { Cluster } from "../store/cluster.ts";
import type { ResolvedIndex } from "../store/index-expression.ts";
import type { IndexState } from "../store/index-state.ts";
import { sourceText, type StoredDocument } from "../store/stored-document.ts";
import { isMatchAll } from "./search-body.ts";

/** What a search reads: documents, with the mapping that covers all of them. */
export interface SearchScope {
  readonly indices: readonly IndexState[];
  readonly documents: Iterable<StoredDocument>;
  readonly mappings: FieldMappings;
  /** Sum of the primary shards. */
  readonly shards: number;
}

/**
 * The scope of a search over the present state of some indices. Alias filters are applied to the
 * documents.
 */
export function scopeOf(cluster: Cluster, targets: readonly ResolvedIndex[]): SearchScope {
  const indices = targets.map((target) => target.index);
  const mappings = mergedMappings(indices);
  const [only] = targets;
  const parts = targets.map((target) => filtered(cluster, target));
  return {
    indices,
    documents:
      targets.length === 1 && only?.filters === undefined ? (parts[0] ?? []) : chain(parts),
    mappings,
    shards: indices.reduce((sum, index) => sum + index.settings.shards, 0),
  };
}

/** The mapping of one index, or one that asks each index in turn. */
export function mergedMappings(indices: readonly IndexState[]): FieldMappings {
  const [only] = indices;
  if (only !== undefined && indices.length === 1) return only.mappings;
  const first = <T>(read: (index: IndexState) => T | undefined): T | undefined => {
    for (const index of indices) {
      const found = read(index);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return {
    typeOf: (field) => first((index) => index.mappings.typeOf(field)),
    formatOf: (field) => first((index) => index.mappings.formatOf(field)),
    fieldNames: () => new Set(indices.flatMap((index) => [...index.mappings.fieldNames()])),
    ignoreAboveOf: (field) => first((index) => index.mappings.ignoreAboveOf(field)),
  };
}

/** Several collections as one that can be read again. */
export function chain(parts: readonly Iterable<StoredDocument>[]): Iterable<StoredDocument> {
  return {
    *[Symbol.iterator]() {
      for (const part of parts) yield* part;
    },
  };
}

function filtered(cluster: Cluster, target: ResolvedIndex): Iterable<StoredDocument> {
  const { index, filters } = target;
  if (filters === undefined || filters.length === 0) return index.documents();
  const compiled = filters.map((filter) =>
    compileQuery(filter, index.mappings, { index: index.name, nowMs: cluster.entropy.nowMs() }),
  );
  return {
    *[Symbol.iterator]() {
      for (const document of index.documents())
        if (compiled.some((score) => score(document) >= 0)) yield document;
    },
  };
}

/** A search's hits as JSON texts, with what stands around them. */
export interface RenderedHits {
  readonly hits: readonly string[];
  /** `{"value":1,"relation":"eq"}`, or `undefined` when the total is not tracked. */
  readonly total: SearchResult["total"];
  readonly maxScore: number | null;
  readonly aggregations: SearchResult["aggregations"];
  readonly terminatedEarly: boolean | undefined;
}

/**
 * Runs a search body over a scope.
 *
 * @throws {EsError} whatever is wrong with the body
 */
export function search(
  cluster: Cluster,
  scope: SearchScope,
  body: JsonObject,
  typedKeys: boolean,
): RenderedHits {
  for (const index of scope.indices) index.counts.searches++;
  const window = maxResultWindow(scope);
  const plain = matchAllPage(scope, body, window);
  if (plain !== undefined) return plain;
  const result = run(cluster, scope, body, window, typedKeys);
  return { ...result, hits: result.hits.map((hit) => renderHit(cluster, hit)) };
}

/**
 * All hits of a search, kept for a scroll. They are rendered page by page, as most scrolls are
 * long.
 */
export interface AllHits extends Omit<RenderedHits, "hits"> {
  /** JSON texts of the hits from a position up to another. */
  readonly page: (from: number, to: number) => string[];
}

/**
 * Finds every hit of a search body, without the limit of a result window.
 *
 * @throws {EsError} whatever is wrong with the body
 */
export function searchAll(
  cluster: Cluster,
  scope: SearchScope,
  body: JsonObject,
  typedKeys: boolean,
): AllHits {
  for (const index of scope.indices) index.counts.searches++;
  const [only] = scope.indices;
  if (only !== undefined && matchAllPage(scope, { ...body, size: 0 }, Infinity) !== undefined) {
    const documents = only.snapshot();
    return {
      page: (from, to) => documents.slice(from, to).map(renderPlainHit),
      total: { value: documents.length, relation: "eq" },
      maxScore: documents.length === 0 ? null : 1,
      aggregations: undefined,
      terminatedEarly: undefined,
    };
  }
  let size = 0;
  for (const _document of scope.documents) size++;
  const result = run(
    cluster,
    scope,
    { ...body, size: Math.max(size, 1), track_total_hits: true },
    Infinity,
    typedKeys,
  );
  return {
    ...result,
    page: (from, to) => result.hits.slice(from, to).map((hit) => renderHit(cluster, hit)),
  };
}

function run(
  cluster: Cluster,
  scope: SearchScope,
  body: JsonObject,
  window: number,
  typedKeys: boolean,
) {
  const { hits, total, maxScore, aggregations, terminatedEarly } = runSearch(
    body,
    scope.documents,
    scope.mappings,
    {
      index: scope.indices[0]?.name ?? "_all",
      nowMs: cluster.entropy.nowMs(),
      maxResultWindow: window,
      typedKeys,
    },
  );
  return { hits, total, maxScore, aggregations, terminatedEarly };
}

function maxResultWindow(scope: SearchScope): number {
  let least = Infinity;
  for (const index of scope.indices) least = Math.min(least, index.settings.maxResultWindow);
  return least === Infinity ? 10_000 : least;
}

const plainMembers: ReadonlySet<string> = new Set(["query", "size", "from", "track_total_hits"]);

/**
 * A page of everything, in the order of writing, straight from the stored texts; `undefined` when
 * the body asks for more than that.
 */
function matchAllPage(
  scope: SearchScope,
  body: JsonObject,
  window: number,
): RenderedHits | undefined {
  for (const name in body) if (!plainMembers.has(name)) return undefined;
  const { size = 10, from = 0, track_total_hits: tracked = 10_000, query } = body;
  if (
    typeof size !== "number" ||
    typeof from !== "number" ||
    size < 0 ||
    from < 0 ||
    from + size > window
  )
    return undefined;
  if (!Number.isInteger(size) || !Number.isInteger(from) || !isMatchAll(query)) return undefined;
  const [only] = scope.indices;
  if (only === undefined || scope.indices.length > 1 || scope.documents !== only.documents())
    return undefined;
  const total = totalOf(only.documentCount, tracked);
  if (total === "refused") return undefined;
  const hits: string[] = [];
  let at = 0;
  const end = from + size;
  for (const document of scope.documents) {
    if (at >= end) break;
    if (at >= from) hits.push(renderPlainHit(document));
    at++;
  }
  return {
    hits,
    total,
    maxScore: size === 0 || only.documentCount === 0 ? null : 1,
    aggregations: undefined,
    terminatedEarly: undefined,
  };
}

function totalOf(count: number, tracked: unknown): RenderedHits["total"] | "refused" {
  if (tracked === false) return undefined;
  if (tracked === true) return { value: count, relation: "eq" };
  if (typeof tracked !== "number" || tracked < 0 || !Number.isInteger(tracked)) return "refused";
  return count > tracked ? { value: tracked, relation: "gte" } : { value: count, relation: "eq" };
}

function renderPlainHit(document: StoredDocument): string {
  const routing =
    document.routing === undefined ? "" : `"_routing":${JSON.stringify(document.routing)},`;
  return `{"_index":${JSON.stringify(document.index)},"_id":${JSON.stringify(document.id)},"_score":1.0,${routing}"_source":${document.text}}`;
}

function renderHit(cluster: Cluster, hit: SearchHit): string {
  const index = cluster.indices.get(hit._index);
  const routing = index?.hasRouting === true ? index.find(hit._id ?? "")?.routing : undefined;
  let text = "{";
  for (const [name, value] of Object.entries(hit)) {
    const rendered =
      name === "_source"
        ? sourceText(value)
        : name === "_score"
          ? renderFloat(value)
          : JSON.stringify(value);
    text += `${text === "{" ? "" : ","}"${name}":${rendered}`;
    if (name === "_score" && routing !== undefined)
      text += `,"_routing":${JSON.stringify(routing)}`;
  }
  return `${text}}`;
}

/** A floating-point number as the server writes it: with a fraction even when that is zero. */
export function renderFloat(value: unknown): string {
  if (typeof value !== "number") return "null";
  return Number.isInteger(value) && Math.abs(value) < 1e7 ? `${value}.0` : String(value);
}

/** The object `hits` of an answer; `totalAsNumber` for `rest_total_hits_as_int`. */
export function renderHits(found: RenderedHits, totalAsNumber: boolean): string {
  return renderHitList(found.hits, renderTotal(found, totalAsNumber), renderFloat(found.maxScore));
}

/** The member `"total":…,` of `hits`; empty when the total is not tracked. */
export function renderTotal(found: Pick<RenderedHits, "total">, totalAsNumber: boolean): string {
  const { total } = found;
  if (total === undefined) return totalAsNumber ? `"total":-1,` : "";
  return totalAsNumber
    ? `"total":${total.value},`
    : `"total":{"value":${total.value},"relation":"${total.relation}"},`;
}

/** `hits` from its parts. */
export function renderHitList(hits: readonly string[], total: string, maxScore: string): string {
  return `{${total}"max_score":${maxScore},"hits":[${hits.join(",")}]}`;
}

/** `_shards` of a search. */
export function renderShards(shards: number): string {
  return `{"total":${shards},"successful":${shards},"skipped":0,"failed":0}`;
}

/** The complete answer of a search; `prefix` holds `_scroll_id` or `pit_id`. */
export function renderSearch(
  found: RenderedHits,
  scope: SearchScope,
  tookMs: number,
  totalAsNumber: boolean,
  prefix = "",
): string {
  const hits =
    scope.indices.length === 0
      ? `{${renderTotal(found, totalAsNumber)}"max_score":0.0,"hits":[]}`
      : renderHits(found, totalAsNumber);
  const early =
    found.terminatedEarly === undefined ? "" : `"terminated_early":${found.terminatedEarly},`;
  const aggregations =
    found.aggregations === undefined ? "" : `,"aggregations":${JSON.stringify(found.aggregations)}`;
  return `{${prefix}"took":${tookMs},"timed_out":false,${early}"_shards":${renderShards(scope.shards)},"hits":${hits}${aggregations}}`;
}

/**
 * Counts the documents that a query matches.
 *
 * @throws {EsError} for a query that is none
 */
export function countMatches(cluster: Cluster, scope: SearchScope, query: unknown): number {
  const [only] = scope.indices;
  if (
    isMatchAll(query) &&
    only !== undefined &&
    scope.indices.length === 1 &&
    scope.documents === only.documents()
  ) {
    return only.documentCount;
  }
  const score = compileQuery(query, scope.mappings, {
    index: only?.name ?? "_all",
    nowMs: cluster.entropy.nowMs(),
  });
  let count = 0;
  for (const document of scope.documents) if (score(document) >= 0) count++;
  return count;
}

/** Documents that a query matches, in the order of writing. */
export function matchingDocuments(
  cluster: Cluster,
  scope: SearchScope,
  query: unknown,
): StoredDocument[] {
  const score = compileQuery(query, scope.mappings, {
    index: scope.indices[0]?.name ?? "_all",
    nowMs: cluster.entropy.nowMs(),
  });
  const found: StoredDocument[] = [];
  for (const document of scope.documents) if (score(document) >= 0) found.push(document);
  return found;
}
