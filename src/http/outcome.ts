import type { Outcome } from "../audit/record/exchange-record.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { MeasuredOutcome } from "../metrics/route-metrics.ts";

/** The same for the metrics, which know only what this process has seen itself. */
export function measuredOutcome(code: ErrorCode): MeasuredOutcome {
  const outcome = outcomeOf(code);
  return outcome === "crash_recovered" ? "shutdown" : outcome;
}

/** How an exchange that ended with `code` is recorded. */
export function outcomeOf(code: ErrorCode): Outcome {
  switch (code) {
    case "ESP_ERR_CLIENT_ABORTED":
    case "ESP_ERR_WRITE_STALLED":
      return "client_aborted";
    case "ESP_ERR_SHUTDOWN":
      return "shutdown";
    case "ESP_ERR_HEAD_TIMEOUT":
    case "ESP_ERR_BODY_TIMEOUT":
    case "ESP_ERR_UPSTREAM_TIMEOUT":
    case "ESP_ERR_UPSTREAM_CONNECT_TIMEOUT":
    case "ESP_ERR_TOTAL_TIMEOUT":
      return "timed_out";
    case "ESP_ERR_UPSTREAM_CONNECT":
    case "ESP_ERR_UPSTREAM_TLS":
    case "ESP_ERR_UPSTREAM_RESET":
    case "ESP_ERR_UPSTREAM_MALFORMED":
    case "ESP_ERR_UPSTREAM_TRUNCATED":
    case "ESP_ERR_UPSTREAM_BODY_TOO_LARGE":
    case "ESP_ERR_OUTCOME_UNKNOWN":
    case "ESP_ERR_INTERNAL":
      return "upstream_failed";
    case "ESP_ERR_NO_ROUTE":
    case "ESP_ERR_RATE_LIMITED":
    case "ESP_ERR_LOOP":
    case "ESP_ERR_NO_ENDPOINT":
    case "ESP_ERR_POOL_BUSY":
    case "ESP_ERR_AUDIT_UNAVAILABLE":
    case "ESP_ERR_BODY_TOO_LARGE":
      return "rejected";
    default:
      return "malformed";
  }
}
