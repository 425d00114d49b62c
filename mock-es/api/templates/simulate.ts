/** What templates would make of an index that does not exist. */
import { illegalArgument, validationFailed } from "../../es-error.ts";
import { parseObjectBody } from "../../json/json-body.ts";
import { isObject } from "../../json/json-value.ts";
import { jsonReply, type EsReply, type EsRequest } from "../../rest/es-request.ts";
import { routesOf, type Route } from "../../rest/route.ts";
import type { Cluster } from "../../store/cluster.ts";
import { flattenSettings, nestSettings } from "../../store/index-settings.ts";
import type { IndexTemplate, TemplateLayer } from "../../store/templates.ts";
import { simplePattern } from "../../text/simple-pattern.ts";
import { overlap, readIndexTemplate } from "./index-templates.ts";
import { renderLayer, toAliases } from "./template-layers.ts";

/** `_simulate_index` and `_simulate`. */
export const simulateRoutes: readonly Route[] = [
  ...routesOf(
    "indices.simulate_index_template",
    "optional",
    ["POST /_index_template/_simulate_index/{name}"],
    simulateIndex,
  ),
  ...routesOf(
    "indices.simulate_template",
    "optional",
    ["POST /_index_template/_simulate", "POST /_index_template/_simulate/{name}"],
    simulateTemplate,
  ),
];

interface Named {
  readonly name: string;
  readonly template: IndexTemplate;
}

/** The template that an index of a name would be made of. */
function simulateIndex(request: EsRequest, cluster: Cluster): EsReply {
  const name = request.pathParameters["name"] ?? "";
  const given = givenTemplate(request, cluster, undefined);
  const fits = ({ index_patterns: patterns }: IndexTemplate): boolean =>
    patterns.some((pattern) => simplePattern(pattern).test(name));
  const candidates: Named[] = [...cluster.templates.index]
    .filter(([, template]) => fits(template))
    .map(([known, template]) => ({ name: known, template }));
  if (given !== undefined && fits(given.template)) candidates.push(given);
  candidates.sort((a, b) => (b.template.priority ?? 0) - (a.template.priority ?? 0));
  const [winner] = candidates;
  if (winner === undefined) return jsonReply({});
  const others = [
    ...[...cluster.templates.legacy]
      .filter(([, legacy]) => overlap(legacy.index_patterns, winner.template.index_patterns))
      .map(([known, legacy]) => ({ name: known, index_patterns: legacy.index_patterns })),
    ...candidates.slice(1).map((other) => ({
      name: other.name,
      index_patterns: other.template.index_patterns,
    })),
  ];
  return answer(cluster, winner.template, others);
}

/** A template by its name, or as the body has it, put together from its parts. */
function simulateTemplate(request: EsRequest, cluster: Cluster): EsReply {
  const name = request.pathParameters["name"];
  const given = givenTemplate(request, cluster, name);
  const known = name === undefined ? undefined : cluster.templates.index.get(name);
  const template = given?.template ?? known;
  if (template === undefined) {
    if (name === undefined)
      throw validationFailed(
        "either index name or index template body must be specified for simulation",
      );
    throw illegalArgument(`unable to simulate template [${name}] that does not exist`);
  }
  const others = [
    ...cluster.templates.legacy,
    ...[...cluster.templates.index].filter(([other]) => other !== name),
  ]
    .filter(([, other]) => overlap(other.index_patterns, template.index_patterns))
    .map(([other, { index_patterns: patterns }]) => ({ name: other, index_patterns: patterns }));
  return answer(cluster, template, others);
}

function givenTemplate(
  request: EsRequest,
  cluster: Cluster,
  name: string | undefined,
): Named | undefined {
  if (request.body.length === 0) return undefined;
  const shown = name ?? "simulate_index_template_00000000000000000000";
  const template = readIndexTemplate(cluster, shown, parseObjectBody(request.body) ?? {});
  if (
    request.query.flag("create", false) &&
    name !== undefined &&
    cluster.templates.index.has(name)
  )
    throw illegalArgument(`index template [${name}] already exists`);
  return { name: shown, template };
}

function answer(
  cluster: Cluster,
  template: IndexTemplate,
  overlapping: readonly { readonly name: string; readonly index_patterns: readonly string[] }[],
): EsReply {
  const layers = cluster.templates.layersOf(template);
  return jsonReply({ template: composed(cluster, layers), overlapping });
}

/** Layers put over each other. */
function composed(cluster: Cluster, layers: readonly TemplateLayer[]): Record<string, unknown> {
  const settings = new Map<string, unknown>();
  const aliases: Record<string, unknown> = {};
  for (const layer of layers) {
    for (const [name, value] of flattenSettings(layer.settings ?? {})) {
      if (value === null) settings.delete(name);
      else settings.set(name, value);
    }
    if (isObject(layer.aliases)) Object.assign(aliases, toAliases(layer.aliases));
  }
  const mappings = cluster.builder.mappingsOfLayers(layers).render();
  const lifecycle = layers.findLast((layer) => layer.lifecycle !== undefined);
  return {
    settings: nestSettings([...settings].sort(([a], [b]) => (a < b ? -1 : 1))),
    ...(Object.keys(mappings).length > 0 ? { mappings } : {}),
    aliases,
    ...(lifecycle === undefined ? {} : { lifecycle: renderLayer(lifecycle, false).lifecycle }),
  };
}
