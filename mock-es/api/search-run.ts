/** Running searches over the store. */
import { viewOf } from "../store/index-view.ts";
import { EsError, notSupported } from "../es-error.ts";
import { floatJson } from "../json/java-number.ts";
import { isObject, type JsonObject, jsonText } from "../json/json-value.ts";
import { keptSource } from "../search/fetch/source-filter.ts";
import type { SearchHit } from "../search/fetch/hit.ts";
import { compileQuery } from "../search/queries/query.ts";
import { runSearch, type SearchResult } from "../search/search.ts";
import { isTrue, type SearchOptions } from "../search/shard-search.ts";
import type { CompletionOption, SuggestResult } from "../search/suggest/suggest.ts";
import type { Cluster } from "../store/cluster.ts";
import { readTarget } from "../store/write-target.ts";
import { sourceText, type StoredDocument } from "../store/stored-document.ts";
import { isMatchAll } from "./search-body.ts";
import type { RunOptions } from "./search-run-options.ts";
import { noteSearch } from "./search-statistics.ts";
import type { ScopeShard, SearchScope } from "./search-scope.ts";

/** A search's hits as JSON texts, with what stands around them. */
export interface RenderedHits extends Omit<SearchResult, "hits" | "suggest"> {
  readonly hits: readonly string[];
  /** JSON text of `suggest`; `undefined` without any. */
  readonly suggest?: string | undefined;
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
  options: RunOptions = {},
): RenderedHits {
  noteSearch(scope, body, options);
  const plain = matchAllPage(scope, body);
  if (plain !== undefined) return plain;
  const result = run(cluster, scope, body, options);
  const { suggest, ...rest } = result;
  return {
    ...rest,
    hits: result.hits.map(renderHit),
    ...(suggest === undefined ? {} : { suggest: renderSuggest(suggest) }),
  };
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
  options: RunOptions = {},
): AllHits {
  if (body["suggest"] !== undefined) throw notSupported("[suggest] in a scroll");
  if (isTrue(body["profile"])) throw notSupported("[profile] in a scroll");
  noteSearch(scope, body, options);
  const [only] = scope.shards;
  if (only !== undefined && matchAllPage(scope, { ...body, size: 0 }) !== undefined) {
    const documents = [...only.documents];
    return {
      page: (from, to) => documents.slice(from, to).map(renderPlainHit),
      total: { value: documents.length, relation: "eq" },
      maxScore: documents.length === 0 ? null : one,
      ...whole,
    };
  }
  let size = 0;
  for (const shard of scope.shards) for (const _document of shard.documents) size++;
  const everything = { ...body, size: Math.max(size, 1), track_total_hits: true };
  const result = run(cluster, scope, everything, options, Infinity);
  const { suggest: _suggest, ...rest } = result;
  return {
    ...rest,
    page: (from, to) => result.hits.slice(from, to).map(renderHit),
  };
}

/** What a search of shards that did not fail says about them. */
const whole = { failures: [], failedShards: 0 } as const;

/** The score 1 as it is written. */
const one = 1;

/** What reads whole sources, so that it would show fields that are not granted. */
const readingSources = /"(runtime_mappings|script\w*|\w+_script|inner_hits|more_like_this)":/;

/** What the server refuses where a caller sees some of the documents only. */
function checkHidden({ shards }: SearchScope, body: JsonObject): void {
  const hidden = shards.some(({ hidesFields }) => hidesFields === true)
    ? readingSources.exec(jsonText(body))
    : null;
  if (hidden !== null) throw notSupported(`[${hidden[1]}] with security of fields`);
  if (!shards.some(({ hidesDocuments }) => hidesDocuments === true)) return;
  const reason =
    body["suggest"] !== undefined
      ? "Suggest isn't supported if document level security is enabled"
      : isTrue(body["profile"])
        ? "A search request cannot be profiled if document level security is enabled"
        : undefined;
  if (reason !== undefined) throw new EsError(400, "security_exception", reason);
}

function run(
  cluster: Cluster,
  scope: SearchScope,
  body: JsonObject,
  options: RunOptions,
  window?: number,
): SearchResult {
  checkHidden(scope, body);
  const { isDfs = false, typedKeys = false, totalAsNumber = false, allowsPartialResults } = options;
  const { showsNamedScores = false } = options;
  // A search with vectors asks all shards first, and takes their statistics together.
  const isCommon = isDfs || body["knn"] !== undefined;
  const shards =
    isCommon && scope.shards.length > 1 ? withCommonStatistics(scope.shards) : scope.shards;
  const maxBuckets = cluster.setting("search.max_buckets");
  return runSearch(body, shards, {
    ...surroundings(cluster),
    typedKeys,
    totalAsNumber,
    showsNamedScores,
    ...(allowsPartialResults === undefined ? {} : { allowsPartialResults }),
    ...(window === undefined ? {} : { maxResultWindow: window }),
    ...(maxBuckets === undefined ? {} : { maxBuckets: Number(maxBuckets) }),
  });
}

/** What queries may ask of the cluster. */
export function surroundings(cluster: Cluster): Pick<
  SearchOptions,
  "nowMs" | "nodeId" | "fetchSource" | "findScript" | "findRuleset"
> & {
  readonly nowMs: number;
} {
  return {
    nodeId: cluster.nodeId,
    nowMs: cluster.entropy.nowMs(),
    findRuleset: (id) => cluster.objects.queryRulesets.get(id),
    findScript: (id) => cluster.objects.scripts.get(id)?.source,
    fetchSource: (name, id, routing) => {
      const action = "indices:data/read/get";
      cluster.access?.check([name], action);
      const index = readTarget(cluster, name, action);
      const view = viewOf(cluster, index, action, [name]);
      const document = index.find(id, routing);
      return document === undefined || view?.sees(document) === false
        ? undefined
        : keptSource(view?.mappings ?? index.mappings)(document.source);
    },
  };
}

function withCommonStatistics(shards: readonly ScopeShard[]): ScopeShard[] {
  const statistics: Iterable<StoredDocument> = {
    *[Symbol.iterator]() {
      for (const shard of shards) yield* shard.documents;
    },
  };
  return shards.map((shard) => ({ ...shard, statistics }));
}

const plainMembers: ReadonlySet<string> = new Set(["query", "size", "from", "track_total_hits"]);

/**
 * A page of everything, in the order of writing, straight from the stored texts; `undefined` when
 * the body asks for more than that.
 */
function matchAllPage(scope: SearchScope, body: JsonObject): RenderedHits | undefined {
  for (const name in body) if (!plainMembers.has(name)) return undefined;
  const { size = 10, from = 0, track_total_hits: tracked = 10_000, query } = body;
  const [only] = scope.shards;
  if (only === undefined || scope.shards.length > 1 || !isPlain(only)) return undefined;
  if (typeof size !== "number" || typeof from !== "number" || size < 0 || from < 0)
    return undefined;
  if (size === 0 && tracked === true) return undefined;
  if (!Number.isInteger(size) || !Number.isInteger(from) || !isMatchAll(query)) return undefined;
  if (from + size > (only.limits?.maxResultWindow ?? 0)) return undefined;
  const count = countOf(only);
  const total = totalOf(count, tracked);
  if (total === "refused") return undefined;
  const hits: string[] = [];
  let at = 0;
  const end = from + size;
  for (const document of only.documents) {
    if (at >= end) break;
    if (at >= from) hits.push(renderPlainHit(document));
    at++;
  }
  return { hits, total, maxScore: size === 0 || count === 0 ? null : one, ...whole };
}

/** True for a shard whose documents are answered as they were written. */
function isPlain(shard: ScopeShard): boolean {
  return (
    shard.filters === undefined &&
    shard.boost === undefined &&
    shard.mappings.sourceParts === undefined &&
    shard.mappings.hiddenFields === undefined
  );
}

function countOf({ documents }: ScopeShard): number {
  if (documents.size !== undefined) return documents.size;
  return Array.isArray(documents) ? documents.length : [...documents].length;
}

function totalOf(count: number, tracked: unknown): RenderedHits["total"] | "refused" {
  if (tracked === false) return undefined;
  if (tracked === true) return { value: count, relation: "eq" };
  if (typeof tracked !== "number" || tracked < 0 || !Number.isInteger(tracked)) return "refused";
  return count > tracked ? { value: tracked, relation: "gte" } : { value: count, relation: "eq" };
}

function renderPlainHit(document: StoredDocument): string {
  const { index, id, routing, ignored, text } = document;
  const extra =
    (ignored === undefined ? "" : `"_ignored":${JSON.stringify(ignored)},`) +
    (routing === undefined ? "" : `"_routing":${JSON.stringify(routing)},`);
  return `{"_index":${JSON.stringify(index)},"_id":${JSON.stringify(id)},"_score":1.0,${extra}"_source":${text}}`;
}

function renderSuggest(suggest: SuggestResult): string {
  const members = [...suggest].map(([name, entries]) => {
    const texts = entries.map(({ text, offset, length, options }) => {
      const shown = options.map((option) =>
        "hit" in option
          ? `{"text":${jsonText(option.text)},${contextsText(option)}${renderHit(option.hit).slice(1)}`
          : jsonText(option),
      );
      const outline = jsonText({ text, offset, length }).slice(0, -1);
      return `${outline},"options":[${shown.join(",")}]}`;
    });
    return `${jsonText(name)}:[${texts.join(",")}]`;
  });
  return `{${members.join(",")}}`;
}

function contextsText({ contexts }: CompletionOption): string {
  return contexts === undefined ? "" : `"contexts":${jsonText(contexts)},`;
}

function renderHit(hit: SearchHit): string {
  let text = "";
  for (const [name, value] of Object.entries(hit)) {
    const rendered = name === "_source" ? sourceText(value) : memberText(value);
    text += `${text === "" ? "" : ","}"${name}":${rendered}`;
  }
  return `{${text}}`;
}

/** JSON text of a member, of the commonest scores at once. */
function memberText(value: unknown): string {
  return value === floatJson(1) ? "1.0" : jsonText(value);
}

/** What a count found. */
export interface Count extends Pick<SearchResult, "failures" | "failedShards"> {
  readonly count: number;
  readonly terminatedEarly?: boolean | undefined;
}

/**
 * Counts the documents that a query matches.
 *
 * @throws {EsError} for a query that is none
 */
export function countMatches(cluster: Cluster, scope: SearchScope, body: JsonObject): Count {
  const { query, ...rest } = body;
  const isSimple = Object.keys(rest).length === 0 && isMatchAll(query);
  if (isSimple && scope.shards.every(isPlain)) {
    const count = scope.shards.reduce((sum, shard) => sum + countOf(shard), 0);
    return { count, ...whole };
  }
  const result = run(cluster, scope, { ...body, size: 0, track_total_hits: true }, {});
  const { failures, failedShards } = result;
  const terminatedEarly =
    body["terminate_after"] === undefined ? undefined : result.terminatedEarly;
  return { count: result.total?.value ?? 0, failures, failedShards, terminatedEarly };
}

/** A document that a query found, with the shard that it is in. */
export interface Match {
  readonly shard: ScopeShard;
  readonly document: StoredDocument;
}

/** Documents that a query matches, shard after shard in the order of writing. */
export function* matchingDocuments(
  cluster: Cluster,
  scope: SearchScope,
  query: unknown,
): Iterable<Match> {
  const context = surroundings(cluster);
  for (const shard of scope.shards) {
    const { index, mappings, limits, filters } = shard;
    const options = { index, ...context, ...(limits === undefined ? {} : { limits }) };
    const scores = [query, ...(filters === undefined ? [] : [anyOf(filters)])].map((part) =>
      compileQuery(part, mappings, options),
    );
    for (const document of shard.documents)
      if (scores.every((score) => score(document) >= 0)) yield { shard, document };
  }
}

/** A query that any of some queries satisfies. */
export function anyOf(queries: readonly JsonObject[]): JsonObject {
  const [only] = queries;
  return only !== undefined && queries.length === 1 && isObject(only)
    ? only
    : { bool: { should: queries } };
}
