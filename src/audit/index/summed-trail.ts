/** Reads a trail for those who count everything: most of it is added up, not read. */
import type { Filter } from "../../kql/filter.ts";
import { readTrailWithFacts } from "../facts/facts-trail.ts";
import { listJournals } from "../read/catalog.ts";
import type { FoundLine, LineIndex } from "../read/line-index.ts";
import { isSameSegment, type Segment } from "../read/segment.ts";
import type { TrailEntry } from "../read/trail-entry.ts";
import type { ReadOptions } from "../read/trail-reader.ts";
import { LineTerms } from "./line-terms.ts";
import { scanOverview, type CountedSegment, type CountedTime } from "./overview-scan.ts";
import type { SegmentOverview } from "./segment-overview.ts";
import { TrailIndex } from "./trail-index.ts";

/** What is read; there is no filter. */
export type SummedOptions = Omit<ReadOptions, "facts" | "index" | "filter">;

/**
 * Gives the overviews of segments, from their indexes or by a look at their lines, and the entries
 * that they do not count. What cannot be counted so is read. An empty list of entries comes when
 * all is given that indexes know.
 *
 * @throws {CatalogError} when the directory holds no trail
 */
export async function* readSummedTrail(
  options: SummedOptions,
): AsyncGenerator<SegmentOverview | readonly TrailEntry[]> {
  const { onProgress, ...reading } = options;
  const { directory, sinceMs = -Infinity, untilMs = Infinity } = reading;
  const index = new TrailIndex(directory, () => undefined);
  const counted = new CountedSegments(index);
  const segments = listJournals(directory)
    .flatMap((journal) => journal.segments)
    .filter(({ firstMs, endMs }) => endMs >= sinceMs && firstMs <= untilMs);
  const total = segments.reduce((sum, { size }) => sum + size, 0);
  const terms = new LineTerms();
  let done = 0;
  const onBytes = (bytes: number): void => onProgress?.((done += bytes), total);
  try {
    const unknown: Segment[] = [];
    for (const segment of segments) {
      const known = knownOverview(index, segment, { sinceMs, untilMs });
      if (known === undefined) {
        unknown.push(segment);
        continue;
      }
      onBytes(segment.size);
      counted.add(segment, known.rest);
      yield known.overview;
    }
    yield [];
    for (const segment of unknown) {
      const known = await scanned(directory, segment, { sinceMs, untilMs }, terms, onBytes);
      if (known === undefined) continue;
      counted.add(segment, known.rest);
      yield known.overview;
    }
    // What is left is little, so its progress would only go back and forth.
    yield* readTrailWithFacts({ ...reading, index: counted });
  } finally {
    index.close();
  }
}

function knownOverview(
  index: TrailIndex,
  segment: Segment,
  { sinceMs, untilMs }: CountedTime,
): CountedSegment | undefined {
  const known = index.overviewOf(segment);
  if (known === undefined) return undefined;
  const { count, firstMs, lastMs } = known.overview;
  return count === 0 || (firstMs >= sinceMs && lastMs < untilMs) ? known : undefined;
}

/** `undefined`: the reader has to see it, and tells why. */
async function scanned(
  ...[directory, segment, time, terms, onBytes]: Parameters<typeof scanOverview>
) {
  try {
    return await scanOverview(directory, segment, time, terms, onBytes);
  } catch {
    return undefined;
  }
}

/** The index of a reader for what is not counted. */
class CountedSegments implements LineIndex {
  readonly #index: TrailIndex;
  readonly #rest: (readonly [segment: Segment, lines: readonly FoundLine[]])[] = [];

  constructor(index: TrailIndex) {
    this.#index = index;
  }

  add(segment: Segment, lines: readonly FoundLine[]): void {
    this.#rest.push([segment, lines]);
  }

  linesOf(segment: Segment, idEnd: string): readonly FoundLine[] | undefined {
    return this.#index.linesOf(segment, idEnd);
  }

  /** A segment may have been renamed or compressed since it was counted. */
  linesFor(segment: Segment, filter: Filter | undefined): readonly FoundLine[] | undefined {
    if (filter !== undefined) return undefined;
    return this.#rest.find(([known]) => isSameSegment(known, segment))?.[1];
  }
}
