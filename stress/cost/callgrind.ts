/**
 * Counts the instructions of a program with Valgrind's tool callgrind, from outside: the program
 * runs at some 10 times its time until counting is switched on, and at some 30 times from then on.
 *
 * Counted are user instructions of all threads, none of the kernel's. Valgrind shows every program
 * the same kind of processor and runs one thread at a time, so the counts hardly depend on the
 * computer or on what else runs there.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram, programVersion } from "../bench/peers/programs.ts";
import type { Launcher } from "../bench/peers/peer.ts";

/** Node and the proxy start within 5 seconds on an idle core, within 160 at a load of 20. */
const startTimeoutMs = 600_000;
/** A command is answered at once, but for a dump on a busy computer. */
const commandTimeoutMs = 120_000;

/** Why instructions cannot be counted here, or `undefined` where they can. */
export function callgrindProblem(): string | undefined {
  const missing = ["valgrind", "vgdb"].filter((name) => findProgram(name) === undefined);
  return missing.length === 0
    ? undefined
    : `${missing.join(" and ")} not found: install Valgrind (apt-get install valgrind)`;
}

/** Valgrind's version, such as `3.19.0`. */
export function callgrindVersion(): string {
  return programVersion("valgrind", "--version");
}

/** Starts a program under callgrind, which counts nothing yet; its dumps go into `directory`. */
export function underCallgrind(directory: string): Launcher {
  return {
    program: "valgrind",
    arguments: [
      "--tool=callgrind",
      // V8 writes machine code while it runs.
      "--smc-check=all-non-file",
      "--instr-atstart=no",
      "--quiet",
      `--callgrind-out-file=${join(directory, "counts.%p")}`,
    ],
    startTimeoutMs,
  };
}

/** The counter of one program under callgrind. */
export class InstructionCounter {
  readonly #pid: number;
  readonly #directory: string;
  #dumps = 0;

  /**
   * @param pid Process that was started with {@link underCallgrind}.
   * @param directory The same as there.
   */
  constructor(pid: number, directory: string) {
    this.#pid = pid;
    this.#directory = directory;
  }

  /** Begins to count. */
  start(): void {
    this.#command("instrumentation on");
    this.#command("zero");
  }

  /**
   * Instructions since the last reading, or since the start.
   *
   * @throws {Error} when the program does not answer.
   */
  read(): number {
    this.#command("dump");
    this.#dumps += 1;
    const ending = `.${this.#dumps}`;
    const file = readdirSync(this.#directory).find(
      (name) => name.startsWith("counts.") && name.endsWith(ending),
    );
    const text = file === undefined ? "" : readFileSync(join(this.#directory, file), "latin1");
    const total = /^totals: (\d+)$/mu.exec(text)?.[1];
    if (total === undefined) throw new Error(`callgrind wrote no count ${this.#dumps}`);
    return Number(total);
  }

  #command(words: string): void {
    const { status, stdout, stderr, error } = spawnSync(
      "vgdb",
      [`--pid=${this.#pid}`, ...words.split(" ")],
      { encoding: "utf8", timeout: commandTimeoutMs },
    );
    if (status !== 0)
      throw new Error(`vgdb ${words}: ${error?.message ?? ""}${stdout}${stderr}`.trim());
  }
}
