/** Reads the bodies of queries over users, roles and API keys. */
import {
  illegalArgument,
  notSupported,
  parsingException,
  validationFailed,
  xContentParseException,
} from "../../es-error.ts";
import { isObject, type JsonObject, tokenOf } from "../../json/json-value.ts";
import { parseShape, type Shape } from "../../json/object-parser.ts";
import { findUnreadable } from "../../search/shard-search.ts";

/** What is queried, as the names of the server's parsers have it. */
export type QueriedKind = "api_key" | "role" | "user";

/**
 * Reads a body; which fields are asked for is not looked at.
 *
 * @throws {EsError} 400 for the first thing that is wrong
 */
export function readQueryBody(kind: QueriedKind, body: JsonObject): JsonObject {
  const read = parseShape(shapeOf(kind), body);
  const problems = ["from", "size"].flatMap((name) => {
    const value = Number(read[name] ?? 0);
    return value < 0 ? [`[${name}] parameter cannot be negative but was [${value}]`] : [];
  });
  if (problems.length > 0) throw validationFailed(...problems);
  return body;
}

function shapeOf(kind: QueriedKind): Shape<JsonObject> {
  const refused = {
    kind: "any",
    read: (_value: unknown, _holder: JsonObject, key: string): never => {
      throw notSupported(`[${key}] of such a query`);
    },
  } as const;
  return {
    name: `query_${kind}_request_payload`,
    members: {
      query: { kind: "object", read: readQuery },
      aggs: refused,
      aggregations: refused,
      from: { kind: "int" },
      size: { kind: "int" },
      sort: { kind: "objects", reads: "whole", read: readSortOf(kind) },
      search_after: { kind: "any", reads: "whole", read: readAfter },
    },
    build: (values) => values,
  };
}

function readQuery(query: unknown): unknown {
  const unreadable = findUnreadable({ query });
  if (unreadable !== undefined) throw unreadable;
  return query;
}

const readSortOf =
  (kind: QueriedKind) =>
  (sort: unknown, holder: JsonObject, key: string): unknown => {
    const isList = Array.isArray(sort);
    for (const [at, entry] of (isList ? (sort as readonly unknown[]) : [sort]).entries()) {
      if (typeof entry === "string") continue;
      if (!isObject(entry)) {
        const reason = kind === "role" ? "malformed sort object" : "mal-formatted sort object";
        throw illegalArgument(reason).standingAt(isList ? sort : holder, isList ? String(at) : key);
      }
      for (const [field, order] of Object.entries(entry))
        if (!isObject(order)) {
          const reason = `[field_sort] Expected START_OBJECT but was: ${tokenOf(order)}`;
          throw xContentParseException(reason).at(entry, field);
        }
      const unreadable = findUnreadable({ sort: [entry] });
      if (unreadable !== undefined) throw unreadable;
    }
    return sort;
  };

function readAfter(values: unknown, holder: JsonObject, key: string): unknown {
  if (Array.isArray(values)) return values;
  const found = `found [${tokenOf(values)}] inside search_after`;
  throw parsingException(`Expected [START_ARRAY] in [search_after] but ${found}`).at(holder, key);
}
