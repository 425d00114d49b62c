/** One index: its documents, mappings, settings and aliases. */
import type { JsonObject } from "../json/json-value.ts";
import type { AliasMetadata } from "./alias-metadata.ts";
import type { IndexSettings } from "./index-settings.ts";
import type { Mappings } from "./mappings.ts";
import { shardOf } from "./routing.ts";
import { type Removal, ShardState } from "./shard-state.ts";
import type { StoreUsage } from "./store-usage.ts";
import type { StoredDocument, Writing } from "./stored-document.ts";

/** Counters behind `_stats` and the cat endpoints. */
export interface OperationCounts {
  indexed: number;
  deleted: number;
  gets: number;
  getsMissing: number;
  /** Shards that searches read. */
  searches: number;
  /** Shards that hits were fetched from. */
  fetches: number;
  /** Shards that were asked for suggestions and nothing else. */
  suggests: number;
  refreshes: number;
  flushes: number;
  merges: number;
  /** Documents that were refused for a version conflict. */
  failed: number;
  noopUpdates: number;
  /** Searches that the request cache of the real server would have answered, and would not. */
  cacheHits: number;
  cacheMisses: number;
}

/** Searches that named themselves as part of a group. */
export interface GroupCounts {
  readonly queries: number;
  readonly fetches: number;
}

/** What an index is told of the cluster that it is in. */
export interface IndexSurroundings {
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
  /** Writes are seen by searches at once, without a refresh. */
  readonly isInstant: boolean;
  /** What all indices together hold. */
  readonly usage: StoreUsage;
}

/** What a template says of the data streams that it makes. */
export interface DataStreamTemplate {
  readonly hidden: boolean;
  readonly allow_custom_routing: boolean;
}

/** One data stream. */
export interface DataStream {
  readonly name: string;
  /** Name of the index template that it was made by. */
  readonly template: string;
  /** `_meta` of that template; `undefined`: it has none. */
  readonly meta: JsonObject | undefined;
  readonly options: DataStreamTemplate;
  /** Its indices, the oldest first. */
  readonly backing: IndexState[];
  /** Grows with every rollover. */
  generation: number;
  /** What would happen to its indices as time goes by; `undefined`: nothing. */
  lifecycle: JsonObject | undefined;
  readonly aliases: Map<string, AliasMetadata>;
}

/** Default of `index.refresh_interval`. */
const defaultRefreshMs = 1000;
/** Default of `index.search.idle.after`: a shard that nobody searches is not refreshed. */
const idleAfterMs = 30_000;

/** One index. */
export class IndexState {
  readonly name: string;
  readonly uuid: string;
  readonly createdMs: number;
  readonly settings: IndexSettings;
  readonly mappings: Mappings;
  readonly shards: readonly ShardState[];
  /** Its own; an index of a data stream has none. */
  readonly aliases = new Map<string, AliasMetadata>();
  readonly counts: OperationCounts = {
    indexed: 0,
    deleted: 0,
    gets: 0,
    getsMissing: 0,
    searches: 0,
    fetches: 0,
    suggests: 0,
    refreshes: 0,
    flushes: 0,
    merges: 0,
    failed: 0,
    noopUpdates: 0,
    cacheHits: 0,
    cacheMisses: 0,
  };
  readonly searchGroups = new Map<string, GroupCounts>();
  /** Bytes of field data that sorts and aggregations of the real server would have loaded. */
  readonly fielddata = new Map<string, number>();
  /** Searches since the last refresh, as a request cache keeps them. */
  readonly cachedRequests = new Set<string>();
  /** What was written since the last flush, as a translog keeps it. */
  readonly unflushed = { operations: 0, characters: 0 };
  isClosed = false;
  /** The index that it was cloned, shrunk or split from; `undefined`: none. */
  resizedFrom: string | undefined = undefined;
  /** The snapshot that it was restored from; `undefined`: none. */
  restoredFrom:
    | { readonly repository: string; readonly snapshot: string; readonly index: string }
    | undefined = undefined;
  /** When writes went to another index from there on; `undefined`: they have not. */
  rolledOverMs: number | undefined = undefined;
  /** The data stream that it belongs to; `undefined`: none. */
  dataStream: DataStream | undefined = undefined;
  /** Sum of the UTF-16 lengths of all sources, as an estimate of the store's size in bytes. */
  sourceBytes = 0;
  readonly #surroundings: IndexSurroundings;
  readonly #only: ShardState | undefined;
  #writes = 0;
  /** When the first write since the last refresh came; `undefined` when there is none. */
  #dirtyMs: number | undefined;
  #searchedMs: number;

  constructor(
    identity: { readonly name: string; readonly uuid: string; readonly createdMs: number },
    settings: IndexSettings,
    mappings: Mappings,
    surroundings: IndexSurroundings,
  ) {
    this.name = identity.name;
    this.uuid = identity.uuid;
    this.createdMs = identity.createdMs;
    this.settings = settings;
    this.mappings = mappings;
    this.shards = Array.from({ length: settings.shards }, () => new ShardState());
    this.#only = this.shards.length === 1 ? this.shards[0] : undefined;
    this.#surroundings = surroundings;
    this.#searchedMs = identity.createdMs;
  }

  /** Aliases that lead here: its own, or those of its data stream. */
  get reachedBy(): ReadonlyMap<string, AliasMetadata> {
    return (this.dataStream ?? this).aliases;
  }

  /** Documents as they are now, seen by searches or not. */
  get documentCount(): number {
    return this.shards.reduce((sum, shard) => sum + shard.documentCount, 0);
  }

  /** Number that the next write gets. */
  get nextWrite(): number {
    return this.#writes;
  }

  /** The shard of a document. */
  shardFor(id: string, routing: string | undefined): ShardState {
    if (this.#only !== undefined) return this.#only;
    const shard = this.shards[this.shardNumber(id, routing)];
    if (shard === undefined) throw new Error(`index ${this.name} has no shard for ${id}`);
    return shard;
  }

  /** Number of the shard of a document. */
  shardNumber(id: string, routing: string | undefined): number {
    return shardOf(this.settings, id, routing);
  }

  /** A document as it is now. It is found with the routing that it was written with only. */
  find(id: string, routing?: string): StoredDocument | undefined {
    return this.shardFor(id, routing).find(id);
  }

  /** A document as searches see it. */
  findSeen(id: string, routing?: string): StoredDocument | undefined {
    return this.shardFor(id, routing).findSeen(id);
  }

  /** All documents as they are now. */
  *documents(): Iterable<StoredDocument> {
    for (const shard of this.shards) yield* shard.live();
  }

  /** To be called when a search begins: refreshes what has waited for longer than the interval. */
  noteSearch(): void {
    const now = this.#surroundings.nowMs();
    const isIdle = now - this.#searchedMs >= idleAfterMs;
    this.#searchedMs = now;
    if (this.#dirtyMs === undefined) return;
    const interval = this.settings.refreshIntervalMs;
    if (interval === -1) return;
    const waitedMs = now - this.#dirtyMs;
    // Only with the default interval is an idle shard left alone until it is searched.
    if (waitedMs >= (interval ?? defaultRefreshMs) || (interval === undefined && isIdle))
      this.#refreshShards();
  }

  /** Makes all writes seen, or those of one shard. */
  refresh(shard?: number): void {
    this.counts.refreshes++;
    if (shard === undefined) this.#refreshShards();
    else {
      this.shards[shard]?.refresh();
      this.cachedRequests.clear();
      if (!this.shards.some((other) => other.isDirty)) this.#dirtyMs = undefined;
    }
  }

  /** To be called when the index is flushed or closed: its translog is empty then. */
  flush(): void {
    this.unflushed.operations = this.unflushed.characters = 0;
  }

  #refreshShards(): void {
    if (this.#dirtyMs !== undefined) this.cachedRequests.clear();
    this.#dirtyMs = undefined;
    for (const shard of this.shards) shard.refresh();
  }

  /** Version that the next write of an id gets: one more than the last. */
  nextVersion(id: string, routing: string | undefined): number {
    return this.shardFor(id, routing).nextVersion(id);
  }

  /**
   * Stores a document under its id, replacing an earlier version.
   *
   * @throws {EsError} 429 when the mock holds as much as it may
   */
  put(writing: Writing): StoredDocument {
    const { id, text, routing } = writing;
    const shard = this.shardFor(id, routing);
    const earlier = shard.find(id);
    const characters = text.length - (earlier?.text.length ?? 0);
    this.#surroundings.usage.add(earlier === undefined ? 1 : 0, characters);
    const stored = shard.put(this.name, writing, this.#writes++, earlier);
    this.sourceBytes += characters;
    this.counts.indexed++;
    this.mappings.isDefined = true;
    this.#noteWrite(shard, text.length);
    return stored;
  }

  /**
   * Removes a document. Answers the version and sequence number of the deletion, which exist even
   * if there was no document.
   */
  remove(id: string, routing: string | undefined, version?: number): Removal {
    const shard = this.shardFor(id, routing);
    const earlier = shard.find(id);
    if (earlier !== undefined) {
      this.#surroundings.usage.remove(1, earlier.text.length);
      this.sourceBytes -= earlier.text.length;
      this.counts.deleted++;
    }
    this.#writes++;
    const removal = shard.remove(id, version);
    this.#noteWrite(shard, 0);
    return removal;
  }

  /**
   * Takes over the documents of another index, with their versions and sequence numbers.
   *
   * @throws {EsError} 429 when the mock would hold more than it may
   */
  adopt(source: IndexState): void {
    this.#surroundings.usage.add(source.documentCount, source.sourceBytes);
    const documents = [...source.documents()].sort((a, b) => a.seqNo - b.seqNo);
    for (const document of documents)
      this.shardFor(document.id, document.routing).adopt(this.name, document);
    this.sourceBytes = source.sourceBytes;
    this.#writes = source.nextWrite;
    this.resizedFrom = source.name;
  }

  /** To be called when the index is deleted. */
  drop(): void {
    this.#surroundings.usage.remove(this.documentCount, this.sourceBytes);
  }

  #noteWrite(shard: ShardState, characters: number): void {
    this.unflushed.operations++;
    this.unflushed.characters += characters;
    if (this.#surroundings.isInstant) {
      shard.refresh();
      this.cachedRequests.clear();
    } else this.#dirtyMs ??= this.#surroundings.nowMs();
  }
}
