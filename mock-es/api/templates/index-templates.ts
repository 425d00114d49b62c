import { isObject, type JsonObject } from "../../json/json-value.ts";
import {
  EsError,
  type EsErrorCause,
  illegalArgument,
  isRefusal,
  validationFailed,
} from "../../es-error.ts";
import { jsonReply, type EsReply, type EsRequest } from "../../rest/es-request.ts";
import { parseObjectBody } from "../../json/json-body.ts";
import { routesOf, type Route } from "../../rest/route.ts";
import { warningHeader } from "../../rest/warning.ts";
import type { Cluster } from "../../store/cluster.ts";
import { checkTimestampField, timestampMapping } from "../../store/data-streams.ts";
import type { DataStreamTemplate } from "../../store/index-state.ts";
import { checkIndexSettings, flattenSettings } from "../../store/index-settings.ts";
import { settingsOfLayers } from "../../store/index-builder.ts";
import { checkIndexSort } from "../../store/index-sort.ts";
import { checkCopies } from "../../store/setting-formats.ts";
import { checkComposedShards, routingProblem } from "../../store/shard-numbers.ts";
import type { IndexTemplate, TemplateLayer } from "../../store/templates.ts";
import { checkAliasFilter } from "../alias-definitions.ts";
import { parseShape } from "../../json/object-parser.ts";
import { indexTemplateShape } from "./template-shapes.ts";
import { toTexts } from "../../json/coerce.ts";
import {
  acknowledged,
  indexTemplateMissing,
  namesToRemove,
  removeTemplates,
  renderLayer,
  requireNames,
  statusOf,
  toLayer,
} from "./template-layers.ts";
import { checkAliasNames, checkNames, hidesEverything } from "./template-names.ts";
import { asReadByJava } from "../../json/odd-numbers.ts";

/** Composable templates. */
export const indexTemplateRoutes: readonly Route[] = [
  ...routesOf(
    "indices.put_index_template",
    "required",
    ["PUT,POST /_index_template/{name}"],
    putIndexTemplate,
    ({ body }) => {
      parseShape(indexTemplateShape, parseObjectBody(body) ?? {});
    },
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
    removeIndexTemplate,
  ),
];

function putIndexTemplate(request: EsRequest, cluster: Cluster): EsReply {
  const name = request.pathParameters["name"] ?? "";
  const body = parseObjectBody(request.body) ?? {};
  if (request.query.flag("create", false) && cluster.templates.index.has(name)) {
    throw illegalArgument(`index template [${name}] already exists`);
  }
  const template = readIndexTemplate(cluster, name, body);
  const now = cluster.entropy.nowMs();
  const created = cluster.templates.index.get(name)?.created_date_millis ?? now;
  cluster.templates.index.set(name, {
    ...template,
    created_date_millis: created,
    modified_date_millis: now,
  });
  cluster.stateVersion++;
  return jsonReply(acknowledged, 200, legacyWarning(cluster, name, template.index_patterns));
}

/** Says which legacy templates have no effect any more where the new one applies. */
function legacyWarning(
  cluster: Cluster,
  name: string,
  patterns: readonly string[],
): readonly string[] | undefined {
  const rivals = [...cluster.templates.legacy].filter(([, legacy]) =>
    overlap(legacy.index_patterns, patterns),
  );
  if (rivals.length === 0) return undefined;
  const shown = rivals.map(([rival, { index_patterns: own }]) => `${rival} => [${own.join(", ")}]`);
  const message = `index template [${name}] has index patterns [${patterns.join(", ")}] matching patterns from existing older templates [${rivals.map(([rival]) => rival).join(",")}] with patterns (${shown.join(",")}); this template [${name}] will take precedence during new index creation`;
  return warningHeader(cluster, message);
}

/**
 * Reads a template and checks whether it could be put.
 *
 * @throws {EsError} 400
 */
export function readIndexTemplate(
  cluster: Cluster,
  name: string,
  given: JsonObject,
): IndexTemplate {
  const body = parseShape(indexTemplateShape, given);
  const patterns = toTexts(body["index_patterns"]);
  if (patterns.length === 0) cluster.beginAction();
  if (patterns.length === 0)
    throw illegalArgument("There must be at least one pattern, zero given");
  if (Number(body["priority"] ?? 0) < 0)
    throw validationFailed("index template priority must be >= 0");
  const template = toIndexTemplate(body, patterns);
  if (hidesEverything(template.template ?? {}, patterns))
    throw validationFailed("global composable templates may not specify the setting index.hidden");
  checkComponents(cluster, name, template);
  checkOverlap(cluster, name, template);
  checkSettings(name, template.template ?? {}, patterns);
  checkComposition(cluster, name, template);
  return template;
}

/** @throws {EsError} 400 for a template that could make no index with its components */
function checkComposition(cluster: Cluster, name: string, template: IndexTemplate): void {
  const layers = cluster.templates.layersOf(template);
  try {
    const settings = settingsOfLayers(layers);
    checkIndexSort(settings);
    checkComposedShards(settings, `validate-template-${cluster.identifiers.uuid().toLowerCase()}`);
    checkCopies(settings.text("index.write.wait_for_active_shards"), 0);
  } catch (error) {
    throw invalidWhenComposed(name, error);
  }
  const mappings = cluster.builder.mappingsOfLayers([template.template ?? {}]);
  try {
    for (const { aliases } of layers)
      for (const [alias, metadata] of Object.entries(aliases ?? {}))
        checkAliasFilter(cluster, { name, mappings }, alias, metadata);
  } catch (error) {
    throw invalidWhenComposed(name, error);
  }
  if (template.data_stream !== undefined)
    checkTimestamp(cluster, name, [{ mappings: timestampMapping }, ...layers]);
  else if (marksTimestamp(layers)) checkTimestamp(cluster, name, layers);
  else if (layers.some(({ lifecycle }) => isObject(lifecycle)))
    throw illegalArgument(
      `index template [${name}] specifies lifecycle configuration that can only be used in combination with a data stream`,
    );
  else if (layers.some(({ data_stream_options: options }) => isObject(options)))
    throw illegalArgument(
      `index template [${name}] specifies data stream options that can only be used in combination with a data stream`,
    );
}

/** True for mappings that say of themselves that they are those of a data stream. */
function marksTimestamp(layers: readonly TemplateLayer[]): boolean {
  const last = layers
    .flatMap(({ mappings }) => (isObject(mappings) ? [mappings["_data_stream_timestamp"]] : []))
    .findLast(isObject);
  return last?.["enabled"] === true;
}

/** @throws {EsError} 400 for mappings that no data stream can have */
function checkTimestamp(cluster: Cluster, name: string, layers: readonly TemplateLayer[]): void {
  const mappings = cluster.builder.mappingsOfLayers(layers);
  try {
    checkTimestampField(mappings);
  } catch (error) {
    if (!(error instanceof EsError)) throw error;
    const reason = `invalid composite mappings for [${name}]`;
    throw invalidWhenComposed(name, illegalArgument(reason, { caused_by: error.toCause() }));
  }
}

/** @throws what is no refusal of the server */
function invalidWhenComposed(name: string, error: unknown): EsError {
  if (!(error instanceof EsError) || isRefusal(error)) throw error;
  const reason = `composable template [${name}] template after composition is invalid`;
  return illegalArgument(reason, { caused_by: error.toCause() });
}

/** @throws {EsError} 400 `invalid_index_template_exception` with all that is wrong */
function checkSettings(name: string, layer: TemplateLayer, patterns: readonly string[]): void {
  checkNames(name, patterns, problemsOfSettings(layer));
  checkAliasNames(layer, patterns);
}

function problemsOfSettings({ settings }: TemplateLayer): string[] {
  try {
    const flat = flattenSettings(settings ?? {});
    checkIndexSettings(flat);
    const given = settingsOfLayers([{ settings }]);
    const problem = given.has("index.number_of_shards") ? routingProblem(given) : undefined;
    return problem === undefined ? [] : [problem];
  } catch (error) {
    if (!(error instanceof EsError) || isRefusal(error)) throw error;
    if (error.type !== "illegal_argument_exception") throw error;
    const { suppressed = [] } = error.extra;
    return [error, ...(suppressed as readonly EsErrorCause[])].map(({ reason }) => reason);
  }
}

function toIndexTemplate(body: JsonObject, patterns: readonly string[]): IndexTemplate {
  return {
    index_patterns: patterns,
    ...(isObject(body["template"]) ? { template: toLayer(body["template"]) } : {}),
    composed_of: toTexts(body["composed_of"]),
    ...(typeof body["priority"] === "number" ? { priority: body["priority"] } : {}),
    ...(typeof body["version"] === "number" ? { version: body["version"] } : {}),
    ...(isObject(body["_meta"]) ? { _meta: asReadByJava(body["_meta"]) as JsonObject } : {}),
    ...(typeof body["deprecated"] === "boolean" ? { deprecated: body["deprecated"] } : {}),
    ...(typeof body["allow_auto_create"] === "boolean"
      ? { allow_auto_create: body["allow_auto_create"] }
      : {}),
    ...(isObject(body["data_stream"]) ? { data_stream: toStreamOptions(body["data_stream"]) } : {}),
    ...(body["ignore_missing_component_templates"] === undefined
      ? {}
      : {
          ignore_missing_component_templates: toTexts(body["ignore_missing_component_templates"]),
        }),
  };
}

function toStreamOptions(body: JsonObject): DataStreamTemplate {
  return {
    hidden: body["hidden"] === true,
    allow_custom_routing: body["allow_custom_routing"] === true,
  };
}

function removeIndexTemplate(request: EsRequest, cluster: Cluster): EsReply {
  const names = namesToRemove(cluster.templates.index, request, indexTemplateMissing);
  for (const name of names) {
    const users = [...cluster.dataStreams.values()].filter(({ template }) => template === name);
    if (users.length > 0)
      throw illegalArgument(
        `unable to remove composable templates [${name}] as they are in use by a data streams [${users.map((stream) => stream.name).join(", ")}]`,
      );
  }
  return removeTemplates(cluster, cluster.templates.index, names);
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

/** True when some name fits both lists of patterns. */
export function overlap(a: readonly string[], b: readonly string[]): boolean {
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
  if (request.pathParameters["name"]?.includes(",") === true)
    throw illegalArgument("template name may not contain ','");
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
  return jsonReply(value, statusOf(request, names));
}

function invalidTemplate(name: string, reason: string): EsError {
  return new EsError(
    400,
    "invalid_index_template_exception",
    `index_template [${name}] invalid, cause [${reason}]`,
  );
}
