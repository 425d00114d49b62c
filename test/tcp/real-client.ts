import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { TestContext } from "node:test";
import { waitFor } from "../support/wait-for.ts";
import { startServer, type TestServer } from "./tcp-fixture.ts";

/** The reason to skip a test that needs this program, or `false` where it is installed. */
export function absent(program: string): string | false {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  for (const folder of folders)
    try {
      accessSync(join(folder, program), constants.X_OK);
      return false;
    } catch {
      continue;
    }
  return `${program} is not installed`;
}

/** What a program did. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a real client program to its end, at most 20 seconds; `input` goes to its stdin. */
export async function runProgram(
  t: TestContext,
  program: string,
  args: readonly string[],
  options: {
    readonly env?: Readonly<Record<string, string>>;
    readonly input?: string;
    readonly cwd?: string;
  } = {},
): Promise<Finished> {
  const env = {
    ...process.env,
    PATH: `${process.env["PATH"] ?? ""}${delimiter}/usr/sbin`,
    ...options.env,
  };
  const child = spawn(program, args, {
    env,
    cwd: options.cwd,
    timeout: 20_000,
    killSignal: "SIGKILL",
  });
  t.after(() => child.kill("SIGKILL"));
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.on("error", () => {});
  child.stdin.end(options.input ?? "");
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.on("error", reject);
  child.on("close", resolve);
  return { code: await promise, stdout, stderr };
}

/**
 * The bytes with which a real program opens a connection: all it sends until `isEnough` says so.
 * `answer` may answer it on the way.
 *
 * @param args of the program, from the port that it is to connect to
 */
export async function captureBytes(
  t: TestContext,
  program: string,
  args: (port: number) => readonly string[],
  isEnough: (bytes: Buffer) => boolean,
  answer: (bytes: Buffer) => Buffer | string | undefined = () => undefined,
): Promise<Buffer> {
  let bytes = Buffer.alloc(0);
  const server: TestServer = await startServer(t, (socket) => {
    // Only the first connection counts: some programs try again.
    if (server.sockets.length > 1) {
      socket.destroy();
      return;
    }
    socket.on("data", (chunk: Buffer) => {
      if (isEnough(bytes)) return;
      bytes = Buffer.concat([bytes, chunk]);
      const reply = answer(bytes);
      if (reply !== undefined) socket.write(reply);
    });
  });
  const ran = runProgram(t, program, args(server.port));
  await waitFor(`bytes of ${program}`, () => isEnough(bytes), 10_000);
  for (const socket of server.sockets) socket.destroy();
  await ran;
  return bytes;
}
