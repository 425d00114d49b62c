/** Files that take the place of others when they are whole. */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

const form = /^\..+\.(?:ndjson|log|pack)(?:\.\d+)?(?:\.zst)?(?:\.age)?\.new$/;

/** Name of the file until it is whole: no reader takes it for a segment. */
export function unfinishedName(name: string): string {
  return `.${name}.new`;
}

/**
 * Removes what a crash has left of such files: what is erased later may stand in them. Call it
 * under the maintenance lock.
 *
 * @throws {Error} of the file system
 */
export function removeUnfinished(directory: string): void {
  for (const name of readdirSync(directory))
    if (form.test(name)) rmSync(join(directory, name), { force: true });
}
