/** The schema of `listeners`, with the description of each key for the operator. */
import { z } from "zod";

import { auditLevel, onFailure } from "./audit-schema.ts";
import { defaults } from "./defaults.ts";
import {
  address,
  allowedDestination,
  cidr,
  count,
  durationOr,
  file,
  hostPort,
  name,
  recordedAtMost,
  sizeOr,
} from "./scalar-schemas.ts";
import { routeSchema } from "./route-schema.ts";
import { listenerTls } from "./tls-schema.ts";

const { http, tcp } = defaults;

const common = {
  name: name.describe("Unique; label in metrics and records."),
  bind: address.describe(
    "host:port, [v6]:port or unix:/path. Port 0: the system chooses, the real one is printed.",
  ),
  tls: listenerTls.optional(),
  proxy_protocol: z
    .boolean()
    .default(false)
    .describe(
      "Every connection starts with a PROXY protocol header, v1 or v2; only " +
        "`trusted_proxies` may connect.",
    ),
  trusted_proxies: z
    .array(cidr)
    .default([])
    .describe("Ranges of peers whose forwarded fields and PROXY headers are believed."),
  max_connections: count(0)
    .default(defaults.maxConnections)
    .describe(
      "Open connections at most; beyond that no more are accepted. 0: no limit. Lowered at start " +
        "to what the limit of open files (RLIMIT_NOFILE) allows, which the log says then.",
    ),
};

/** A listener with `protocol: http`. */
export const httpListenerSchema = z
  .strictObject({
    ...common,
    protocol: z.literal("http").default("http").describe("HTTP/1.1 reverse proxy."),
    timeouts: z
      .strictObject({
        header: durationOr(http.timeouts.headerMs).describe(
          "From the first byte of a head to its end; then 408.",
        ),
        body_idle: durationOr(http.timeouts.bodyIdleMs).describe(
          "Between two pieces of a request body; then 408.",
        ),
        keep_alive: durationOr(http.timeouts.keepAliveMs).describe(
          "An idle connection between two exchanges; then it is closed.",
        ),
        write: durationOr(http.timeouts.writeMs).describe(
          "A client that does not read its response; then it is reset.",
        ),
      })
      .prefault({})
      .describe("Time that clients have."),
    keep_alive: durationOr(http.tcpKeepAliveMs, { zero: "off" }).describe(
      "Silence on a connection after which TCP asks whether the client is still there; ten " +
        "seconds without an answer end it. 0: never.",
    ),
    min_rate: z
      .strictObject({
        request_body: sizeOr(http.minRate.requestBodyBytes, { zero: "off" }).describe(
          "Bytes per second that a request body must bring; slower ones get 408. Time in which " +
            "the proxy does not read is not counted. 0: no minimum.",
        ),
        response_body: sizeOr(http.minRate.responseBodyBytes, { zero: "off" }).describe(
          "Bytes per second that a client must take of its response; slower ones are reset. " +
            "Bytes that wait may take `timeouts.write` at most. 0: that alone.",
        ),
        grace: durationOr(http.minRate.graceMs).describe(
          "Time for the first bytes of a body, and for any bytes of a response.",
        ),
      })
      .prefault({})
      .describe("How slow a client may be."),
    limits: z
      .strictObject({
        header_bytes: sizeOr(http.limits.headerBytes, {
          min: 1024,
          most: recordedAtMost.head,
        }).describe("Request head, start line included; beyond it 431."),
        request_line: sizeOr(http.limits.requestLineBytes, {
          min: 256,
          most: recordedAtMost.head,
        }).describe("Request line alone; beyond it 414."),
        headers: count(1, 10_000)
          .default(http.limits.headers)
          .describe("Fields of a request head; beyond it 431."),
        request_body: sizeOr(http.limits.requestBodyBytes, { zero: "off" }).describe(
          "Request body; beyond it 413. 0: unlimited.",
        ),
        requests_per_connection: count(0)
          .default(http.limits.requestsPerConnection)
          .describe("Exchanges on one connection before it is closed. 0: unlimited."),
      })
      .prefault({})
      .describe("What clients may send."),
    half_close: z
      .enum(["abort", "allow"])
      .default(http.halfClose)
      .describe(
        "A client that ends its side while its response is pending: `abort` takes it for " +
          "gone, `allow` still answers.",
      ),
    forwarded: z
      .enum(["none", "x_forwarded", "rfc7239", "both"])
      .default(http.forwarded)
      .describe(
        "Fields added upstream: X-Forwarded-For/-Proto/-Host/-Port, Forwarded (RFC 7239), " +
          "both, or none (transparent).",
      ),
    sniff: z
      .enum(["pass", "block", "rewrite"])
      .default(http.sniff)
      .describe(
        "Answers with the addresses of nodes (`_nodes/http` and its kin), with which clients " +
          "that sniff go past the proxy. `pass`: unchanged, with a warning and a count. " +
          "`block`: 403, nothing is forwarded. `rewrite`: the proxy's address takes their place, " +
          "the one exception to bodies passing unchanged.",
      ),
    sniff_address: hostPort
      .optional()
      .describe(
        "host:port under which clients reach this listener, for `rewrite`. Absent: what the " +
          "client's own `Host` says.",
      ),
    via: name
      .optional()
      .describe(
        "Name of this proxy in `Via`; also answers loops with 508. Absent: no `Via` (transparent).",
      ),
    routes: z
      .array(routeSchema)
      .min(1, "at least one route is needed")
      .describe("Where requests go: longest path first, then the order here."),
  })
  .describe("An HTTP listener.");

/** A listener with `protocol: tcp`. */
export const tcpListenerSchema = z
  .strictObject({
    ...common,
    protocol: z.literal("tcp").describe("Content-aware TCP router."),
    router: file.describe(
      "Router module, TypeScript or JavaScript; its default export decides from the first bytes.",
    ),
    preread: z
      .strictObject({
        bytes: sizeOr(tcp.preread.bytes, { min: 1, most: recordedAtMost.head }).describe(
          "Bytes that the router may see; beyond them the connection is closed.",
        ),
        timeout: durationOr(tcp.preread.timeoutMs).describe(
          "Time until the decision; then the connection is closed.",
        ),
      })
      .prefault({})
      .describe("Bounds of the time before the decision."),
    dial: z
      .strictObject({
        attempts: count(1, 100).default(tcp.dial.attempts).describe("Attempts to connect."),
        timeout: durationOr(tcp.dial.timeoutMs).describe(
          "Time for each attempt, where the decision gives none.",
        ),
        delay: durationOr(tcp.dial.delayMs, { zero: "off" }).describe(
          "Time between two attempts. 0: none.",
        ),
        concurrent: count(1)
          .default(tcp.dial.concurrent)
          .describe("Connections being made at the same time, at most."),
      })
      .prefault({})
      .describe("How connections are made."),
    timeouts: z
      .strictObject({
        inactivity: durationOr(tcp.timeouts.inactivityMs, { zero: "off" }).describe(
          "Until the first byte from the server. 0: no limit.",
        ),
        idle: durationOr(tcp.timeouts.idleMs, { zero: "off" }).describe(
          "No byte either way. 0: no limit.",
        ),
      })
      .prefault({})
      .describe("Time that sessions have."),
    allow: z
      .array(allowedDestination)
      .prefault([])
      .describe(
        "Where free `remote` values may go, such as [10.0.0.0/8:5432]; checked on the " +
          "address that is dialled. Empty: anywhere but own listeners, unspecified, " +
          "link-local and metadata addresses.",
      ),
    audit: z
      .strictObject({
        level: auditLevel
          .optional()
          .describe(
            "`none`: no record. All others: one record for the decision and one " +
              "for the session's end.",
          ),
        on_failure: onFailure.optional(),
        first_bytes: z
          .boolean()
          .default(false)
          .describe(
            "Record the bytes that the router saw when it decided, up to `preread.bytes`: " +
              "they may hold passwords.",
          ),
      })
      .prefault({})
      .describe(
        "Keys of `audit` that are different on this listener, and what only TCP listeners have.",
      ),
  })
  .describe("A TCP listener.");
