import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

/** Version of Elasticsearch that is fetched. `ES_ORACLE_VERSION` overrides it. */
export const elasticsearchVersion = process.env["ES_ORACLE_VERSION"] ?? "9.5.3";

const dependencyPlugin = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies";
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
  const cache = cacheFolder();
  const home = join(cache, `elasticsearch-${elasticsearchVersion}`);
  if (await exists(join(home, "modules", transportModule, "plugin-descriptor.properties")))
    return home;
  await mkdir(cache, { recursive: true, mode: 0o755 });
  const stage = await mkdtemp(join(cache, "fetch-"));
  try {
    await fill(stage, maven, progress);
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
  await writeFile(join(module, "plugin-descriptor.properties"), descriptor());
}

/** What the published jar lacks: the file that makes a folder under `modules` a module. */
function descriptor(): string {
  const properties = {
    name: transportModule,
    description: "Netty 4 based transport implementation",
    version: elasticsearchVersion,
    "elasticsearch.version": elasticsearchVersion,
    "java.version": "21",
    classname: "org.elasticsearch.transport.netty4.Netty4Plugin",
    "extended.plugins": "",
    "has.native.controller": "false",
  };
  return `${Object.entries(properties)
    .map(([key, value]) => `${key}=${value}`)
    .join("\n")}\n`;
}

async function copyArtifact(
  maven: string,
  wanted: { readonly group: string; readonly artifact: string; readonly to: string },
): Promise<void> {
  const folder = await mkdtemp(join(cacheFolder(), "pom-"));
  try {
    await writeFile(join(folder, "pom.xml"), pom(wanted.group, wanted.artifact));
    await runMaven(maven, folder, ["-DincludeScope=runtime", `-DoutputDirectory=${wanted.to}`]);
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

async function runMaven(maven: string, cwd: string, options: readonly string[]): Promise<void> {
  const child = spawn(maven, ["-B", "-ntp", dependencyPlugin, ...options], {
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
