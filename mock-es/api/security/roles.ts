/** Roles: made, shown and deleted. */
import { EsError, illegalArgument } from "../../es-error.ts";
import { parseObjectBody } from "../../json/json-body.ts";
import { isObject, type JsonObject } from "../../json/json-value.ts";
import { parseShape, type Shape } from "../../json/object-parser.ts";
import { jsonReply, type EsReply, type EsRequest } from "../../rest/es-request.ts";
import { routesOf, type Route } from "../../rest/route.ts";
import { reservedRoles } from "../../security/reserved-roles.ts";
import { shownRole } from "../../security/role.ts";
import type { RoleDescriptor } from "../../security/role-descriptor.ts";
import type { Cluster } from "../../store/cluster.ts";
import { checkKeptRole, checkParts, readKeptRole, readRoles } from "./given-roles.ts";
import { checkRefresh, securityOf } from "./security-of.ts";

/** `_security/role`. */
export const roleRoutes: readonly Route[] = [
  ...routesOf("security.put_role", "required", ["PUT,POST /_security/role/{name}"], put, readRole),
  ...routesOf("security.bulk_put_role", "required", ["POST /_security/role"], bulkPut, readBulkPut),
  ...routesOf(
    "security.get_role",
    "none",
    ["GET /_security/role", "GET /_security/role/{name}"],
    get,
  ),
  ...routesOf("security.delete_role", "none", ["DELETE /_security/role/{name}"], remove),
  ...routesOf(
    "security.bulk_delete_role",
    "required",
    ["DELETE /_security/role"],
    bulkRemove,
    readBulkRemove,
  ),
];

/** @throws {EsError} 400 for what is no role */
function readRole(request: EsRequest): RoleDescriptor {
  const name = request.pathParameters["name"] ?? "";
  const role = readKeptRole(name, parseObjectBody(request.body) ?? {});
  checkKeptRole(role);
  return role;
}

function put(request: EsRequest, cluster: Cluster): EsReply {
  checkRefresh(request);
  const { roles, grantsParts } = securityOf(cluster);
  const role = readRole(request);
  checkParts(role, grantsParts);
  const created = !roles.has(role.name);
  roles.set(role.name, role);
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

const bulkPutShape: Shape<readonly RoleDescriptor[]> = {
  name: "bulk_update_roles_request_payload",
  members: {
    roles: {
      kind: "objects",
      isRequired: true,
      reads: "whole",
      read: (_value, holder, key) => readRoles(holder, key, true),
    },
  },
  build: (values) => values["roles"] as readonly RoleDescriptor[],
};

const bulkDeleteShape: Shape<readonly string[]> = {
  name: "bulk_delete_roles_request",
  members: { names: { kind: "strings", isRequired: true } },
  build: (values) => values["names"] as readonly string[],
};

function readBulkPut({ body }: EsRequest): readonly RoleDescriptor[] {
  return parseShape(bulkPutShape, parseObjectBody(body) ?? {});
}

function readBulkRemove({ body }: EsRequest): readonly string[] {
  return parseShape(bulkDeleteShape, parseObjectBody(body) ?? {});
}

/** Many roles at a time are written as updates, whose objects are merged. */
function mergedInto(earlier: RoleDescriptor, role: RoleDescriptor): RoleDescriptor {
  return {
    ...role,
    metadata: mergedObjects(earlier.metadata, role.metadata),
  };
}

function mergedObjects(earlier: JsonObject, later: JsonObject): JsonObject {
  const changed = Object.entries(later).map(([key, value]): [string, unknown] => {
    const before = earlier[key];
    return [key, isObject(before) && isObject(value) ? mergedObjects(before, value) : value];
  });
  return { ...earlier, ...Object.fromEntries(changed) };
}

function bulkPut(request: EsRequest, cluster: Cluster): EsReply {
  checkRefresh(request);
  const { roles, grantsParts } = securityOf(cluster);
  const given = readBulkPut(request);
  const outcome: BulkOutcome = { changed: { created: [], updated: [], noop: [] }, details: {} };
  for (const role of given) {
    const { name } = role;
    attempt(outcome, name, () => {
      checkKeptRole(role);
      checkParts(role, grantsParts);
      const earlier = roles.get(name);
      const merged = earlier === undefined ? role : mergedInto(earlier, role);
      roles.set(name, merged);
      if (earlier === undefined) return "created";
      return JSON.stringify(earlier) === JSON.stringify(merged) ? "noop" : "updated";
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
  cluster.beginAction();
  const found = removeRole(cluster, request.pathParameters["name"] ?? "");
  return jsonReply({ found }, found ? 200 : 404);
}

function bulkRemove(request: EsRequest, cluster: Cluster): EsReply {
  checkRefresh(request);
  const names = readBulkRemove(request);
  const outcome: BulkOutcome = { changed: { deleted: [], not_found: [] }, details: {} };
  for (const name of names)
    attempt(outcome, name, () => (removeRole(cluster, name) ? "deleted" : "not_found"));
  return bulkReply(outcome);
}
