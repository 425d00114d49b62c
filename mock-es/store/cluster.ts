/** Everything that one mock Elasticsearch keeps. */
import { EsError, illegalArgument } from "../es-error.ts";
import type { Profile } from "../profile.ts";
import { Security, type SecurityOptions } from "../security/security.ts";
import { type AliasMetadata, ofStream } from "./alias-metadata.ts";
import { aliasesIn, type AliasOwner, AliasTable } from "./alias-table.ts";
import { makeNodes, type ClusterNode } from "./cluster-node.ts";
import { backingName, timestampMapping, writeIndexOf } from "./data-streams.ts";
import { newDataStream, streamTemplate } from "./new-data-stream.ts";
import { createIdentifiers, type Entropy, type Identifiers } from "./identifiers.ts";
import { checkClusterBlocks } from "./block-checks.ts";
import { IndexBuilder, type IndexDefinition, withoutAliases } from "./index-builder.ts";
import { resolveDateMath } from "./date-math-name.ts";
import { checkIndexName } from "./index-name.ts";
import { IndexSettings } from "./index-settings.ts";
import { type DataStream, IndexState } from "./index-state.ts";
import type { RequestAccess } from "./request-access.ts";
import { SearchContexts } from "./search-contexts.ts";
import { type StoreLimits, StoreUsage } from "./store-usage.ts";
import { Snapshots } from "./snapshots.ts";
import { StoredObjects } from "./stored-objects.ts";
import { Templates } from "./templates.ts";

/** Default of `cluster.max_shards_per_node`. */
const defaultMaxShards = 1000;

/** Options of a cluster. */
export interface ClusterOptions {
  /** False: a write to a missing index is refused. */
  readonly autoCreatesIndices: boolean;
  /** Writes are seen by searches at once, without a refresh. */
  readonly isInstant: boolean;
  readonly limits: StoreLimits;
  /** Nodes; one has all the data. @default 1 */
  readonly nodes?: number;
  /** `node.attr.*` of the nodes. @default none */
  readonly nodeAttributes?: Readonly<Record<string, string>>;
  /** Callers must prove who they are, and have privileges. @default everybody may do everything */
  readonly security?: SecurityOptions | undefined;
}

/** A node that may not vote for a master. */
export interface VotingExclusion {
  readonly node_id: string;
  readonly node_name: string;
}

/** The store of one mock: every index, alias, template and open search, and its nodes. */
export class Cluster {
  readonly profile: Profile;
  readonly entropy: Entropy;
  readonly identifiers: Identifiers;
  readonly uuid: string;
  /** The first one has the data. */
  readonly nodes: readonly [ClusterNode, ...ClusterNode[]];
  readonly startedMs: number;
  readonly options: ClusterOptions;
  readonly indices = new Map<string, IndexState>();
  readonly dataStreams = new Map<string, DataStream>();
  readonly templates = new Templates();
  readonly objects = new StoredObjects();
  readonly snapshots: Snapshots;
  readonly builder: IndexBuilder;
  readonly contexts: SearchContexts;
  readonly persistentSettings = new Map<string, string | readonly string[]>();
  readonly transientSettings = new Map<string, string | readonly string[]>();
  /** Grows with every change of indices, aliases or templates. */
  stateVersion = 1;
  readonly usage: StoreUsage;
  /** Users, roles and keys; `undefined`: there is no security. */
  security: Security | undefined;
  /** Of the request that is being answered; `undefined`: everything is granted. */
  #access: RequestAccess | undefined;
  /** Nodes that may not vote for a master, as they were named. */
  readonly votingExclusions: VotingExclusion[] = [];
  readonly #aliases = new AliasTable();

  constructor(profile: Profile, entropy: Entropy, options: ClusterOptions) {
    this.profile = profile;
    this.entropy = entropy;
    this.identifiers = createIdentifiers(entropy);
    this.uuid = this.identifiers.uuid();
    const { nodes = 1, nodeAttributes = {} } = options;
    this.nodes = makeNodes(nodes, profile.nodeName, entropy, this.identifiers, nodeAttributes);
    this.startedMs = entropy.nowMs();
    this.options = options;
    this.usage = new StoreUsage(options.limits);
    this.builder = new IndexBuilder(this);
    this.snapshots = new Snapshots(options.limits);
    this.contexts = new SearchContexts(entropy);
    this.security = options.security === undefined ? undefined : new Security(options.security);
  }

  /** What the caller of the request that is being answered may touch; `undefined`: everything. */
  get access(): RequestAccess | undefined {
    return this.#access;
  }

  /** Answers a request within what its caller may touch. Nothing else runs meanwhile. */
  answerWithin<T>(access: RequestAccess | undefined, answer: () => T): T {
    this.#access = access;
    this.contexts.owner = access?.owner;
    try {
      return answer();
    } finally {
      this.#access = undefined;
      this.contexts.owner = undefined;
    }
  }

  /**
   * Said by a handler that has read its request: whether somebody may ask is told before what it
   * finds wrong from here on.
   */
  beginAction(): void {
    // Nothing has to be done; a stand-in for this cluster ends here.
  }

  /** Of the node that has the data. */
  get nodeId(): string {
    return this.nodes[0].id;
  }

  /** Of the node that has the data: `host:port` of its HTTP listener. */
  get httpAddress(): string {
    return this.nodes[0].httpAddress;
  }

  /** `action.auto_create_index`: which writes to missing indices create them. */
  get autoCreation(): string {
    return this.setting("action.auto_create_index") ?? String(this.options.autoCreatesIndices);
  }

  /** True when a setting forbids operations on the whole cluster. */
  get hasBlocks(): boolean {
    return (
      this.setting("cluster.blocks.read_only") === "true" ||
      this.setting("cluster.blocks.read_only_allow_delete") === "true"
    );
  }

  /** A setting of the cluster, transient before persistent; `undefined` when it is not set. */
  setting(name: string): string | undefined {
    const value = this.transientSettings.get(name) ?? this.persistentSettings.get(name);
    return value === undefined || typeof value === "string" ? value : value.join(",");
  }

  /** Indices behind an alias, `undefined` when there is no such alias. */
  indicesOfAlias(alias: string): ReadonlySet<IndexState> | undefined {
    return this.#aliases.indicesOf(alias);
  }

  aliasNames(): Iterable<string> {
    return this.#aliases.names();
  }

  /** @throws {EsError} 500 where indices and data streams would share an alias */
  setAlias(owner: AliasOwner, alias: string, metadata: AliasMetadata): void {
    this.#aliases.set(owner, alias, metadata);
    this.stateVersion++;
  }

  removeAlias(owner: AliasOwner, alias: string): void {
    this.#aliases.remove(owner, alias);
    this.stateVersion++;
  }

  /** True for the name of an index or a data stream. */
  isTaken(name: string): boolean {
    return this.indices.has(name) || this.dataStreams.has(name);
  }

  /**
   * Creates an index; templates that match its name contribute what the definition leaves open.
   *
   * @param usesTemplates false: they do not
   * @throws {EsError} 400 for a bad name, setting or mapping, or when the name is taken
   */
  createIndex(name: string, definition: IndexDefinition = {}, usesTemplates = true): IndexState {
    checkClusterBlocks(this, "metadata_write", name);
    this.checkFree(name);
    const layers = usesTemplates ? this.templates.layersFor(name) : [];
    return this.#add(name, [...layers, definition]);
  }

  /** @throws {EsError} 400 for a name that an index cannot have, or that is taken */
  checkFree(name: string): void {
    checkIndexName(name);
    const taken = this.indices.get(name);
    if (taken !== undefined) {
      throw new EsError(
        400,
        "resource_already_exists_exception",
        `index [${name}/${taken.uuid}] already exists`,
        {
          index_uuid: taken.uuid,
          index: name,
        },
      );
    }
    const winner = this.templates.winnerFor(name);
    if (winner?.template.data_stream !== undefined)
      throw illegalArgument(
        `cannot create index with name [${name}], because it matches with template [${winner.name}] that creates data streams only, use create data stream api instead`,
      );
    if (this.indicesOfAlias(name) !== undefined) {
      throw new EsError(
        400,
        "invalid_index_name_exception",
        `Invalid index name [${name}], already exists as alias`,
        {
          index_uuid: "_na_",
          index: name,
        },
      );
    }
  }

  /** Makes an index of a name that is free. */
  #add(name: string, layers: readonly IndexDefinition[]): IndexState {
    const index = this.builder.build(name, layers);
    this.#checkRoom(index);
    const aliases = aliasesIn(
      layers,
      (alias) => this.isTaken(alias),
      (alias) => resolveDateMath(this, alias.replaceAll("{index}", name)),
    );
    for (const [alias, { is_write_index: isWritten }] of aliases) {
      this.#aliases.checkShared(alias, false);
      const writer = isWritten === true ? this.#writerOf(alias) : undefined;
      if (writer === undefined) continue;
      const reason = `alias [${alias}] has more than one write index [${name},${writer.name}]`;
      throw new EsError(500, "illegal_state_exception", reason);
    }
    this.indices.set(name, index);
    for (const [alias, metadata] of aliases) this.setAlias(index, alias, metadata);
    this.stateVersion++;
    return index;
  }

  #writerOf(alias: string): IndexState | undefined {
    const members = [...(this.indicesOfAlias(alias) ?? [])];
    return members.find((index) => index.aliases.get(alias)?.is_write_index === true);
  }

  /** @throws {EsError} 400 when a node would have more shards than it may */
  #checkRoom({ settings }: IndexState): void {
    const most = Number(this.setting("cluster.max_shards_per_node") ?? defaultMaxShards);
    const shardsOf = ({ shards, replicas }: IndexSettings): number => shards * (1 + replicas);
    let open = 0;
    for (const index of this.indices.values())
      if (!index.isClosed) open += shardsOf(index.settings);
    const added = shardsOf(settings);
    if (open + added <= most) return;
    throw new EsError(
      400,
      "validation_exception",
      `Validation Failed: 1: this action would add [${added}] shards, but this cluster currently has [${open}]/[${most}] maximum normal shards open; for more information, see https://www.elastic.co/docs/deploy-manage/production-guidance/optimize-performance/size-shards?version=9.5#troubleshooting-max-shards-open;`,
    );
  }

  /**
   * Creates a data stream, with its first index, from the template that matches its name.
   *
   * @throws {EsError} 400 when no template of data streams does, or the name is taken
   */
  createDataStream(name: string, backing?: readonly IndexState[]): DataStream {
    checkClusterBlocks(this, "metadata_write", name);
    const stream = newDataStream(this, name);
    const aliases = aliasesIn(
      this.templates.layersFor(name),
      (alias) => alias === name || this.isTaken(alias),
      (alias) => alias,
    );
    for (const alias of aliases.keys()) this.#aliases.checkShared(alias, true);
    if (backing === undefined) this.#addBacking(stream);
    else this.setBacking(stream, backing);
    stream.generation = 1;
    this.dataStreams.set(name, stream);
    for (const [alias, metadata] of aliases) this.setAlias(stream, alias, ofStream(metadata));
    return stream;
  }

  /** Writes go to a new index from here on. @returns the indices before and now */
  rollOver(stream: DataStream): readonly [old: IndexState, young: IndexState] {
    const old = writeIndexOf(stream);
    const young = this.#addBacking(stream);
    old.rolledOverMs = young.createdMs;
    return [old, young];
  }

  /** Gives other indices to a data stream, that of the last generation last. */
  setBacking(stream: DataStream, backing: readonly IndexState[]): void {
    for (const index of stream.backing.filter((each) => !backing.includes(each))) {
      this.#aliases.leave(index);
      index.dataStream = undefined;
    }
    for (const index of backing) {
      index.dataStream = stream;
      this.#aliases.join(index);
    }
    stream.backing.splice(0, Infinity, ...backing);
    this.stateVersion++;
  }

  deleteDataStream(stream: DataStream): void {
    this.dataStreams.delete(stream.name);
    for (const index of stream.backing) this.deleteIndex(index);
  }

  #addBacking(stream: DataStream): IndexState {
    const name = backingName(stream.name, stream.generation + 1, this.entropy.nowMs());
    const index = this.#add(name, [
      { mappings: timestampMapping, settings: { "index.hidden": "true" } },
      ...this.templates.layersOf(streamTemplate(this, stream.name).template).map(withoutAliases),
    ]);
    index.settings.set("index.routing.allocation.include._tier_preference", "data_hot");
    index.dataStream = stream;
    stream.backing.push(index);
    this.#aliases.join(index);
    stream.generation += 1;
    return index;
  }

  /** @throws {EsError} 400 for the index that a data stream is written to */
  deleteIndex(index: IndexState): void {
    const stream = index.dataStream;
    if (stream !== undefined && this.dataStreams.has(stream.name)) {
      if (writeIndexOf(stream) === index)
        throw illegalArgument(
          `index [${index.name}] is the write index for data stream [${stream.name}] and cannot be deleted`,
        );
      stream.backing.splice(stream.backing.indexOf(index), 1);
    }
    this.#aliases.leave(index);
    this.indices.delete(index.name);
    index.drop();
    this.contexts.dropIndex(index.name);
    this.stateVersion++;
  }

  /** Forgets everything but the identity of the cluster. */
  clear(): void {
    for (const stream of this.dataStreams.values()) this.deleteDataStream(stream);
    for (const index of this.indices.values()) this.deleteIndex(index);
    this.contexts.clear();
    this.templates.clear();
    this.objects.clear();
    this.snapshots.clear();
    this.persistentSettings.clear();
    this.transientSettings.clear();
    const { security } = this.options;
    if (security !== undefined) this.security = new Security(security);
  }

  /**
   * Puts a copy of an index in place, under a name that is free or that of a closed index.
   *
   * @param change aliases that come with it, settings, and those that are left out
   */
  restoreIndex(
    copy: IndexState,
    name: string,
    change: {
      readonly aliases: readonly string[];
      readonly settings: ReadonlyMap<string, string | readonly string[] | null>;
      readonly without: (setting: string) => boolean;
    },
  ): IndexState {
    const earlier = this.indices.get(name);
    const uuid = earlier?.uuid ?? this.identifiers.uuid();
    const flat = new Map([...copy.settings.entries()].filter(([key]) => !change.without(key)));
    for (const [key, value] of change.settings) {
      if (value === null) flat.delete(key);
      else flat.set(key, value);
    }
    flat.set("index.uuid", uuid);
    const settings = new IndexSettings(flat);
    const identity = { name, uuid, createdMs: copy.createdMs };
    if (earlier !== undefined) this.deleteIndex(earlier);
    const index = this.builder.adopting(copy, identity, settings);
    this.indices.set(name, index);
    for (const alias of change.aliases) this.setAlias(index, alias, copy.aliases.get(alias) ?? {});
    this.stateVersion++;
    return index;
  }
}
