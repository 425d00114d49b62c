/** Reads the text of a configuration file, and nothing that cannot be one. */
import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";

import { readBounded } from "../core/read-file.ts";
import { readingFlags } from "../core/regular-file.ts";
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
 * before they are opened: reading them may never end. Nor is a file waited for that has nothing to
 * read, such as `/proc/kmsg`.
 */
export function readConfigText(file: string): ConfigText {
  try {
    if (file === standardInput) return textOf(readBounded(0, maxBytes, 0, readPatiently));
    const status = statSync(file);
    if (!status.isFile())
      return {
        problem:
          `is ${status.isDirectory() ? "a directory" : "no regular file"}; ` +
          "`-` reads standard input",
      };
    const fd = openSync(file, readingFlags);
    try {
      // The name may have got another file since.
      if (!fstatSync(fd).isFile()) return { problem: "is no regular file" };
      return textOf(readBounded(fd, maxBytes, status.size));
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    return { problem: `cannot be read: ${readFailure(error)}` };
  }
}

function textOf(bytes: Buffer | undefined): ConfigText {
  if (bytes === undefined) return { problem: "is larger than 1MiB: no configuration is" };
  return { text: bytes.toString("utf8") };
}

/** A pipe on standard input may say EAGAIN while its writer is busy. */
function readPatiently(fd: number, bytes: Buffer, at: number): number {
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
