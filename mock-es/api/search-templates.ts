/** Searches that are made of templates. */
import { EsError, validationFailed, xContentParseException } from "../es-error.ts";
import { parseExactJson } from "../json/exact-numbers.ts";
import { bodyText, parseJson, parseObjectBody } from "../json/json-body.ts";
import { isObject, type JsonObject, jsonText, textOf } from "../json/json-value.ts";
import { completeError } from "../rest/error-completion.ts";
import { type EsReply, type EsRequest, jsonTextReply } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import { compileTemplate } from "../script/template.ts";
import type { Cluster } from "../store/cluster.ts";
import { multiSearchOf } from "./multi-search.ts";
import { searchOnce } from "./search.ts";

/** `_search/template`, `_msearch/template` and `_render/template`. */
export const searchTemplateRoutes: readonly Route[] = [
  ...routesOf(
    "search_template",
    "required",
    ["GET,POST /_search/template", "GET,POST /{index}/_search/template"],
    searchTemplate,
  ),
  ...routesOf(
    "msearch_template",
    "required",
    ["GET,POST /_msearch/template", "GET,POST /{index}/_msearch/template"],
    multiSearchTemplate,
  ),
  ...routesOf(
    "render_search_template",
    "optional",
    ["GET,POST /_render/template", "GET,POST /_render/template/{id}"],
    render,
  ),
];

const members = ["id", "source", "params", "explain", "profile"];

/** The text that comes of a body that names or holds a template. */
function fill(
  cluster: Cluster,
  body: JsonObject,
  isRendered: boolean,
  params: unknown = body["params"],
): string {
  for (const key of Object.keys(body)) {
    if (!members.includes(key))
      throw xContentParseException(`[search_template] unknown field [${key}]`).at(body, key, "key");
  }
  const source = templateSource(cluster, body);
  if (source === undefined || source === "")
    throw validationFailed(
      "template is missing",
      ...(body["source"] === undefined ? ["template's script type is missing"] : []),
    );
  const text = compileTemplate(source)(isObject(params) ? params : {});
  const value = parseJson(text);
  if (isRendered || !isObject(value)) return text;
  const { explain, profile } = body;
  if (explain === undefined && profile === undefined) return text;
  return jsonText({
    ...value,
    ...(explain === undefined ? {} : { explain }),
    ...(profile === undefined ? {} : { profile }),
  });
}

/** The parameters of a body, so that `1.0` is no `1`. */
function exactParams({ body }: EsRequest): unknown {
  const exact = body.length === 0 ? undefined : parseExactJson(bodyText(body));
  return isObject(exact) ? exact["params"] : undefined;
}

/**
 * The text of a template that is named by its id, or stands there itself.
 *
 * @throws {EsError} 404 for a stored template that is not there
 */
export function templateSource(cluster: Cluster, body: JsonObject): string | undefined {
  const { id, source } = body;
  if (id === undefined || id === null) return source === undefined ? undefined : textOf(source);
  const stored = cluster.objects.scripts.get(textOf(id));
  if (stored !== undefined) return stored.source;
  throw new EsError(
    404,
    "resource_not_found_exception",
    `unable to find script [${textOf(id)}] in cluster state`,
  );
}

function searchTemplate(request: EsRequest, cluster: Cluster): EsReply {
  const text = fill(cluster, parseObjectBody(request.body) ?? {}, false, exactParams(request));
  // The body of the search is another one than that of the request, and so are places in it.
  try {
    return searchOnce({ ...request, body: Buffer.from(text) }, cluster);
  } catch (error) {
    throw error instanceof EsError ? completeError(error, cluster, text) : error;
  }
}

function multiSearchTemplate(request: EsRequest, cluster: Cluster): EsReply {
  return multiSearchOf(request, cluster, (body) => {
    const text = fill(cluster, body, false);
    return parseObjectBody(Buffer.from(text)) ?? {};
  });
}

function render(request: EsRequest, cluster: Cluster): EsReply {
  const body = parseObjectBody(request.body) ?? {};
  const { id } = request.pathParameters;
  const text = fill(cluster, id === undefined ? body : { ...body, id }, true, exactParams(request));
  return jsonTextReply(`{"template_output":${text.trim()}}`);
}
