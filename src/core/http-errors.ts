import type { HttpErrorSpec } from "./error-spec.ts";

/** The rows of the error table for HTTP exchanges. */

/** Nothing of the request can be trusted, so nothing more is read from the connection. */
const malformed = {
  kind: "http",
  source: "downstream",
  outcome: "malformed",
  retry: "never",
  closesClient: true,
} as const;
const clientTooSlow = {
  ...malformed,
  status: 408,
  type: "request_timeout",
  outcome: "timed_out",
} as const;
const clientGone = { ...malformed, status: 0, outcome: "client_aborted" } as const;
/** The request was understood and is refused; the next one may be served. */
const rejected = { ...malformed, outcome: "rejected", closesClient: false } as const;
const notSent = { ...rejected, source: "upstream", status: 503 } as const;
/** The endpoint failed; the client's connection goes on. */
const upstreamFailed = {
  ...notSent,
  status: 502,
  outcome: "upstream_failed",
  retry: "if_safe",
} as const;
const notConnected = { ...upstreamFailed, retry: "unsent" } as const;

export const httpErrors = {
  ESP_ERR_HEAD_SYNTAX: {
    ...malformed,
    status: 400,
    type: "bad_request",
    reason: "the request head is not valid HTTP/1.1",
  },
  ESP_ERR_HEAD_FRAMING: {
    ...malformed,
    status: 400,
    type: "bad_request",
    reason: "the length of the request body is ambiguous",
  },
  ESP_ERR_HEAD_HOST: {
    ...malformed,
    status: 400,
    type: "bad_request",
    reason: "the request needs exactly one valid Host",
  },
  ESP_ERR_HEAD_TARGET: {
    ...malformed,
    status: 400,
    type: "bad_request",
    reason: "the request target is not valid",
  },
  ESP_ERR_TARGET_AMBIGUOUS: {
    ...malformed,
    status: 400,
    type: "bad_request",
    reason: "the request target can be read as several paths, which are not served alike",
  },
  ESP_ERR_HEAD_VERSION: {
    ...malformed,
    status: 505,
    type: "http_version_not_supported",
    reason: "only HTTP/1.0 and HTTP/1.1 are spoken here",
  },
  ESP_ERR_HEAD_CODING: {
    ...malformed,
    status: 501,
    type: "not_implemented",
    reason: "the transfer coding is not supported",
  },
  ESP_ERR_HEAD_METHOD: {
    ...malformed,
    status: 405,
    type: "method_not_allowed",
    reason: "the method is not allowed through this proxy",
  },
  ESP_ERR_METHOD_TOO_LONG: {
    ...malformed,
    status: 501,
    type: "not_implemented",
    reason: "the method is not known",
  },
  ESP_ERR_TARGET_TOO_LONG: {
    ...malformed,
    status: 414,
    type: "uri_too_long",
    reason: "the request target is too long",
  },
  ESP_ERR_HEAD_TOO_LARGE: {
    ...malformed,
    status: 431,
    type: "request_header_fields_too_large",
    reason: "the request head is too large",
  },
  ESP_ERR_SNIFF_BLOCKED: {
    ...rejected,
    status: 403,
    type: "sniff_blocked",
    reason:
      "this proxy does not tell the addresses of nodes; turn sniffing off in the client, which " +
      "then needs no others than this proxy's",
  },
  ESP_ERR_SNIFF_UNREADABLE: {
    ...rejected,
    source: "upstream",
    status: 403,
    type: "sniff_unreadable",
    reason:
      "the addresses of nodes in this answer could not be replaced, so it is not passed on: ask " +
      "for JSON, and for `_nodes/http` only",
  },
  ESP_ERR_EXPECTATION: {
    ...malformed,
    status: 417,
    type: "expectation_failed",
    reason: "only a single `100-continue` with a body is supported",
  },
  ESP_ERR_BODY_SYNTAX: {
    ...malformed,
    status: 400,
    type: "bad_request",
    reason: "the chunked request body is not valid",
  },
  ESP_ERR_BODY_TOO_LARGE: {
    ...rejected,
    closesClient: true,
    status: 413,
    type: "content_too_large",
    reason: "the request body is too large",
  },
  ESP_ERR_HEAD_TIMEOUT: { ...clientTooSlow, reason: "the request head did not arrive in time" },
  ESP_ERR_BODY_TIMEOUT: { ...clientTooSlow, reason: "the request body did not arrive in time" },
  ESP_ERR_CLIENT_ABORTED: {
    ...clientGone,
    type: "client_aborted",
    reason: "the client went away",
  },
  ESP_ERR_WRITE_STALLED: {
    ...clientGone,
    type: "client_stalled",
    reason: "the client stopped reading",
  },
  ESP_ERR_NO_ROUTE: {
    ...rejected,
    status: 404,
    type: "no_route",
    reason: "no route of this proxy matches the request",
  },
  ESP_ERR_RATE_LIMITED: {
    ...rejected,
    status: 429,
    type: "rate_limited",
    reason: "too many requests",
  },
  ESP_ERR_LOOP: {
    ...rejected,
    closesClient: true,
    status: 508,
    type: "loop_detected",
    reason: "the request has passed this proxy before",
  },
  ESP_ERR_LAST_FORWARD: {
    ...rejected,
    status: 200,
    type: "last_forward",
    reason: "Max-Forwards is 0, so this proxy itself has answered the OPTIONS request",
  },
  ESP_ERR_UPSTREAM_CONNECT: {
    ...notConnected,
    type: "upstream_unreachable",
    reason: "no connection to the upstream could be made; the request was not sent",
  },
  ESP_ERR_UPSTREAM_TLS: {
    ...notConnected,
    type: "upstream_tls",
    reason:
      "the TLS handshake with the upstream failed, or its certificate was refused; the request " +
      "was not sent",
  },
  ESP_ERR_UPSTREAM_CONNECT_TIMEOUT: {
    ...notConnected,
    status: 504,
    outcome: "timed_out",
    type: "upstream_timeout",
    reason: "connecting to the upstream took too long; the request was not sent",
  },
  ESP_ERR_UPSTREAM_RESET: {
    ...upstreamFailed,
    type: "upstream_reset",
    reason: "the upstream closed the connection before it answered",
  },
  ESP_ERR_UPSTREAM_MALFORMED: {
    ...upstreamFailed,
    type: "upstream_malformed",
    reason: "the upstream's answer is not valid HTTP/1.1",
  },
  ESP_ERR_UPSTREAM_TIMEOUT: {
    ...upstreamFailed,
    status: 504,
    outcome: "timed_out",
    // The endpoint may still be working on it: a second attempt would double its load.
    retry: "never",
    type: "upstream_timeout",
    reason: "the upstream did not answer in time",
  },
  ESP_ERR_UPSTREAM_TRUNCATED: {
    ...upstreamFailed,
    type: "upstream_truncated",
    reason: "the upstream's answer ended early",
  },
  ESP_ERR_UPSTREAM_HEAD_TOO_LARGE: {
    ...upstreamFailed,
    retry: "never",
    type: "upstream_head_too_large",
    reason: "the head of the upstream's answer is larger than allowed",
  },
  ESP_ERR_UPSTREAM_BODY_TOO_LARGE: {
    ...upstreamFailed,
    retry: "never",
    type: "upstream_too_large",
    reason: "the upstream's answer is larger than allowed",
  },
  ESP_ERR_ANSWER_WITHHELD: {
    ...upstreamFailed,
    // Official clients repeat on 502, and the call may have changed something.
    status: 500,
    retry: "never",
    type: "answer_withheld",
    reason:
      "the upstream answered with the status in `upstream_status`, but its answer is larger than " +
      "this proxy allows, so it is not passed on; the request was not repeated",
  },
  ESP_ERR_OUTCOME_UNKNOWN: {
    ...upstreamFailed,
    status: 500,
    retry: "never",
    type: "outcome_unknown",
    reason:
      "the request was sent to the upstream and no answer came back: it may or may not have been " +
      "carried out. It was not repeated; check before you repeat it",
  },
  ESP_ERR_NO_ENDPOINT: {
    ...notSent,
    type: "no_endpoint",
    reason: "no endpoint of the pool is available; the request was not sent",
  },
  ESP_ERR_POOL_BUSY: {
    ...notSent,
    type: "pool_busy",
    reason:
      "all connections of the pool are in use and its queue is full; the request was not sent",
  },
  ESP_ERR_AUDIT_UNAVAILABLE: {
    ...notSent,
    source: "internal",
    type: "audit_unavailable",
    reason: "the audit record could not be stored; the request was not sent",
  },
  ESP_ERR_AUDIT_BODY: {
    ...notSent,
    source: "internal",
    status: 502,
    closesClient: true,
    type: "audit_body",
    reason: "the body could not be recorded, so it was cut off",
  },
  ESP_ERR_SHUTDOWN: {
    ...notSent,
    source: "internal",
    outcome: "shutdown",
    closesClient: true,
    type: "shutting_down",
    reason: "the proxy is shutting down",
  },
  ESP_ERR_TOTAL_TIMEOUT: {
    ...upstreamFailed,
    source: "internal",
    status: 504,
    outcome: "timed_out",
    retry: "never",
    type: "timeout",
    reason: "the exchange took longer than the route allows",
  },
} as const satisfies Record<string, HttpErrorSpec>;

export type HttpErrorCode = keyof typeof httpErrors;
