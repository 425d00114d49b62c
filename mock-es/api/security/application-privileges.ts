/** Privileges of applications: stored and shown. What they mean, only the application knows. */
import { EsError, illegalArgument, validationFailed } from "../../es-error.ts";
import { bodyText, parseJson } from "../../json/json-body.ts";
import { isObject, type JsonObject, tokenOf } from "../../json/json-value.ts";
import { parseShape, type Shape } from "../../json/object-parser.ts";
import { jsonReply, type EsReply, type EsRequest } from "../../rest/es-request.ts";
import { routesOf, type Route } from "../../rest/route.ts";
import {
  applicationProblem,
  grantedPrivilegeProblem,
  privilegeNameProblem,
} from "../../security/application-names.ts";
import type { Cluster } from "../../store/cluster.ts";
import { simplePattern } from "../../text/simple-pattern.ts";
import { checkRefresh, securityOf } from "./security-of.ts";

/** `_security/privilege`. */
export const applicationPrivilegeRoutes: readonly Route[] = [
  ...routesOf(
    "security.put_privileges",
    "required",
    ["PUT,POST /_security/privilege"],
    put,
    readEntries,
  ),
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

/** What a request says of a privilege. */
interface GivenPrivilege {
  readonly application?: string;
  readonly name?: string;
  readonly actions?: readonly string[];
  readonly metadata?: JsonObject;
}

const shape: Shape<GivenPrivilege> = {
  name: "application-privilege",
  members: {
    application: { kind: "string", isSetLater: true },
    name: { kind: "string", isSetLater: true },
    actions: { kind: "strings", isSetLater: true },
    metadata: { kind: "object", isSetLater: true },
  },
  build: (values) => values,
};

/** A privilege by the names under which it stands. */
type Entry = readonly [application: string, name: string, given: GivenPrivilege];

function put(request: EsRequest, cluster: Cluster): EsReply {
  checkRefresh(request);
  const { applicationPrivileges: all } = securityOf(cluster);
  const entries = readEntries(request);
  const answer: Record<string, Record<string, unknown>> = {};
  for (const [application, name, { actions = [], metadata = {} }] of entries) {
    const own = all.get(application) ?? new Map<string, JsonObject>();
    all.set(application, own);
    (answer[application] ??= {})[name] = { created: !own.has(name) };
    // The server keeps a set.
    own.set(name, { application, name, actions: [...new Set(actions)], metadata });
  }
  return jsonReply(answer);
}

function readEntries({ body }: EsRequest): readonly Entry[] {
  const text = bodyText(body);
  const all: unknown = text.trim() === "" ? {} : parseJson(text);
  if (!isObject(all)) throw parseProblem(`expected object but found ${tokenOf(all)} instead`);
  const entries = Object.entries(all).flatMap(([application, list]) => {
    const checked = objectIn(application, list);
    return Object.entries(checked).map(([name, one]): Entry => {
      const given = parseShape(shape, objectIn(application, one));
      for (const [kind, told, known] of [
        ["name", given.name, name],
        ["application", given.application, application],
      ] as const) {
        if (told !== undefined && told !== known)
          throw illegalArgument(
            `privilege ${kind} [${told}] in source does not match the provided ${kind} [${known}]`,
          );
      }
      return [application, name, given];
    });
  });
  const problems =
    entries.length === 0
      ? ["At least one application privilege must be provided"]
      : entries.flatMap(problemsOf);
  if (problems.length > 0) throw validationFailed(...problems);
  return entries;
}

function objectIn(application: string, value: unknown): JsonObject {
  if (isObject(value)) return value;
  throw parseProblem(
    `expected the value for ${application} to be an object, but found ${tokenOf(value)} instead`,
  );
}

function parseProblem(reason: string): EsError {
  return new EsError(400, "parse_exception", reason);
}

function problemsOf([application, name, { actions = [], metadata = {} }]: Entry): string[] {
  const problem = applicationProblem(application, false);
  const nameProblem = privilegeNameProblem(name);
  return [
    ...(problem === undefined ? [] : [problem]),
    ...(nameProblem === undefined ? [] : [nameProblem]),
    ...(actions.length === 0 ? ["Application privileges must have at least one action"] : []),
    ...[...new Set(actions)].flatMap((action) => actionProblem(action) ?? []),
    ...(Object.keys(metadata).some((key) => key.startsWith("_"))
      ? [`metadata keys may not start with [_] (in privilege ${application} ${name})`]
      : []),
  ];
}

function actionProblem(action: string): string | undefined {
  return /[/*:]/.test(action)
    ? grantedPrivilegeProblem(action)
    : `action [${action}] must contain one of [ '/' , '*' , ':' ]`;
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
