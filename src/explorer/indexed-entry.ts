/** One entry by its id, found by the indexes of its trail where there are any. */
import { TrailIndex } from "../audit/index/trail-index.ts";
import { findEntry } from "../audit/read/find-entry.ts";
import type { TrailEntry } from "../audit/read/trail-entry.ts";
import { TrailReport } from "./trail-report.ts";

/**
 * `undefined`: the trail has none. An index that cannot be used costs time only.
 *
 * @throws {CatalogError} when the directory holds no trail
 */
export async function indexedEntry(directory: string, id: string): Promise<TrailEntry | undefined> {
  const index = new TrailIndex(directory, () => undefined);
  try {
    return await findEntry(directory, id, new TrailReport(), index);
  } finally {
    index.close();
  }
}
