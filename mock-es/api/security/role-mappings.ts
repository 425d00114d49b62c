/** Mappings of roles: stored and shown; no realm here uses them. */
import { EsError, notSupported, parsingException, validationFailed } from "../../es-error.ts";
import { parseObjectBody } from "../../json/json-body.ts";
import type { JsonObject } from "../../json/json-value.ts";
import { parseShape, type Shape } from "../../json/object-parser.ts";
import { jsonReply, type EsReply, type EsRequest } from "../../rest/es-request.ts";
import { routesOf, type Route } from "../../rest/route.ts";
import { parseRules } from "../../security/mapping-rules.ts";
import type { Cluster } from "../../store/cluster.ts";
import { checkRefresh, securityOf } from "./security-of.ts";

/** `_security/role_mapping`. */
export const roleMappingRoutes: readonly Route[] = [
  ...routesOf(
    "security.put_role_mapping",
    "required",
    ["PUT,POST /_security/role_mapping/{name}"],
    putMapping,
    readMapping,
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

/** What a request says of a mapping. */
interface GivenMapping {
  readonly roles?: readonly string[];
  readonly rules?: JsonObject;
  readonly enabled?: boolean;
  readonly metadata?: JsonObject;
}

const shapeOf = (name: string): Shape<GivenMapping> => ({
  name: "role-mapping",
  members: {
    roles: { kind: "strings", isSetLater: true },
    role_templates: {
      kind: "any",
      isSetLater: true,
      read: () => {
        throw notSupported("[role_templates] of a role mapping");
      },
    },
    rules: {
      kind: "object",
      isSetLater: true,
      read: (_value, holder, key) => parseRules(holder, key, name, false),
    },
    metadata: { kind: "object", isSetLater: true },
    enabled: { kind: "boolean", isSetLater: true },
    doc_type: { kind: "string", isSetLater: true },
    type: { kind: "string", isSetLater: true },
  },
  build: (values) => values,
});

/** @throws {EsError} 400 for what the parser of mappings refuses, told around its own error */
function parseMapping(name: string, body: JsonObject): GivenMapping {
  try {
    return parseShape(shapeOf(name), body);
  } catch (error) {
    if (!(error instanceof EsError) || error.type !== "x_content_parse_exception") throw error;
    throw parsingException(error.reason).around(error);
  }
}

/** @throws {EsError} 400 for what is no mapping */
function readMapping(request: EsRequest): GivenMapping {
  const name = request.pathParameters["name"] ?? "";
  const body = parseObjectBody(request.body) ?? {};
  const given = parseMapping(name, body);
  const { roles, rules, enabled, metadata = {} } = given;
  const missing = Object.entries({ roles, rules, enabled }).find(([, one]) => one === undefined);
  if (missing !== undefined)
    throw mappingProblem(
      body,
      `failed to parse role-mapping [${name}]. missing field [${missing[0]}]`,
    );
  const problems = [
    ...(roles?.length === 0 ? ["role-mapping roles or role-templates are missing"] : []),
    ...(Object.keys(metadata).some((key) => key.startsWith("_"))
      ? ["metadata keys may not start with [_]"]
      : []),
  ];
  if (problems.length > 0) throw validationFailed(...problems);
  return given;
}

function putMapping(request: EsRequest, cluster: Cluster): EsReply {
  checkRefresh(request);
  const name = request.pathParameters["name"] ?? "";
  const { roleMappings } = securityOf(cluster);
  const { roles, rules, enabled, metadata = {} } = readMapping(request);
  const created = !roleMappings.has(name);
  roleMappings.set(name, { enabled, roles, rules, metadata });
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
