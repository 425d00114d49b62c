/** Installs an Elasticsearch that knows its users. */
import { execFile } from "node:child_process";
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describeModule, fetchAlone, fetchDistribution, installOnce } from "./distribution.ts";

const run = promisify(execFile);
const sources = fileURLToPath(new URL("secured/", import.meta.url));

/** Versions that can be had with security. */
export const securedVersions = ["8.19.0", "9.5.3"] as const;
export type SecuredVersion = (typeof securedVersions)[number];

/** The archive for integration tests; the last one on Maven Central is of version 8. */
const archive = "org.elasticsearch.distribution.integ-test-zip:elasticsearch:8.19.0:zip";
const archiveVersion = "8.19.0";
/** Libraries of x-pack-core 9.5.3 that version 8 did not have. */
const newLibraries = [
  "org.apache.httpcomponents.client5:httpclient5:5.6.4",
  "org.apache.httpcomponents.core5:httpcore5:5.4.3",
  "org.apache.httpcomponents.core5:httpcore5-h2:5.4.3",
  "com.ibm.icu:icu4j:77.1",
];
const core = "x-pack-core";
const security = "x-pack-security";

/** What is needed to install. */
export interface InstallTools {
  /** The `mvn` command. */
  readonly maven: string;
  /** The `java` command of a JDK; `javac` and `jar` are beside it. */
  readonly java: string;
  /** Gets one line for each step. */
  readonly progress: (line: string) => void;
}

/**
 * Gives the folder of an installation with security and `GET /`, fetching and building it when it
 * is not there yet.
 *
 * Version 8 is the archive for integration tests. Version 9 is the server's libraries with the
 * jars of security of the same version; what these need of others, and Maven Central does not have
 * (OpenSAML), comes from the archive. Our own plugin (`secured/`) adds what neither has.
 */
export async function fetchSecuredDistribution(
  version: SecuredVersion,
  tools: InstallTools,
): Promise<string> {
  const unpacked = await unpackedArchive(tools);
  const server =
    version === archiveVersion ? unpacked : await fetchDistribution(tools.maven, tools.progress);
  return installOnce(`elasticsearch-${version}-secured`, async (stage) => {
    const modules = join(stage, "modules");
    await mkdir(join(stage, "config"), { recursive: true });
    for (const name of ["lib", "modules/transport-netty4"])
      await cp(join(server, name), join(stage, name), { recursive: true });
    for (const name of [core, security])
      await cp(join(unpacked, "modules", name), join(modules, name), { recursive: true });
    if (version !== archiveVersion) await replaceLibraries(stage, version, tools);
    await Promise.all(
      [core, security, "transport-netty4"].map((m) => forgetName(join(modules, m))),
    );
    await buildPlugin(stage, version, tools);
  });
}

async function unpackedArchive({ maven, progress }: InstallTools): Promise<string> {
  const name = `elasticsearch-${archiveVersion}`;
  return installOnce(`${name}-integration`, async (stage) => {
    progress(`fetching the archive of ${name} for integration tests (about 95 MB, once)`);
    await fetchAlone(maven, archive, stage);
    for (const entry of ["lib", "modules"])
      await rename(join(stage, name, entry), join(stage, entry));
    await rm(join(stage, name), { recursive: true });
  });
}

/** Puts the jars of another version in the place of those of the archive. */
async function replaceLibraries(
  stage: string,
  version: SecuredVersion,
  { maven, progress }: InstallTools,
): Promise<void> {
  const modules = join(stage, "modules");
  const netty = (name: string): boolean => /^(?:netty|transport-netty4)-/.test(name);
  for (const name of await readdir(join(modules, security)))
    if (netty(name) || name === `${security}-${archiveVersion}.jar`)
      await rm(join(modules, security, name));
  const transport = await readdir(join(modules, "transport-netty4"));
  for (const name of transport.filter((one) => netty(one)))
    await cp(join(modules, "transport-netty4", name), join(modules, security, name));
  const ssl = transport.find((name) => name.startsWith("elasticsearch-ssl-config-")) ?? "";
  await cp(join(modules, "transport-netty4", ssl), join(modules, core, ssl));
  await rm(join(modules, core, `elasticsearch-ssl-config-${archiveVersion}.jar`));
  await rm(join(modules, core, `${core}-${archiveVersion}.jar`));
  progress(`fetching security ${version} (about 25 MB, once)`);
  for (const coordinates of [`org.elasticsearch.plugin:${core}:${version}`, ...newLibraries])
    await fetchAlone(maven, coordinates, join(modules, core));
  const jar = `org.elasticsearch.plugin:${security}:${version}`;
  await fetchAlone(maven, jar, join(modules, security));
  const classes = { [core]: "core.XPackPlugin", [security]: "security.Security" };
  for (const [name, classname] of Object.entries(classes)) {
    await describeModule(join(modules, name), {
      version,
      classname: `org.elasticsearch.xpack.${classname}`,
      ...(name === security ? { extends: core } : {}),
    });
  }
}

/** The server is on the class path, so that its modules cannot be named Java modules. */
async function forgetName(module: string): Promise<void> {
  const file = join(module, "plugin-descriptor.properties");
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replaceAll(/^modulename=.*$/gm, ""));
}

async function buildPlugin(stage: string, version: string, tools: InstallTools): Promise<void> {
  const folder = join(stage, "modules", "es-proxy-root");
  await mkdir(folder);
  tools.progress("compiling the plugin for the root endpoint");
  const names = await readdir(sources);
  const files = [
    ...names.filter((name) => name.endsWith(".java")),
    `${version.split(".", 1)[0]}/RootPlugin.java`,
  ].map((name) => join(sources, name));
  await compileJar(stage, files, join(folder, "root.jar"), tools);
  await describeModule(folder, { version, classname: "esproxy.test.RootPlugin" });
}

/** Compiles Java against the server of an installation. */
export async function compileJar(
  stage: string,
  files: readonly string[],
  jar: string,
  { java }: InstallTools,
): Promise<void> {
  const classes = join(stage, "classes");
  await mkdir(classes);
  // A path without folders is a command on PATH, and so are its neighbours.
  const beside = (name: string): string => (java.includes("/") ? join(dirname(java), name) : name);
  const options = ["--release", "17", "-proc:none", "-nowarn", "-d", classes];
  await run(beside("javac"), [...options, "-cp", join(stage, "lib", "*"), ...files]);
  await run(beside("jar"), ["cf", jar, "-C", classes, "."]);
  await rm(classes, { recursive: true });
}
