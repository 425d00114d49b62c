/** Builds the indexes of full segments that have none, or one of something else. */
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

import { derivedBytes } from "../facts/coverage.ts";
import { factsKey, factsStem } from "../facts/facts-files.ts";
import { CatalogError, listJournals } from "../read/catalog.ts";
import type { Segment } from "../read/segment.ts";
import { buildIndex } from "./index-builder.ts";
import { IndexFile } from "./index-file.ts";
import { indexEnding } from "./index-format.ts";
import { DocumentHasher } from "./index-keys.ts";
import { canSeekIn } from "./segment-mark.ts";

/** What is done meanwhile, and told. */
export interface IndexingListener {
  /** Called every few milliseconds; what waits may run meanwhile. A failure ends the index. */
  pause(): Promise<void>;
  /** Whether no more is to be built. */
  isStopped(): boolean;
  /** An index was built. @param bytes of its segment */
  built?(segment: Segment, bytes: number): void;
  /** One could not be built; the others are. */
  failed(segment: Segment, error: unknown): void;
}

/** The indexes of a directory; one object for many looks. */
export class MissingIndexes {
  readonly #directory: string;
  readonly #hasher: DocumentHasher;
  /** Segments that need none, by name, with what tells that they are the same still. */
  readonly #settled = new Map<string, string>();

  /** @throws {Error} of the file system, for a directory that cannot be written */
  constructor(directory: string) {
    this.#directory = directory;
    this.#hasher = new DocumentHasher(factsKey(directory));
  }

  /** Segments of which all facts are known, and which have no index that fits. */
  list(): Segment[] {
    return listedSegments(this.#directory).filter((segment) => this.#isMissing(segment));
  }

  /** Builds what is missing. @returns how many were built */
  async build(listener: IndexingListener): Promise<number> {
    let count = 0;
    for (const segment of this.list()) {
      if (listener.isStopped()) break;
      try {
        const [directory, hasher] = [this.#directory, this.#hasher];
        const pause = (): Promise<void> => listener.pause();
        const entries = await buildIndex({ directory, segment, hasher, pause });
        if (entries !== undefined) {
          count += 1;
          listener.built?.(segment, segment.size);
        }
      } catch (error) {
        if (listener.isStopped()) break;
        listener.failed(segment, error);
      }
      // Also when it could not be built: until something changes it cannot.
      this.#settled.set(segment.name, this.#stateOf(segment));
    }
    return count;
  }

  #isMissing(segment: Segment): boolean {
    if (!segment.isSealed) return false;
    const state = this.#stateOf(segment);
    if (this.#settled.get(segment.name) === state) return false;
    if (this.#hasIndex(segment) || !canSeekIn(segment)) {
      this.#settled.set(segment.name, state);
      return false;
    }
    return derivedBytes(this.#directory, segment) === Infinity;
  }

  /** One that does not fit is removed: records that it knows may have been erased. */
  #hasIndex(segment: Segment): boolean {
    try {
      const file = IndexFile.open(this.#directory, segment);
      if (file === undefined) return false;
      const isOwn = file.keyName === this.#hasher.name;
      file.close();
      if (isOwn) return true;
    } catch {
      // It is of no use, whatever is wrong with it.
    }
    rmSync(this.#pathOf(segment), { force: true });
    return false;
  }

  #pathOf(segment: Segment): string {
    return join(this.#directory, factsStem(segment) + indexEnding);
  }

  #stateOf(segment: Segment): string {
    const index = statSync(this.#pathOf(segment), { throwIfNoEntry: false });
    return [segment.size, segment.endMs, index?.size, index?.mtimeMs].join(" ");
  }
}

/** Removes all indexes of a directory. @throws {Error} of the file system */
export function removeIndexes(directory: string): void {
  for (const name of readdirSync(directory))
    if (name.endsWith(indexEnding)) rmSync(join(directory, name), { force: true });
}

function listedSegments(directory: string): Segment[] {
  try {
    return listJournals(directory).flatMap(({ segments }) => segments);
  } catch (error) {
    if (error instanceof CatalogError) return [];
    throw error;
  }
}
