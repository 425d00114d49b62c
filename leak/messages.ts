/** What the parent asks the proxy under test; each question has one answer. */
export type Question =
  | { readonly ask: "probe" }
  | { readonly ask: "snapshot" }
  | { readonly ask: "memory" }
  | { readonly ask: "heap"; readonly file: string }
  | { readonly ask: "plant"; readonly plant: PlantName | "nothing"; readonly every: number }
  | { readonly ask: "disk"; readonly state: DiskState }
  | { readonly ask: "reload"; readonly text: string }
  | { readonly ask: "stop" };

/** An answer on the control channel. */
export type Answer = { readonly value: unknown } | { readonly failure: string };

/** The first message of the proxy under test. */
export interface Ready {
  /** By name, as the proxy announces them. */
  readonly urls: Readonly<Record<string, string>>;
}

/** Leaks that can be planted; see `plants.ts`. */
export type PlantName =
  | "id string"
  | "2 KiB buffer"
  | "exchange"
  | "socket"
  | "timer"
  | "file descriptor";

/**
 * What the disk does to the audit: it works, every write fails with ENOSPC, or `fdatasync` does not
 * end until it works again.
 */
export type DiskState = "works" | "full" | "stalled";

/** A count by name. */
export type Counts = Readonly<Record<string, number>>;

/** What can be looked at without a garbage collection. */
export interface Probe {
  /** Sizes of the proxy's own registries; all zero when nothing runs and no connection is open. */
  readonly registries: Counts;
  /** Histogram of `process.getActiveResourcesInfo()`. */
  readonly resources: Counts;
  /** Entries of `/proc/self/fd`; 0 where there is none. */
  readonly descriptors: number;
}

/** Live objects after a forced collection. */
export interface Snapshot extends Probe {
  /** Instances by class: the proxy's own, and Node's sockets, servers and timers. */
  readonly instances: Counts;
}

/** Live bytes after a forced collection. */
export interface LiveBytes {
  readonly heap: number;
  readonly arrayBuffers: number;
  /** External memory without array buffers: strings, contexts and buffers of native code. */
  readonly external: number;
}
