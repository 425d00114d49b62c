import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { waitFor, withDeadline } from "./wait-for.ts";

/** How a child ended: exit code, or the signal that killed it. */
export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** How a child is started. */
export interface ChildOptions {
  /**
   * Added to the environment. `NODE_OPTIONS` and `NODE_TEST_CONTEXT` of the test run are not passed
   * on.
   */
  readonly env?: Readonly<Record<string, string>>;
  /** Options for node itself, before the script. */
  readonly nodeOptions?: readonly string[];
  readonly cwd?: string;
  /** Written to its standard input, which is closed then. @default no standard input */
  readonly input?: string;
  /** Size that no file of the process may exceed, in the unit of `ulimit -f`: 512 bytes. */
  readonly maxFileBlocks?: number;
  /** Descriptors that the process may have open at a time (`ulimit -n`). */
  readonly maxOpenFiles?: number;
}

const root = fileURLToPath(new URL("../../", import.meta.url));

/** A child process with collected output. It never outlives its disposal nor the test process. */
export class Child implements AsyncDisposable {
  readonly process: ChildProcess;
  /** Resolves when the process has ended and its output is read. */
  readonly exit: Promise<ChildExit>;
  stdout = "";
  stderr = "";
  ended: ChildExit | undefined;

  constructor(command: string, args: readonly string[], options: ChildOptions = {}) {
    const { NODE_OPTIONS: _options, NODE_TEST_CONTEXT: _context, ...environment } = process.env;
    this.process = spawn(command, args, {
      cwd: options.cwd ?? root,
      env: { ...environment, ...options.env },
      stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    this.process.stdin?.end(options.input);
    this.process.stdout?.setEncoding("utf8").on("data", (text: string) => (this.stdout += text));
    this.process.stderr?.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    const kill = (): void => void this.process.kill("SIGKILL");
    process.once("exit", kill);
    this.exit = once(this.process, "close").then(([code, signal]: unknown[]) => {
      process.off("exit", kill);
      this.ended = { code: code as number | null, signal: signal as NodeJS.Signals | null };
      return this.ended;
    });
  }

  get pid(): number {
    if (this.process.pid === undefined) throw new Error("the child has not started");
    return this.process.pid;
  }

  /** Sends a signal; `false` when the process is gone. */
  signal(name: NodeJS.Signals): boolean {
    return this.process.kill(name);
  }

  /** Waits for the end, with the collected output in the error when it does not come. */
  async exited(deadlineMs = 10_000): Promise<ChildExit> {
    return withDeadline(`exit of the child; stderr:\n${this.stderr}`, this.exit, deadlineMs);
  }

  /**
   * Waits until stderr matches, and returns the match; fails at once when the child ends without
   * it.
   */
  stderrMatch(pattern: RegExp, deadlineMs = 10_000): Promise<RegExpExecArray> {
    return waitFor(`${pattern} on the child's stderr`, () => this.#match(pattern), deadlineMs);
  }

  /** Resident memory in bytes, from /proc; `undefined` where there is none. */
  async residentBytes(): Promise<number | undefined> {
    const status = await readFile(`/proc/${this.pid}/status`, "utf8").catch(() => "");
    const match = /^VmRSS:\s+(\d+) kB$/m.exec(status);
    return match === null ? undefined : Number(match[1]) * 1024;
  }

  /** Kills the process if it still runs and waits for its end. */
  async kill(): Promise<ChildExit> {
    if (this.ended === undefined) this.process.kill("SIGKILL");
    return this.exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    const match = pattern.exec(this.stderr);
    if (match !== null) return match;
    if (this.ended !== undefined)
      throw new Error(
        `the child ended (code ${this.ended.code}, signal ${this.ended.signal}); stderr:\n${this.stderr}`,
      );
    return undefined;
  }
}

/** Runs a script to its end and gives what came of it; see {@link startScript}. */
export async function runScript(
  script: string,
  args: readonly string[],
  options: ChildOptions = {},
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  await using child = startScript(script, args, options);
  const { code } = await child.exited(60_000);
  return { code, stdout: child.stdout, stderr: child.stderr };
}

/** Runs a TypeScript file of this repository, path from its root, with the running node. */
export function startScript(
  script: string,
  args: readonly string[],
  options: ChildOptions = {},
): Child {
  const line = [process.execPath, ...(options.nodeOptions ?? []), script, ...args];
  const { maxFileBlocks, maxOpenFiles } = options;
  if (maxFileBlocks === undefined && maxOpenFiles === undefined)
    return new Child(line[0] ?? "", line.slice(1), options);
  const blocks = maxFileBlocks === undefined ? "" : `ulimit -f ${maxFileBlocks}; `;
  const files = maxOpenFiles === undefined ? "" : `ulimit -n ${maxOpenFiles}; `;
  const limited = `${blocks}${files}exec "$@"`;
  return new Child("sh", ["-c", limited, "sh", ...line], options);
}
