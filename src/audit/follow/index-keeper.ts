/** Builds indexes of full segments while a trail is written. */
import { setTimeout as wait } from "node:timers/promises";

import { MissingIndexes } from "../index/missing-indexes.ts";
import type { Segment } from "../read/segment.ts";
import type { FollowerMessage } from "./follower-messages.ts";

/** Between two looks: so long after its last facts a segment may have no index. */
const lookMs = 2000;
/** Building stops for a moment after so long, so that logs are signed in time. Milliseconds. */
const burstMs = 10;

/** A loop of its own in the thread of the follower. Nothing that fails ends it. */
export class IndexKeeper {
  readonly #missing: MissingIndexes;
  readonly #tell: (message: FollowerMessage) => void;
  readonly #stop = new AbortController();
  #pausedMs = 0;
  #told = "";

  /** @throws {Error} of the file system, for a directory that cannot be written */
  constructor(directory: string, tell: (message: FollowerMessage) => void) {
    this.#missing = new MissingIndexes(directory);
    this.#tell = tell;
  }

  /** Ends the loop, and an index that is being built. */
  stop(): void {
    this.#stop.abort();
  }

  /** Resolves after {@link stop}. */
  async run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.look();
      await wait(lookMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Builds what is missing now. @returns how many were built */
  async look(): Promise<number> {
    try {
      return await this.#missing.build({
        pause: () => this.#pause(),
        isStopped: () => this.#stop.signal.aborted,
        failed: ({ name }: Segment, error) => this.#complain(`no index of ${name}`, error),
      });
    } catch (error) {
      this.#complain("no indexes", error);
      return 0;
    }
  }

  async #pause(): Promise<void> {
    if (performance.now() - this.#pausedMs < burstMs) return;
    await wait(0, undefined, { signal: this.#stop.signal });
    this.#pausedMs = performance.now();
  }

  #complain(what: string, error: unknown): void {
    const text = `${what} can be built: ${error instanceof Error ? error.message : String(error)}`;
    if (text === this.#told) return;
    this.#told = text;
    this.#tell({ kind: "log", level: "warn", text });
  }
}
