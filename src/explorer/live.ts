/** Entries as they end, for a page that is open. */
import type { AnswerStream } from "./answer-stream.ts";
import type { ExploredTrail } from "./explored-trail.ts";
import { entryRow, rowColumns } from "./entry-row.ts";
import type { Question } from "./question.ts";
import { TrailReport } from "./trail-report.ts";

/** A page shows no more at once: of a burst the youngest. Rows. */
const maxRows = 500;

/** Streams rows until the client goes. */
export async function streamLive(
  trail: ExploredTrail,
  question: Question,
  stream: AnswerStream,
): Promise<void> {
  const { signal } = stream;
  await stream.write({ columns: rowColumns, rows: [], skipped: 0 });
  for await (const entries of trail.tail(question, new TrailReport(), signal)) {
    const youngest = entries.slice(-maxRows);
    const rows = youngest.map(entryRow);
    await stream.write({ rows, skipped: entries.length - youngest.length });
  }
}
