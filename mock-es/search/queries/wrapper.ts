/** `wrapper`: a query as JSON in base64. */
import { EsError, illegalArgument, parsingException } from "../../es-error.ts";
import { parseJson } from "../../json/json-body.ts";
import { type JsonObject, textOf } from "../../json/json-value.ts";
import type { SearchContext } from "../fields/document.ts";
import type { Compile, CompiledQuery } from "./compiled-query.ts";

/** `wrapper`. */
export function parseWrapper(
  body: JsonObject,
  context: SearchContext,
  compile: Compile,
): CompiledQuery {
  const [name, second] = Object.keys(body);
  if (name === undefined)
    throw parsingException("[wrapper] query malformed").at(body, undefined, "end");
  if (name !== "query") {
    const reason = `[wrapper] query malformed, expected \`query\` but was ${name}`;
    throw parsingException(reason).at(body, name, "key");
  }
  if (second !== undefined)
    throw parsingException("[wrapper] query malformed").at(body, second, "key");
  return compile(queryInside(body), context);
}

/** The query in a `wrapper`. @throws {EsError} */
export function queryInside(body: JsonObject): unknown {
  const text = textOf(body["query"]);
  if (text === "") throw illegalArgument("query source text cannot be null or empty");
  const source = Buffer.from(text, "base64").toString("utf8").trim();
  if (!source.startsWith("{"))
    throw new EsError(400, "x_content_parse_exception", "Failed to derive xcontent");
  return parseJson(source);
}
