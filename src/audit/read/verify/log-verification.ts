/** The verification of one log: what was found, and how far it is signed. */
import { logName } from "../../store/tlog-files.ts";
import type { JournalSegments } from "../catalog.ts";
import type { Anchor } from "./anchor.ts";
import { diagnose } from "./diagnosis.ts";
import type { Difference } from "./difference-kinds.ts";
import type { Finding } from "./finding.ts";
import { passJournal, type JournalPass, type OnBytes } from "./journal-pass.ts";
import { gatherAnchors } from "./log-anchors.ts";
import { LogFolder } from "./log-folder.ts";
import { isPlain, plainPlan, plannedBy } from "./log-plan.ts";
import type { SegmentScans } from "./segment-scans.ts";
import type { TileProblem } from "./tile-comparison.ts";
import type { Trust } from "./trust.ts";

/** All that one log's files say, before records about the trail are asked what is allowed. */
export interface LogEvidence {
  readonly name: string;
  readonly anchors: readonly Anchor[];
  readonly pass: JournalPass;
  /** The records, with what the log says of those that are missing, give every signed root. */
  readonly isFitting: boolean;
  readonly differences: readonly Difference[];
  /** Tiles and bundles that are not as they were signed. */
  readonly tiles: readonly TileProblem[];
  readonly findings: readonly Finding[];
  readonly remarks: readonly string[];
}

/** What the logs of one directory share. */
export interface LogContext {
  readonly directory: string;
  readonly trust: Trust;
  readonly scans: SegmentScans;
  readonly onBytes: OnBytes;
  /** Checkpoints that the caller and the manifest have of a log. */
  readonly othersOf: (name: string) => readonly Anchor[];
  /** Whether a log with this origin is the one of this name. */
  readonly belongs: (origin: string, name: string) => boolean;
}

/** Reads one log. @param journal `undefined`: there is no segment of it any more */
export async function examineLog(
  name: string,
  journal: JournalSegments | undefined,
  context: LogContext,
): Promise<LogEvidence> {
  const folder = new LogFolder(context.directory, name);
  const { anchors, findings, remarks } = gatherAnchors(
    folder,
    context.trust,
    context.othersOf(name),
    (origin) => context.belongs(origin, name),
  );
  const pass = await bestPass(folder, journal?.segments ?? [], anchors, context);
  const isFitting = fits(pass, anchors);
  const { differences, tiles } = isFitting
    ? { differences: [], tiles: pass.result.tiles }
    : await diagnose(pass, anchors, folder, context.scans);
  return { name, anchors, pass, isFitting, differences, tiles, findings, remarks };
}

/** Whether a log's name is that of a journal. */
export function journalOf(
  name: string,
  journals: readonly JournalSegments[],
): JournalSegments | undefined {
  return journals.find((journal) => logName(journal.name) === name);
}

/**
 * What the follower noted tells where segments are missing. It is no evidence: where the records do
 * not fit with it they are gone through without.
 */
async function bestPass(
  folder: LogFolder,
  segments: JournalSegments["segments"],
  anchors: readonly Anchor[],
  { scans, onBytes }: LogContext,
): Promise<JournalPass> {
  const plain = plainPlan(segments);
  const position = folder.position();
  const planned = position && plannedBy(position, segments);
  const first = await passJournal(planned ?? plain, folder, anchors, scans, onBytes);
  if (planned === undefined || isPlain(planned, plain) || fits(first, anchors)) return first;
  const second = await passJournal(plain, folder, anchors, scans, onBytes);
  const isBetter = second.result.fittingSize > first.result.fittingSize;
  return fits(second, anchors) || isBetter ? second : first;
}

function fits({ result }: JournalPass, anchors: readonly Anchor[]): boolean {
  return result.misfits.length === 0 && (anchors.at(-1)?.size ?? 0) <= result.size;
}
