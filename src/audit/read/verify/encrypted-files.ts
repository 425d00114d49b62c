/** Whether encrypted segments are the files that the trail names. */
import { createHash } from "node:crypto";
import { join } from "node:path";

import { readRegularFile } from "../../../core/regular-file.ts";
import { errorCode } from "../../../core/system-error.ts";
import type { Unplaced } from "./finding.ts";
import type { AbsentRange } from "./journal-pass.ts";
import type { EncryptedRange, TrailEvents } from "./trail-events.ts";

/**
 * What is wrong with the encrypted files of records that are missing otherwise. Their content is
 * not looked at: for that they have to be decrypted, in a copy of the directory.
 */
export async function encryptedProblems(
  log: string,
  missing: readonly AbsentRange[],
  events: TrailEvents,
  directory: string,
): Promise<Unplaced[]> {
  const problems: Unplaced[] = [];
  for (const { from, to, files } of unreadRanges(log, missing, events)) {
    for (const [name, sha256] of files) {
      const problem = await problemOf(directory, name, sha256);
      if (problem === undefined) continue;
      const message = `records ${from} to ${to - 1}: their encrypted file ${name} ${problem}`;
      problems.push({
        kind: "unreadable",
        index: from,
        count: to - from,
        line: undefined,
        message,
      });
      break;
    }
  }
  return problems;
}

/** What was encrypted of a log and is there, but for what could be read with a key. */
export function unreadRanges(
  log: string,
  missing: readonly AbsentRange[],
  events: TrailEvents,
): readonly EncryptedRange[] {
  return events
    .encryptedOf(log)
    .filter(
      ({ from, to }) =>
        missing.some((range) => range.from < to && range.to > from) &&
        events.unpruned(log, from, to).length > 0,
    );
}

async function problemOf(
  directory: string,
  name: string,
  sha256: string,
): Promise<string | undefined> {
  // A record may say anything: it must not lead out of the directory.
  if (!/^[\w.-]+\.age$/.test(name)) return "has no name of an encrypted file";
  const hash = createHash("sha256");
  try {
    for await (const chunk of readRegularFile(join(directory, name))) hash.update(chunk);
  } catch (error) {
    const code = errorCode(error);
    return code === "ENOENT" ? "is missing" : `cannot be read: ${code}`;
  }
  return hash.digest("hex") === sha256 ? undefined : "was changed";
}
