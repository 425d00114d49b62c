import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startProgram } from "../child.ts";
import { countBytes, countLines } from "./log-lines.ts";
import type { Peer, PeerSetup, RunningPeer } from "./peer.ts";
import { acceptsOn, findProgram, freePort, programVersion } from "./programs.ts";

const streamModule = "/usr/lib/nginx/modules/ngx_stream_module.so";

/** nginx with one worker and no access log: what a fast proxy costs. */
export const nginx: Peer = {
  name: "nginx",
  description: "nginx, 1 worker, keep-alive to the origin, access log off",
  isNative: true,
  problem: (scenario) => {
    if (findProgram("nginx") === undefined) return "nginx is not on PATH";
    if (scenario.transport === "tcp" && !existsSync(streamModule))
      return "nginx has no stream module";
    return undefined;
  },
  version: () => programVersion("nginx", "-v"),
  start: (setup) => startNginx(setup, false),
};

/**
 * nginx with one JSON line per request that holds the request's body: what an audit costs
 * elsewhere.
 */
export const nginxJson: Peer = {
  name: "nginx-json",
  description: "the same with an unbuffered JSON access log that holds the request body",
  isNative: true,
  problem: (scenario, entry) =>
    scenario.transport === "tcp" ? "the log belongs to HTTP" : nginx.problem(scenario, entry),
  version: () => nginx.version(),
  start: (setup) => startNginx(setup, true),
};

async function startNginx(setup: PeerSetup, hasLog: boolean): Promise<RunningPeer> {
  const port = await freePort();
  const config = join(setup.directory, "nginx.conf");
  const log = join(setup.directory, "access.json");
  const isTcp = setup.scenario.transport === "tcp";
  writeFileSync(
    config,
    mainConfig(setup.directory, isTcp) +
      (isTcp ? tcpConfig(setup, port) : httpConfig(setup, port, hasLog ? log : undefined)),
  );
  const child = await startProgram(findProgram("nginx") ?? "nginx", [
    "-e",
    "stderr",
    "-p",
    setup.directory,
    "-c",
    config,
  ]);
  await acceptsOn(port, child);
  return hasLog
    ? {
        child,
        port,
        logLines: { count: () => countLines(log), perRequest: 1, bytes: () => countBytes(log) },
      }
    : { child, port };
}

function mainConfig(directory: string, isTcp: boolean): string {
  return `${isTcp ? `load_module ${streamModule};` : ""}
daemon off;
worker_processes 1;
${process.getuid?.() === 0 ? "user root;" : ""}
pid ${directory}/nginx.pid;
error_log stderr error;
events { worker_connections 4096; }
`;
}

function tcpConfig(setup: PeerSetup, port: number): string {
  return `stream {
  server {
    listen 127.0.0.1:${port};
    tcp_nodelay on;
    proxy_pass 127.0.0.1:${setup.originPorts[0]};
  }
}
`;
}

/**
 * Limits are raised where the defaults would make nginx do other work than its peers: it would
 * close connections after 1000 requests, and write bodies to temporary files when its small default
 * buffers are full.
 */
function httpConfig(setup: PeerSetup, port: number, log: string | undefined): string {
  const tls = setup.scenario.transport === "tls";
  const servers = setup.originPorts
    .map((origin) => `    server 127.0.0.1:${origin} max_fails=0;`)
    .join("\n");
  return `http {
  ${log === undefined ? "access_log off;" : `${logFormat}\n  access_log ${log} audit;`}
  client_body_temp_path ${setup.directory}/body;
  proxy_temp_path ${setup.directory}/proxy;
  fastcgi_temp_path ${setup.directory}/fastcgi;
  uwsgi_temp_path ${setup.directory}/uwsgi;
  scgi_temp_path ${setup.directory}/scgi;
  tcp_nodelay on;
  keepalive_requests 100000000;
  client_max_body_size 0;
  client_body_buffer_size 128k;
  upstream origin {
${servers}
    keepalive 256;
    keepalive_requests 100000000;
  }
  ${setup.scenario.isRouted ? `server { listen 127.0.0.1:${port}; server_name archive.example; location / { proxy_pass http://origin; } }` : ""}
  server {
    listen 127.0.0.1:${port} default_server backlog=1024${tls ? " ssl" : ""};
    ${tls ? `ssl_certificate ${setup.certificate}; ssl_certificate_key ${setup.privateKey};` : ""}
    ${setup.scenario.isRouted ? otherLocations : ""}
    location / {
      proxy_pass http://origin;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_buffers 16 32k;
      proxy_max_temp_file_size 0;
      ${setup.scenario.failingOrigins > 0 ? "proxy_next_upstream error timeout http_503; proxy_next_upstream_tries 3;" : ""}
    }
  }
}
`;
}

/** Places that the requests do not take; nginx finds one by path only. */
const otherLocations = ["/idx/_settings", "/idx2", "/_security", "/logs", "/metrics/archive"]
  .map((path) => `location ${path} { proxy_pass http://origin; }`)
  .join("\n    ");

/**
 * The fields of this project's request and response records, as far as nginx knows them; the
 * answer's body it cannot log.
 */
const logFormat = `log_format audit escape=json '{"@timestamp":"$time_iso8601","event":{"id":"$request_id","duration":"$request_time","sequence":"$connection_requests"},'
    '"source":{"ip":"$remote_addr","port":"$remote_port"},"server":{"address":"$server_addr","port":"$server_port"},"user":{"name":"$remote_user"},'
    '"url":{"original":"$request_uri","path":"$uri","query":"$args"},"user_agent":{"original":"$http_user_agent"},'
    '"http":{"version":"$server_protocol","request":{"method":"$request_method","bytes":"$request_length","mime_type":"$content_type",'
    '"headers":{"x-opaque-id":"$http_x_opaque_id","traceparent":"$http_traceparent","x-elastic-client-meta":"$http_x_elastic_client_meta"},'
    '"body":{"bytes":"$content_length","content":"$request_body"}},"response":{"status_code":"$status","bytes":"$bytes_sent",'
    '"mime_type":"$sent_http_content_type","body":{"bytes":"$body_bytes_sent"}}},'
    '"upstream":{"address":"$upstream_addr","status":"$upstream_status","connect":"$upstream_connect_time","response":"$upstream_response_time"}}';`;
