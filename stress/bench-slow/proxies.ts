/** The proxies that slow clients are set on: this one, and nginx beside it as an honest measure. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { certificateProblem, writeCertificate } from "../bench/certificate.ts";
import { listeningPort, startProgram, type Child } from "../bench/child.ts";
import { acceptsOn, findProgram, freePort } from "../bench/peers/programs.ts";

/**
 * Milliseconds: all deadlines of this proxy that concern slow clients, and of nginx that concern
 * either side.
 */
export const deadlineMs = 5000;

/** A proxy that runs. */
export interface RunningProxy {
  readonly name: string;
  readonly child: Child;
  readonly port: number;
  /** Where it speaks TLS; `undefined`: nowhere. */
  readonly tlsPort?: number | undefined;
  /** It has no deadlines. */
  readonly cutsNobody?: boolean;
  /**
   * How late the event loop was, in milliseconds, since the last call; `undefined`: it has none to
   * tell of.
   */
  readonly loopDelay?: () => Promise<LoopDelay>;
}

/** Milliseconds that work waited for the process's event loop. */
export interface LoopDelay {
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Starts this proxy. */
export async function startEsProxy(folder: string, originPort: number): Promise<RunningProxy> {
  const adminPort = await freePort();
  const tlsPort = certificateProblem() === undefined ? await freePort() : undefined;
  const secure = tlsPort === undefined ? "" : secureListener(folder, tlsPort);
  const proxy = await startConfigured(
    "es-proxy",
    folder,
    `listeners:
  - name: es
    bind: 127.0.0.1:0
    timeouts: {header: ${deadlineMs}ms, write: ${deadlineMs}ms}
    min_rate: {grace: ${deadlineMs}ms}
    routes: [{path: /, pool: es, upgrade: [websocket]}]
${secure}pools:
  es:
    endpoints: ["http://127.0.0.1:${originPort}"]
    timeouts: {response: ${deadlineMs}ms}
audit: {directory: ${JSON.stringify(join(folder, "audit"))}}
admin: {bind: "127.0.0.1:${adminPort}"}
`,
  );
  return { ...proxy, tlsPort, loopDelay: () => loopDelayOf(adminPort) };
}

function secureListener(folder: string, port: number): string {
  const { certificate, privateKey } = writeCertificate(folder);
  return `  - name: secure
    bind: 127.0.0.1:${port}
    tls: {cert: ${JSON.stringify(certificate)}, key: ${JSON.stringify(privateKey)}}
    routes: [{path: /, pool: es}]
`;
}

/** Starts the TCP router, which sends everybody to the origin; nobody is cut, as by default. */
export async function startTcpRouter(folder: string, originPort: number): Promise<RunningProxy> {
  const adminPort = await freePort();
  writeFileSync(join(folder, "router.ts"), 'export default () => ({ pool: "es" });\n');
  const proxy = await startConfigured(
    "router",
    folder,
    `listeners:
  - name: es
    protocol: tcp
    bind: 127.0.0.1:0
    router: ./router.ts
pools:
  es:
    endpoints: [127.0.0.1:${originPort}]
    limits: {connections: 8192, client_percent: 100}
audit: {directory: ${JSON.stringify(join(folder, "router-audit"))}}
admin: {bind: "127.0.0.1:${adminPort}"}
`,
  );
  return { ...proxy, cutsNobody: true, loopDelay: () => loopDelayOf(adminPort) };
}

async function startConfigured(name: string, folder: string, text: string): Promise<RunningProxy> {
  const config = join(folder, `${name}.yaml`);
  writeFileSync(config, text);
  const entry = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
  const child = await startProgram(process.execPath, [entry, "run", "--config", config], folder);
  return { name, child, port: await listeningPort(child, name) };
}

/** The proxy measures it from one reading of its metrics to the next. */
async function loopDelayOf(adminPort: number): Promise<LoopDelay> {
  const text = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
  const msOf = (name: string): number => {
    const line = new RegExp(
      `^es_proxy_event_loop_delay_${name}_seconds(?:\\{[^}]*\\})? (\\S+)`,
      "mu",
    );
    return Number(line.exec(text)?.[1]) * 1000;
  };
  return { p99Ms: msOf("p99"), maxMs: msOf("max") };
}

/**
 * Starts nginx with one worker, which keeps of an answer what `proxy_buffers` says, writes no log
 * and has no limit of connections; `undefined`: it is not on PATH. Its time for a head also cuts
 * connections of the normal traffic that have not been used yet, so that it has more of it.
 */
export async function startNginx(
  folder: string,
  originPort: number,
): Promise<RunningProxy | undefined> {
  const program = findProgram("nginx");
  if (program === undefined) return undefined;
  const port = await freePort();
  const config = join(folder, "nginx.conf");
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `  ${kind}_temp_path ${folder}/nginx-${kind};`)
    .join("\n");
  writeFileSync(
    config,
    `daemon off;
worker_processes 1;
worker_rlimit_nofile 16384;
${process.getuid?.() === 0 ? "user root;" : ""}
pid ${folder}/nginx.pid;
error_log stderr error;
events { worker_connections 8192; }
http {
  access_log off;
${temporary}
  keepalive_requests 100000000;
  send_timeout ${deadlineMs}ms;
  reset_timedout_connection on;
  client_body_timeout ${deadlineMs}ms;
  client_header_timeout 60s;
  upstream origin { server 127.0.0.1:${originPort} max_fails=0; keepalive 256; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://origin;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffers 16 32k;
      proxy_max_temp_file_size 0;
      proxy_read_timeout ${deadlineMs}ms;
    }
    location /tunnel {
      proxy_pass http://origin;
      proxy_http_version 1.1;
      proxy_set_header Connection upgrade;
      proxy_set_header Upgrade $http_upgrade;
      proxy_read_timeout ${deadlineMs}ms;
    }
  }
}
`,
  );
  const child = await startProgram(program, ["-e", "stderr", "-p", folder, "-c", config]);
  await acceptsOn(port, child);
  return { name: "nginx", child, port };
}
