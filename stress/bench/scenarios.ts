import type { Exchange } from "./exchange.ts";
import { backendAnswer, backendFields, wrkBody, wrkGet, wrkPost } from "./ferrum-exchanges.ts";
import { mixtureFirst, mixtureOthers } from "./mixture.ts";
import { requestBytes } from "./request-bytes.ts";
import { stampLength } from "./stamp.ts";

/** One kind of load, the same for every peer. */
export interface Scenario extends Exchange {
  readonly name: string;
  readonly title: string;
  /** How the client speaks to the proxy: HTTP, HTTP over TLS, or HTTP passed as plain TCP bytes. */
  readonly transport: "http" | "tls" | "tcp";
  /** Fields of every answer beside its length. */
  readonly answerFields: readonly string[];
  /** Exchanges that follow the first in turn; each request names its place among all by `k=`. */
  readonly others: readonly Exchange[];
  readonly connections: number;
  /** Requests of a measured round, and of one with `--quick`. */
  readonly requests: number;
  readonly quickRequests: number;
  /** Of ferrum's own benchmark. */
  readonly isFerrums: boolean;
  /** A connection for each request, {@link connections} at a time. */
  readonly isShort: boolean;
  /**
   * Peers whose latency is measured at 70 % of the rate that the first of them reaches; empty: no
   * such run.
   */
  readonly latencyPeers: readonly string[];
  /**
   * Discarded requests before the first round; enough for a just-in-time compiler to settle, a
   * tenth for native peers.
   */
  readonly warmup: number;
  /** Origins which answer as they should, all alike. */
  readonly healthyOrigins: number;
  /** Origins which always answer 503 and stand before the healthy ones: the proxy must retry. */
  readonly failingOrigins: number;
  /**
   * Six routes with conditions before the one that is taken; peers that can also watch the
   * endpoints and count for `/metrics`.
   */
  readonly isRouted: boolean;
  /** Peers which run unless `--peers` says otherwise. */
  readonly peers: readonly string[];
  /** Peer whose figures are 1.00 in the table. */
  readonly base: string;
}

const proxies = [
  "es-proxy",
  "nginx",
  "haproxy",
  "node-undici",
  "http-proxy-3",
  "fastify-http-proxy",
  "fast-proxy",
];
const audited = [
  "es-proxy",
  "es-proxy-audit",
  "es-proxy-proof",
  "es-proxy-facts",
  "es-proxy-whole",
  "nginx",
  "nginx-json",
  "haproxy",
  "bare-relay",
  "node-undici",
  "ferrum",
];
const bulkyPeers = ["es-proxy", "es-proxy-audit", "nginx", "haproxy", "node-undici"];
const balancing = ["es-proxy", "es-proxy-audit", "nginx", "haproxy", "ferrum"];

const small = json(100);
const searchQuery = json(300);
const document = json(64 * 1024);
const large = json(256 * 1024);

const httpDefaults = {
  transport: "http",
  requestBodyBytes: 0,
  answer: small,
  answerFields: [
    "X-elastic-product: Elasticsearch",
    "content-type: application/vnd.elasticsearch+json;compatible-with=9",
  ],
  others: [],
  connections: 128,
  requests: 6000,
  quickRequests: 4000,
  warmup: 20_000,
  isFerrums: false,
  isShort: false,
  latencyPeers: [],
  healthyOrigins: 1,
  failingOrigins: 0,
  isRouted: false,
  peers: proxies,
  base: "nginx",
} as const;
const bulky = { requests: 1200, quickRequests: 600, warmup: 4000 } as const;

const clientSearchGet = requestBytes({
  method: "GET",
  target: "/idx/_search?q=user%3Aalice&size=10",
});
const clientSearchPost = requestBytes({
  method: "POST",
  target: "/idx/_search",
  body: searchQuery,
});
const clientUpload = requestBytes({ method: "POST", target: "/idx/_doc", body: document });

/** All scenarios, in the order in which they run. */
export const scenarios: readonly Scenario[] = [
  {
    ...httpDefaults,
    name: "small",
    title: "GET search, 100-byte answer, 128 connections",
    request: clientSearchGet,
    peers: [...proxies, "bare-relay", "ferrum"],
  },
  {
    ...httpDefaults,
    name: "small-curl",
    title: "GET as curl sends it, 100-byte answer, 128 connections",
    request: requestBytes({ method: "GET", target: "/idx/_search?q=user%3Aalice", client: "curl" }),
    peers: ["es-proxy", "nginx", "haproxy", "node-undici"],
  },
  {
    ...httpDefaults,
    name: "search",
    title: "POST _search, 300-byte query and answer, full audit, 128 connections",
    request: clientSearchPost,
    requestBodyBytes: searchQuery.length,
    answer: json(300),
    peers: audited,
    latencyPeers: ["es-proxy-audit", "es-proxy", "nginx", "nginx-json"],
  },
  {
    ...httpDefaults,
    ...mixtureFirst,
    name: "mixture",
    title: "searches, gets, bulks, indexing, cat and health as in make test-stress, 50 connections",
    others: mixtureOthers,
    connections: 50,
    requests: 4800,
    quickRequests: 4800,
    peers: ["es-proxy", "es-proxy-audit", "nginx", "nginx-json", "haproxy", "node-undici"],
  },
  {
    ...httpDefaults,
    name: "routed",
    title: "the search through routes to one of three endpoints, with health checks and metrics",
    request: clientSearchPost,
    requestBodyBytes: searchQuery.length,
    answer: json(300),
    healthyOrigins: 3,
    isRouted: true,
    peers: ["es-proxy", "es-proxy-audit", "nginx", "nginx-json", "haproxy", "ferrum"],
  },
  {
    ...httpDefaults,
    ...bulky,
    name: "upload",
    title: "POST of 64 KiB, 100-byte answer, 64 connections",
    request: clientUpload,
    requestBodyBytes: document.length,
    connections: 64,
    peers: [...bulkyPeers, "nginx-json", "ferrum"],
  },
  {
    ...httpDefaults,
    ...bulky,
    name: "answer",
    title: "GET with a 256 KiB answer, 64 connections",
    request: clientSearchGet,
    answer: large,
    connections: 64,
    peers: [...bulkyPeers, "ferrum"],
  },
  {
    ...httpDefaults,
    name: "tls",
    title: "GET search over TLS from the client, 100-byte answer, 64 connections",
    transport: "tls",
    request: clientSearchGet,
    connections: 64,
    peers: ["es-proxy", "nginx", "haproxy", "node-undici"],
  },
  {
    ...httpDefaults,
    name: "tcp",
    title: "TCP routing: 300-byte requests and 100-byte answers over 64 lasting connections",
    transport: "tcp",
    request: requestBytes({ method: "GET", target: "/", client: "curl" }),
    connections: 64,
    peers: ["es-proxy", "nginx", "haproxy", "bare-relay"],
  },
  {
    ...httpDefaults,
    name: "tcp_short",
    title: "TCP routing: a connection for each request, 32 at a time",
    transport: "tcp",
    isShort: true,
    request: requestBytes({ method: "GET", target: "/", client: "curl" }),
    connections: 32,
    requests: 2000,
    quickRequests: 1000,
    warmup: 6000,
    peers: ["es-proxy", "nginx", "haproxy", "bare-relay"],
    base: "haproxy",
  },
  {
    ...httpDefaults,
    name: "healthy_get",
    isFerrums: true,
    title: "ferrum's: GET of 1 KiB from two endpoints, 128 connections",
    request: wrkGet("/api/users"),
    answer: backendAnswer("healthy-a", "/api/users", 1024),
    answerFields: backendFields("healthy-a"),
    healthyOrigins: 2,
    peers: balancing,
  },
  {
    ...httpDefaults,
    ...bulky,
    name: "large_response",
    isFerrums: true,
    title: "ferrum's: GET of 256 KiB, 64 connections",
    request: wrkGet("/large/blob"),
    answer: backendAnswer("large-a", "/large/blob", 256 * 1024),
    answerFields: backendFields("large-a"),
    connections: 64,
    peers: balancing,
  },
  {
    ...httpDefaults,
    name: "retry_get",
    isFerrums: true,
    title: "ferrum's: GET, one of two endpoints always answers 503, 64 connections",
    request: wrkGet("/retry/items"),
    answer: backendAnswer("retry-good", "/retry/items", 128),
    answerFields: backendFields("retry-good"),
    connections: 64,
    failingOrigins: 1,
    peers: balancing,
  },
  {
    ...httpDefaults,
    ...bulky,
    name: "upload_post",
    isFerrums: true,
    title: "ferrum's: POST of 64 KiB, 48 connections",
    request: wrkPost("/upload/object", wrkBody(64 * 1024)),
    requestBodyBytes: 64 * 1024,
    // Its backend cuts the line after the 64th byte; here the serial number must fit, too.
    answer: backendAnswer("upload-a", "/upload", 64),
    answerFields: backendFields("upload-a"),
    connections: 48,
    peers: balancing,
  },
];

/**
 * JSON text of exactly `bytes` bytes which looks like documents, with room for a stamp: many short
 * strings, quotes included.
 */
function json(bytes: number): string {
  const head = '{"took":3,"hits":[';
  const hit = '{"_index":"idx","_id":"4711","_score":1.5,"name":"alice"},';
  const room = bytes - head.length - '{"pad":""}]}'.length;
  const hits = hit.repeat(Math.max(0, Math.floor((room - stampLength) / hit.length)));
  return `${head}${hits}{"pad":"${"x".repeat(room - hits.length)}"}]}`;
}
