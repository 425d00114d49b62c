import { isObject, type JsonObject } from "../json/json-value.ts";
import type { estypes } from "@elastic/elasticsearch";
import { EsError, illegalArgument } from "../es-error.ts";
import { emptyReply, jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { simplePattern } from "../text/simple-pattern.ts";
import { checkIndexSettings, flattenSettings, nestSettings } from "../store/index-settings.ts";
import type { IndexTemplate, TemplateLayer } from "../store/templates.ts";
import { resourceNotFound } from "./mappings.ts";
import { warningHeader } from "../rest/warning.ts";
import { toTexts } from "../json/coerce.ts";

/** Composable, component and legacy templates. */
export const templateRoutes: readonly Route[] = [
  ...routesOf(
    "indices.put_index_template",
    "required",
    ["PUT,POST /_index_template/{name}"],
    putIndexTemplate,
  ),
  ...routesOf(
    "indices.get_index_template",
    "none",
    ["GET /_index_template", "GET /_index_template/{name}"],
    getIndexTemplate,
  ),
  ...routesOf(
    "indices.exists_index_template",
    "none",
    ["HEAD /_index_template/{name}"],
    getIndexTemplate,
  ),
  ...routesOf(
    "indices.delete_index_template",
    "none",
    ["DELETE /_index_template/{name}"],
    (request, cluster) =>
      remove(
        cluster,
        cluster.templates.index,
        request,
        "index_template_missing_exception",
        "index_template",
      ),
  ),
  ...routesOf(
    "cluster.put_component_template",
    "required",
    ["PUT,POST /_component_template/{name}"],
    putComponent,
  ),
  ...routesOf(
    "cluster.get_component_template",
    "none",
    ["GET /_component_template", "GET /_component_template/{name}"],
    getComponent,
  ),
  ...routesOf(
    "cluster.exists_component_template",
    "none",
    ["HEAD /_component_template/{name}"],
    getComponent,
  ),
  ...routesOf(
    "cluster.delete_component_template",
    "none",
    ["DELETE /_component_template/{name}"],
    removeComponent,
  ),
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
    remove(
      cluster,
      cluster.templates.legacy,
      request,
      "index_template_missing_exception",
      "index_template",
    ),
  ),
];

const acknowledged: estypes.AcknowledgedResponseBase = { acknowledged: true };

const templateMembers: ReadonlySet<string> = new Set(
  "index_patterns template composed_of priority version _meta data_stream allow_auto_create ignore_missing_component_templates deprecated".split(
    " ",
  ),
);

function putIndexTemplate(request: EsRequest, cluster: Cluster): EsReply {
  const name = request.pathParameters["name"] ?? "";
  const body = parseObjectBody(request.body) ?? {};
  refuseUnknown(body, templateMembers, "index_template");
  if (body["data_stream"] !== undefined)
    throw illegalArgument("data streams are not supported by mock-es");
  const patterns = toTexts(body["index_patterns"]);
  if (patterns.length === 0) throw illegalArgument("Required [index_patterns]");
  if (request.query.flag("create", false) && cluster.templates.index.has(name)) {
    throw illegalArgument(`index template [${name}] already exists`);
  }
  const template = toIndexTemplate(body, patterns);
  checkComponents(cluster, name, template);
  checkOverlap(cluster, name, template);
  checkLayer(cluster, template.template ?? {});
  const now = cluster.entropy.nowMs();
  const created = cluster.templates.index.get(name)?.created_date_millis ?? now;
  cluster.templates.index.set(name, {
    ...template,
    created_date_millis: created,
    modified_date_millis: now,
  });
  cluster.stateVersion++;
  return jsonReply(acknowledged);
}

function toIndexTemplate(body: JsonObject, patterns: readonly string[]): IndexTemplate {
  return {
    index_patterns: patterns,
    ...(isObject(body["template"]) ? { template: toLayer(body["template"]) } : {}),
    composed_of: toTexts(body["composed_of"]),
    ...(typeof body["priority"] === "number" ? { priority: body["priority"] } : {}),
    ...(typeof body["version"] === "number" ? { version: body["version"] } : {}),
    ...(isObject(body["_meta"]) ? { _meta: { ...body["_meta"] } } : {}),
    ...(typeof body["allow_auto_create"] === "boolean"
      ? { allow_auto_create: body["allow_auto_create"] }
      : {}),
    ...(body["ignore_missing_component_templates"] === undefined
      ? {}
      : {
          ignore_missing_component_templates: toTexts(body["ignore_missing_component_templates"]),
        }),
  };
}

function checkComponents(cluster: Cluster, name: string, template: IndexTemplate): void {
  const missing = (template.composed_of ?? []).filter(
    (component) =>
      !cluster.templates.component.has(component) &&
      template.ignore_missing_component_templates?.includes(component) !== true,
  );
  if (missing.length > 0) {
    throw invalidTemplate(
      name,
      `index template [${name}] specifies component templates [${missing.join(", ")}] that do not exist`,
    );
  }
}

function checkOverlap(cluster: Cluster, name: string, template: IndexTemplate): void {
  const priority = template.priority ?? 0;
  const rivals = [...cluster.templates.index].filter(
    ([other, rival]) =>
      other !== name &&
      (rival.priority ?? 0) === priority &&
      overlap(rival.index_patterns, template.index_patterns),
  );
  if (rivals.length === 0) return;
  const list = rivals
    .map(([other, rival]) => `${other} => [${rival.index_patterns.join(", ")}]`)
    .join(", ");
  throw illegalArgument(
    `index template [${name}] has index patterns [${template.index_patterns.join(", ")}] matching patterns from existing templates [${rivals.map(([other]) => other).join(",")}] with patterns (${list}) that have the same priority [${priority}], multiple index templates may not match during index creation, please use a different priority`,
  );
}

function overlap(a: readonly string[], b: readonly string[]): boolean {
  return a.some((one) => b.some((other) => patternsMeet(one, other)));
}

/** True when some name fits both patterns. */
function patternsMeet(a: string, b: string): boolean {
  if (a === "" || b === "") return /^\**$/.test(a) && /^\**$/.test(b);
  if (a.startsWith("*")) return patternsMeet(a.slice(1), b) || patternsMeet(a, b.slice(1));
  if (b.startsWith("*")) return patternsMeet(a, b.slice(1)) || patternsMeet(a.slice(1), b);
  return a.startsWith(b.charAt(0)) && patternsMeet(a.slice(1), b.slice(1));
}

function getIndexTemplate(request: EsRequest, cluster: Cluster): EsReply {
  const names = requireNames(cluster.templates.index, request, "index template matching");
  const flat = request.query.flag("flat_settings", false);
  const value = {
    index_templates: names.map((name) => {
      const template = cluster.templates.index.get(name);
      return {
        name,
        index_template: {
          ...template,
          ...(template?.template === undefined
            ? {}
            : { template: renderLayer(template.template, flat) }),
        },
      };
    }),
  };
  return jsonReply(value);
}

function putComponent(request: EsRequest, cluster: Cluster): EsReply {
  const name = request.pathParameters["name"] ?? "";
  const body = parseObjectBody(request.body) ?? {};
  refuseUnknown(
    body,
    new Set(["template", "version", "_meta", "deprecated"]),
    "component_template",
  );
  const { template } = body;
  if (!isObject(template))
    throw new EsError(400, "x_content_parse_exception", "Required [template]");
  if (request.query.flag("create", false) && cluster.templates.component.has(name)) {
    throw illegalArgument(`component template [${name}] already exists`);
  }
  const layer = toLayer(template);
  checkLayer(cluster, layer);
  cluster.templates.component.set(name, {
    template: layer,
    ...(typeof body["version"] === "number" ? { version: body["version"] } : {}),
    ...(isObject(body["_meta"]) ? { _meta: { ...body["_meta"] } } : {}),
  });
  return jsonReply(acknowledged);
}

function getComponent(request: EsRequest, cluster: Cluster): EsReply {
  const names = requireNames(cluster.templates.component, request, "component template matching");
  const flat = request.query.flag("flat_settings", false);
  return jsonReply({
    component_templates: names.map((name) => {
      const component = cluster.templates.component.get(name);
      return {
        name,
        component_template: {
          ...component,
          template: renderLayer(component?.template ?? {}, flat),
        },
      };
    }),
  });
}

function removeComponent(request: EsRequest, cluster: Cluster): EsReply {
  const names = selectNames(cluster.templates.component, request);
  for (const name of names) {
    const users = [...cluster.templates.index]
      .filter(([, template]) => template.composed_of?.includes(name))
      .map(([user]) => user);
    if (users.length > 0) {
      throw illegalArgument(
        `component templates [${name}] cannot be removed as they are still in use by index templates [${users.join(", ")}]`,
      );
    }
  }
  return remove(
    cluster,
    cluster.templates.component,
    request,
    "resource_not_found_exception",
    "component_template",
  );
}

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

function toLayer(body: JsonObject): TemplateLayer {
  const { settings, mappings, aliases } = body;
  return {
    ...(settings === undefined ? {} : { settings }),
    ...(mappings === undefined ? {} : { mappings }),
    ...(aliases === undefined ? {} : { aliases }),
  };
}

function renderLayer(layer: TemplateLayer, flat: boolean): TemplateLayer {
  const { settings, mappings, aliases } = layer;
  const entries = [...flattenSettings(settings ?? {})]
    .filter((entry) => entry[1] !== null)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    ...(settings === undefined
      ? {}
      : { settings: flat ? Object.fromEntries(entries) : nestSettings(entries) }),
    ...(mappings === undefined ? {} : { mappings }),
    ...(aliases === undefined ? {} : { aliases }),
  };
}

/**
 * A template that could not make an index is refused when it is put, not when the index is made.
 */
function checkLayer(cluster: Cluster, layer: TemplateLayer): void {
  checkIndexSettings(flattenSettings(layer.settings ?? {}));
  cluster.mappingsOfLayers([layer]);
}

function selectNames(templates: ReadonlyMap<string, unknown>, request: EsRequest): string[] {
  const patterns = (request.pathParameters["name"] ?? "*").split(",").map(simplePattern);
  return [...templates.keys()]
    .filter((name) => patterns.some((pattern) => pattern.test(name)))
    .sort();
}

function requireNames(
  templates: ReadonlyMap<string, unknown>,
  request: EsRequest,
  what: string,
): string[] {
  const names = selectNames(templates, request);
  const given = request.pathParameters["name"];
  if (names.length === 0 && given !== undefined && !given.includes("*"))
    throw resourceNotFound(`${what} [${given}] not found`);
  return names;
}

function remove(
  cluster: Cluster,
  templates: Map<string, unknown>,
  request: EsRequest,
  type: string,
  what: string,
): EsReply {
  const given = request.pathParameters["name"] ?? "";
  const names = selectNames(templates, request);
  if (names.length === 0 && given !== "*") {
    throw new EsError(404, type, `${what} [${given}] missing`);
  }
  for (const name of names) templates.delete(name);
  cluster.stateVersion++;
  return jsonReply(acknowledged);
}

function invalidTemplate(name: string, reason: string): EsError {
  return new EsError(
    400,
    "invalid_index_template_exception",
    `index_template [${name}] invalid, cause [${reason}]`,
  );
}

function refuseUnknown(body: JsonObject, known: ReadonlySet<string>, what: string): void {
  for (const name of Object.keys(body)) {
    if (!known.has(name))
      throw new EsError(400, "x_content_parse_exception", `[${what}] unknown field [${name}]`).at(
        body,
        name,
        "key",
      );
  }
}
