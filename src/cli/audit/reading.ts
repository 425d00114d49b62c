/** Reads a trail for a command: with progress, and ends when its output is closed. */
import { readIndexedTrail } from "../../audit/index/indexed-trail.ts";
import { CatalogError } from "../../audit/read/catalog.ts";
import { ClusterClient, ClusterError } from "../../audit/ship/cluster-client.ts";
import { readStream } from "../../audit/ship/stream-reader.ts";
import type { TrailEntry } from "../../audit/read/trail-entry.ts";
import { exitCodes } from "../exit-codes.ts";
import { tellNothingFound } from "./nothing-found.ts";
import type { Output } from "./output.ts";
import { Progress } from "./progress.ts";
import { ReadReport } from "./read-report.ts";
import type { SelectedTrail } from "./selection-options.ts";

/** How it went. */
export interface ReadingResult {
  readonly exitCode: number;
  readonly found: number;
}

/**
 * Reads what was selected and passes it on, entry by entry. What is wrong with the trail is printed
 * in the end; then the exit code is 1, because the result may lack something.
 *
 * @param order `any` where the entries are only counted
 */
export async function readSelected(
  command: string,
  selected: SelectedTrail,
  order: "begin" | "any",
  output: Output,
  take: (entry: TrailEntry) => Promise<void> | undefined,
): Promise<ReadingResult> {
  const report = new ReadReport();
  const progress = new Progress();
  let found = 0;
  try {
    const onProgress = (done: number, total: number): void => progress.update(done, total, found);
    for await (const entries of entriesOf(selected, order, report, onProgress)) {
      if (order === "begin") progress.end();
      for (const entry of entries) {
        found += 1;
        await take(entry);
      }
      if (output.isClosed) break;
    }
    progress.end();
    if (found === 0) tellNothingFound(command, selected, "nothing matches", filterText(selected));
    return { exitCode: report.isIncomplete ? exitCodes.failure : exitCodes.ok, found };
  } catch (error) {
    if (!(error instanceof CatalogError) && !(error instanceof ClusterError)) throw error;
    process.stderr.write(`es-proxy ${command}: ${error.message}\n`);
    return { exitCode: exitCodes.failure, found };
  } finally {
    progress.end();
    report.print();
  }
}

function filterText({ filter }: SelectedTrail): string {
  return filter === undefined ? "" : "no exchange is as the filter says";
}

/** The selected entries, of a directory or of a fleet's data stream. */
async function* entriesOf(
  selected: SelectedTrail,
  order: "begin" | "any",
  listener: ReadReport,
  onProgress: (done: number, total: number) => void,
): AsyncGenerator<readonly TrailEntry[]> {
  const { fleet } = selected;
  if (fleet === undefined) {
    yield* readIndexedTrail({ ...selected, order, listener, onProgress }, listener.indexNotice);
    return;
  }
  const client = new ClusterClient(fleet.cluster);
  try {
    const onGap = listener.gap.bind(listener);
    yield* readStream(client, { ...selected, dataStream: fleet.dataStream, onGap, listener });
  } finally {
    await client.close();
  }
}
