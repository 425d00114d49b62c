/** Stored scripts and search templates. */
import { EsError, illegalArgument, notSupported } from "../es-error.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { isObject, jsonText, textOf } from "../json/json-value.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import { readScript, runScript } from "../script/script.ts";
import { compileTemplate } from "../script/template.ts";
import { textOfValue } from "../script/values.ts";
import type { Cluster } from "../store/cluster.ts";

/** `_scripts`. */
export const scriptRoutes: readonly Route[] = [
  ...routesOf(
    "put_script",
    "required",
    ["PUT,POST /_scripts/{id}", "PUT,POST /_scripts/{id}/{context}"],
    put,
  ),
  ...routesOf(
    "scripts_painless_execute",
    "optional",
    ["GET,POST /_scripts/painless/_execute"],
    execute,
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

/** Runs a script by itself, in the context `painless_test`. */
function execute(request: EsRequest): EsReply {
  const body = parseObjectBody(request.body);
  const given = body?.["script"];
  if (given === undefined) throw illegalArgument("Required [script]");
  const context = textOf(body?.["context"] ?? "painless_test");
  if (context !== "painless_test") throw notSupported(`the script context [${context}]`);
  try {
    return jsonReply({ result: textOfValue(runScript(readScript(given), { variables: {} })) });
  } catch (error) {
    throw scriptExceptionIn(error) ?? error;
  }
}

/** The exception of the script itself; `undefined` for another error. */
function scriptExceptionIn(error: unknown): EsError | undefined {
  const cause = error instanceof EsError ? error.extra["caused_by"] : undefined;
  if (!isObject(cause) || cause["type"] !== "script_exception") return undefined;
  const { type, reason, ...rest } = cause;
  const { caused_by: _below, ...root } = cause;
  return new EsError(400, textOf(type), textOf(reason), { root_cause: [root], ...rest });
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
