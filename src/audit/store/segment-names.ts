/** Names of journals and of a segment's files: its journal once it is full, and its body pack. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** What a segment's journal ends in, by format. */
const journalExtensions = [".ndjson", ".log"];
const packExtension = ".pack";
const journalName = /^audit(?:\.\d+)?\.(?:ndjson|log)$/;
/** A full journal: with its stamp, and with a number where rotation found the name taken. */
const fullJournal = /^(.+-\d{8}T\d{6}\.\d{3}Z)(?:-\d+)?\.(?:ndjson|log)$/;

/** Whether a file is the journal that a process writes: `audit.ndjson`, `audit.2.log`. */
export function isJournalName(name: string): boolean {
  return journalName.test(name);
}

/** The name of a journal without its extension: `audit.2` of `audit.2.ndjson`. */
export function journalBase(journal: string): string {
  return journal.replace(/\.\w+$/, "");
}

/** Name of the pack beside a full journal; `undefined`: its name holds no stamp. */
export function packBeside(segment: string): string | undefined {
  const stem = fullJournal.exec(segment)?.[1];
  return stem === undefined ? undefined : stem + packExtension;
}

/**
 * What tells a segment from others: the time at which it began, or the next millisecond that is
 * free, so that names sort by time. Both its files have it in their names, the pack from the start
 * and the journal when it is full.
 *
 * @param wallMs milliseconds since the Unix epoch
 */
export function freeStamp(directory: string, base: string, wallMs: number): string {
  for (let ms = wallMs; ; ms += 1) {
    const stamp = new Date(ms).toISOString().replaceAll(/[-:]/g, "");
    const isTaken = [packExtension, ...journalExtensions].some((extension) =>
      existsSync(join(directory, `${base}-${stamp}${extension}`)),
    );
    if (!isTaken) return stamp;
  }
}

/** When a segment with this stamp began; `undefined`: it is none. Milliseconds since the epoch. */
export function instantOfStamp(stamp: string): number | undefined {
  const at = (from: number, to: number): string => stamp.slice(from, to);
  const date = `${at(0, 4)}-${at(4, 6)}-${at(6, 8)}T${at(9, 11)}:${at(11, 13)}:${at(13, 20)}`;
  const time = Date.parse(date);
  return Number.isNaN(time) ? undefined : time;
}

/** Name of the pack of a segment. */
export function packName(base: string, stamp: string): string {
  return `${base}-${stamp}${packExtension}`;
}

/** Packs whose segment is not full yet, by their names. */
export function packsWithoutSegment(directory: string, base: string): string[] {
  const names = readdirSync(directory).filter((name) => name.startsWith(`${base}-`));
  return names.filter((pack) => {
    if (!pack.endsWith(packExtension)) return false;
    const segment = pack.slice(0, -packExtension.length);
    // A full journal may have been compressed since.
    return !journalExtensions.some((extension) =>
      names.some((name) => name.startsWith(segment + extension)),
    );
  });
}
