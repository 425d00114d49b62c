/** Finds the records of one exchange in a segment by its id, without looking at the others. */
import { Buffer } from "node:buffer";

import { LineHead, type HeadKind } from "../format/line-head.ts";
import type { LineWindow } from "./line-window.ts";
import type { SegmentFiles } from "./segment-files.ts";
import type { Segment } from "./segment.ts";
import { RecordLine } from "./trail-entry.ts";

const lineFeed = 0x0a;
const idLength = 36;
/** Lines do not come in the order of their timestamps when bodies arrive slowly. */
const disorderMs = 60_000;

/** Whether the first record of an exchange with this time in its id may lie in the segment. */
export function mayHoldOpening({ firstMs, endMs }: Segment, idMs: number): boolean {
  return idMs >= firstMs - disorderMs && idMs <= endMs;
}

/**
 * The first line of a segment whose id holds this text and which is of one of these kinds;
 * `undefined`: there is none.
 *
 * @param window to be used for it; what is in it is lost
 * @param idPart a whole id, or a part of one
 * @throws {Error} when the segment cannot be read
 */
export async function findLine(
  files: SegmentFiles,
  window: LineWindow,
  segment: Segment,
  idPart: string,
  kinds: readonly HeadKind[],
): Promise<RecordLine | undefined> {
  const started = await files.start(segment);
  window.begin();
  const needle = Buffer.from(idPart, "latin1");
  let remaining = started.size;
  try {
    for (;;) {
      const count = await window.advance(started.source, remaining);
      if (count === 0) return undefined;
      remaining -= count;
      const line = lineIn(window, segment, needle, kinds);
      if (line !== undefined) return line;
    }
  } finally {
    await started.end();
  }
}

function lineIn(
  { bytes, offset, end }: LineWindow,
  segment: Segment,
  needle: Buffer,
  kinds: readonly HeadKind[],
): RecordLine | undefined {
  const head = new LineHead();
  for (let at = bytes.indexOf(needle); at >= 0 && at < end; at = bytes.indexOf(needle, at)) {
    const start = at === 0 ? 0 : bytes.lastIndexOf(lineFeed, at) + 1;
    const stop = bytes.indexOf(lineFeed, at);
    head.read(bytes, start, stop);
    const isInId = at >= head.idAt && at + needle.length <= head.idAt + idLength;
    if (head.idAt >= 0 && isInId && kinds.includes(head.kind))
      return new RecordLine(segment, offset + start, Buffer.from(bytes.subarray(start, stop)));
    // The id of this line may still follow what was found in front of it.
    at = head.idAt > at ? at + 1 : stop;
  }
  return undefined;
}
