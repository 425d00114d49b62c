/** What all handlers of security begin with. */
import { EsError, illegalArgument } from "../../es-error.ts";
import { parseObjectBody } from "../../json/json-body.ts";
import type { JsonObject } from "../../json/json-value.ts";
import type { EsRequest } from "../../rest/es-request.ts";
import type { Caller } from "../../security/caller.ts";
import type { Security } from "../../security/security.ts";
import type { Cluster } from "../../store/cluster.ts";
import { simplePattern } from "../../text/simple-pattern.ts";

/** The security of a cluster; the routes of its handlers lead nowhere where there is none. */
export function securityOf({ security }: Cluster): Security {
  if (security === undefined) throw illegalArgument("security is not enabled");
  return security;
}

/** Who sends a request. */
export function callerOf({ caller }: EsRequest): Caller {
  if (caller === undefined) throw illegalArgument("security is not enabled");
  return caller;
}

/**
 * The body of a request whose members are known.
 *
 * @throws {EsError} 400 `parse_exception` for others, after `failure`
 */
export function knownBody(
  request: EsRequest,
  members: readonly string[],
  failure: string,
): JsonObject {
  const body = parseObjectBody(request.body) ?? {};
  for (const key of Object.keys(body)) {
    if (!members.includes(key))
      throw new EsError(400, "parse_exception", `${failure}. unexpected field [${key}]`);
  }
  return body;
}

/** Checks `refresh`, which has nothing to act on: what security keeps is seen at once. */
export function checkRefresh({ query }: EsRequest): void {
  const given = query.text("refresh");
  if (given === undefined || ["", "true", "false", "wait_for"].includes(given)) return;
  throw illegalArgument(`Unknown value for refresh: [${given}].`);
}

/** `validation_exception`, which a part of the server throws that is not the request. */
export function validationProblem(problem: string): EsError {
  return new EsError(400, "validation_exception", `Validation Failed: 1: ${problem};`);
}

/** A test for names of a list with patterns in it. */
export function anyName(list: string): (name: string) => boolean {
  const patterns = list.split(",").map(simplePattern);
  return (name) => patterns.some((pattern) => pattern.test(name));
}

/** Longest name of a user or a role that is kept. */
const maxKeptName = 507;

/** What the server says of a name of a user or a role that cannot be. */
export function checkName(
  kind: "User" | "Role",
  name: string,
  longest = maxKeptName,
): string | undefined {
  if (name.length <= longest && /^[!-~]([ -~]*[!-~])?$/.test(name)) return undefined;
  return `${kind} names must be at least 1 and no more than ${longest} characters. They can contain alphanumeric characters (a-z, A-Z, 0-9), spaces, punctuation, and printable symbols in the Basic Latin (ASCII) block. Leading or trailing whitespace is not allowed.`;
}
