/**
 * Every failure that es-proxy itself raises: one class, one table. Match on `code`, never on the
 * message.
 *
 * `status` is what the client is answered with while that is still possible; `source` says whose
 * fault it is; `type` is the `error.type` of the Elasticsearch-shaped body.
 */
export interface ErrorSpec {
  readonly status: number;
  readonly source: "downstream" | "upstream" | "internal" | "config";
  readonly type: string;
  /** Client-safe reason: no byte of the request and no message of a foreign error appears in it. */
  readonly reason: string;
}

export const errorTable = {
  ESP_ERR_HEAD_SYNTAX: spec(
    400,
    "downstream",
    "bad_request",
    "the request head is not valid HTTP/1.1",
  ),
  ESP_ERR_HEAD_FRAMING: spec(
    400,
    "downstream",
    "bad_request",
    "the length of the request body is ambiguous",
  ),
  ESP_ERR_HEAD_HOST: spec(
    400,
    "downstream",
    "bad_request",
    "the request needs exactly one valid Host",
  ),
  ESP_ERR_HEAD_TARGET: spec(400, "downstream", "bad_request", "the request target is not valid"),
  ESP_ERR_TARGET_AMBIGUOUS: spec(
    400,
    "downstream",
    "bad_request",
    "the request target can be read as several paths, which are not served alike",
  ),
  ESP_ERR_HEAD_VERSION: spec(
    505,
    "downstream",
    "http_version_not_supported",
    "only HTTP/1.0 and HTTP/1.1 are spoken here",
  ),
  ESP_ERR_HEAD_CODING: spec(
    501,
    "downstream",
    "not_implemented",
    "the transfer coding is not supported",
  ),
  ESP_ERR_HEAD_METHOD: spec(
    405,
    "downstream",
    "method_not_allowed",
    "the method is not allowed through this proxy",
  ),
  ESP_ERR_METHOD_TOO_LONG: spec(501, "downstream", "not_implemented", "the method is not known"),
  ESP_ERR_TARGET_TOO_LONG: spec(
    414,
    "downstream",
    "uri_too_long",
    "the request target is too long",
  ),
  ESP_ERR_HEAD_TOO_LARGE: spec(
    431,
    "downstream",
    "request_header_fields_too_large",
    "the request head is too large",
  ),
  ESP_ERR_EXPECTATION: spec(
    417,
    "downstream",
    "expectation_failed",
    "only a single `100-continue` with a body is supported",
  ),
  ESP_ERR_BODY_SYNTAX: spec(
    400,
    "downstream",
    "bad_request",
    "the chunked request body is not valid",
  ),
  ESP_ERR_BODY_TOO_LARGE: spec(
    413,
    "downstream",
    "content_too_large",
    "the request body is too large",
  ),
  ESP_ERR_HEAD_TIMEOUT: spec(
    408,
    "downstream",
    "request_timeout",
    "the request head did not arrive in time",
  ),
  ESP_ERR_BODY_TIMEOUT: spec(
    408,
    "downstream",
    "request_timeout",
    "the request body did not arrive in time",
  ),
  ESP_ERR_CLIENT_ABORTED: spec(0, "downstream", "client_aborted", "the client went away"),
  ESP_ERR_WRITE_STALLED: spec(0, "downstream", "client_stalled", "the client stopped reading"),
  ESP_ERR_NO_ROUTE: spec(
    404,
    "downstream",
    "no_route",
    "no route of this proxy matches the request",
  ),
  ESP_ERR_RATE_LIMITED: spec(429, "downstream", "rate_limited", "too many requests"),
  ESP_ERR_LOOP: spec(
    508,
    "downstream",
    "loop_detected",
    "the request has passed this proxy before",
  ),
  ESP_ERR_UPSTREAM_CONNECT: spec(
    502,
    "upstream",
    "upstream_unreachable",
    "no connection to the upstream could be made; the request was not sent",
  ),
  ESP_ERR_UPSTREAM_TLS: spec(
    502,
    "upstream",
    "upstream_tls",
    "the TLS handshake with the upstream failed, or its certificate was refused; the request was not sent",
  ),
  ESP_ERR_UPSTREAM_CONNECT_TIMEOUT: spec(
    504,
    "upstream",
    "upstream_timeout",
    "connecting to the upstream took too long; the request was not sent",
  ),
  ESP_ERR_UPSTREAM_RESET: spec(
    502,
    "upstream",
    "upstream_reset",
    "the upstream closed the connection before it answered",
  ),
  ESP_ERR_UPSTREAM_MALFORMED: spec(
    502,
    "upstream",
    "upstream_malformed",
    "the upstream's answer is not valid HTTP/1.1",
  ),
  ESP_ERR_UPSTREAM_TIMEOUT: spec(
    504,
    "upstream",
    "upstream_timeout",
    "the upstream did not answer in time",
  ),
  ESP_ERR_UPSTREAM_TRUNCATED: spec(
    502,
    "upstream",
    "upstream_truncated",
    "the upstream's answer ended early",
  ),
  ESP_ERR_UPSTREAM_BODY_TOO_LARGE: spec(
    502,
    "upstream",
    "upstream_too_large",
    "the upstream's answer is larger than allowed",
  ),
  ESP_ERR_OUTCOME_UNKNOWN: spec(
    500,
    "upstream",
    "outcome_unknown",
    "the request was sent to the upstream and no answer came back: it may or may not have been carried out. It was not repeated; check before you repeat it",
  ),
  ESP_ERR_NO_ENDPOINT: spec(
    503,
    "upstream",
    "no_endpoint",
    "no endpoint of the pool is available; the request was not sent",
  ),
  ESP_ERR_POOL_BUSY: spec(
    503,
    "upstream",
    "pool_busy",
    "all connections of the pool are in use and its queue is full; the request was not sent",
  ),
  ESP_ERR_AUDIT_UNAVAILABLE: spec(
    503,
    "internal",
    "audit_unavailable",
    "the audit record could not be stored; the request was not sent",
  ),
  ESP_ERR_SHUTDOWN: spec(503, "internal", "shutting_down", "the proxy is shutting down"),
  ESP_ERR_TOTAL_TIMEOUT: spec(
    504,
    "internal",
    "timeout",
    "the exchange took longer than the route allows",
  ),
  ESP_ERR_INTERNAL: spec(500, "internal", "internal_error", "the proxy failed"),
  ESP_ERR_CONFIG: spec(0, "config", "config", "the configuration is not valid"),
  ESP_ERR_LISTEN: spec(0, "config", "listen", "the listener could not be opened"),
  ESP_ERR_TLS_FILE: spec(0, "config", "tls_file", "a TLS file could not be used"),
  ESP_ERR_AUDIT_DIRECTORY: spec(
    0,
    "config",
    "audit_directory",
    "the audit directory cannot be used",
  ),
} as const satisfies Record<string, ErrorSpec>;

export type ErrorCode = keyof typeof errorTable;

/**
 * A failure with its code. `message` is for the operator; what the client sees comes from the
 * table.
 */
export class ProxyError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message?: string, options?: { cause?: unknown }) {
    super(message ?? errorTable[code].reason, options);
    this.name = "ProxyError";
    this.code = code;
  }

  get spec(): ErrorSpec {
    return errorTable[this.code];
  }
}

function spec(
  status: number,
  source: ErrorSpec["source"],
  type: string,
  reason: string,
): ErrorSpec {
  return { status, source, type, reason };
}
