/**
 * Why a session ended otherwise than by both sides closing: plain data, without a stack. Bad input
 * and clients that leave are ordinary, and an `Error` for each would be a gift to an attacker.
 */
export interface Fault {
  readonly code: FaultCode;
  /** For the operator's log. */
  readonly message: string;
}

/** Every fault of the TCP router and what it means. Match on the code. */
export const faultTable = {
  ESP_ERR_TCP_DECISION_TYPE: "the router returned something that is not an object",
  ESP_ERR_TCP_DECISION_KEY: "the router's decision has a key that is not known",
  ESP_ERR_TCP_DECISION_EMPTY: "the router's decision has none of remote, pool, noop, close",
  ESP_ERR_TCP_DECISION_CONTRADICTION: "the router's decision has keys that contradict each other",
  ESP_ERR_TCP_DECISION_VALUE: "a key of the router's decision has a value of the wrong type",
  ESP_ERR_TCP_DECISION_REMOTE: "the router's remote is not host:port",
  ESP_ERR_TCP_DECISION_POOL: "the router's pool is not configured",
  ESP_ERR_TCP_ROUTER: "the router threw or its promise was rejected",
  ESP_ERR_TCP_PREREAD_LIMIT: "the router wanted more bytes than the preread limit",
  ESP_ERR_TCP_PREREAD_TIMEOUT: "no decision fell within the preread timeout",
  ESP_ERR_TCP_ADDRESS_REFUSED: "the remote's address is not allowed",
  ESP_ERR_TCP_LOOKUP: "the remote's name could not be resolved",
  ESP_ERR_TCP_CONNECT: "the connection to the server was not accepted",
  ESP_ERR_TCP_CONNECT_TIMEOUT: "connecting to the server took too long",
  ESP_ERR_TCP_NO_ENDPOINT: "no endpoint of the pool is available",
  ESP_ERR_TCP_AUDIT: "the audit record could not be stored",
} as const satisfies Record<string, string>;

export type FaultCode = keyof typeof faultTable;

/** A fault with its table text, or with a more exact one. */
export function fault(code: FaultCode, message: string = faultTable[code]): Fault {
  return { code, message };
}
