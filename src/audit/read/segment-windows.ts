/** Reads one segment from its beginning to its end, a window of whole lines at a time. */
import { LineWindow } from "./line-window.ts";
import { SegmentFiles } from "./segment-files.ts";
import type { Segment } from "./segment.ts";

/**
 * @param pass is given each window and how many bytes were read for it; `false` ends the reading
 * @returns the window as it is at the end
 * @throws {Error} of the file system
 */
export async function readWindows(
  segment: Segment,
  pass: (window: LineWindow, bytes: number) => boolean | Promise<boolean>,
): Promise<LineWindow> {
  const files = new SegmentFiles();
  const window = new LineWindow();
  try {
    const started = await files.start(segment);
    window.begin();
    try {
      for (let left = started.size; ;) {
        const count = await window.advance(started.source, left);
        if (count === 0) return window;
        left -= count;
        if (!(await pass(window, count))) return window;
      }
    } finally {
      await started.end();
    }
  } finally {
    await files.close();
  }
}
