/** Readers of a trail that ask the indexes of its full segments before they read them. */
import { readTrailWithFacts } from "../facts/facts-trail.ts";
import type { ReadListener } from "../read/read-problem.ts";
import type { TrailEntry } from "../read/trail-entry.ts";
import type { ReadOptions } from "../read/trail-reader.ts";
import { asksForReads, ReadsOfTrail } from "./reads-of-trail.ts";
import { TrailIndex } from "./trail-index.ts";

/** What is read, and how. */
export interface IndexedReadOptions extends Omit<ReadOptions, "facts" | "index" | "reads"> {
  /** Entries tell of which reads they are parts, also where the filter does not ask for it. */
  readonly withReads?: boolean;
  /** The reads of this trail, where they were found before. */
  readonly reads?: ReadsOfTrail | undefined;
}

// The reading that follows tells of everything that is wrong.
const silent: ReadListener = { problem: () => undefined, gap: () => undefined };

/**
 * {@link readTrailWithFacts}, which passes over what the indexes exclude.
 *
 * @param onNotice is told of indexes that are not used, and why
 */
export async function* readIndexedTrail(
  options: IndexedReadOptions,
  onNotice: ConstructorParameters<typeof TrailIndex>[1],
): AsyncGenerator<readonly TrailEntry[]> {
  const { withReads = false, reads: known, ...reading } = options;
  const { directory, filter, onProgress } = reading;
  const index = new TrailIndex(directory, onNotice);
  try {
    if (withReads || asksForReads(filter)) {
      const reads = known ?? (await ReadsOfTrail.find(directory, index, silent, onProgress));
      index.reads = reads;
      yield* readTrailWithFacts({ ...reading, index, reads: reads.readOf });
    } else yield* readTrailWithFacts({ ...reading, index });
  } finally {
    index.close();
  }
}
