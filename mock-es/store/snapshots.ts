/** Snapshot repositories and their snapshots: copies of indices in the memory of the mock. */
import type { JsonObject } from "../json/json-value.ts";
import type { IndexState } from "./index-state.ts";
import { type StoreLimits, StoreUsage } from "./store-usage.ts";
import type { LifecyclePolicy, StoredPipeline, StoredScript } from "./stored-objects.ts";
import type { ComponentTemplate, IndexTemplate, LegacyTemplate } from "./templates.ts";

/** A registered repository. */
export interface Repository {
  readonly name: string;
  /** As they were given, in texts. */
  readonly settings: Readonly<Record<string, string>>;
  readonly contents: RepositoryContents;
}

/** What lies at one location, whatever the repositories are named that see it. */
export interface RepositoryContents {
  readonly uuid: string;
  /** True as soon as something was written; only then is the uuid known. */
  isUsed: boolean;
  /** By name, in the order of their making. */
  readonly snapshots: Map<string, Snapshot>;
}

/** What a snapshot holds besides indices. */
export interface GlobalState {
  readonly persistentSettings: ReadonlyMap<string, string | readonly string[]>;
  readonly indexTemplates: ReadonlyMap<string, IndexTemplate>;
  readonly componentTemplates: ReadonlyMap<string, ComponentTemplate>;
  readonly legacyTemplates: ReadonlyMap<string, LegacyTemplate>;
  readonly pipelines: ReadonlyMap<string, StoredPipeline>;
  readonly scripts: ReadonlyMap<string, StoredScript>;
  readonly lifecyclePolicies: ReadonlyMap<string, LifecyclePolicy>;
}

/** A snapshot, which is whole as soon as it is there. */
export interface Snapshot {
  readonly name: string;
  readonly uuid: string;
  /** Copies by the names that the indices had. */
  readonly indices: ReadonlyMap<string, IndexState>;
  readonly dataStreams: readonly string[];
  /** It says that it holds the state of the cluster; a clone always does. */
  readonly hasGlobalState: boolean;
  readonly global: GlobalState;
  readonly metadata: JsonObject | undefined;
  /** Milliseconds since the epoch. */
  readonly startedMs: number;
}

/** All repositories, and what lies at all locations. */
export class Snapshots {
  readonly repositories = new Map<string, Repository>();
  readonly #locations = new Map<string, RepositoryContents>();
  /** What the copies hold together, each counted whole. */
  readonly usage: StoreUsage;
  #lastStartMs = 0;

  constructor(limits: StoreLimits) {
    this.usage = new StoreUsage(limits);
  }

  /** What lies at a location; nothing at one that was never used. */
  at(location: string, newUuid: () => string): RepositoryContents {
    const known = this.#locations.get(location);
    if (known !== undefined) return known;
    const contents = { uuid: newUuid(), isUsed: false, snapshots: new Map<string, Snapshot>() };
    this.#locations.set(location, contents);
    return contents;
  }

  /**
   * When a snapshot begins: a millisecond after the one before it at the least, so that lists have
   * an order, as with a server, which takes longer.
   */
  startOf(nowMs: number): number {
    this.#lastStartMs = Math.max(nowMs, this.#lastStartMs + 1);
    return this.#lastStartMs;
  }

  /** Removes a snapshot and its copies. */
  delete(contents: RepositoryContents, { name, indices }: Snapshot): void {
    contents.snapshots.delete(name);
    for (const index of indices.values()) index.drop();
  }

  /** Forgets everything. */
  clear(): void {
    for (const contents of this.#locations.values())
      for (const snapshot of contents.snapshots.values()) this.delete(contents, snapshot);
    this.#locations.clear();
    this.repositories.clear();
  }
}

/** What a snapshot holds that was made without the state of the cluster. */
export const noGlobalState: GlobalState = {
  persistentSettings: new Map(),
  indexTemplates: new Map(),
  componentTemplates: new Map(),
  legacyTemplates: new Map(),
  pipelines: new Map(),
  scripts: new Map(),
  lifecyclePolicies: new Map(),
};
