/** Who was sent a document, or wrote it. */
import type { AnswerStream } from "./answer-stream.ts";
import type { DocumentName, ExploredTrail } from "./explored-trail.ts";
import { entryRow, rowColumns, type EntryRow } from "./entry-row.ts";
import { QuestionError, type Question } from "./question.ts";
import { TrailReport } from "./trail-report.ts";

/** Of more the youngest are shown. */
const maxRows = 10_000;
/** Ids of documents have at most 512 bytes, names of indices 255 (Elasticsearch). Characters. */
const maxNameLength = 1024;

/** An exchange, and what it did with the document. */
interface SightingRow {
  readonly row: EntryRow;
  readonly uses: readonly string[];
  /** "" where the answer does not say one. */
  readonly indices: readonly string[];
  /** Watched ones that were in the answer. */
  readonly fields: readonly string[];
}

/** @throws {QuestionError} when a part of the name is missing */
export function documentNameOf(parameters: URLSearchParams): DocumentName {
  const indices = (parameters.get("index") ?? "").trim();
  const id = parameters.get("doc") ?? "";
  if (indices === "" || id === "")
    throw new QuestionError("which document? Its index and its _id are asked for");
  if (indices.length > maxNameLength || id.length > maxNameLength)
    throw new QuestionError(`names have at most ${maxNameLength} characters here`);
  return { indices, id };
}

/** Streams how far the search is, then everybody, the youngest first. */
export async function streamSightings(
  trail: ExploredTrail,
  question: Question,
  document: DocumentName,
  stream: AnswerStream,
): Promise<void> {
  const report = new TrailReport();
  let progress: readonly [done: number, total: number] = [0, 0];
  let untold = "";
  const answer = (isDone: boolean, found: number, rows: readonly SightingRow[]): unknown => ({
    isDone,
    progress,
    found,
    untold,
    columns: rowColumns,
    rows,
    ...report.told,
  });
  const sightings = await trail.sightings(question, document, {
    listener: report,
    onProgress: (done, total) => {
      progress = [done, total];
      if (stream.isDue) void stream.write(answer(false, 0, []));
    },
  });
  const rows: SightingRow[] = [];
  for (const { entry, uses, indices, fields = [] } of sightings.found
    .slice(-maxRows)
    .toReversed()) {
    rows.push({ row: entryRow(entry), uses, indices, fields });
    entry.release();
  }
  untold = sightings.untold;
  await stream.write(answer(true, sightings.found.length, rows));
}
