import type { ApiEndpoint } from "../../../elasticsearch/api/api-endpoint.ts";
import type { ExchangeRecord } from "../../record/exchange-record.ts";

/**
 * `event.category`: every record is `web` and `database`; settings and security calls add their own
 * category.
 */
export function eventCategories(endpoint: ApiEndpoint): string {
  switch (endpoint.class) {
    case "admin":
      return '["web","database","configuration"]';
    case "security":
      return '["web","database","iam"]';
    case "read":
    case "write":
    case "meta":
    case "unknown":
      return '["web","database"]';
  }
}

/**
 * `event.type` after what ECS expects for these categories: a read is an access, a write a change.
 * The pair of an exchange is told apart by `es_proxy.record`: ECS allows `start` and `end` only for
 * categories which do not fit.
 */
export function eventType(endpoint: ApiEndpoint): string {
  switch (endpoint.class) {
    case "read":
    case "meta":
      return '["access"]';
    case "write":
    case "unknown":
      return '["change"]';
    case "admin":
    case "security": {
      if (endpoint.retry === "read") return '["access"]';
      if (/(^|\.)(create|put)/.test(endpoint.name)) return '["creation"]';
      return /(^|\.)(delete|invalidate)/.test(endpoint.name) ? '["deletion"]' : '["change"]';
    }
  }
}

/**
 * `event.outcome` of a terminal record; `unknown` when the upstream may have finished what the
 * client did not wait for.
 */
export function eventOutcome(record: ExchangeRecord): "success" | "failure" | "unknown" {
  switch (record.outcome) {
    case "completed":
      return record.status >= 400 || record.status === 0 ? "failure" : "success";
    case "client_aborted":
    case "shutdown":
    case "crash_recovered":
      return "unknown";
    case "upstream_failed":
    case "timed_out":
      return record.errorCode === "ESP_ERR_OUTCOME_UNKNOWN" ? "unknown" : "failure";
    case "malformed":
    case "rejected":
      return "failure";
  }
}
