/** What the trail consists of, and what is missing from it. */
import { eventWords } from "../audit/read/event-words.ts";
import { compileFilter } from "../kql/filter.ts";
import type { AnswerStream } from "./answer-stream.ts";
import type { ExploredTrail } from "./explored-trail.ts";
import { TrailReport } from "./trail-report.ts";

/** Of more the youngest are shown. */
const maxEvents = 500;
/** UTF-16 code units. */
const longestWords = 500;

/**
 * Streams the segments at once, then gaps and broken lines as they are met, at last the trail's own
 * events.
 *
 * @throws {CatalogError} when the directory holds no trail
 */
export async function streamCoverage(trail: ExploredTrail, stream: AnswerStream): Promise<void> {
  const { journals, locked } = await trail.parts();
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
  const question = { filter, sinceMs: undefined, untilMs: undefined };
  for await (const entries of trail.read(question, { listener: report, onProgress })) {
    if (stream.signal.aborted) return;
    for (const entry of entries) {
      if (entry.kind !== "event") continue;
      events.unshift({
        id: entry.id,
        timeMs: finite(entry.startMs),
        action: entry.text("event.action"),
        outcome: entry.text("event.outcome"),
        words: eventWords(entry).slice(0, longestWords),
      });
      if (events.length > maxEvents) events.pop();
    }
    if (stream.isDue) await stream.write(snapshot(false));
  }
  await stream.write(snapshot(true));
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
