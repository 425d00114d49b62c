/** Fetches Elastic's YAML tests and API specifications from Maven Central. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "../../elasticsearch/distribution.ts";

/** The last version whose YAML tests are published, under the Apache licence. */
export const testsVersion = "7.10.2";

const unpackPlugin = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:unpack";

/**
 * Gives the folder `rest-api-spec` (with `api/`, and up to 7.10.2 with `test/`) of a version of
 * `org.elasticsearch:rest-api-spec`, fetching it with `mvn` when it is not there yet. It lies
 * outside the repository, and appears there by rename when it is complete.
 *
 * @throws {Error} with Maven's last lines when the fetch fails
 */
export async function fetchSpecification(version: string): Promise<string> {
  const home = join(cacheFolder(), `rest-api-spec-${version}`);
  const folder = join(home, "rest-api-spec");
  if (await exists(folder)) return folder;
  await mkdir(cacheFolder(), { recursive: true });
  const stage = await mkdtemp(join(cacheFolder(), "fetch-"));
  try {
    await runMaven(stage, [
      `-Dartifact=org.elasticsearch:rest-api-spec:${version}`,
      `-DoutputDirectory=${stage}`,
    ]);
    await rename(stage, home).catch(async (error: unknown) => {
      if (!(await exists(folder))) throw error;
    });
    return folder;
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

async function runMaven(cwd: string, options: readonly string[]): Promise<void> {
  const child = spawn("mvn", ["-B", "-ntp", unpackPlugin, ...options], {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
  const [code] = (await once(child, "close")) as [number | null];
  if (code === 0) return;
  const errors = output.split("\n").filter((line) => line.includes("ERROR"));
  throw new Error(`Maven failed (exit code ${code}):\n${errors.slice(0, 8).join("\n")}`);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
