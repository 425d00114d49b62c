/** What the trail consists of, and what is missing from it. */
import { listJournals, lockedSegments } from "../audit/read/catalog.ts";
import { readIndexedTrail } from "../audit/index/indexed-trail.ts";
import { compileFilter } from "../kql/filter.ts";
import type { AnswerStream } from "./answer-stream.ts";
import { TrailReport } from "./trail-report.ts";

/**
 * Streams the segments at once, then gaps and broken lines as they are met, at last the trail's own
 * events.
 *
 * @throws {CatalogError} when the directory holds no trail
 */
export async function streamCoverage(directory: string, stream: AnswerStream): Promise<void> {
  const journals = listJournals(directory).map(({ name, segments }) => ({
    name,
    segments: segments.map((segment) => ({
      name: segment.name,
      bytes: segment.size,
      isSealed: segment.isSealed,
      isCompressed: segment.isCompressed,
      isEncrypted: segment.isEncrypted,
      firstMs: finite(segment.firstMs),
      endMs: finite(segment.endMs),
    })),
  }));
  const locked = lockedSegments(directory).map(({ name, begunMs, endMs }) => ({
    name,
    begunMs: finite(begunMs),
    endMs: finite(endMs),
  }));
  const report = new TrailReport();
  const events: unknown[] = [];
  let progress: readonly [done: number, total: number] = [0, 0];
  const snapshot = (isDone: boolean): unknown => ({
    isDone,
    progress,
    journals,
    locked,
    events,
    ...report.told,
  });
  await stream.write(snapshot(false));
  const filter = compileFilter("es_proxy.record: (gap or event)", { nowMs: Date.now() });
  const onProgress = (done: number, total: number): void => {
    progress = [done, total];
  };
  for await (const entries of readIndexedTrail(
    {
      directory,
      filter,
      listener: report,
      onProgress,
    },
    () => undefined,
  )) {
    if (stream.signal.aborted) return;
    for (const entry of entries)
      if (entry.kind === "event" && events.length < 1000)
        events.push({
          id: entry.id,
          timeMs: finite(entry.startMs),
          action: entry.text("event.action"),
          outcome: entry.text("event.outcome"),
          details: entry.value("es_proxy.event"),
        });
    if (stream.isDue) await stream.write(snapshot(false));
  }
  await stream.write(snapshot(true));
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
