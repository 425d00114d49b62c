/** Privileges of applications: stored and shown. What they mean, only the application knows. */
import { validationFailed } from "../../es-error.ts";
import { toTexts } from "../../json/coerce.ts";
import { parseObjectBody } from "../../json/json-body.ts";
import { isObject, type JsonObject } from "../../json/json-value.ts";
import { jsonReply, type EsReply, type EsRequest } from "../../rest/es-request.ts";
import { routesOf, type Route } from "../../rest/route.ts";
import type { Cluster } from "../../store/cluster.ts";
import { simplePattern } from "../../text/simple-pattern.ts";
import { checkRefresh, securityOf } from "./security-of.ts";

/** `_security/privilege`. */
export const applicationPrivilegeRoutes: readonly Route[] = [
  ...routesOf("security.put_privileges", "required", ["PUT,POST /_security/privilege"], put),
  ...routesOf(
    "security.get_privileges",
    "none",
    [
      "GET /_security/privilege",
      "GET /_security/privilege/{application}",
      "GET /_security/privilege/{application}/{name}",
    ],
    get,
  ),
  ...routesOf(
    "security.delete_privileges",
    "none",
    ["DELETE /_security/privilege/{application}/{name}"],
    remove,
  ),
];

function put(request: EsRequest, cluster: Cluster): EsReply {
  checkRefresh(request);
  const { applicationPrivileges: all } = securityOf(cluster);
  const body = parseObjectBody(request.body) ?? {};
  const answer: Record<string, Record<string, unknown>> = {};
  const entries = Object.entries(body).flatMap(([application, list]) =>
    Object.entries(isObject(list) ? list : {}).map(
      ([name, given]) => [application, name, isObject(given) ? given : {}] as const,
    ),
  );
  const problems = entries.flatMap(([application, name, given]) =>
    problemsOf(application, name, given),
  );
  if (problems.length > 0) throw validationFailed(...new Set(problems));
  for (const [application, name, given] of entries) {
    const own = all.get(application) ?? new Map<string, JsonObject>();
    all.set(application, own);
    (answer[application] ??= {})[name] = { created: !own.has(name) };
    const { metadata = {} } = given;
    own.set(name, { application, name, actions: toTexts(given["actions"]), metadata });
  }
  return jsonReply(answer);
}

function problemsOf(application: string, name: string, given: JsonObject): string[] {
  const [prefix = ""] = application.split("-");
  const metadata = isObject(given["metadata"]) ? Object.keys(given["metadata"]) : [];
  const problems: string[] = [];
  if (!/^[a-z][A-Za-z0-9]*$/.test(prefix))
    problems.push(
      `An application name prefix must match the pattern ^[a-z][A-Za-z0-9]*$ (found '${prefix}')`,
    );
  else if (prefix.length < 3)
    problems.push(
      `An application name prefix must be at least 3 characters long (found '${prefix}')`,
    );
  if (!/^[a-z][a-zA-Z0-9_.-]*$/.test(name))
    problems.push(
      `Application privilege names must match the pattern ^[a-z][a-zA-Z0-9_.-]*$ (found '${name}')`,
    );
  if (toTexts(given["actions"]).length === 0)
    problems.push(`Application privileges must have at least one action`);
  if (metadata.some((key) => key.startsWith("_")))
    problems.push(`metadata keys may not start with [_] (in privilege ${application} ${name})`);
  return problems;
}

function get(request: EsRequest, cluster: Cluster): EsReply {
  const { applicationPrivileges: all } = securityOf(cluster);
  const { application: list = "*", name: names } = request.pathParameters;
  const patterns = list.split(",").map(simplePattern);
  const wanted = names?.split(",");
  const answer: Record<string, unknown> = {};
  for (const [application, own] of all) {
    if (!patterns.some((pattern) => pattern.test(application))) continue;
    const found = [...own].filter(([name]) => wanted?.includes(name) ?? true);
    if (found.length > 0) answer[application] = Object.fromEntries(found);
  }
  const isMissing = wanted !== undefined && Object.keys(answer).length === 0;
  return jsonReply(answer, isMissing ? 404 : 200);
}

function remove(request: EsRequest, cluster: Cluster): EsReply {
  checkRefresh(request);
  const { application = "", name: names = "" } = request.pathParameters;
  const own = securityOf(cluster).applicationPrivileges.get(application);
  const done = names
    .split(",")
    .map((name) => [name, { found: own?.delete(name) ?? false }] as const);
  const isFound = done.some(([, { found }]) => found);
  return jsonReply({ [application]: Object.fromEntries(done) }, isFound ? 200 : 404);
}
