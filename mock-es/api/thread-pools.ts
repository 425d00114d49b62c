/** The thread pools of the real server on two processors; nothing ever waits in them here. */

/** A thread pool as `_nodes`, `_nodes/stats` and `_cat/thread_pool` tell of it. */
export interface ThreadPool {
  readonly name: string;
  readonly type: "fixed" | "scaling";
  /** Threads of a fixed pool. */
  readonly size: number | undefined;
  /** Least and most threads of a scaling pool. */
  readonly core: number | undefined;
  readonly max: number | undefined;
  readonly keepAlive: string | undefined;
  /** -1: without a limit. */
  readonly queueSize: number;
}

const fixed: Readonly<Record<string, readonly [size: number, queueSize: number]>> = {
  analyze: [1, 16],
  auto_complete: [1, 100],
  cluster_coordination: [1, -1],
  force_merge: [1, -1],
  get: [4, 1000],
  search: [4, 4000],
  search_coordination: [1, 1000],
  system_critical_read: [1, 2000],
  system_critical_write: [1, 1500],
  system_read: [1, 2000],
  system_write: [1, 1000],
  system_write_coordination: [1, 1000],
  write: [2, 10_000],
  write_coordination: [2, 10_000],
};

const scaling: Readonly<Record<string, readonly [core: number, max: number, keepAlive: string]>> = {
  fetch_shard_started: [1, 4, "5m"],
  fetch_shard_store: [1, 4, "5m"],
  flush: [1, 1, "5m"],
  generic: [4, 128, "30s"],
  management: [1, 2, "5m"],
  merge: [1, 2, "5m"],
  refresh: [1, 1, "5m"],
  snapshot: [1, 1, "5m"],
  snapshot_meta: [1, 6, "30s"],
  warmer: [1, 1, "5m"],
};

/** All thread pools by name. */
export const threadPools: readonly ThreadPool[] = [
  ...Object.entries(fixed).map(([name, [size, queueSize]]): ThreadPool => ({
    name,
    type: "fixed",
    size,
    core: undefined,
    max: undefined,
    keepAlive: undefined,
    queueSize,
  })),
  ...Object.entries(scaling).map(([name, [core, max, keepAlive]]): ThreadPool => ({
    name,
    type: "scaling",
    size: undefined,
    core,
    max,
    keepAlive,
    queueSize: -1,
  })),
].sort((a, b) => (a.name < b.name ? -1 : 1));
