import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { createServer, connect } from "node:net";
import { delimiter, join, resolve } from "node:path";
import type { Child } from "../child.ts";
import { hasEnded } from "../child.ts";

/**
 * Full path of a program on PATH or in the folders for administrators' programs; a name with a
 * slash is taken as it is. `undefined` when there is no such program.
 */
export function findProgram(name: string): string | undefined {
  if (name.includes("/")) return isExecutable(name) ? resolve(name) : undefined;
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The first line in which a program prints its version, or what kept it from doing so. */
export function programVersion(name: string, argument: string): string {
  const program = findProgram(name);
  if (program === undefined) return "absent";
  const result = spawnSync(program, [argument], { encoding: "utf8" });
  return /\d+\.\d+(?:\.\d+)?/u.exec(`${result.stdout}${result.stderr}`)?.[0] ?? "unknown";
}

/**
 * A TCP port on 127.0.0.1 that was free a moment ago, for programs that cannot pick one and say
 * which.
 */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        resolve(address !== null && typeof address === "object" ? address.port : 0),
      );
    });
  });
}

/**
 * Waits until something accepts connections on the port.
 *
 * @throws {Error} when the process ends first, or after 10 seconds.
 */
export async function acceptsOn(port: number, child: Child): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await canConnect(port))) {
    if (hasEnded(child.process)) throw new Error(`it ended while starting:\n${child.output()}`);
    if (Date.now() > deadline)
      throw new Error(`nothing listens on port ${port}:\n${child.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const settle = (isOpen: boolean): void => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once("connect", () => settle(true));
    socket.once("error", () => settle(false));
  });
}
