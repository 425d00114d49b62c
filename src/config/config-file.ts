/** Reads the text of a configuration file, and nothing that cannot be one. */
import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";

import { errorCode } from "../core/system-error.ts";
import { readFailure } from "./tls-files.ts";

/** Standard input, on the command line. */
export const standardInput = "-";

/** Far above any configuration, far below what makes a parser slow: 1 MiB. */
const maxBytes = 1_048_576;

/** The text, or why there is none. */
export type ConfigText = { readonly text: string } | { readonly problem: string };

/**
 * Reads a configuration file, or standard input for `-`. Devices, FIFOs and sockets are refused
 * before they are opened: reading them may never end.
 */
export function readConfigText(file: string): ConfigText {
  try {
    if (file === standardInput) return readAll(0);
    const status = statSync(file);
    if (!status.isFile())
      return {
        problem:
          `is ${status.isDirectory() ? "a directory" : "no regular file"}; ` +
          "`-` reads standard input",
      };
    const fd = openSync(file, "r");
    try {
      // The name may have got another file since.
      return fstatSync(fd).isFile() ? readAll(fd) : { problem: "is no regular file" };
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    return { problem: `cannot be read: ${readFailure(error)}` };
  }
}

function readAll(fd: number): ConfigText {
  const bytes = Buffer.allocUnsafe(maxBytes + 1);
  let length = 0;
  while (length < bytes.length) {
    const read = readSome(fd, bytes, length);
    if (read === 0) break;
    length += read;
  }
  if (length > maxBytes) return { problem: "is larger than 1MiB: no configuration is" };
  return { text: bytes.toString("utf8", 0, length) };
}

/** A pipe on standard input may say EAGAIN while its writer is busy. */
function readSome(fd: number, bytes: Buffer, at: number): number {
  for (;;)
    try {
      return readSync(fd, bytes, at, bytes.length - at, null);
    } catch (error) {
      const code = errorCode(error);
      if (code === "EOF") return 0;
      if (code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
}
