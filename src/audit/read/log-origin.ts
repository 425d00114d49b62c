/** The name of the log that proves a journal. */
import { readTlogFile } from "./verify/log-folder.ts";
import { logFiles, logName } from "../store/tlog-files.ts";

/** Reads it from the newest checkpoint, whose first line it is; `undefined`: no log is kept. */
export function logOriginOf(directory: string, journal: string): string | undefined {
  const note = readTlogFile(directory, `${logName(journal)}/${logFiles.checkpoint}`);
  const end = note?.indexOf("\n") ?? -1;
  return end <= 0 ? undefined : note?.toString("utf8", 0, end);
}
