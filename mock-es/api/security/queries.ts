/** Queries over users, roles and API keys. */
import { illegalArgument, notSupported } from "../../es-error.ts";
import { parseObjectBody } from "../../json/json-body.ts";
import { isObject, type JsonObject } from "../../json/json-value.ts";
import { jsonReply, type EsReply, type EsRequest } from "../../rest/es-request.ts";
import { routesOf, type Route } from "../../rest/route.ts";
import { nativeRealm } from "../../security/users.ts";
import { reservedRoles } from "../../security/reserved-roles.ts";
import { shownRole } from "../../security/role.ts";
import type { Cluster } from "../../store/cluster.ts";
import { recordIndex } from "../../store/record-index.ts";
import { search } from "../search-run.ts";
import { scopeOf } from "../search-scope.ts";
import { isOwnKey, requireKeyAction, shownKey } from "./api-key-access.ts";
import { type QueriedKind, readQueryBody } from "./query-bodies.ts";
import { callerOf, securityOf } from "./security-of.ts";
import { shownUser } from "./users.ts";

/** `_security/_query`. */
export const securityQueryRoutes: readonly Route[] = [
  ...routesOf("security.query_user", "optional", ["GET,POST /_security/_query/user"], queryUsers),
  ...routesOf("security.query_role", "optional", ["GET,POST /_security/_query/role"], queryRoles),
  ...routesOf(
    "security.query_api_keys",
    "optional",
    ["GET,POST /_security/_query/api_key"],
    queryKeys,
  ),
];

/** What is queried. */
interface Records {
  /** Name in the server's error texts. */
  readonly what: string;
  /** Type of each field that may be asked for. */
  readonly fields: Readonly<Record<string, string>>;
  readonly list: readonly {
    readonly id: string;
    readonly fields: JsonObject;
    readonly shown: JsonObject;
  }[];
}

const defaultSize = 10;

function bodyOf(request: EsRequest, kind: QueriedKind): JsonObject {
  if (request.query.flag("with_profile_uid", false)) throw notSupported("[with_profile_uid=true]");
  return readQueryBody(kind, parseObjectBody(request.body) ?? {});
}

function answer(cluster: Cluster, body: JsonObject, member: string, records: Records): EsReply {
  checkQuery(body["query"], records);
  checkSort(body["sort"], records);
  const index = recordIndex(cluster, records.fields, records.list);
  const scope = scopeOf(cluster, [{ index, filters: undefined, routings: undefined }]);
  const found = search(cluster, scope, { size: defaultSize, ...body, track_total_hits: true });
  const byId = new Map(records.list.map(({ id, shown }) => [id, shown]));
  const shown = found.hits.map((text) => {
    const hit = JSON.parse(text) as { readonly _id: string; readonly sort?: unknown };
    return { ...byId.get(hit._id), ...(hit.sort === undefined ? {} : { _sort: hit.sort }) };
  });
  return jsonReply({ total: found.total?.value ?? 0, count: shown.length, [member]: shown });
}

const leaves = ["term", "terms", "match", "prefix", "wildcard", "range"];

/** @throws {EsError} 400 for a query of another type, or on a field that is none */
function checkQuery(query: unknown, records: Records): void {
  if (!isObject(query)) return;
  for (const [type, given] of Object.entries(query)) {
    if (type === "match_all" || type === "ids") continue;
    if (type === "exists") checkField(isObject(given) ? given["field"] : undefined, records);
    else if (type === "bool") {
      for (const clauses of Object.values(isObject(given) ? given : {}))
        for (const clause of Array.isArray(clauses) ? (clauses as unknown[]) : [clauses])
          checkQuery(clause, records);
    } else if (leaves.includes(type)) {
      for (const field of Object.keys(isObject(given) ? given : {}))
        if (field !== "boost" && field !== "_name") checkField(field, records);
    } else if (type === "match_none" || type === "simple_query_string")
      throw notSupported(`the query [${type}] over ${records.what}`);
    else throw illegalArgument(`Query type [${type}] is not supported for ${records.what} query`);
  }
}

function checkField(field: unknown, { fields }: Records): void {
  const name = String(field);
  if (Object.hasOwn(fields, name) || name.startsWith("metadata.")) return;
  throw illegalArgument(`Field [${name}] is not allowed for querying or aggregation`);
}

function checkSort(sort: unknown, records: Records): void {
  const list = sort === undefined ? [] : Array.isArray(sort) ? (sort as unknown[]) : [sort];
  for (const entry of list) {
    const names = isObject(entry) ? Object.keys(entry) : [entry];
    for (const name of names) if (name !== "_doc") checkField(name, records);
  }
}

function queryUsers(request: EsRequest, cluster: Cluster): EsReply {
  const body = bodyOf(request, "user");
  const { users } = securityOf(cluster);
  const list = users
    .list()
    .filter(({ username }) => users.find(username)?.realm === nativeRealm)
    .map((user) => {
      const { username, roles, fullName, email, enabled } = user;
      const texts = { full_name: fullName, email };
      return {
        id: username,
        fields: { username, roles, enabled, ...texts },
        shown: shownUser(user),
      };
    });
  return answer(cluster, body, "users", {
    what: "User",
    fields: {
      username: "keyword",
      roles: "keyword",
      full_name: "text",
      email: "text",
      enabled: "boolean",
    },
    list,
  });
}

function mentionsDescription({ body }: EsRequest): boolean {
  return body.includes('"description"');
}

function queryRoles(request: EsRequest, cluster: Cluster): EsReply {
  // Built-in roles are shown without descriptions, so they are not looked for by them.
  if (mentionsDescription(request)) throw notSupported("the field [description] of such a query");
  const body = bodyOf(request, "role");
  const all = [...reservedRoles.values(), ...securityOf(cluster).roles.values()];
  const list = all.map((role) => {
    const { name, description, metadata, applications } = role;
    return {
      id: name,
      fields: { name, description, metadata, applications },
      shown: { name, ...shownRole(role) },
    };
  });
  return answer(cluster, body, "roles", {
    what: "Role",
    fields: {
      name: "keyword",
      description: "text",
      metadata: "flattened",
      "applications.application": "keyword",
      "applications.resources": "keyword",
      "applications.privileges": "keyword",
    },
    list,
  });
}

function queryKeys(request: EsRequest, cluster: Cluster): EsReply {
  const body = bodyOf(request, "api_key");
  const caller = callerOf(request);
  request.query.flag("typed_keys", false);
  const withLimit = request.query.flag("with_limited_by", false);
  // A key is not told what limits it.
  const seesAll = requireKeyAction(request, "query", caller.apiKey === undefined || !withLimit);
  const list = securityOf(cluster)
    .apiKeys.list()
    .filter((key) => seesAll || isOwnKey(caller, key))
    .map((key) => {
      const shown = shownKey(key, withLimit);
      const { id, type, creation, expiration, invalidated, invalidation } = shown;
      const { name, username, metadata, realm } = key;
      const times = { creation, expiration, invalidation };
      const fields = { name, type, ...times, invalidated, username, realm: realm.name, metadata };
      return { id: String(id), fields, shown };
    });
  return answer(cluster, body, "api_keys", {
    what: "API Key",
    fields: {
      name: "keyword",
      type: "keyword",
      creation: "date",
      expiration: "date",
      invalidated: "boolean",
      invalidation: "date",
      username: "keyword",
      realm: "keyword",
      metadata: "flattened",
    },
    list,
  });
}
