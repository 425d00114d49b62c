/** Roles, and what is put together of rules and roles. */
import {
  EsError,
  illegalArgument,
  notSupported,
  parsingException,
  validationFailed,
} from "../../es-error.ts";
import { toTexts } from "../../json/coerce.ts";
import { parseObjectBody } from "../../json/json-body.ts";
import { isObject, type JsonObject } from "../../json/json-value.ts";
import { jsonReply, type EsReply, type EsRequest } from "../../rest/es-request.ts";
import { routesOf, type Route } from "../../rest/route.ts";
import { reservedRoles } from "../../security/reserved-roles.ts";
import { readRole, shownRole } from "../../security/role.ts";
import type { RoleDescriptor } from "../../security/role-descriptor.ts";
import type { Cluster } from "../../store/cluster.ts";
import { checkQueries } from "./role-queries.ts";
import { checkName, checkRefresh, knownBody, securityOf } from "./security-of.ts";

/** `_security/role` and `_security/role_mapping`. */
export const roleRoutes: readonly Route[] = [
  ...routesOf("security.put_role", "required", ["PUT,POST /_security/role/{name}"], put),
  ...routesOf("security.bulk_put_role", "required", ["POST /_security/role"], bulkPut),
  ...routesOf(
    "security.get_role",
    "none",
    ["GET /_security/role", "GET /_security/role/{name}"],
    get,
  ),
  ...routesOf("security.delete_role", "none", ["DELETE /_security/role/{name}"], remove),
  ...routesOf("security.bulk_delete_role", "required", ["DELETE /_security/role"], bulkRemove),
  ...routesOf(
    "security.put_role_mapping",
    "required",
    ["PUT,POST /_security/role_mapping/{name}"],
    putMapping,
  ),
  ...routesOf(
    "security.get_role_mapping",
    "none",
    ["GET /_security/role_mapping", "GET /_security/role_mapping/{name}"],
    getMapping,
  ),
  ...routesOf(
    "security.delete_role_mapping",
    "none",
    ["DELETE /_security/role_mapping/{name}"],
    removeMapping,
  ),
];

function readNamedRole(name: string, body: JsonObject, grantsParts: boolean): RoleDescriptor {
  const problem = reservedRoles.has(name)
    ? `Role [${name}] is reserved and may not be used.`
    : checkName("Role", name);
  if (problem !== undefined) throw validationFailed(problem);
  for (const key of Object.keys(isObject(body["metadata"]) ? body["metadata"] : {})) {
    if (key.startsWith("_"))
      throw validationFailed("role descriptor metadata keys may not start with [_]");
  }
  const role = readRole(name, body, grantsParts);
  checkQueries(role);
  return role;
}

function put(request: EsRequest, cluster: Cluster): EsReply {
  checkRefresh(request);
  const name = request.pathParameters["name"] ?? "";
  const { roles, grantsParts } = securityOf(cluster);
  const role = readNamedRole(name, parseObjectBody(request.body) ?? {}, grantsParts);
  const created = !roles.has(name);
  roles.set(name, role);
  return jsonReply({ role: { created } });
}

/** What a bulk request did to each role, in the order in which the server tells it. */
interface BulkOutcome {
  readonly changed: Record<string, string[]>;
  readonly details: Record<string, unknown>;
}

function bulkReply({ changed, details }: BulkOutcome): EsReply {
  const count = Object.keys(details).length;
  const told = Object.entries(changed).filter(([, names]) => names.length > 0);
  return jsonReply({
    ...Object.fromEntries(told),
    ...(count === 0 ? {} : { errors: { count, details } }),
  });
}

function attempt(outcome: BulkOutcome, name: string, run: () => string): void {
  try {
    outcome.changed[run()]?.push(name);
  } catch (error) {
    if (!(error instanceof EsError)) throw error;
    outcome.details[name] = error.toCause();
  }
}

function bulkPut(request: EsRequest, cluster: Cluster): EsReply {
  checkRefresh(request);
  const { roles } = securityOf(cluster);
  const body = knownBody(request, ["roles"], "failed to parse bulk put roles request");
  const outcome: BulkOutcome = { changed: { created: [], updated: [], noop: [] }, details: {} };
  for (const [name, given] of Object.entries(isObject(body["roles"]) ? body["roles"] : {})) {
    attempt(outcome, name, () => {
      const role = readNamedRole(
        name,
        isObject(given) ? given : {},
        securityOf(cluster).grantsParts,
      );
      const earlier = roles.get(name);
      roles.set(name, role);
      if (earlier === undefined) return "created";
      return JSON.stringify(earlier) === JSON.stringify(role) ? "noop" : "updated";
    });
  }
  return bulkReply(outcome);
}

function get(request: EsRequest, cluster: Cluster): EsReply {
  const { roles } = securityOf(cluster);
  // Every role stands here by its own name: there are no implicit ones beside it.
  request.query.flag("include_implicit", false);
  const given = request.pathParameters["name"];
  const all = new Map([...reservedRoles, ...roles]);
  const found = (given === undefined ? [...all.keys()] : given.split(",")).flatMap(
    (name) => all.get(name) ?? [],
  );
  const shown = found.map((role): [string, unknown] => [role.name, shownRole(role)]);
  return jsonReply(
    Object.fromEntries(shown),
    found.length === 0 && given !== undefined ? 404 : 200,
  );
}

function removeRole(cluster: Cluster, name: string): boolean {
  if (reservedRoles.has(name))
    throw illegalArgument(`role [${name}] is reserved and cannot be deleted`);
  return securityOf(cluster).roles.delete(name);
}

function remove(request: EsRequest, cluster: Cluster): EsReply {
  checkRefresh(request);
  const found = removeRole(cluster, request.pathParameters["name"] ?? "");
  return jsonReply({ found }, found ? 200 : 404);
}

function bulkRemove(request: EsRequest, cluster: Cluster): EsReply {
  checkRefresh(request);
  const body = knownBody(request, ["names"], "failed to parse bulk delete roles request");
  const outcome: BulkOutcome = { changed: { deleted: [], not_found: [] }, details: {} };
  for (const name of toTexts(body["names"]))
    attempt(outcome, name, () => (removeRole(cluster, name) ? "deleted" : "not_found"));
  return bulkReply(outcome);
}

const mappingMembers = ["roles", "role_templates", "rules", "enabled", "metadata", "run_as"];

function putMapping(request: EsRequest, cluster: Cluster): EsReply {
  checkRefresh(request);
  const name = request.pathParameters["name"] ?? "";
  const { roleMappings } = securityOf(cluster);
  const body = knownBody(request, mappingMembers, "failed to parse role mapping");
  for (const key of ["role_templates", "run_as"])
    if (body[key] !== undefined) throw notSupported(`[${key}] of a role mapping`);
  const roles = toTexts(body["roles"]);
  const { rules, metadata = {} } = body;
  for (const [field, isMissing] of [
    ["roles", roles.length === 0],
    ["rules", rules === undefined],
    ["enabled", body["enabled"] === undefined],
  ] as const)
    if (isMissing)
      throw mappingProblem(
        body,
        `failed to parse role-mapping [${name}]. missing field [${field}]`,
      );
  if (isObject(metadata) && Object.keys(metadata).some((key) => key.startsWith("_")))
    throw validationFailed("metadata keys may not start with [_]");
  const created = !roleMappings.has(name);
  roleMappings.set(name, { enabled: body["enabled"] !== false, roles, rules, metadata });
  return jsonReply({ role_mapping: { created } });
}

function mappingProblem(body: JsonObject, reason: string): EsError {
  return parsingException(reason, {
    caused_by: { type: "illegal_state_exception", reason },
  }).at(body, undefined, "end");
}

function getMapping(request: EsRequest, cluster: Cluster): EsReply {
  const { roleMappings } = securityOf(cluster);
  const given = request.pathParameters["name"];
  const names = given === undefined ? [...roleMappings.keys()] : given.split(",");
  const found = names.filter((name) => roleMappings.has(name));
  return jsonReply(
    Object.fromEntries(found.map((name) => [name, roleMappings.get(name)])),
    given !== undefined && found.length === 0 ? 404 : 200,
  );
}

function removeMapping(request: EsRequest, cluster: Cluster): EsReply {
  checkRefresh(request);
  const found = securityOf(cluster).roleMappings.delete(request.pathParameters["name"] ?? "");
  return jsonReply({ found }, found ? 200 : 404);
}
