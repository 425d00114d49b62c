/**
 * What `event.category`, `event.type` and `event.outcome` say of an exchange, within the lists that
 * ECS expects of each category (`schemas/event.yml`).
 */
import type { ApiEndpoint } from "../../../elasticsearch/api/api-endpoint.ts";
import type { ExchangeRecord } from "../../record/exchange-record.ts";

/** Calls that open or end a read operation of several pages. */
const sessionTypes: ReadonlyMap<string, "start" | "end"> = new Map([
  ["open_point_in_time", "start"],
  ["close_point_in_time", "end"],
  ["clear_scroll", "end"],
]);
/** What a security call is about; ECS has a type for two kinds of objects, `admin` for the rest. */
const iamObjects: readonly (readonly [pattern: RegExp, type: string])[] = [
  [/_user|password|api_key|profile|token|credential/, "user"],
  [/role|privilege/, "group"],
];

/**
 * `event.category`. `api` is the one category that expects access, change, creation and deletion;
 * `web` does not expect the last two.
 *
 * @param status of the answer; 0: none, or not known yet
 */
export function eventCategories(endpoint: ApiEndpoint, status: number): string {
  const own =
    endpoint.class === "admin"
      ? ',"configuration"'
      : endpoint.class === "security"
        ? ',"iam"'
        : sessionTypes.has(endpoint.name)
          ? ',"session"'
          : "";
  return `["api","database"${own}${status === 401 ? ',"authentication"' : ""}]`;
}

/**
 * `event.type`: what the call does, `start` and `end` where it opens or ends a read operation, and
 * what became of the permission to do so: 401 is a failed start of an authentication, 403 a denied
 * access.
 *
 * @param status of the answer; 0: none, or not known yet
 */
export function eventType(endpoint: ApiEndpoint, status: number): string {
  if (status === 401) return '["start"]';
  if (status === 403) return '["access","denied"]';
  const session = sessionTypes.get(endpoint.name);
  if (session !== undefined) return `["${session}"]`;
  const done = changeOf(endpoint);
  if (endpoint.class !== "security" || done === "access") return `["${done}"]`;
  const object = iamObjects.find(([pattern]) => pattern.test(endpoint.name))?.[1] ?? "admin";
  return `["${done}","${object}"]`;
}

function changeOf(endpoint: ApiEndpoint): "access" | "change" | "creation" | "deletion" {
  switch (endpoint.class) {
    case "read":
    case "meta":
      return "access";
    case "write":
    case "unknown":
      if (endpoint.name === "create") return "creation";
      return endpoint.name.startsWith("delete") ? "deletion" : "change";
    case "admin":
    case "security":
      if (endpoint.retry === "read") return "access";
      if (/put_(?:settings|mapping)/.test(endpoint.name)) return "change";
      if (/(?:^|\.)(?:create|put|grant|clone|enroll|bulk_put)/.test(endpoint.name))
        return "creation";
      return /(?:^|\.)(?:bulk_)?(?:delete|invalidate)/.test(endpoint.name) ? "deletion" : "change";
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
