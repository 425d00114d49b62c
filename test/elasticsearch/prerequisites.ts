import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Oldest Java feature release that runs Elasticsearch 9. */
export const oldestJava = 21;

/** What is needed to fetch and run a real Elasticsearch. */
export interface Prerequisites {
  /** The `mvn` command, as found on PATH. */
  readonly maven: string;
  /** The `java` command of a JDK that is new enough. */
  readonly java: string;
}

/** Thrown when something needed is not installed; `missing` has one sentence for each thing. */
export class MissingPrerequisites extends Error {
  readonly missing: readonly string[];

  constructor(missing: readonly string[]) {
    super(
      `cannot run a real Elasticsearch here:\n${missing.map((line) => `  - ${line}`).join("\n")}`,
    );
    this.name = "MissingPrerequisites";
    this.missing = missing;
  }
}

/** Where {@link findPrerequisites} looks. */
export interface SourceLocations {
  /** Command or path of Maven. */
  readonly maven: string;
  /** `java` commands, the preferred first. */
  readonly java: readonly string[];
}

/**
 * Looks for Maven and for a JDK (not only a runtime: the launcher is compiled when it starts).
 *
 * @param places default: `mvn` on PATH; JDKs from `ES_JAVA_HOME`, `JAVA_HOME`, PATH and the folders
 *   where systems install them, in this order
 * @throws {MissingPrerequisites} naming each thing that was not found and where it was looked for
 */
export async function findPrerequisites(places?: SourceLocations): Promise<Prerequisites> {
  const { maven, java } = places ?? { maven: "mvn", java: await javaCommands() };
  const [mavenAnswer, jdk] = await Promise.all([tryRun(maven, ["-version"]), findJdk(java)]);
  const missing = [];
  if (mavenAnswer === undefined)
    missing.push("Maven: there is no working `mvn` on PATH (Debian: apt-get install maven)");
  if (jdk.java === undefined) missing.push(jdk.reason);
  if (mavenAnswer === undefined || jdk.java === undefined) throw new MissingPrerequisites(missing);
  return { maven, java: jdk.java };
}

async function findJdk(
  commands: readonly string[],
): Promise<{ readonly java: string | undefined; readonly reason: string }> {
  const seen: string[] = [];
  for (const java of commands) {
    const found = await probeJdk(java);
    if (found === undefined) continue;
    if (found.release >= oldestJava && found.hasCompiler) return { java, reason: "" };
    seen.push(`${java} (Java ${found.release}${found.hasCompiler ? "" : ", no compiler"})`);
  }
  const rest = seen.length === 0 ? "found none" : `found only ${seen.join(", ")}`;
  const where = "ES_JAVA_HOME, JAVA_HOME, PATH, /usr/lib/jvm and /Library/Java/JavaVirtualMachines";
  return { java: undefined, reason: `a JDK >= ${oldestJava}: looked at ${where}; ${rest}` };
}

async function javaCommands(): Promise<string[]> {
  const named = [process.env["ES_JAVA_HOME"], process.env["JAVA_HOME"]].filter(
    (home) => home !== undefined,
  );
  const installed = await listHomes("/usr/lib/jvm", "");
  const mac = await listHomes("/Library/Java/JavaVirtualMachines", "Contents/Home");
  return [...named.map((home) => join(home, "bin/java")), "java", ...installed, ...mac];
}

async function listHomes(folder: string, inner: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .toSorted((a, b) => a.localeCompare(b))
    .map((name) => join(folder, name, inner, "bin/java"));
}

/**
 * One call tells the release (`java.base@25.0.1`) and whether the compiler is there
 * (`jdk.compiler`).
 */
async function probeJdk(
  java: string,
): Promise<{ release: number; hasCompiler: boolean } | undefined> {
  const answer = await tryRun(java, ["--list-modules"]);
  const release = /^java\.base@(\d+)/m.exec(answer?.stdout ?? "")?.[1];
  if (answer === undefined || release === undefined) return undefined;
  return { release: Number(release), hasCompiler: /^jdk\.compiler@/m.test(answer.stdout) };
}

/**
 * `undefined` when the command fails or cannot be started at all, which execFile reports by
 * throwing.
 */
async function tryRun(
  command: string,
  args: readonly string[],
): Promise<{ stdout: string } | undefined> {
  try {
    return await run(command, args);
  } catch {
    return undefined;
  }
}
