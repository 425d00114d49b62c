/** Entries as they end, for a page that is open. */
import { tailTrailWithFacts } from "../audit/facts/facts-trail.ts";
import type { AnswerStream } from "./answer-stream.ts";
import { entryRow, rowColumns } from "./entry-row.ts";
import type { Question } from "./question.ts";
import { TrailReport } from "./trail-report.ts";

/** A page shows no more at once: of a burst the youngest. Rows. */
const maxRows = 500;

/** Streams rows until the client goes. */
export async function streamLive(
  directory: string,
  { filter }: Question,
  stream: AnswerStream,
): Promise<void> {
  const { signal } = stream;
  const options = { directory, filter, history: 0, signal, listener: new TrailReport() };
  await stream.write({ columns: rowColumns, rows: [], skipped: 0 });
  for await (const entries of tailTrailWithFacts(options)) {
    const youngest = entries.slice(-maxRows);
    const rows = youngest.map(entryRow);
    await stream.write({ rows, skipped: entries.length - youngest.length });
  }
}
