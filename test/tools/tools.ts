/**
 * Real tools, each fetched from its registry into a folder outside the repository and run against
 * a mock. What cannot be fetched is skipped with the sentence that the installer said.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** Time that fetching, and running, may take. */
const fetchMs = 600_000;
const runMs = 300_000;

/** Python, npm packages and sources stay here for the next run. */
const cache = join(tmpdir(), "es-proxy-tools");

/**
 * A folder below the cache, filled where it is not there yet. A file in it says that it is whole: a
 * virtual environment of Python cannot be moved into place.
 */
async function cachedFolder(
  kind: string,
  wanted: readonly string[],
  fill: (folder: string) => Promise<void>,
): Promise<string> {
  const digest = createHash("sha256").update(wanted.join("\n")).digest("hex").slice(0, 16);
  const folder = join(cache, `${kind}-${digest}`);
  const mark = join(folder, ".whole");
  if (existsSync(mark)) return folder;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await fill(folder);
  await writeFile(mark, "");
  return folder;
}

/** A folder that is removed after the test. */
export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "es-proxy-tools-"));
  t.after(async () => {
    await rm(folder, { recursive: true, force: true });
  });
  return folder;
}

/** What a program wrote. */
export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/** Where a program runs. */
export interface ProgramOptions {
  /** @default the folder of this process */
  readonly cwd?: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs a program to its end.
 *
 * @throws {Error} with all that it wrote, when it fails
 */
export async function runProgram(
  program: string,
  programArguments: readonly string[],
  timeout = runMs,
  options: ProgramOptions = {},
): Promise<Output> {
  const env = { ...process.env, ...options.env };
  const cwd = options.cwd ?? process.cwd();
  try {
    return await execute(program, programArguments, { timeout, cwd, env, maxBuffer: 64 * 2 ** 20 });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as Partial<Output>;
    throw new Error(`${program} failed:\n${stdout}${stderr}`, { cause: error });
  }
}

/**
 * A Python with packages, in a virtual environment; `undefined`, and the test skipped, where they
 * cannot be had.
 */
export async function pythonWith(
  t: TestContext,
  packages: readonly string[],
): Promise<string | undefined> {
  return await orSkip(t, `Python with ${packages.join(", ")}`, async () => {
    const folder = await cachedFolder("python", packages, async (to) => {
      await runProgram("python3", ["-m", "venv", to], fetchMs);
      const install = ["-m", "pip", "install", "--quiet", ...packages];
      await runProgram(join(to, "bin", "python"), install, fetchMs);
    });
    const python = join(folder, "bin", "python");
    const listed = await runProgram(python, ["-m", "pip", "list", "--format", "freeze"]);
    const names = packages.map((name) => name.split(/[<=>]/, 1)[0]?.toLowerCase());
    for (const line of listed.stdout.split("\n"))
      if (names.includes(line.split("==")[0]?.toLowerCase())) t.diagnostic(line);
    return python;
  });
}

/**
 * What the authors of a Python package published of it, tests included, in a folder of the test's
 * own; `undefined`, and the test skipped, where it cannot be had.
 *
 * @param requirement name and version, such as `luqum==1.0.0`
 */
export async function pythonSources(
  t: TestContext,
  python: string,
  requirement: string,
): Promise<string | undefined> {
  const folder = await temporaryFolder(t);
  return await orSkip(t, `the sources of ${requirement}`, async () => {
    const kept = await cachedFolder("sources", [requirement], async (to) => {
      const options = ["--quiet", "--no-deps", "--no-binary", ":all:", "--dest", to];
      await runProgram(python, ["-m", "pip", "download", ...options, requirement], fetchMs);
    });
    const archive = (await readdir(kept)).find((name) => name.endsWith(".tar.gz")) ?? "";
    await runProgram("tar", ["-xzf", join(kept, archive), "-C", folder, "--strip-components=1"]);
    return folder;
  });
}

/** The folder with the jars of an artifact; `undefined`, and the test skipped, without them. */
export async function mavenJars(
  t: TestContext,
  artifact: { readonly group: string; readonly name: string; readonly version: string },
): Promise<string | undefined> {
  const folder = await temporaryFolder(t);
  const { group, name, version } = artifact;
  return await orSkip(t, `${group}:${name} from Maven`, async () => {
    const dependency = `<groupId>${group}</groupId><artifactId>${name}</artifactId>`;
    await writeFile(
      join(folder, "pom.xml"),
      `<project><modelVersion>4.0.0</modelVersion><groupId>local</groupId>
<artifactId>fetch</artifactId><version>1</version><packaging>pom</packaging><dependencies>
<dependency>${dependency}<version>${version}</version></dependency></dependencies></project>`,
    );
    const goal = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies";
    const options = ["-DincludeScope=runtime", `-DoutputDirectory=${join(folder, "lib")}`];
    await runProgram("mvn", ["-B", "-q", goal, ...options], fetchMs, { cwd: folder });
    return join(folder, "lib");
  });
}

/** A program in Go, built; `undefined`, and the test skipped, where it cannot be. */
export async function goProgram(t: TestContext, sources: string): Promise<string | undefined> {
  const folder = await temporaryFolder(t);
  return await orSkip(t, "a program in Go", async () => {
    await cp(sources, folder, { recursive: true });
    await runProgram("go", ["build", "-o", "program", "."], fetchMs, { cwd: folder });
    return join(folder, "program");
  });
}

/** The folder of an installed npm package; `undefined`, and the test skipped, without it. */
export async function npmPackage(t: TestContext, name: string): Promise<string | undefined> {
  return await orSkip(t, `${name} from npm`, () =>
    cachedFolder("npm", [name], async (to) => {
      const flags = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
      await runProgram("npm", ["install", "--prefix", to, ...flags, name], fetchMs);
    }),
  );
}

async function orSkip<T>(
  t: TestContext,
  what: string,
  prepare: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await prepare();
  } catch (error) {
    const lines = (error instanceof Error ? error.message : String(error)).trim().split("\n");
    t.skip(`${what} cannot be fetched here: ${lines.at(-1) ?? ""}`);
    return undefined;
  }
}
