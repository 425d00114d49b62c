/** Readers of a trail that ask the indexes of its full segments before they read them. */
import { readTrailWithFacts } from "../facts/facts-trail.ts";
import type { TrailEntry } from "../read/trail-entry.ts";
import type { ReadOptions } from "../read/trail-reader.ts";
import { TrailIndex } from "./trail-index.ts";

/**
 * {@link readTrailWithFacts}, which passes over what the indexes exclude.
 *
 * @param onNotice is told of indexes that are not used, and why
 */
export async function* readIndexedTrail(
  options: Omit<ReadOptions, "facts" | "index">,
  onNotice: ConstructorParameters<typeof TrailIndex>[1],
): AsyncGenerator<readonly TrailEntry[]> {
  const index = new TrailIndex(options.directory, onNotice);
  try {
    yield* readTrailWithFacts({ ...options, index });
  } finally {
    index.close();
  }
}
