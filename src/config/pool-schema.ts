/** The schema of `pools`, with the description of each key for the operator. */
import { z } from "zod";

import { defaults } from "./defaults.ts";
import {
  count,
  duration,
  durationOr,
  endpointUrl,
  file,
  recordedAtMost,
  sizeOr,
  statuses,
  token,
} from "./scalar-schemas.ts";
import { poolRetry } from "./retry-schema.ts";
import { poolTls } from "./tls-schema.ts";

const { pool, health, outlier } = defaults;

const endpoint = z
  .union([
    endpointUrl,
    z.strictObject({
      url: endpointUrl.describe(
        "http://host:port, https://host:port, unix:/path; host:port in pools of TCP routers.",
      ),
      weight: count(1, 1000).default(1).describe("Share among the endpoints."),
    }),
  ])
  .transform((value) =>
    "address" in value ? { ...value, weight: 1 } : { ...value.url, weight: value.weight },
  );

const hash = z
  .strictObject({
    by: z
      .enum(["header", "cookie", "client_address", "path"])
      .describe("What decides the endpoint."),
    name: token("a field or cookie name").optional().describe("Which header or cookie."),
  })
  .describe("The key of `balance: consistent_hash`.");

/** One entry of `pools`. */
export const poolSchema = z
  .strictObject({
    endpoints: z
      .array(endpoint)
      .min(1, "at least one endpoint is needed")
      .describe("URLs, or {url, weight}."),
    balance: z
      .enum(["round_robin", "first_healthy", "least_requests", "consistent_hash"])
      .default(pool.balance)
      .describe(
        "How an endpoint is picked: in turn, the first that works, the less busy of two " +
          "random ones, or by a hash.",
      ),
    hash: hash.optional(),
    tls: poolTls,
    timeouts: z
      .strictObject({
        connect: durationOr(pool.timeouts.connectMs).describe(
          "DNS, TCP and TLS of one attempt; then the next endpoint, or 504.",
        ),
        response: duration({ zero: "off" })
          .optional()
          .describe(
            "From the end of the request to the first byte of the response; then 504. 0: no " +
              "limit. Absent: 90s, longer by what the call says itself (`timeout`, " +
              "`master_timeout` and the like).",
          ),
        response_long: duration({ zero: "off" })
          .optional()
          .describe(
            "The same for calls that may take long: searches, bulks, forced merges, inference, " +
              "whatever waits for completion (docs/traffic.md). 0: no limit. Absent: the value " +
              "of `response`, and no limit where that is absent, too.",
          ),
        body_idle: durationOr(pool.timeouts.bodyIdleMs).describe(
          "Between two pieces of the response; then it is cut visibly. Also while the " +
            "endpoint takes nothing more of the request.",
        ),
        idle: durationOr(pool.timeouts.idleMs).describe(
          "An idle connection; keep it below the endpoint's own.",
        ),
        total: durationOr(pool.timeouts.totalMs, { zero: "off" }).describe(
          "The whole exchange. 0: no limit.",
        ),
        pending: durationOr(pool.timeouts.pendingMs).describe(
          "Longest wait for a free connection; then 503.",
        ),
      })
      .prefault({})
      .describe("Time that endpoints have."),
    health: z
      .strictObject({
        path: z
          .string()
          .startsWith("/")
          .optional()
          .describe(
            "Path that is asked for with GET. Absent: a connection is enough, TLS " +
              "included; with TLS 1.3 that does not show whether a client certificate is " +
              "accepted.",
          ),
        interval: durationOr(health.intervalMs).describe("Between two probes, with jitter."),
        timeout: durationOr(health.timeoutMs).describe("Of one probe."),
        unhealthy_after: count(1, 1000)
          .default(health.unhealthyAfter)
          .describe("Failed probes in a row."),
        healthy_after: count(1, 1000)
          .default(health.healthyAfter)
          .describe("Good probes in a row."),
        statuses: statuses
          .min(1, "is empty: at least one is needed")
          .prefault(["200-399"])
          .describe("Statuses of a good probe."),
        authorization_file: file
          .optional()
          .describe("File with the value of the probe's Authorization field."),
      })
      .optional()
      .describe("Active health check. Absent: none."),
    outlier: z
      .union([
        z.literal(false),
        z.strictObject({
          failures: count(1, 1000)
            .default(outlier.failures)
            .describe("Failures in a row: connect, read, or one of `statuses`."),
          statuses: statuses
            .optional()
            .describe(
              "Statuses that count as failures whatever the answer says; 429 never does. " +
                "Absent: 502-504, and 500 unless Elasticsearch made it " +
                "(`X-elastic-product`, or a body that begins with `error`); no 503 for shards " +
                "that are missing, for a time that is too short for the master, or for a " +
                "snapshot beside another one. Its 503 to HEAD, which do not say why, count " +
                "neither way.",
            ),
          eject_for: durationOr(outlier.ejectForMs).describe(
            "First ejection; each one that follows lasts longer.",
          ),
          max_ejected_percent: count(0, 100)
            .default(outlier.maxEjectedPercent)
            .describe("Share of the pool that may be ejected; the last endpoint never is."),
        }),
      ])
      .prefault({})
      .describe("Ejection of endpoints that fail in real traffic. `false`: never."),
    retry: poolRetry,
    limits: z
      .strictObject({
        connections: count(1)
          .default(pool.limits.connections)
          .describe(
            "Connections per endpoint. Those that wait for a slow client are not counted, up to " +
              "as many again.",
          ),
        client_percent: count(1, 100)
          .default(pool.limits.clientPercent)
          .describe(
            "What one client address (of IPv6: one /64 network) may have of the pool's " +
              "connections and of its queue, in percent; what is left to others is rounded down.",
          ),
        pending: count(0)
          .default(pool.limits.pending)
          .describe("Exchanges that wait for a connection; beyond it 503."),
        response_header_bytes: sizeOr(pool.limits.responseHeaderBytes, {
          min: 1024,
          most: recordedAtMost.head,
        }).describe(
          "Head of a response, status line included; beyond it 502 (500 for a write), with the " +
            "status that the endpoint answered with.",
        ),
        response_headers: count(1, 30_000)
          .default(pool.limits.responseHeaders)
          .describe("Fields of a response's head; beyond them the same."),
        response_body: sizeOr(pool.limits.responseBodyBytes, { zero: "off" }).describe(
          "Response body; beyond it 502 (500 for a write, with the status that the endpoint " +
            "answered with), or a visible cut. 0: unlimited.",
        ),
        response_buffer: sizeOr(pool.limits.responseBufferBytes, { zero: "off" }).describe(
          "Of an answer, kept for a client that does not read it, so that the endpoint's " +
            "connection is free; 64 MiB at most for all clients of a process. 0: nothing.",
        ),
        requests_per_connection: count(0)
          .default(pool.limits.requestsPerConnection)
          .describe("Exchanges on one connection before it is replaced. 0: unlimited."),
        replay_body: sizeOr(pool.limits.replayBodyBytes, { zero: "off" }).describe(
          "Largest request body that is kept for a retry. An upload takes a connection when so " +
            "much of it has come, or all of it. 0: at once, and no retry.",
        ),
      })
      .prefault({})
      .describe("What the pool holds."),
    keep_alive: durationOr(pool.tcpKeepAliveMs, { zero: "off" }).describe(
      "Silence on a connection after which TCP asks whether the endpoint is still there; ten " +
        "seconds without an answer end it. 0: never.",
    ),
    slow_start: durationOr(pool.slowStartMs, { zero: "off" }).describe(
      "A recovered endpoint's share grows to full over this time. 0: at once.",
    ),
    dns_refresh: durationOr(pool.dnsRefreshMs).describe(
      "Names are resolved again after this time.",
    ),
    proxy_protocol: z
      .union([z.literal(false), z.enum(["v1", "v2"])], { error: "expected v1, v2 or false" })
      .default(false)
      .describe("PROXY protocol header on each new connection, which then serves one client only."),
    host_header: z
      .string()
      .regex(/^[!-~]{1,255}$/, "a Host value has visible ASCII only")
      .optional()
      .describe("Host sent upstream. Absent: as received (transparent)."),
  })
  .describe("A named, balanced set of endpoints.");
