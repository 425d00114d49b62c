import type { TcpErrorSpec } from "./error-spec.ts";

/** The rows of the error table for TCP sessions. */

/** The router's decision cannot be carried out, or there is none. */
const refused = {
  kind: "tcp",
  source: "config",
  outcome: "rejected",
  retry: "never",
  closesClient: true,
} as const;
/** The connection to the server failed before a byte was sent: another attempt may follow. */
const notConnected = {
  ...refused,
  source: "upstream",
  outcome: "upstream_failed",
  retry: "unsent",
} as const;

export const tcpErrors = {
  ESP_ERR_TCP_DECISION_TYPE: {
    ...refused,
    reason: "the router returned something that is not an object",
  },
  ESP_ERR_TCP_DECISION_KEY: {
    ...refused,
    reason: "the router's decision has a key that is not known",
  },
  ESP_ERR_TCP_DECISION_EMPTY: {
    ...refused,
    reason: "the router's decision has none of remote, pool, noop, close",
  },
  ESP_ERR_TCP_DECISION_CONTRADICTION: {
    ...refused,
    reason: "the router's decision has keys that contradict each other",
  },
  ESP_ERR_TCP_DECISION_VALUE: {
    ...refused,
    reason: "a key of the router's decision has a value of the wrong type",
  },
  ESP_ERR_TCP_DECISION_REMOTE: { ...refused, reason: "the router's remote is not host:port" },
  ESP_ERR_TCP_DECISION_POOL: { ...refused, reason: "the router's pool is not configured" },
  ESP_ERR_TCP_ROUTER: { ...refused, reason: "the router threw or its promise was rejected" },
  ESP_ERR_TCP_PREREAD_LIMIT: {
    ...refused,
    source: "downstream",
    reason: "the router wanted more bytes than the preread limit",
  },
  ESP_ERR_TCP_PREREAD_TIMEOUT: {
    ...refused,
    source: "downstream",
    outcome: "timed_out",
    reason: "no decision fell within the preread timeout",
  },
  ESP_ERR_TCP_ADDRESS_REFUSED: { ...refused, reason: "the remote's address is not allowed" },
  ESP_ERR_TCP_LOOKUP: { ...notConnected, reason: "the remote's name could not be resolved" },
  ESP_ERR_TCP_CONNECT: {
    ...notConnected,
    reason: "the connection to the server was not accepted",
  },
  ESP_ERR_TCP_CONNECT_TIMEOUT: {
    ...notConnected,
    reason: "connecting to the server took too long",
  },
  ESP_ERR_TCP_NO_ENDPOINT: { ...notConnected, reason: "no endpoint of the pool is available" },
  ESP_ERR_TCP_AUDIT: {
    ...refused,
    source: "internal",
    reason: "the audit record could not be stored",
  },
} as const satisfies Record<string, TcpErrorSpec>;

export type TcpErrorCode = keyof typeof tcpErrors;
