import type { ErrorSpec, StartErrorSpec } from "./error-spec.ts";
import { httpErrors } from "./http-errors.ts";
import { tcpErrors } from "./tcp-errors.ts";

/** Failures while starting, or while preparing a reload. */
const startErrors = {
  ESP_ERR_CONFIG: start("the configuration is not valid"),
  ESP_ERR_LISTEN: start("the listener could not be opened"),
  ESP_ERR_TLS_FILE: start("a TLS file could not be used"),
  ESP_ERR_AUDIT_DIRECTORY: start("the audit directory cannot be used"),
} as const satisfies Record<string, StartErrorSpec>;

/**
 * Every failure that es-proxy itself raises, with what follows from it: one table, described code
 * by code in `docs/errors.md`. Match on the code, never on a message.
 */
export const errorTable = { ...httpErrors, ...tcpErrors, ...startErrors } as const;

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

function start(reason: string): StartErrorSpec {
  return { kind: "start", source: "config", reason };
}
