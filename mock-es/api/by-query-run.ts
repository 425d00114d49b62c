/** Writing many documents, batch by batch, as by-query requests and `_reindex` do. */
import { EsError } from "../es-error.ts";
import { bareScriptError } from "../script/bare-error.ts";
import type { SearchScope } from "./search-scope.ts";
import { slicedScope } from "./slice.ts";
import { type ByQueryFailure, type ByQueryStatus, newStatus } from "./by-query-status.ts";
import type { Match } from "./search-run.ts";

/** How a run goes, as query string and body say. */
export interface ByQueryOptions {
  readonly maxDocs: number;
  /** True: version conflicts are counted; false: they end the run after their batch. */
  readonly proceeds: boolean;
  /** Documents that are read, and written, at once. */
  readonly batchSize: number;
  readonly requestsPerSecond: number;
  readonly slices: number;
}

/** A write that is prepared: where to, and how. */
export interface PreparedWrite {
  readonly index: string;
  readonly id: string;
  /** Writes, and counts what was done. @throws {EsError} what becomes a failure of the document */
  readonly run: (status: ByQueryStatus) => void;
}

/** What several slices did. */
export interface RunOutcome {
  readonly slices: readonly ByQueryStatus[];
  readonly failures: readonly ByQueryFailure[];
}

/**
 * Runs all slices of a request.
 *
 * @param find the documents of a part of the scope
 * @param prepare what is to be written; the scripts of a whole batch run before its first write
 * @throws {EsError} what the preparation runs into: it ends the request
 */
export function runSlices(
  scope: SearchScope,
  options: ByQueryOptions,
  find: (part: SearchScope) => Iterable<Match>,
  prepare: (match: Match) => PreparedWrite,
): RunOutcome {
  const slices: ByQueryStatus[] = [];
  const failures: ByQueryFailure[] = [];
  const { slices: count } = options;
  const share = Math.floor(options.maxDocs / count);
  for (let id = 0; id < count; id++) {
    const part = count === 1 ? scope : slicedScope(scope, { slice: { id, max: count } }, "scroll");
    slices.push(writeAll(takeMatches(find(part), share), options, prepare, failures));
  }
  return { slices, failures };
}

/** What several runs did together. */
export function sumOf(parts: readonly ByQueryStatus[]): ByQueryStatus {
  const sum = newStatus();
  for (const part of parts) {
    sum.total += part.total;
    sum.batches += part.batches;
    sum.updated += part.updated;
    sum.created += part.created;
    sum.deleted += part.deleted;
    sum.versionConflicts += part.versionConflicts;
    sum.noops += part.noops;
  }
  return sum;
}

function takeMatches(matches: Iterable<Match>, most: number): Match[] {
  const taken: Match[] = [];
  for (const match of matches) {
    if (taken.length >= most) break;
    taken.push(match);
  }
  return taken;
}

/** Writes batches until one has failures that are not to be passed over. */
function writeAll(
  matches: readonly Match[],
  options: ByQueryOptions,
  prepare: (match: Match) => PreparedWrite,
  failures: ByQueryFailure[],
): ByQueryStatus {
  const status = newStatus();
  status.total = matches.length;
  const { batchSize } = options;
  const before = failures.length;
  for (let at = 0; at < matches.length && failures.length === before; at += batchSize) {
    const batch = matches.slice(at, at + batchSize).map((match) => prepared(match, prepare));
    status.batches++;
    for (const write of batch) attempt(write, options, status, failures);
  }
  return status;
}

function prepared(match: Match, prepare: (match: Match) => PreparedWrite): PreparedWrite {
  try {
    return prepare(match);
  } catch (error) {
    throw bareScriptError(error);
  }
}

function attempt(
  write: PreparedWrite,
  options: ByQueryOptions,
  status: ByQueryStatus,
  failures: ByQueryFailure[],
): void {
  try {
    write.run(status);
  } catch (error) {
    if (!(error instanceof EsError)) throw error;
    const isConflict = error.type === "version_conflict_engine_exception";
    if (isConflict) status.versionConflicts++;
    if (isConflict && options.proceeds) return;
    const { index, id } = write;
    failures.push({ index, id, cause: error.toCause(), status: error.status });
  }
}
