import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { waitFor } from "../support/wait-for.ts";

const launcher = `
  const { runTcpCommand } = await import(${JSON.stringify(new URL("../../src/cli/tcp.ts", import.meta.url).href)});
  process.exit(await runTcpCommand(process.argv.slice(1)));
`;

/** A running `es-proxy tcp`. */
export interface TcpCommand {
  readonly child: ChildProcessWithoutNullStreams;
  readonly port: number;
  /** All that came on stderr. */
  stderr(): string;
  /** Sends a signal and waits for the exit code. */
  stop(signal: NodeJS.Signals): Promise<number | null>;
}

/** Starts the command on a free port of 127.0.0.1. */
export async function startCommand(
  t: TestContext,
  file: string,
  env: Readonly<Record<string, string>> = {},
): Promise<TcpCommand> {
  const child = spawnCommand(t, ["-c", file, "-h", "127.0.0.1", "-p", "0"], env);
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const port = await waitFor(
    "the command to listen",
    () => {
      if (child.exitCode !== null) throw new Error(stderr);
      return Number(/listening on tcp:\/\/127\.0\.0\.1:(\d+)/.exec(stderr)?.[1] ?? 0) || undefined;
    },
    15_000,
  );
  return {
    child,
    port,
    stderr: () => stderr,
    stop: async (signal) => {
      const exit = child.exitCode === null ? once(child, "exit") : undefined;
      child.kill(signal);
      await exit;
      return child.exitCode;
    },
  };
}

/** Runs the command to its end. */
export async function runCommand(
  t: TestContext,
  args: readonly string[],
  input: string | Uint8Array = "",
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const child = spawnCommand(t, args, env);
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  await once(child, "close");
  return { code: child.exitCode, stdout, stderr };
}

/** The path of an example. */
export function example(name: string): string {
  return fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
}

function spawnCommand(
  t: TestContext,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, ["--input-type=module", "-e", launcher, "--", ...args], {
    env: { ...process.env, ...env },
  });
  t.after(() => child.kill("SIGKILL"));
  return child;
}
