import { parseShape } from "../../json/object-parser.ts";
import { componentTemplateShape } from "./template-shapes.ts";
import { isObject, type JsonObject } from "../../json/json-value.ts";
import { EsError, illegalArgument } from "../../es-error.ts";
import { jsonReply, type EsReply, type EsRequest } from "../../rest/es-request.ts";
import { parseObjectBody } from "../../json/json-body.ts";
import { routesOf, type Route } from "../../rest/route.ts";
import type { Cluster } from "../../store/cluster.ts";
import {
  acknowledged,
  checkLayer,
  namesToRemove,
  removeTemplates,
  renderLayer,
  requireNames,
  statusOf,
  toLayer,
} from "./template-layers.ts";
import { checkAliasNames, checkNames } from "./template-names.ts";
import { asReadByJava } from "../../json/odd-numbers.ts";

/** Component templates, which composable ones are made of. */
export const componentTemplateRoutes: readonly Route[] = [
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
];

function putComponent(request: EsRequest, cluster: Cluster): EsReply {
  const name = request.pathParameters["name"] ?? "";
  const body = parseShape(componentTemplateShape, parseObjectBody(request.body) ?? {});
  if (request.query.flag("create", false) && cluster.templates.component.has(name)) {
    throw illegalArgument(`component template [${name}] already exists`);
  }
  cluster.beginAction();
  const layer = toLayer(isObject(body["template"]) ? body["template"] : {});
  checkLayer(cluster, layer);
  checkNames(name, []);
  checkAliasNames(layer, []);
  const now = cluster.entropy.nowMs();
  const created = cluster.templates.component.get(name)?.created_date_millis ?? now;
  cluster.templates.component.set(name, {
    template: layer,
    ...(typeof body["version"] === "number" ? { version: body["version"] } : {}),
    ...(isObject(body["_meta"]) ? { _meta: asReadByJava(body["_meta"]) as JsonObject } : {}),
    ...(typeof body["deprecated"] === "boolean" ? { deprecated: body["deprecated"] } : {}),
    created_date_millis: created,
    modified_date_millis: now,
  });
  return jsonReply(acknowledged);
}

function getComponent(request: EsRequest, cluster: Cluster): EsReply {
  const names = requireNames(cluster.templates.component, request, "component template matching");
  const flat = request.query.flag("flat_settings", false);
  const value = {
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
  };
  return jsonReply(value, statusOf(request, names));
}

function removeComponent(request: EsRequest, cluster: Cluster): EsReply {
  const names = namesToRemove(
    cluster.templates.component,
    request,
    (missing) => new EsError(404, "resource_not_found_exception", missing),
  );
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
  return removeTemplates(cluster, cluster.templates.component, names);
}
