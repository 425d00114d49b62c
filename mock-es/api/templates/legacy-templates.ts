import { EsError, illegalArgument } from "../../es-error.ts";
import { emptyReply, jsonReply, type EsReply, type EsRequest } from "../../rest/es-request.ts";
import { parseObjectBody } from "../../json/json-body.ts";
import { routesOf, type Route } from "../../rest/route.ts";
import type { Cluster } from "../../store/cluster.ts";
import { warningHeader } from "../../rest/warning.ts";
import { toTexts } from "../../json/coerce.ts";
import {
  acknowledged,
  checkLayer,
  removeTemplates,
  renderLayer,
  selectNames,
  toLayer,
} from "./template-layers.ts";

/** Legacy templates. */
export const legacyTemplateRoutes: readonly Route[] = [
  ...routesOf("indices.put_template", "required", ["PUT,POST /_template/{name}"], putLegacy),
  ...routesOf(
    "indices.get_template",
    "none",
    ["GET /_template", "GET /_template/{name}"],
    getLegacy,
  ),
  ...routesOf("indices.exists_template", "none", ["HEAD /_template/{name}"], (request, cluster) =>
    emptyReply(selectNames(cluster.templates.legacy, request).length > 0 ? 200 : 404),
  ),
  ...routesOf("indices.delete_template", "none", ["DELETE /_template/{name}"], (request, cluster) =>
    removeTemplates(
      cluster,
      cluster.templates.legacy,
      request,
      "index_template_missing_exception",
      "index_template",
    ),
  ),
];

function putLegacy(request: EsRequest, cluster: Cluster): EsReply {
  const name = request.pathParameters["name"] ?? "";
  const body = parseObjectBody(request.body) ?? {};
  for (const member of Object.keys(body)) {
    if (
      !["index_patterns", "order", "version", "settings", "mappings", "aliases"].includes(member)
    ) {
      throw new EsError(400, "parse_exception", `unknown key [${member}] in the template `);
    }
  }
  const patterns = toTexts(body["index_patterns"]);
  if (patterns.length === 0) {
    throw new EsError(
      400,
      "action_request_validation_exception",
      "Validation Failed: 1: index patterns are missing;",
    );
  }
  if (request.query.flag("create", false) && cluster.templates.legacy.has(name)) {
    throw illegalArgument(`index_template [${name}] already exists`);
  }
  const layer = toLayer(body);
  checkLayer(cluster, layer);
  cluster.templates.legacy.set(name, {
    ...layer,
    index_patterns: patterns,
    order:
      request.query.integer("order") ?? (typeof body["order"] === "number" ? body["order"] : 0),
    ...(typeof body["version"] === "number" ? { version: body["version"] } : {}),
  });
  return jsonReply(
    acknowledged,
    200,
    warningHeader(
      cluster,
      "Legacy index templates are deprecated in favor of composable templates.",
    ),
  );
}

function getLegacy(request: EsRequest, cluster: Cluster): EsReply {
  const names = selectNames(cluster.templates.legacy, request);
  const flat = request.query.flag("flat_settings", false);
  const value: Record<string, unknown> = {};
  for (const name of names) {
    const template = cluster.templates.legacy.get(name);
    if (template === undefined) continue;
    const { settings = {}, mappings = {}, aliases = {} } = renderLayer(template, flat);
    value[name] = {
      order: template.order,
      ...(template.version === undefined ? {} : { version: template.version }),
      index_patterns: template.index_patterns,
      settings,
      mappings,
      aliases,
    };
  }
  const isPattern = (request.pathParameters["name"] ?? "*").includes("*");
  return jsonReply(value, names.length > 0 || isPattern ? 200 : 404);
}
