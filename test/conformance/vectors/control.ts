// Positive control of the runner, by hand: `node test/conformance/vectors/control.ts
// nginx|haproxy|es-proxy [--verbose]`. Known scores tell that the runner judges as it should: nginx
// 1.22.1 passes about 279 of 365 and 63 of 114, HAProxy 2.6.12 about 237 and 90. A runner that
// gives them much more is blind, one that gives much less is wrong.

import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { Child } from "../../support/child-process.ts";
import { freePort } from "../../support/ports.ts";
import { makeTempDir } from "../../support/temp-dir.ts";
import { waitFor } from "../../support/wait-for.ts";
import { withEsProxy } from "./proxy-under-test.ts";
import { runRequestVectors, runResponseVectors, type WithProxy } from "./run-all.ts";

const withNginx: WithProxy = (originPort, use) =>
  withForeign(use, "nginx", (port, folder) => ({
    args: [
      "-p",
      folder,
      "-c",
      `${folder}/proxy.conf`,
      "-g",
      "daemon off; master_process off; error_log stderr crit;",
    ],
    config: `pid ${folder}/pid;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f;
  uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  large_client_header_buffers 4 32k;
  upstream origin { server 127.0.0.1:${originPort} max_fails=0; keepalive 32; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;
      proxy_request_buffering off; proxy_buffering off;
    }
  }
}
`,
  }));

const withHaproxy: WithProxy = (originPort, use) =>
  withForeign(use, "haproxy", (port, folder) => ({
    args: ["-f", `${folder}/proxy.conf`],
    config: `global
  tune.bufsize 32768
  tune.http.maxhdr 1000
defaults
  mode http
  timeout client 10s
  timeout server 10s
  timeout connect 3s
  retries 0
  http-reuse always
frontend f
  bind 127.0.0.1:${port}
  default_backend b
backend b
  server s 127.0.0.1:${originPort}
`,
  }));

async function withForeign(
  use: (proxy: { host: string; port: number }) => Promise<void>,
  command: string,
  plan: (port: number, folder: string) => { args: string[]; config: string },
): Promise<void> {
  await using folder = await makeTempDir(command);
  const port = await freePort();
  const { args, config } = plan(port, folder.path);
  await writeFile(folder.file("proxy.conf"), config);
  await using child = new Child(command, args);
  await waitFor(`${command} listens: ${child.stderr}`, () => isListening(port));
  await use({ host: "127.0.0.1", port });
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

const proxies: Readonly<Record<string, WithProxy>> = {
  nginx: withNginx,
  haproxy: withHaproxy,
  "es-proxy": withEsProxy,
};
const withProxy = proxies[process.argv[2] ?? ""];
if (withProxy === undefined) {
  process.stderr.write(`usage: control.ts ${Object.keys(proxies).join("|")} [--verbose]\n`);
  process.exitCode = 2;
} else {
  for (const run of [runRequestVectors, runResponseVectors]) {
    const { total, failures } = await run(withProxy);
    process.stdout.write(`${run.name}: ${total - failures.length} of ${total} pass\n`);
    if (process.argv.includes("--verbose"))
      process.stdout.write(failures.map((text) => `  ${text}\n`).join(""));
  }
}
