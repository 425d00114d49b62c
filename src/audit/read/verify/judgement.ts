/** Turns what was read of a log into findings: what no record about the trail allows. */
import { encryptedProblems } from "./encrypted-files.ts";
import { findingOf, type Finding, type Unplaced } from "./finding.ts";
import type { AbsentRange, PassedSegment } from "./journal-pass.ts";
import { placeOfLine } from "./line-place.ts";
import type { LogEvidence } from "./log-verification.ts";
import { pathOf } from "./tile-comparison.ts";
import type { TrailEvents } from "./trail-events.ts";
import type { Trust } from "./trust.ts";

/** Findings whose place in the segment is looked up: that takes another reading of it. */
const maxPlaced = 20;
/** Findings of one kind and log that are told one by one. */
const maxTold = 1000;

/** All findings of a log, the first bad record first. */
export async function judge(
  evidence: LogEvidence,
  events: TrailEvents,
  trust: Trust,
  directory: string,
): Promise<Finding[]> {
  const { name: log, findings } = evidence;
  const missing = evidence.isFitting ? evidence.pass.absent : removedRanges(evidence);
  const unplaced = [
    ...(await encryptedProblems(log, missing, events, directory)),
    ...differences(evidence, events),
    ...absences(evidence, events),
    ...noted(evidence, events),
    ...unreadable(evidence),
  ].sort((one, other) => one.index - other.index);
  const placed: Finding[] = [];
  for (const [at, { kind, index, count, line, message }] of unplaced.slice(0, maxTold).entries()) {
    const place = at < maxPlaced ? await placeOf(evidence, line) : nowhere;
    placed.push({ kind, log, index, count, message, ...place });
  }
  placed.push(...damaged(evidence));
  return [...placed, ...tiles(evidence), ...findings, ...signatures(evidence, trust)];
}

function removedRanges({ differences: all }: LogEvidence): AbsentRange[] {
  return all
    .filter(({ kind }) => kind === "removed" || kind === "cut")
    .map(({ index, count }) => ({ from: index, to: index + count }));
}

type Place = Pick<Finding, "segment" | "offset" | "id">;
const nowhere: Place = { segment: undefined, offset: undefined, id: undefined };

async function placeOf({ pass }: LogEvidence, line: number | undefined): Promise<Place> {
  let rest = line ?? Infinity;
  for (const { segment, lines } of pass.segments) {
    if (rest < lines) {
      const place = await placeOfLine(segment, rest);
      return { segment: segment.name, offset: place?.offset, id: place?.id };
    }
    rest -= lines;
  }
  return nowhere;
}

/** What is not as it was signed; where records are missing, what was pruned is left out. */
function differences(
  { name, differences: all }: LogEvidence,
  events: TrailEvents,
): readonly Unplaced[] {
  return all.flatMap((difference): Unplaced[] => {
    const { kind, index, count, message } = difference;
    if (kind !== "removed" && kind !== "cut") return [difference];
    const parts = events.unaccounted(name, index, index + count);
    if (parts.length === 1 && parts[0]?.from === index && parts[0].to === index + count)
      return [difference];
    return parts.map(({ from, to }) => ({
      ...difference,
      index: from,
      count: to - from,
      message: `${numbers(from, to)}: ${message.slice(message.indexOf(": ") + 2)}`,
    }));
  });
}

/** Records of whole segments that are missing, although the tree fits with what the log has. */
function absences({ name, pass, isFitting }: LogEvidence, events: TrailEvents): Unplaced[] {
  // Where it does not fit the records were compared with the log one by one.
  if (!isFitting) return [];
  return pass.absent.flatMap((range) =>
    events.unaccounted(name, range.from, range.to).map(({ from, to }): Unplaced => {
      const isAtEnd = range.to === pass.result.size;
      const what = isAtEnd ? "cut off at the end" : "removed";
      return {
        kind: isAtEnd ? "cut" : "removed",
        index: from,
        count: to - from,
        line: isAtEnd ? undefined : lineOf(pass.segments, range.to),
        message: `${numbers(from, to)}: ${what} with their segment, and no record says why`,
      };
    }),
  );
}

/** Erased records and bodies that are not what their records say. */
function noted({ pass }: LogEvidence, events: TrailEvents): Unplaced[] {
  return pass.notes.flatMap((note): Unplaced[] => {
    const { index } = note;
    const line = lineOf(pass.segments, index);
    if (note.kind === "event" || events.erasureOf(note.entry) !== undefined) return [];
    if (note.kind === "erased") {
      const message = `record ${index}: replaced as if it had been erased, and no record says why`;
      return [{ kind: "edited", index, count: 1, line, message }];
    }
    const { what, file, message } = note.problem;
    if (what !== "body_changed" && events.pruneOfPack(file) !== undefined) return [];
    return [{ kind: what, index, count: 1, line, message: `record ${index}: ${message}` }];
  });
}

function unreadable({ pass }: LogEvidence): Unplaced[] {
  return pass.segments.flatMap(({ segment, firstIndex, lines, end }): Unplaced[] => {
    if (end.error === undefined) return [];
    const index = firstIndex + lines;
    const message = `${segment.name} cannot be read from record ${index} on: ${end.error}`;
    return [{ kind: "unreadable", index, count: 1, line: undefined, message }];
  });
}

/** Bytes that nobody has signed, and that no command would show. */
function damaged({ name: log, pass }: LogEvidence): Finding[] {
  return pass.segments.flatMap(({ segment, firstIndex, lines, end }) =>
    end.damages.map(({ offset, message }): Finding => ({
      kind: "unreadable",
      log,
      index: firstIndex + lines,
      count: 0,
      message,
      segment: segment.name,
      offset,
      id: undefined,
    })),
  );
}

function tiles({ name, tiles: problems }: LogEvidence): Finding[] {
  return problems.slice(0, maxTold).map((problem) => {
    const isChanged = problem.what === "changed";
    const message = `${pathOf(problem)} is ${isChanged ? "not what the records give" : "missing"}`;
    return findingOf(isChanged ? "tile_changed" : "tile_missing", name, message);
  });
}

/** Whether anybody has signed, and who should have. */
function signatures({ name, anchors, pass }: LogEvidence, trust: Trust): Finding[] {
  if (anchors.length === 0) {
    if (pass.result.size === 0) return [];
    const message = "no valid checkpoint: nobody has signed these records";
    return [findingOf("unsigned", name, message, 0, pass.result.size)];
  }
  if (trust.source === "directory" || !trust.asksWitnesses) return [];
  if (anchors.some(({ isHeldElsewhere }) => isHeldElsewhere)) return [];
  const message = "no checkpoint has the cosignatures that are asked for";
  return [findingOf("unsigned", name, message, 0, pass.result.size)];
}

/** Number of a record's line among those of the journal. */
function lineOf(segments: readonly PassedSegment[], index: number): number | undefined {
  let line = 0;
  for (const { firstIndex, lines } of segments) {
    if (index >= firstIndex && index < firstIndex + lines) return line + index - firstIndex;
    line += lines;
  }
  return undefined;
}

function numbers(from: number, to: number): string {
  return to - from === 1 ? `record ${from}` : `records ${from} to ${to - 1}`;
}
