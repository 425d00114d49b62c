import { EsError, illegalArgument, notSupported } from "../../es-error.ts";
import { emptyReply, jsonReply, type EsReply, type EsRequest } from "../../rest/es-request.ts";
import { parseObjectBody } from "../../json/json-body.ts";
import { routesOf, type Route } from "../../rest/route.ts";
import type { Cluster } from "../../store/cluster.ts";
import { warningHeader } from "../../rest/warning.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import { doubleText } from "../../json/java-number.ts";
import { toJavaText } from "../../values/java-text.ts";
import { checkAliasDefinitions } from "../alias-definitions.ts";
import { overlap } from "./index-templates.ts";
import {
  acknowledged,
  checkLayer,
  indexTemplateMissing,
  removeTemplates,
  renderLayer,
  selectNames,
  statusOf,
  toLayer,
} from "./template-layers.ts";
import { checkAliasNames, checkNames, hidesEverything } from "./template-names.ts";
import { checkIndexSettings, flattenSettings } from "../../store/index-settings.ts";

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
    removeTemplates(cluster, cluster.templates.legacy, legacyToRemove(request, cluster)),
  ),
];

/** A legacy template is removed by one name or pattern; a comma is part of it. */
function legacyToRemove(request: EsRequest, cluster: Cluster): string[] {
  const given = request.pathParameters["name"] ?? "";
  const names = given.includes(",") ? [] : selectNames(cluster.templates.legacy, request);
  if (names.length === 0 && given !== "*") throw indexTemplateMissing(given);
  return names;
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
  const { patterns, order, version } = readLegacy(body);
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
  if (isObject(body["aliases"])) checkAliasDefinitions(body["aliases"]);
  const layer = toLayer(body);
  cluster.beginAction();
  checkIndexSettings(flattenSettings(layer.settings ?? {}));
  const hidden = "global templates may not specify the setting index.hidden";
  checkNames(name, patterns, hidesEverything(layer, patterns) ? [hidden] : []);
  checkAliasNames(layer, patterns);
  const warning = checkComposable(cluster, name, patterns);
  checkLayer(cluster, layer);
  cluster.templates.legacy.set(name, {
    ...layer,
    index_patterns: patterns,
    order: request.query.integer("order") ?? order,
    ...(version === undefined ? {} : { version }),
  });
  const headers = warning === undefined ? undefined : warningHeader(cluster, warning);
  return jsonReply(acknowledged, 200, headers);
}

/** @throws {EsError} 400 for members of another kind */
function readLegacy(body: JsonObject): {
  readonly patterns: readonly string[];
  readonly order: number;
  readonly version: number | undefined;
} {
  const { index_patterns: patterns, settings, mappings, aliases, version } = body;
  const isList = Array.isArray(patterns) && !patterns.includes(null);
  if (patterns !== undefined && typeof patterns !== "string" && !isList)
    throw illegalArgument(
      "Malformed [index_patterns] value, should be a string or a list of strings",
    );
  if (settings !== undefined && !isObject(settings))
    throw illegalArgument("Malformed [settings] section, should include an inner object");
  // The server fails with a status of 500.
  for (const part of [mappings, aliases])
    if (part !== undefined && !isObject(part)) throw notSupported("such a part of a template");
  if (version !== undefined && (!Number.isInteger(version) || Number(version) > maxInteger))
    throw illegalArgument("Malformed [version] value, should be an integer");
  return {
    patterns: [patterns ?? []].flat().map(toJavaText),
    order: readOrder(body["order"] ?? 0),
    version: version === undefined ? undefined : Number(version),
  };
}

const maxInteger = 2 ** 31 - 1;

function readOrder(given: unknown): number {
  const order = typeof given === "number" ? given : Number(textOf(given) || NaN);
  if (typeof given === "number" && (!Number.isInteger(order) || Math.abs(order) >= 2 ** 63))
    throw illegalArgument(`${doubleText(order)} is not an integer value`);
  // The server fails with a status of 500.
  if (typeof given === "number" && order > maxInteger) throw notSupported("such an [order]");
  if (Number.isInteger(order)) return order;
  throw new EsError(400, "number_format_exception", `For input string: "${textOf(given)}"`);
}

/**
 * What there is to warn of when composable templates take what a legacy one is for.
 *
 * @throws {EsError} 400 for a new template, unless it is for everything
 */
function checkComposable(
  cluster: Cluster,
  name: string,
  patterns: readonly string[],
): string | undefined {
  // One of the same name is no rival.
  const rivals = [...cluster.templates.index].filter(
    ([other, rival]) => other !== name && overlap(rival.index_patterns, patterns),
  );
  if (rivals.length === 0) return undefined;
  const names = rivals.map(([rival]) => rival).join(",");
  const shown = rivals.map(([rival, template]) => `${rival} => ${shownList(template)}`).join(",");
  const clash = `legacy template [${name}] has index patterns [${patterns.join(", ")}] matching patterns from existing composable templates [${names}] with patterns (${shown})`;
  if (!cluster.templates.legacy.has(name) && !patterns.includes("*"))
    throw illegalArgument(`${clash}, use composable templates (/_index_template) instead`);
  return `${clash}; this template [${name}] may be ignored in favor of a composable template at index creation time`;
}

function shownList({ index_patterns: patterns }: { readonly index_patterns: readonly string[] }) {
  return `[${patterns.join(", ")}]`;
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
  return jsonReply(value, statusOf(request, names));
}
