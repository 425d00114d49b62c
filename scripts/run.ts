/**
 * `make run`: a proxy to try. Starts a mock Elasticsearch (unless a real one is named) and the
 * proxy in front of it, which serves the explorer of its audit; says where to send requests, and
 * shows a row for each of them.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { makeIdentity } from "../src/cli/own-certificate.ts";
import { numberOf, oneOf, readCommandLine } from "./command-line.ts";

const { values } = readCommandLine(
  `A mock Elasticsearch, the proxy and the explorer of its audit: \`make run\`.

  node scripts/run.ts [options]

  --es URL             a server in place of the mock
  --audit DIR          where records go (default audit; -: to the terminal)
  --format ecs|text    of records
  --port N             of the proxy (default 9200)
  --explorer-port N    of the explorer (default 9181)
  --mock-port N        of the mock (default 19200)
  --tls                with a certificate that is made for it

  node scripts/run.ts --audit /tmp/audit --port 9210
`,
  {
    es: { type: "string", default: "" },
    audit: { type: "string", default: "audit" },
    format: { type: "string", default: "" },
    port: { type: "string", default: "9200" },
    "explorer-port": { type: "string", default: "9181" },
    "mock-port": { type: "string", default: "19200" },
    tls: { type: "boolean", default: false },
  },
);

const root = join(import.meta.dirname, "..");
for (const name of ["port", "explorer-port", "mock-port"] as const)
  numberOf(values[name], `--${name}`, 0);
if (values.format !== "") oneOf(values.format, "--format", ["ecs", "text"]);
const isOnTerminal = values.audit === "-";
/** Whole answers are in records of the `ecs` format only; `text` is what people read. */
const format = values.format !== "" ? values.format : isOnTerminal ? "text" : "ecs";
const explorerBind = `127.0.0.1:${values["explorer-port"]}`;
const children: ChildProcess[] = [];
let isStopping = false;
/** Of the configuration; removed in the end. */
let configFolder: string | undefined = undefined;

for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void stop(0));

const upstream = values.es === "" ? await startMock() : parseUpstream(values.es);
await startProxy(upstream);

interface Upstream {
  readonly host: string;
  readonly port: string;
  readonly url: string;
}

function parseUpstream(text: string): Upstream {
  const problem = `ES=${text} is not an address like http://127.0.0.1:9201`;
  if (!URL.canParse(text)) fail(problem);
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") fail(problem);
  const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
  return { host: url.hostname.replace(/^\[|\]$/g, ""), port, url: url.origin };
}

async function startMock(): Promise<Upstream> {
  const port = values["mock-port"];
  const mock = start("mock-es", ["mock-es/main.ts", "--port", port], "pipe");
  await lineFrom(mock, /listening on/);
  return { host: "127.0.0.1", port, url: `http://127.0.0.1:${port}` };
}

async function startProxy({ host, port, url }: Upstream): Promise<void> {
  const bind = ["127.0.0.1", values.port];
  const tls = values.tls ? await makeIdentity(join(root, ".runtime/tls"), "127.0.0.1") : undefined;
  const isPlain = tls === undefined && url.startsWith("http:");
  const args =
    isOnTerminal && isPlain
      ? [host, port, ...bind, "--no-tls", "--audit", values.audit, "--format", format]
      : await writeConfig(url, tls);
  const begun = new Date().toISOString();
  const proxy = start("es-proxy", ["src/cli/main.ts", ...args], "inherit");
  await lineFrom(proxy, isOnTerminal ? /listening on/ : /explorer on/);
  const own = `${tls === undefined ? "http" : "https"}://127.0.0.1:${values.port}`;
  const curl = tls === undefined ? "curl" : `curl --cacert ${tls.certFile}`;
  console.error(`
es-proxy is in front of ${url}${values.es === "" ? " (a mock Elasticsearch)" : ""}. Send requests to ${own}, for example

  ${curl} '${own}/'
  ${curl} -u alice:secret -H 'Content-Type: application/json' '${own}/books/_doc/1?refresh=true' -d '{"title":"Dune"}'
  ${curl} '${own}/books/_search?q=dune'
${tls === undefined ? "" : `\nIts certificate was made for this host; SHA-256 ${tls.fingerprint256}.\n`}
${isOnTerminal ? "The audit appears below: two lines for each exchange, joined by ID." : trailText()} Ctrl-C ends everything.
`);
  if (!isOnTerminal)
    start(
      "audit tail",
      // Not "from now on": requests come while it starts.
      ["src/cli/main.ts", "audit", "tail", "-d", values.audit, "--since", begun],
      "inherit",
    );
}

/** What the terminal says of the audit. */
function trailText(): string {
  const ownNode = relative(root, process.execPath);
  const program = `${ownNode.startsWith("..") ? "node" : ownNode} src/cli/main.ts`;
  return `The audit is written to ${values.audit}. Ask it at http://${explorerBind}/, or on another terminal with

  ${program} audit query 'user: alice' --dir ${values.audit}

A row for each exchange appears below, when it has ended.`;
}

/**
 * A configuration that derives facts and serves the explorer. The positional form has neither, and
 * TLS on both sides or on none.
 */
async function writeConfig(
  url: string,
  tls: { readonly certFile: string; readonly keyFile: string } | undefined,
): Promise<string[]> {
  const { mkdtemp, writeFile } = await import("node:fs/promises");
  const { tmpdir } = await import("node:os");
  configFolder = await mkdtemp(join(tmpdir(), "es-proxy-run-"));
  const file = join(configFolder, "es-proxy.yaml");
  const config = {
    listeners: [
      {
        name: "es",
        protocol: "http",
        bind: `127.0.0.1:${values.port}`,
        ...(tls && { tls: { cert: tls.certFile, key: tls.keyFile } }),
        routes: [{ path: "/", pool: "elasticsearch" }],
      },
    ],
    pools: { elasticsearch: { endpoints: [url] } },
    audit: {
      directory: isOnTerminal ? "-" : resolve(values.audit),
      format,
      ...(isOnTerminal ? {} : { facts: true }),
    },
    ...(isOnTerminal ? {} : { explorer: { bind: explorerBind } }),
  };
  await writeFile(file, JSON.stringify(config));
  return ["run", "--config", file];
}

function start(name: string, args: readonly string[], stdout: "pipe" | "inherit"): ChildProcess {
  const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", stdout, "pipe"] });
  children.push(child);
  child.on("exit", (code, signal) => {
    if (isStopping) return;
    console.error(`${name} ended (${signal ?? `exit code ${code ?? ""}`})`);
    void stop(code ?? 1);
  });
  return child;
}

/** Waits for a line that matches, on either stream; passes stderr on. */
async function lineFrom(child: ChildProcess, pattern: RegExp): Promise<void> {
  await new Promise<void>((resolve) => {
    const look = (bytes: Buffer): void => {
      if (pattern.test(bytes.toString())) resolve();
    };
    child.stdout?.on("data", look);
    child.stderr?.on("data", (bytes: Buffer) => {
      if (!pattern.test(bytes.toString())) process.stderr.write(bytes);
      look(bytes);
    });
  });
}

async function stop(code: number): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  await Promise.all(
    children.map(async (child) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await exited;
    }),
  );
  if (configFolder !== undefined) rmSync(configFolder, { recursive: true, force: true });
  process.exit(code);
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}
