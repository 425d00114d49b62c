/** Opens files of an audit directory, and nothing that has taken their place. */
import { constants } from "node:fs";
import { openRegularFile } from "../../core/regular-file.ts";

const { O_APPEND, O_CREAT, O_WRONLY } = constants;

/** Opens a file for appending, and makes it where it is missing; see {@link openRegularFile}. */
export function openAppending(path: string): number {
  return openRegularFile(path, O_WRONLY | O_APPEND | O_CREAT);
}

/** Opens a file for reading; see {@link openRegularFile}. */
export function openReading(path: string): number {
  return openRegularFile(path);
}
