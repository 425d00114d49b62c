/** A trail that records less when its disk fills. */
import { join } from "node:path";

import type { TrailEvent } from "../record/trail-event.ts";
import { FileJournal, type Journal } from "../store/journal.ts";
import type { RecordWriter } from "../store/record-writer.ts";
import type { TapMaker } from "../tap/tap-maker.ts";
import type { AuditOptions } from "./audit-options.ts";
import { DiskGuard, spaceOf } from "./disk-guard.ts";

/**
 * Begins to guard the file system of a trail; `undefined`: nobody asked for it.
 *
 * @param base name of the trail's files
 * @param record records an event and has it written
 */
export function guardDisk(
  { directory, disk, log }: AuditOptions,
  base: string,
  journal: Journal,
  writer: RecordWriter,
  taps: TapMaker,
  record: (event: TrailEvent) => void,
): DiskGuard | undefined {
  if (disk === undefined || !(journal instanceof FileJournal)) return undefined;
  const trail = {
    record,
    get isFailing(): boolean {
      return writer.isFailing;
    },
    keepBodies: (isOn: boolean): void => {
      taps.keepsBodies = isOn;
    },
    halt: (isOn: boolean): void => {
      // The record that says so is written before.
      writer.whenIdle(() => {
        journal.isHalted = isOn;
      });
    },
  };
  const space = disk.space ?? ((): ReturnType<typeof spaceOf> => spaceOf(directory));
  return new DiskGuard(join(directory, `${base}.reserve`), disk, trail, log, space);
}
