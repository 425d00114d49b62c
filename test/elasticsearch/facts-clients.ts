/** The official clients that can be had here: JavaScript's, Python's and Go's. */
import { execFile } from "node:child_process";
import { access, cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { cacheFolder } from "./distribution.ts";
import type { FactsClient } from "./facts-proof.ts";
import { runJavaScript, type FactsScale } from "./facts-scenario.ts";

const execute = promisify(execFile);
const sources = join(import.meta.dirname, "clients");
/** Minor version of the client may not be higher than that of the server. */
const pythonClient = "elasticsearch==9.5.1";

/**
 * Makes a client ready by the name of its language. All but JavaScript's are fetched from the
 * registries of their languages into the folder that holds the server, and fail where the language
 * is not installed.
 */
export const factsClients: ReadonlyMap<string, () => Promise<FactsClient>> = new Map([
  ["JavaScript", () => Promise.resolve(runJavaScript)],
  ["Python", python],
  ["Go", go],
]);

async function python(): Promise<FactsClient> {
  const folder = join(cacheFolder(), "python-client");
  const program = join(folder, "bin", "python");
  try {
    await access(program);
  } catch {
    await execute("python3", ["-m", "venv", folder]);
    await execute(program, ["-m", "pip", "install", "--quiet", pythonClient]);
  }
  return (url, scale) => run(program, [join(sources, "facts.py"), ...args(url, scale)]);
}

async function go(): Promise<FactsClient> {
  const folder = join(cacheFolder(), "go-client");
  await mkdir(folder, { recursive: true });
  await cp(join(sources, "go"), folder, { recursive: true });
  await execute("go", ["build", "-o", "facts", "."], { cwd: folder });
  return (url, scale) => run(join(folder, "facts"), args(url, scale));
}

function args(url: string, { documents, scrolled, pageSize }: FactsScale): string[] {
  return [url, String(documents), String(scrolled), String(pageSize)];
}

async function run(program: string, programArguments: readonly string[]): Promise<void> {
  await execute(program, programArguments, { timeout: 300_000 });
}
