/** Goes through all lines of a journal once, and holds them against its log. */
import type { Anchor } from "./anchor.ts";
import type { LogFolder } from "./log-folder.ts";
import { LogPass, type PassResult } from "./log-pass.ts";
import type { LogPlan } from "./log-plan.ts";
import type { LineNote, ScanEnd } from "./segment-scan.ts";
import type { SegmentScans } from "./segment-scans.ts";
import type { Segment } from "../segment.ts";

/** A segment, as it was gone through. */
export interface PassedSegment {
  readonly segment: Segment;
  /** Number in the log of its first record. */
  readonly firstIndex: number;
  readonly lines: number;
  readonly end: ScanEnd;
}

/** Records of the log that are in no segment. */
export interface AbsentRange {
  readonly from: number;
  readonly to: number;
}

/** Something about a record. */
export type RecordNote = LineNote & { readonly index: number };

/** What a pass has seen. */
export interface JournalPass {
  readonly result: PassResult;
  readonly segments: readonly PassedSegment[];
  readonly absent: readonly AbsentRange[];
  readonly notes: readonly RecordNote[];
}

/** Called now and then: bytes of files that were read since the last time. */
export type OnBytes = (bytes: number) => void;

/** @param anchors by size */
export async function passJournal(
  plan: LogPlan,
  folder: LogFolder,
  anchors: readonly Anchor[],
  scans: SegmentScans,
  onBytes: OnBytes,
): Promise<JournalPass> {
  const pass = new LogPass(folder, anchors);
  scans.prepare(plan.segments.map(({ segment }) => segment));
  const segments: PassedSegment[] = [];
  const absent: AbsentRange[] = [];
  const notes: RecordNote[] = [];
  const passAbsent = (count: number): void => {
    if (count === 0) return;
    absent.push({ from: pass.size, to: pass.size + count });
    pass.pushAbsent(count);
  };
  for (const { segment, absentBefore } of plan.segments) {
    passAbsent(absentBefore);
    const firstIndex = pass.size;
    const scan = scans.scan(segment);
    let read = 0;
    for (let next = await scan.next(); ; next = await scan.next()) {
      if (next.done === true) {
        segments.push({ segment, firstIndex, lines: pass.size - firstIndex, end: next.value });
        break;
      }
      const { entries, leaves, notes: found, bytesRead } = next.value;
      pass.push(entries, leaves);
      for (const note of found) notes.push({ ...note, index: firstIndex + note.line });
      onBytes(bytesRead - read);
      read = bytesRead;
    }
  }
  passAbsent(plan.absentAtEnd);
  return { result: pass.finish(), segments, absent, notes };
}
