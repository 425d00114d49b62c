import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { runClient } from "./run-client.ts";

/** The version that the tests were written against. */
const version = "9.5.1";
/** pip fetches six packages and compiles nothing. */
const installMs = 120_000;

/** Runs a script with Elastic's client for Python; or why that cannot be. */
export type PythonClient =
  | { readonly run: (script: string, ...args: readonly string[]) => Promise<string> }
  | { readonly missing: string };

/**
 * A Python with the official client: in a virtual environment in the user's cache, which is made
 * once.
 *
 * @throws {Error} with CI=true when it cannot be made; elsewhere that is a reason to skip
 */
export function pythonClient(): PythonClient {
  const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  const folder = join(cache, "es-proxy", `python-elasticsearch-${version}`);
  const missing = existsSync(folder) ? undefined : install(folder);
  if (missing === undefined)
    return {
      run: async (script, ...args) =>
        runClient(pythonOf(folder), [join(import.meta.dirname, script), ...args]),
    };
  if (process.env["CI"] === "true") throw new Error(missing);
  return { missing };
}

/** Makes the environment beside its place and moves it there when it is whole. */
function install(folder: string): string | undefined {
  const made = `${folder}.${process.pid}`;
  mkdirSync(join(folder, ".."), { recursive: true });
  const options = { encoding: "utf8", timeout: installMs } as const;
  try {
    const venv = spawnSync("python3", ["-m", "venv", made], options);
    if (venv.status !== 0)
      return `python3 -m venv failed: ${venv.error?.message ?? `${venv.stdout}${venv.stderr}`}`;
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    const packages = spawnSync(pythonOf(made), [...pip, `elasticsearch==${version}`], options);
    if (packages.status !== 0) return `pip install failed: ${packages.stderr.trim()}`;
    renameSync(made, folder);
    return undefined;
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

function pythonOf(folder: string): string {
  return join(folder, "bin", "python3");
}
