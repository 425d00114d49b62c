/** Appends records to the side log of a directory: for copies, and while no proxy runs. */
import {
  closeSync,
  constants,
  fchownSync,
  fstatSync,
  fsyncSync,
  readSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { openRegularFile } from "../../core/regular-file.ts";

import { exchangeId } from "../../core/ids.ts";
import { trailEventText } from "../format/ecs/ecs-trail-event.ts";
import { ecsVersion } from "../format/ecs/ecs-version.ts";
import type { TrailEvent } from "../record/trail-event.ts";
import { sideLogFile } from "../store/side-log.ts";

const lineFeed = 0x0a;
/** A link could lead anywhere. */
const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;

/**
 * Appends a record that says `side_log`: no log proves it. It is on disk when this returns.
 *
 * @returns id of the record
 * @throws {Error} of the file system, such as that of a medium for reading only
 */
export function appendToSideLog(directory: string, event: TrailEvent): string {
  const now = Date.now();
  const id = exchangeId(now);
  const time = `${new Date(now).toISOString().slice(0, -1)}000000Z`;
  const fields = { ...event.fields, side_log: true };
  const line =
    `{"@timestamp":"${time}","event":{"kind":"event","dataset":"es_proxy.audit","sequence":0` +
    `${trailEventText({ ...event, fields }, id, '""')}"ecs":{"version":"${ecsVersion}"}}\n`;
  const fd = openRegularFile(join(directory, sideLogFile), flags);
  try {
    const { size } = fstatSync(fd);
    if (size === 0) giveToOwner(fd, directory);
    // Behind a line that a crash has cut, and in one write: others may append meanwhile.
    writeSync(fd, endsLine(fd, size) ? line : `\n${line}`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  return id;
}

function endsLine(fd: number, size: number): boolean {
  const last = Buffer.alloc(1);
  return size === 0 || readSync(fd, last, 0, 1, size - 1) === 0 || last[0] === lineFeed;
}

/** What root makes in the directory of another user is for that user, too. */
function giveToOwner(fd: number, directory: string): void {
  if (process.geteuid?.() !== 0) return;
  const { uid, gid } = statSync(directory);
  if (uid !== 0) fchownSync(fd, uid, gid);
}
