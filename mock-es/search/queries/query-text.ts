/** The text of `query_string` and `simple_query_string`. */
import { parsingException } from "../../es-error.ts";
import { isObject, type JsonObject } from "../../json/json-value.ts";

/** @throws {EsError} for a `query` that is a list or an object */
export function checkQueryText(name: string, body: JsonObject): void {
  const { query } = body;
  if (Array.isArray(query))
    throw parsingException(`[${name}] query does not support [query]`).at(body, "query");
  if (isObject(query))
    throw parsingException(`[${name}] unknown token [START_OBJECT] after [query]`).at(
      body,
      "query",
    );
}
