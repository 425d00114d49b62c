/** Stored scripts and search templates. */
import { EsError, illegalArgument, notSupported } from "../es-error.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { isObject, jsonText, textOf } from "../json/json-value.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import { readScript } from "../script/script.ts";
import { compileTemplate } from "../script/template.ts";
import type { Cluster } from "../store/cluster.ts";

/** `_scripts`. */
export const scriptRoutes: readonly Route[] = [
  ...routesOf(
    "put_script",
    "required",
    ["PUT,POST /_scripts/{id}", "PUT,POST /_scripts/{id}/{context}"],
    put,
  ),
  ...routesOf("get_script", "none", ["GET /_scripts/{id}"], get),
  ...routesOf("delete_script", "none", ["DELETE /_scripts/{id}"], remove),
];

function put(request: EsRequest, cluster: Cluster): EsReply {
  const id = request.pathParameters["id"] ?? "";
  const body = parseObjectBody(request.body);
  const script = body?.["script"];
  if (!isObject(script)) throw illegalArgument("must specify <script> for stored script");
  if (script["lang"] === undefined) throw illegalArgument("must specify lang for stored script");
  const lang = textOf(script["lang"]);
  if (lang !== "painless" && lang !== "mustache")
    throw lang === "expression"
      ? notSupported(`the script language [${lang}]`)
      : illegalArgument(`unable to put stored script with unsupported lang [${lang}]`);
  const given = script["source"];
  if (given === undefined) throw illegalArgument("must specify source for stored script");
  const source = typeof given === "string" ? given : jsonText(given);
  if (lang === "painless") readScript({ source });
  else compileTemplate(source);
  const contentType = typeof given === "string" ? undefined : "application/json;charset=utf-8";
  cluster.objects.scripts.set(id, { lang, source, contentType });
  return jsonReply({ acknowledged: true });
}

function get(request: EsRequest, cluster: Cluster): EsReply {
  const id = request.pathParameters["id"] ?? "";
  const script = cluster.objects.scripts.get(id);
  if (script === undefined) return jsonReply({ _id: id, found: false }, 404);
  const { lang, source, contentType } = script;
  const options = contentType === undefined ? {} : { options: { content_type: contentType } };
  return jsonReply({ _id: id, found: true, script: { lang, source, ...options } });
}

function remove(request: EsRequest, cluster: Cluster): EsReply {
  const id = request.pathParameters["id"] ?? "";
  if (!cluster.objects.scripts.delete(id)) {
    throw new EsError(
      404,
      "resource_not_found_exception",
      `stored script [${id}] does not exist and cannot be deleted`,
    );
  }
  return jsonReply({ acknowledged: true });
}
