import { execFile, type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { request } from "undici";
import { waitFor, withDeadline } from "../support/wait-for.ts";
import { elasticsearchVersion, fetchDistribution } from "./distribution.ts";
import { esqlVersion, fetchEsqlDistribution } from "./esql/esql-distribution.ts";
import { findPrerequisites } from "./prerequisites.ts";
import { fetchSecuredDistribution, type SecuredVersion } from "./secured-distribution.ts";

const run = promisify(execFile);
const launcher = fileURLToPath(new URL("RealNode.java", import.meta.url));
const unprivilegedUser = "es-oracle";

/** A running real Elasticsearch of one node. */
export interface RealElasticsearch extends AsyncDisposable {
  /** For example `http://127.0.0.1:41234`. */
  readonly url: string;
  /** For example `9.5.3`. */
  readonly version: string;
  /** Kills the node without warning, and starts it again with its data, on the same port. */
  crash(): Promise<void>;
  /** Stops the node and removes its data; may be called twice. */
  stop(): Promise<void>;
}

/** How {@link startRealElasticsearch} starts the node. */
export interface RealElasticsearchOptions {
  /** HTTP port on 127.0.0.1; 0 lets the system choose. @default 0 */
  readonly port?: number;
  /** Gets one line for each step. @default nothing is reported */
  readonly progress?: (line: string) => void;
  /** A node that knows its users. @default one that asks nobody who they are */
  readonly security?: NodeSecurity;
  /** A node of version 8.19 that knows ES|QL. @default false */
  readonly hasEsql?: boolean;
}

/** Which node with security is started. */
export interface NodeSecurity {
  readonly version: SecuredVersion;
  /** Of the user `elastic`. */
  readonly password: string;
}

/**
 * Fetches Elasticsearch when it is not there yet and starts a single node with 512 MB of heap (with
 * security 700 MB) and an empty data folder of its own. The node ends with this process, however
 * that ends.
 *
 * @throws {MissingPrerequisites} when Maven or a JDK is not installed
 * @throws {Error} with the node's last output when it does not serve within two minutes
 */
export async function startRealElasticsearch(
  options: RealElasticsearchOptions = {},
): Promise<RealElasticsearch> {
  const progress = options.progress ?? (() => undefined);
  const { security, hasEsql = false } = options;
  const { maven, java } = await findPrerequisites();
  const tools = { maven, java, progress };
  const home = hasEsql
    ? await fetchEsqlDistribution(tools)
    : security === undefined
      ? await fetchDistribution(maven, progress)
      : await fetchSecuredDistribution(security.version, tools);
  const version = hasEsql ? esqlVersion : (security?.version ?? elasticsearchVersion);
  const user = await nodeUser(progress);
  const folder = await makeDataFolder(user);
  progress(`starting Elasticsearch ${version} with ${java}`);
  const start = (port: number): NodeProcess =>
    new NodeProcess(java, nodeArguments(home, folder, { port, security, hasEsql }), {
      user,
      password: security?.password,
    });
  let node = start(options.port ?? 0);
  const stop = async (): Promise<void> => {
    await node.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    const url = await node.listening();
    await waitFor("a healthy node", () => isHealthy(url, security?.password), 60_000);
    progress(`Elasticsearch ${version} serves on ${url}`);
    const crash = async (): Promise<void> => {
      await node.kill();
      node = start(Number(new URL(url).port));
      await node.listening();
      // What was not written to segments is read again from the translog.
      await waitFor("a healthy node", () => isHealthy(url, security?.password), 300_000);
    };
    return { url, version, crash, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface User {
  readonly uid: number;
  readonly gid: number;
}

/** Elasticsearch must not run as root; as another user it runs as that user. */
async function nodeUser(progress: (line: string) => void): Promise<User | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const known = await run("id", ["-u", unprivilegedUser]).catch(() => undefined);
  if (known === undefined) {
    progress(`creating the system user ${unprivilegedUser}: Elasticsearch does not run as root`);
    await run("useradd", [
      "--system",
      "--no-create-home",
      "--shell",
      "/usr/sbin/nologin",
      unprivilegedUser,
    ]);
  }
  const [uid, gid] = await Promise.all(
    ["-u", "-g"].map((flag) => run("id", [flag, unprivilegedUser])),
  );
  if (uid === undefined || gid === undefined) throw new Error(`no such user: ${unprivilegedUser}`);
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}

async function makeDataFolder(user: User | undefined): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "es-proxy-real-"));
  for (const path of [folder, join(folder, "data"), join(folder, "logs"), join(folder, "tmp")]) {
    await mkdir(path, { recursive: true });
    await chmod(path, 0o700);
    if (user !== undefined) await chown(path, user.uid, user.gid);
  }
  // Copied, because the repository may lie where the node's user cannot read.
  await copyFile(launcher, join(folder, "tmp", "RealNode.java"));
  return folder;
}

interface NodeOptions {
  readonly port: number;
  readonly security: NodeSecurity | undefined;
  readonly hasEsql: boolean;
}

function nodeArguments(home: string, folder: string, options: NodeOptions): string[] {
  const { security, hasEsql } = options;
  const heap = security === undefined && !hasEsql ? "512m" : "700m";
  const settings = {
    "path.home": home,
    "path.data": join(folder, "data"),
    "path.logs": join(folder, "logs"),
    // What the YAML tests of the REST API ask of a node.
    "path.repo": join(folder, "tmp"),
    "node.attr.testattr": "test",
    "discovery.type": "single-node",
    "http.host": "127.0.0.1",
    "http.port": String(options.port),
    "transport.host": "127.0.0.1",
    "transport.port": "0",
    "cluster.routing.allocation.disk.threshold_enabled": "false",
    "action.destructive_requires_name": "false",
    // Only what comes with x-pack knows of security.
    ...(security === undefined && !hasEsql
      ? {}
      : { "xpack.security.enabled": String(security !== undefined) }),
  };
  return [
    `-Xms${heap}`,
    `-Xmx${heap}`,
    "--enable-native-access=ALL-UNNAMED",
    `-Djava.io.tmpdir=${join(folder, "tmp")}`,
    "-cp",
    join(home, "lib", "*"),
    join(folder, "tmp", "RealNode.java"),
    ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
  ];
}

interface RunOptions {
  readonly user: User | undefined;
  readonly password: string | undefined;
}

class NodeProcess {
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #killAtExit: () => void;
  #output = "";
  #hasEnded = false;

  constructor(java: string, args: readonly string[], options: RunOptions) {
    // A small environment: the node must not read this process' home or Java options.
    const env = {
      PATH: process.env["PATH"] ?? "",
      LANG: "C.UTF-8",
      ...(options.password === undefined ? {} : { ELASTIC_PASSWORD: options.password }),
    };
    this.#process = spawn(java, args, {
      cwd: tmpdir(),
      env,
      stdio: ["pipe", "pipe", "pipe"],
      ...options.user,
    });
    this.#process.stdout?.setEncoding("utf8").on("data", (text: string) => this.#collect(text));
    this.#process.stderr?.setEncoding("utf8").on("data", (text: string) => this.#collect(text));
    this.#process.stdin?.on("error", () => undefined);
    this.#killAtExit = (): void => void this.#process.kill("SIGKILL");
    process.once("exit", this.#killAtExit);
    this.#ended = once(this.#process, "close").then(() => {
      process.off("exit", this.#killAtExit);
      this.#hasEnded = true;
    });
  }

  /** The address that the launcher prints once requests are served. */
  listening(): Promise<string> {
    return waitFor(
      "the node listens",
      () => {
        const url = /^listening on (http:\S+)$/m.exec(this.#output)?.[1];
        if (url === undefined && this.#hasEnded)
          throw new Error(`the node ended:\n${this.#output}`);
        return url;
      },
      120_000,
    );
  }

  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#ended;
  }

  async stop(): Promise<void> {
    if (this.#hasEnded) return;
    this.#process.kill("SIGTERM");
    await withDeadline("the end of the node", this.#ended, 20_000).catch(() =>
      this.#process.kill("SIGKILL"),
    );
    await this.#ended;
  }

  #collect(text: string): void {
    this.#output = (this.#output + text).slice(-20_000);
  }
}

async function isHealthy(url: string, password: string | undefined): Promise<boolean> {
  const target = `${url}/_cluster/health?wait_for_status=yellow&timeout=1s`;
  const encoded = Buffer.from(`elastic:${password}`).toString("base64");
  const headers = password === undefined ? {} : { authorization: `Basic ${encoded}` };
  const answer = await request(target, { headers }).catch(() => undefined);
  await answer?.body.dump();
  return answer?.statusCode === 200;
}
