import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join } from "node:path";

/** Version of Elasticsearch that is fetched. `ES_ORACLE_VERSION` overrides it. */
export const elasticsearchVersion = process.env["ES_ORACLE_VERSION"] ?? "9.5.3";

const dependencyPlugin = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1";
const transportModule = "transport-netty4";

/**
 * Folder that holds fetched versions, outside the repository. `ES_ORACLE_DIR` overrides it.
 *
 * As root it is below `/var/tmp`, because the node runs as another user who cannot read root's
 * home.
 */
export function cacheFolder(): string {
  const given = process.env["ES_ORACLE_DIR"];
  if (given !== undefined && given !== "") return given;
  if (process.getuid?.() === 0) return "/var/tmp/es-proxy-oracle";
  return join(
    process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"),
    "es-proxy",
    "elasticsearch",
  );
}

/**
 * Gives the folder of an Elasticsearch installation (`lib`, `modules`, `config`), fetching it with
 * Maven when it is not there yet. A fetch that was cut short leaves nothing behind that looks
 * complete: the folder appears by rename.
 *
 * @param maven the `mvn` command
 * @param progress gets one line for each step
 * @throws {Error} with Maven's last lines when the fetch fails
 */
export async function fetchDistribution(
  maven: string,
  progress: (line: string) => void,
): Promise<string> {
  return installOnce(`elasticsearch-${elasticsearchVersion}`, (stage) =>
    fill(stage, maven, progress),
  );
}

/**
 * Gives a folder below the cache, filled by `fill` when it is not there yet.
 *
 * @param fill gets an empty folder, which is renamed when it is done
 */
export async function installOnce(
  name: string,
  fill: (stage: string) => Promise<void>,
): Promise<string> {
  const cache = cacheFolder();
  const home = join(cache, name);
  if (await exists(home)) return home;
  await mkdir(cache, { recursive: true, mode: 0o755 });
  const stage = await mkdtemp(join(cache, "fetch-"));
  try {
    await fill(stage);
    await chmod(stage, 0o755); // mkdtemp makes 0700, but the node may run as another user
    await rename(stage, home).catch(async (error: unknown) => {
      if (!(await exists(home))) throw error;
    });
    return home;
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

async function fill(stage: string, maven: string, progress: (line: string) => void): Promise<void> {
  const lib = join(stage, "lib");
  const module = join(stage, "modules", transportModule);
  await mkdir(join(stage, "config"), { recursive: true });
  progress(
    `fetching the Elasticsearch ${elasticsearchVersion} server with Maven (about 45 MB, once)`,
  );
  await copyArtifact(maven, { group: "org.elasticsearch", artifact: "elasticsearch", to: lib });
  progress(`fetching its HTTP module ${transportModule}`);
  await copyArtifact(maven, {
    group: "org.elasticsearch.plugin",
    artifact: transportModule,
    to: module,
  });
  // Elasticsearch refuses to start when a class is both in lib and in a module.
  const shared = new Set(await readdir(lib));
  for (const name of await readdir(module)) if (shared.has(name)) await rm(join(module, name));
  await rm(join(stage, "pom.xml"), { force: true });
  await describeModule(module, {
    version: elasticsearchVersion,
    classname: "org.elasticsearch.transport.netty4.Netty4Plugin",
  });
}

/** What a folder needs to be a module, and the published jars lack. */
export interface ModuleDescription {
  /** Of Elasticsearch. */
  readonly version: string;
  readonly classname: string;
  /** Module whose classes this one uses. */
  readonly extends?: string;
}

/** Writes the descriptor that makes a folder below `modules` a module. */
export async function describeModule(folder: string, module: ModuleDescription): Promise<void> {
  const properties = {
    name: basename(folder),
    description: "for tests",
    version: module.version,
    "elasticsearch.version": module.version,
    "java.version": "17",
    classname: module.classname,
    "extended.plugins": module.extends ?? "",
    "has.native.controller": "false",
  };
  const lines = Object.entries(properties).map(([key, value]) => `${key}=${value}\n`);
  await writeFile(join(folder, "plugin-descriptor.properties"), lines.join(""));
}

/**
 * Copies one artifact alone.
 *
 * @param coordinates `group:artifact:version`, with `:zip` at the end for an archive that is
 *   unpacked
 * @param to an existing folder
 */
export async function fetchAlone(maven: string, coordinates: string, to: string): Promise<void> {
  const goal = coordinates.endsWith(":zip") ? "unpack" : "copy";
  const options = [`-Dartifact=${coordinates}`, `-DoutputDirectory=${to}`];
  await runMaven(maven, to, goal, options);
}

async function copyArtifact(
  maven: string,
  wanted: { readonly group: string; readonly artifact: string; readonly to: string },
): Promise<void> {
  const folder = await mkdtemp(join(cacheFolder(), "pom-"));
  try {
    await writeFile(join(folder, "pom.xml"), pom(wanted.group, wanted.artifact));
    const options = ["-DincludeScope=runtime", `-DoutputDirectory=${wanted.to}`];
    await runMaven(maven, folder, "copy-dependencies", options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function pom(group: string, artifact: string): string {
  return `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>fetch</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${elasticsearchVersion}</version></dependency>
  </dependencies>
</project>
`;
}

async function runMaven(
  maven: string,
  cwd: string,
  goal: string,
  options: readonly string[],
): Promise<void> {
  const child = spawn(maven, ["-B", "-ntp", `${dependencyPlugin}:${goal}`, ...options], {
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
