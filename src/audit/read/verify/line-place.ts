/** Finds a line of a segment by its number. */
import { textAt } from "../../format/audit-document.ts";
import { readLine } from "../../format/line-reader.ts";
import { LineWindow } from "../line-window.ts";
import { SegmentFiles } from "../segment-files.ts";
import type { Segment } from "../segment.ts";

const lineFeed = 0x0a;

/** Where a line begins, and whose record it is. */
export interface LinePlace {
  /** Before compression. Bytes. */
  readonly offset: number;
  /** `undefined`: the line is no record that has one. */
  readonly id: string | undefined;
}

/** @returns `undefined` when the segment has no such line, or cannot be read any more */
export async function placeOfLine(segment: Segment, line: number): Promise<LinePlace | undefined> {
  const files = new SegmentFiles();
  const window = new LineWindow();
  try {
    const started = await files.start(segment);
    window.begin();
    let passed = 0;
    try {
      while ((await window.advance(started.source)) > 0) {
        const { bytes, offset, end: stop } = window;
        for (let at = 0; at < stop; passed += 1) {
          const next = bytes.indexOf(lineFeed, at);
          if (passed === line) {
            const document = readLine(bytes.toString("latin1", at, next));
            return { offset: offset + at, id: textAt(document ?? {}, "event.id") };
          }
          at = next + 1;
        }
      }
      return undefined;
    } finally {
      await started.end();
    }
  } catch {
    return undefined;
  } finally {
    await files.close();
  }
}
