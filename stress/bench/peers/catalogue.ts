import { esProxy, esProxyAudit, esProxyFacts, esProxyProof, esProxyWhole } from "./es-proxy.ts";
import { ferrum } from "./ferrum.ts";
import { haproxy } from "./haproxy.ts";
import { nginx, nginxJson } from "./nginx.ts";
import { bareRelay, nodeScript } from "./node-script.ts";
import type { Peer } from "./peer.ts";

/** All peers, in the order in which they alternate. */
export const peers: readonly Peer[] = [
  esProxy,
  nginx,
  esProxyAudit,
  esProxyProof,
  esProxyFacts,
  esProxyWhole,
  nginxJson,
  haproxy,
  bareRelay,
  nodeScript("node-undici", "node:http server and undici Pool.dispatch", "undici-proxy.ts"),
  nodeScript(
    "http-proxy-3",
    "http-proxy-3 with a keep-alive agent",
    "http-proxy-3.ts",
    "http-proxy-3",
  ),
  nodeScript(
    "fastify-http-proxy",
    "@fastify/http-proxy",
    "fastify-http-proxy.ts",
    "@fastify/http-proxy",
  ),
  nodeScript("fast-proxy", "fast-proxy with undici", "fast-proxy.ts", "fast-proxy"),
  ferrum,
];
