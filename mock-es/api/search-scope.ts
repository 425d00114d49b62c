/** The shards that a search reads. */
import { EsError, illegalArgument } from "../es-error.ts";
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import type { QueryParameters } from "../rest/query-parameters.ts";
import type { SearchLimits } from "../search/fields/document.ts";
import type { SearchShard } from "../search/shard-search.ts";
import type { Cluster } from "../store/cluster.ts";
import {
  type ResolvedIndex,
  resolveIndices,
  searchIndexOptions,
} from "../store/index-expression.ts";
import type { IndexOptions } from "../store/index-options.ts";
import { checkBlocks } from "../store/block-checks.ts";
import type { BlockLevel } from "../store/index-blocks.ts";
import type { IndexState } from "../store/index-state.ts";
import { type IndexView, viewOf } from "../store/index-view.ts";
import { shardsOfRouting } from "../store/routing.ts";
import { inIndexOrder, isSorted } from "./index-order.ts";
import type { StoredDocument } from "../store/stored-document.ts";

/** One shard of a search. */
export interface ScopeShard extends SearchShard {
  readonly state: IndexState;
  readonly documents: Iterable<StoredDocument> & { readonly size?: number };
  /** True where the caller sees some of the documents only. */
  readonly hidesDocuments?: boolean;
  /** True where the caller sees some of the fields only. */
  readonly hidesFields?: boolean;
}

/** What a search reads. */
export interface SearchScope {
  readonly indices: readonly IndexState[];
  /** Ordered by their numbers, then by the names of their indices. */
  readonly shards: readonly ScopeShard[];
}

/** Which of the shards are wanted. */
export interface ShardChoice {
  /** Routing values with commas between. */
  readonly routing?: string | undefined;
  readonly preference?: string | undefined;
}

/** The choice that a query string makes. */
export function readShardChoice(query: QueryParameters): ShardChoice {
  return { routing: query.text("routing"), preference: query.text("preference") };
}

/**
 * The scope of a search over indices as they are seen now.
 *
 * @param level what their blocks must allow. @default `read`
 * @throws {EsError} 400 for a preference that does not exist
 */
export function scopeOf(
  cluster: Cluster,
  targets: readonly ResolvedIndex[],
  choice: ShardChoice = {},
  level: BlockLevel = "read",
): SearchScope {
  const indices = targets.map((target) => target.index);
  checkBlocks(indices, level);
  const preferred = shardsOfPreference(cluster, targets, choice.preference);
  const shards: ScopeShard[] = [];
  for (const target of targets) {
    const { index, filters } = target;
    index.noteSearch();
    const wanted = shardsOf(target, choice.routing);
    const view = viewOf(cluster, index, undefined, target.names);
    for (const [number, shard] of index.shards.entries()) {
      if (wanted !== undefined && !wanted.has(number)) continue;
      if (preferred !== undefined && !preferred.has(number)) continue;
      const documents = isSorted(index) ? shard.snapshot() : shard.seen();
      const whole = scopeShard(cluster, index, number, documents, filters);
      shards.push(view === undefined ? whole : viewed(whole, view));
    }
  }
  return { indices, shards: shards.length < 2 ? shards : shards.sort(inShardOrder) };
}

/** What a caller sees of a shard: terms are as rare as they are in all of it. */
function viewed(shard: ScopeShard, view: IndexView): ScopeShard {
  const { hidesDocuments, hidesFields, sees } = view;
  const mappings = view.mappings.searched(shard.index);
  if (!hidesDocuments) return { ...shard, mappings, hidesFields };
  const documents = [...shard.documents].filter(sees);
  return { ...shard, mappings, documents, corpus: shard.documents, hidesDocuments, hidesFields };
}

/** A shard of an index, with the documents that are to be read from it. */
export function scopeShard(
  cluster: Cluster,
  index: IndexState,
  shard: number,
  documents: ScopeShard["documents"],
  filters: readonly JsonObject[] | undefined,
): ScopeShard {
  const whole = {
    state: index,
    index: index.name,
    shard,
    mappings: index.mappings.searched(index.name),
    documents,
    limits: limitsOf(cluster, index),
    ...(filters === undefined ? {} : { filters }),
  };
  return isSorted(index) ? { ...whole, documents: inIndexOrder(whole) } : whole;
}

/** What searches of an index may ask for, by its settings and those of the cluster. */
export function limitsOf(cluster: Cluster, index: IndexState): SearchLimits {
  const limits = index.settings.searchLimits;
  const allowsExpensive = cluster.setting("search.allow_expensive_queries") !== "false";
  const allowsIdFielddata = cluster.setting("indices.id_field_data.enabled") === "true";
  return allowsExpensive && !allowsIdFielddata
    ? limits
    : { ...limits, allowsExpensive, allowsIdFielddata };
}

/** The order in which the server puts the results of shards together. */
function inShardOrder(a: ScopeShard, b: ScopeShard): number {
  return a.shard - b.shard || (a.index < b.index ? -1 : a.index > b.index ? 1 : 0);
}

/** Numbers of the shards that routing leads to; `undefined` for all. */
export function shardsOf(
  { index, routings }: ResolvedIndex,
  routing: string | undefined,
): Set<number> | undefined {
  const given = routing?.split(",").map((part) => part.trim());
  const both =
    routings === undefined || given === undefined
      ? (routings ?? given)
      : routings.filter((value) => given.includes(value));
  // Where an alias and the request want different shards, the server reads all of them.
  if (both === undefined || both.length === 0) return undefined;
  return new Set(both.flatMap((value) => shardsOfRouting(index.settings, value)));
}

/** Preferences that choose among copies of a shard, of which there is one here. */
const copyPreferences: ReadonlySet<string> = new Set(["_local", "_only_local", "_prefer_nodes"]);

function shardsOfPreference(
  cluster: Cluster,
  targets: readonly ResolvedIndex[],
  preference: string | undefined,
): Set<number> | undefined {
  if (preference === undefined || !preference.startsWith("_")) return undefined;
  const [first = "", rest] = preference.split("|");
  const [kind = "", argument = ""] = first.split(":");
  if (kind === "_shards") {
    if (rest !== undefined) shardsOfPreference(cluster, targets, rest);
    return new Set(argument.split(",").map(shardNumber));
  }
  if (kind === "_only_nodes") {
    const names = argument.split(",");
    const isHere = names.some(
      (name) => name === cluster.nodeId || name === cluster.profile.nodeName || name === "*",
    );
    const [target] = targets;
    if (isHere || target === undefined) return undefined;
    throw illegalArgument(
      `no data nodes with criteria [${argument}] found for shard: [${target.index.name}][0]`,
    );
  }
  if (copyPreferences.has(kind)) return undefined;
  throw illegalArgument(`no Preference for [${preference}]`);
}

function shardNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new EsError(400, "number_format_exception", `For input string: "${text}"`);
}

/**
 * A scope whose shards score higher or lower, as `indices_boost` says: the first entry counts that
 * names an index.
 *
 * @throws {EsError} 404 for a name that is no index
 */
export function withBoosts(
  cluster: Cluster,
  scope: SearchScope,
  boosts: unknown,
  given: IndexOptions = searchIndexOptions,
): SearchScope {
  if (!Array.isArray(boosts)) return scope;
  const factors = new Map<IndexState, number>();
  for (const entry of boosts as unknown[]) {
    for (const [expression, value] of isObject(entry) ? Object.entries(entry) : []) {
      const options = { ...given, forbidClosed: false, ignoresGrants: true };
      for (const index of resolveIndices(cluster, expression, options))
        if (!factors.has(index)) factors.set(index, toBoost(value));
    }
  }
  const shards = scope.shards.map((shard) => {
    const boost = factors.get(shard.state);
    return boost === undefined ? shard : { ...shard, boost };
  });
  return { ...scope, shards };
}

function toBoost(value: unknown): number {
  const number = Number(value);
  if (Number.isFinite(number)) return Math.fround(number);
  throw illegalArgument(`Failed to parse object: [${textOf(value)}]`);
}
