/** Where the proxy that writes a trail is told something about it: a socket beside the files. */
import { Buffer } from "node:buffer";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";

/** Name of the socket. */
const controlFile = "control.sock";
/** What fits into `sun_path` of unix(7), with its terminating zero byte. */
const longestPath = 107;

/** An address for `net`, to be released when it is not needed any more. */
export interface ControlAddress {
  readonly path: string;
  release(): void;
}

/**
 * The socket of a directory, however long its path is: a path that is too long for a socket is
 * reached through a descriptor of the directory (proc(5)).
 *
 * @throws {Error} of the file system
 */
export function controlAddress(directory: string): ControlAddress {
  const path = join(directory, controlFile);
  if (Buffer.byteLength(path) <= longestPath) return { path, release: () => undefined };
  const fd = openSync(directory, "r");
  return { path: `/proc/self/fd/${fd}/${controlFile}`, release: () => closeSync(fd) };
}

/** The file of the socket. */
export function controlPath(directory: string): string {
  return join(directory, controlFile);
}
