/** In which order the segments of a journal are gone through, and where some are missing. */
import { followedLines, type JournalPosition } from "../../store/journal-position.ts";
import { plainName, type Segment } from "../segment.ts";

/** A segment, and how many records of the log should stand before it that are nowhere. */
export interface PlannedSegment {
  readonly segment: Segment;
  readonly absentBefore: number;
}

/** What the follower noted may be wrong: it is a guess, and the tree says whether it is right. */
export interface LogPlan {
  readonly segments: readonly PlannedSegment[];
  /** Records of segments behind the last one that are nowhere. */
  readonly absentAtEnd: number;
}

/** All that is there, in the order of its times, with nothing missing. */
export function plainPlan(segments: readonly Segment[]): LogPlan {
  return {
    segments: segments.map((segment) => ({ segment, absentBefore: 0 })),
    absentAtEnd: 0,
  };
}

/**
 * What the follower's position says; `undefined` when it contradicts what is there.
 *
 * A segment that has been followed to its end is found by its inode, or, in a copy and when it was
 * compressed, by its name. The others follow in their order.
 */
export function plannedBy(
  position: JournalPosition,
  segments: readonly Segment[],
): LogPlan | undefined {
  const planned: PlannedSegment[] = [];
  const rest = new Set(segments);
  let next = 0;
  for (const known of position.segments) {
    if (!known.isDone) continue;
    const segment = [...rest].find(
      ({ inode, firstMs, name }) =>
        (inode === known.inode && firstMs === known.firstMs) || plainName(name) === known.name,
    );
    if (segment === undefined) continue;
    rest.delete(segment);
    if (known.firstIndex < next) return undefined;
    planned.push({ segment, absentBefore: known.firstIndex - next });
    next = known.firstIndex + known.lines;
  }
  const last = position.segments.at(-1);
  const open = last === undefined || last.isDone ? followedLines(position) : last.firstIndex;
  for (const segment of rest) {
    planned.push({ segment, absentBefore: Math.max(0, open - next) });
    next = Math.max(next, open);
  }
  const absentAtEnd = rest.size > 0 ? 0 : Math.max(0, open - next);
  return { segments: planned, absentAtEnd };
}

/** Whether both have the same segments in the same order, and nothing missing. */
export function isPlain(plan: LogPlan, plain: LogPlan): boolean {
  return (
    plan.absentAtEnd === 0 &&
    plan.segments.every(
      ({ segment, absentBefore }, at) =>
        absentBefore === 0 && segment === plain.segments[at]?.segment,
    )
  );
}
