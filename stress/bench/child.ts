import type { ChildProcess } from "node:child_process";
import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";

/** Longest start of a program that runs as it is, in milliseconds. */
const readyTimeoutMs = 20_000;
const stopTimeoutMs = 15_000;
const living = new Set<ChildProcess>();

/** A process of the benchmark. Whoever started it stops it with `stopChild`. */
export interface Child {
  readonly process: ChildProcess;
  readonly pid: number;
  /** The last lines which the process wrote, for messages about its failure. */
  readonly output: () => string;
}

/**
 * Starts a program with its messages captured.
 *
 * @param errorFile File to which its standard error goes instead.
 * @throws {Error} when the program cannot be started at all.
 */
export async function startProgram(
  command: string,
  args: readonly string[],
  cwd?: string,
  errorFile?: string,
): Promise<Child> {
  const errors = errorFile === undefined ? "pipe" : openSync(errorFile, "a");
  try {
    const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", errors] });
    return await started(child, command);
  } finally {
    if (typeof errors === "number") closeSync(errors);
  }
}

/**
 * Starts a TypeScript or JavaScript file of the benchmark with a message channel (see {@link ask}).
 */
export async function startScript(file: string, args: readonly string[]): Promise<Child> {
  // No inherited flags: the caller may run under a loader or a profiler which the measured process
  // must not have.
  const child = fork(file, args, { execArgv: [], stdio: ["ignore", "pipe", "pipe", "ipc"] });
  return started(child, file);
}

async function started(child: ChildProcess, name: string): Promise<Child> {
  living.add(child);
  child.once("exit", () => living.delete(child));
  let output = "";
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString("utf8")).slice(-4000);
  };
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  await once(child, "spawn");
  if (child.pid === undefined) throw new Error(`${name} did not start`);
  return { process: child, pid: child.pid, output: () => output };
}

/**
 * Waits until the process says `listening on …:PORT`, and gives the port.
 *
 * @param timeoutMs Longest wait; the default suits programs that run as they are.
 * @throws {Error} when the process ends first or stays silent for that long; the message holds
 *   what it wrote.
 */
export async function listeningPort(
  child: Child,
  name: string,
  timeoutMs = readyTimeoutMs,
): Promise<number> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const port = /listening on \S*:(\d+)/u.exec(child.output())?.[1];
    if (port !== undefined) return Number(port);
    if (hasEnded(child.process))
      throw new Error(`${name} ended while starting:\n${child.output()}`);
    if (Date.now() > deadline)
      throw new Error(`${name} did not listen within ${timeoutMs} ms:\n${child.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * Sends one message to a script and waits for its one answer.
 *
 * @throws {Error} when the script ends before it answers.
 */
export async function ask<Answer>(child: Child, message: object): Promise<Answer> {
  const ended = new AbortController();
  const onExit = (): void => ended.abort(new Error(`a helper process ended:\n${child.output()}`));
  child.process.once("exit", onExit);
  try {
    const answered = once(child.process, "message", { signal: ended.signal });
    child.process.send(message);
    // The scripts and their messages are ours: each question has one type of answer.
    return ((await answered) as [Answer])[0];
  } catch (error) {
    throw ended.signal.aborted ? ended.signal.reason : error;
  } finally {
    child.process.off("exit", onExit);
  }
}

/**
 * Ends a process: SIGTERM first, SIGKILL if it has not ended within 15 seconds. Returns its exit
 * code.
 */
export async function stopChild(child: Child): Promise<number | null> {
  if (!hasEnded(child.process)) {
    const exit = once(child.process, "exit");
    child.process.kill("SIGTERM");
    const timer = setTimeout(() => child.process.kill("SIGKILL"), stopTimeoutMs);
    await exit;
    clearTimeout(timer);
  }
  return child.process.exitCode;
}

/** Tells every process that is still alive to end, for an exit on a signal or an error. */
export function stopAllChildren(): void {
  for (const child of living) child.kill("SIGTERM");
}

/** Whether the process has ended, by itself or by a signal. */
export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
