import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import type { DiskState } from "./messages.ts";

type Done = (error: NodeJS.ErrnoException | null) => void;

const real = { writeSync: fs.writeSync, write: fs.write, fdatasync: fs.fdatasync };
let held: (() => void)[] = [];

/**
 * Makes the disk work or fail for the whole process: the functions of `node:fs` that the audit
 * writes with are replaced, also for modules that have imported them by name.
 */
export function setDisk(state: DiskState): void {
  const functions = fs as { -readonly [K in keyof typeof fs]: unknown };
  Object.assign(functions, real);
  if (state === "full") {
    functions.writeSync = (): never => {
      throw noSpace();
    };
    functions.write = (...args: unknown[]): void => {
      const done = args.at(-1) as Done;
      setImmediate(() => done(noSpace()));
    };
  }
  if (state === "stalled") {
    functions.fdatasync = (descriptor: number, done: Done): void =>
      void held.push(() => real.fdatasync(descriptor, done));
    const { write } = real;
    functions.write = (...args: unknown[]): void =>
      void held.push(() => Reflect.apply(write, fs, args));
  }
  syncBuiltinESMExports();
  const waiting = held;
  held = [];
  for (const go of waiting) go();
}

function noSpace(): NodeJS.ErrnoException {
  return Object.assign(new Error("ENOSPC: no space left on device, write"), {
    code: "ENOSPC",
    errno: -28,
    syscall: "write",
  });
}
