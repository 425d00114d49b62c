// What composable, component and legacy templates have in common: layers of settings, mappings and
// aliases, and the choice of templates by name.
import type { estypes } from "@elastic/elasticsearch";
import { EsError, illegalArgument, notSupported } from "../../es-error.ts";
import { isObject, type JsonObject } from "../../json/json-value.ts";
import { jsonReply, type EsReply, type EsRequest } from "../../rest/es-request.ts";
import { type AliasMetadata, toAliasMetadata } from "../../store/alias-metadata.ts";
import type { Cluster } from "../../store/cluster.ts";
import { checkTimestampField } from "../../store/data-streams.ts";
import { checkIndexSettings, flattenSettings, nestSettings } from "../../store/index-settings.ts";
import { settingsOfLayers } from "../../store/index-builder.ts";
import { checkIndexSort } from "../../store/index-sort.ts";
import type { TemplateLayer } from "../../store/templates.ts";
import { simplePattern } from "../../text/simple-pattern.ts";
import { resourceNotFound } from "../mappings.ts";
import { asReadByJava } from "../../json/odd-numbers.ts";

export const acknowledged: estypes.AcknowledgedResponseBase = { acknowledged: true };

export function toLayer(body: JsonObject): TemplateLayer {
  const { settings, mappings, aliases, lifecycle, data_stream_options: options } = body;
  checkStreamOptions(options);
  return {
    ...(settings === undefined ? {} : { settings }),
    ...(mappings === undefined ? {} : { mappings: asReadByJava(mappings) }),
    ...(isObject(aliases) ? { aliases: toAliases(asReadByJava(aliases) as JsonObject) } : {}),
    ...(lifecycle === undefined ? {} : { lifecycle }),
    ...(options === undefined ? {} : { data_stream_options: options }),
  };
}

/** @throws {EsError} 400 for documents that would be kept although they fail */
function checkStreamOptions(options: unknown): void {
  const store = isObject(options) ? (options["failure_store"] ?? undefined) : undefined;
  const isOff = isObject(store) && store["enabled"] === false && store["lifecycle"] === undefined;
  if (store === undefined || isOff) return;
  throw notSupported("failure stores");
}

/** `routing` stands for both kinds of routing. */
export function toAliases(aliases: JsonObject): Record<string, AliasMetadata> {
  if (Object.hasOwn(aliases, "")) throw illegalArgument("alias name is required");
  return Object.fromEntries(
    Object.entries(aliases).map(([name, definition]) => [
      name,
      toAliasMetadata(fitting(definition)),
    ]),
  );
}

/** Members of an alias that are of the kind that they should be; the server passes over others. */
function fitting(definition: unknown): JsonObject {
  if (!isObject(definition)) return {};
  if (typeof definition["filter"] === "string") throw notSupported("[filter] as a text");
  return Object.fromEntries(
    Object.entries(definition).filter(([name, value]) => {
      if (name === "filter") return true;
      return typeof value === (name.startsWith("is_") ? "boolean" : "string");
    }),
  );
}

export function renderLayer(layer: TemplateLayer, flat: boolean): TemplateLayer {
  const { settings, mappings, aliases, lifecycle, data_stream_options: options } = layer;
  const entries = [...flattenSettings(settings ?? {})].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    ...(settings === undefined
      ? {}
      : { settings: flat ? Object.fromEntries(entries) : nestSettings(entries) }),
    ...(isObject(mappings) && Object.keys(mappings).length === 0 ? {} : { mappings }),
    ...(aliases === undefined ? {} : { aliases }),
    ...(isObject(lifecycle) ? { lifecycle: { enabled: true, ...lifecycle } } : {}),
    ...(options === undefined ? {} : { data_stream_options: options }),
  };
}

/**
 * A template that could not make an index is refused when it is put, not when the index is made.
 */
export function checkLayer(cluster: Cluster, layer: TemplateLayer): void {
  checkIndexSettings(flattenSettings(layer.settings ?? {}));
  checkIndexSort(settingsOfLayers([layer]));
  const mappings = cluster.builder.mappingsOfLayers([layer]);
  if (mappings.hasTimestamp) checkTimestampField(mappings);
}

export function selectNames(templates: ReadonlyMap<string, unknown>, request: EsRequest): string[] {
  const patterns = (request.pathParameters["name"] ?? "*").split(",").map(simplePattern);
  return [...templates.keys()]
    .filter((name) => patterns.some((pattern) => pattern.test(name)))
    .sort();
}

/** Templates that one name or pattern means; a comma is part of it. */
export function requireNames(
  templates: ReadonlyMap<string, unknown>,
  request: EsRequest,
  what: string,
): string[] {
  const given = request.pathParameters["name"];
  const pattern = simplePattern(given ?? "*");
  const names = [...templates.keys()].filter((name) => pattern.test(name)).sort();
  if (names.length === 0 && given !== undefined && !given.includes("*"))
    throw resourceNotFound(`${what} [${given}] not found`);
  return names;
}

/** 404 for a name or pattern that nothing has, 200 for a list of all, be it empty. */
export function statusOf(request: EsRequest, names: readonly string[]): number {
  return names.length > 0 || request.pathParameters["name"] === undefined ? 200 : 404;
}

/** Templates that are to be removed: those of one pattern, or of several names. */
export function namesToRemove(
  templates: ReadonlyMap<string, unknown>,
  request: EsRequest,
  missing: (names: string) => EsError,
): string[] {
  const given = request.pathParameters["name"] ?? "";
  const listed = given.split(",");
  if (listed.length > 1) {
    const unknown = listed.filter((name) => !templates.has(name));
    if (unknown.length > 0) throw missing(unknown.join(","));
    return listed;
  }
  const names = selectNames(templates, request);
  if (names.length === 0 && given !== "*") throw missing(given);
  return names;
}

export function indexTemplateMissing(names: string): EsError {
  const reason = `index_template [${names}] missing`;
  return new EsError(404, "index_template_missing_exception", reason);
}

export function removeTemplates(
  cluster: Cluster,
  templates: Map<string, unknown>,
  names: readonly string[],
): EsReply {
  for (const name of names) templates.delete(name);
  cluster.stateVersion++;
  return jsonReply(acknowledged);
}
