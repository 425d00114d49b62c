import { writeFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { startProgram } from "../child.ts";
import type { Peer, PeerSetup } from "./peer.ts";
import { acceptsOn, findProgram, freePort, programVersion } from "./programs.ts";

/** HAProxy with one thread and no log. */
export const haproxy: Peer = {
  name: "haproxy",
  description: "HAProxy, 1 thread, keep-alive to the origin, no log",
  isNative: true,
  problem: () => (findProgram("haproxy") === undefined ? "haproxy is not on PATH" : undefined),
  version: () => programVersion("haproxy", "-v"),
  start: async (setup) => {
    const port = await freePort();
    const config = join(setup.directory, "haproxy.cfg");
    writeFileSync(config, configText(setup, port));
    const child = await startProgram(findProgram("haproxy") ?? "haproxy", ["-db", "-f", config]);
    await acceptsOn(port, child);
    return { child, port };
  },
};

function configText(setup: PeerSetup, port: number): string {
  const { transport, failingOrigins } = setup.scenario;
  const servers = setup.originPorts
    .map((origin, at) => `  server s${at} 127.0.0.1:${origin}`)
    .join("\n");
  return `global
  nbthread 1
  maxconn 8192
defaults
  mode ${transport === "tcp" ? "tcp" : "http"}
  timeout connect 5s
  timeout client 75s
  timeout server 75s
  ${transport === "tcp" ? "" : "option http-keep-alive\n  http-reuse always"}
frontend f
  bind 127.0.0.1:${port}${transport === "tls" ? ` ssl crt ${pemBundle(setup)} alpn http/1.1` : ""}
${setup.scenario.isRouted ? otherPlaces : ""}  default_backend b
backend b
  balance roundrobin
  ${setup.scenario.isRouted ? "default-server check inter 1s" : ""}
  ${failingOrigins > 0 ? "retry-on 503\n  retries 3\n  option redispatch 1" : ""}
${servers}
`;
}

/** Rules that the requests of the scenario do not meet, as in this project's configuration. */
const otherPlaces = `  use_backend b if { path_beg /idx/_search } { method DELETE }
  use_backend b if { path_beg /idx/ } { hdr(x-tenant) other }
  use_backend b if { path_beg /_security/ }
  use_backend b if { path_beg /logs/ } { method GET HEAD }
  use_backend b if { path_beg /metrics/archive }
  use_backend b if { hdr(host) archive.example }
`;

/** HAProxy wants certificate and key in one file. */
function pemBundle(setup: PeerSetup): string {
  const bundle = join(setup.directory, "both.pem");
  writeFileSync(
    bundle,
    readFileSync(setup.certificate, "utf8") + readFileSync(setup.privateKey, "utf8"),
    {
      mode: 0o600,
    },
  );
  return bundle;
}
