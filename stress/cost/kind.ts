/** The kind of machine that counts of instructions are comparable within. */
import { readFileSync } from "node:fs";
import { callgrindVersion } from "./callgrind.ts";

/**
 * Node's version decides the machine code that V8 makes, the C library that of allocation, and
 * Valgrind, with AVX2 where the processor has it, which instructions programs believe to exist.
 */
export function kindOfMachine(): string {
  const avx2 = hasAvx2() ? " with AVX2" : "";
  return (
    `Node ${process.version}, ${process.platform} ${process.arch}${avx2}, ` +
    `${libraryVersion()}, Valgrind ${callgrindVersion()}`
  );
}

function hasAvx2(): boolean {
  try {
    return /^flags\s*:.*\bavx2\b/mu.test(readFileSync("/proc/cpuinfo", "latin1"));
  } catch {
    return false;
  }
}

function libraryVersion(): string {
  const report = process.report.getReport() as {
    readonly header: { readonly glibcVersionRuntime?: string };
  };
  const version = report.header.glibcVersionRuntime;
  return version === undefined ? "another C library" : `glibc ${version}`;
}
