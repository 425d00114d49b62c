/** What the server can tell of a query without running it: whether it is one of nested objects. */
import { notSupported } from "../../es-error.ts";
import { isObject, jsonText } from "../../json/json-value.ts";
import type { FieldMappings } from "../fields/document.ts";

/** Queries of whose fields the server knows what they match. */
const known: ReadonlySet<string> = new Set(["match", "range", "term", "terms"]);

/** Queries that may become any other one. */
const written = ["query_string", "simple_query_string", "multi_match", "wrapper"];

/**
 * True for a query that may match documents that are no nested objects at a path, after
 * Elasticsearch's `NestedHelper`: what it does not know may match anything.
 *
 * @throws {EsError} 400 by name, for a query of which that is not known here
 */
export function mayMatchRoots(query: unknown, path: string, mappings: FieldMappings): boolean {
  if (!isObject(query)) return true;
  const [type = ""] = Object.keys(query);
  const body = query[type];
  if (!isObject(body)) return true;
  if (type === "match_none") return false;
  if (type === "constant_score") return mayMatchRoots(body["filter"], path, mappings);
  if (type === "bool") return mayBoolMatchRoots(body, path, mappings);
  const isInside = (field: string): boolean => field.startsWith(`${path}.`);
  if (written.includes(type)) {
    if (!jsonText(body).includes(`${path}.`)) return true;
    throw notSupported(`[${type}] over nested objects in a filter of [knn]`);
  }
  if (!known.has(type)) return true;
  const fields = Object.keys(body).filter((name) => name !== "boost" && name !== "_name");
  // Ranges of texts are no ranges of points.
  const isPoint = (field: string): boolean =>
    type !== "range" || !["keyword", "text"].includes(mappings.find(field)?.type ?? "keyword");
  return !fields.some((field) => isInside(field) && isPoint(field));
}

function mayBoolMatchRoots(
  body: Readonly<Record<string, unknown>>,
  path: string,
  mappings: FieldMappings,
): boolean {
  const clauses = (name: string): readonly unknown[] => [body[name] ?? []].flat();
  const required = [...clauses("must"), ...clauses("filter")];
  if (required.length > 0) return required.every((one) => mayMatchRoots(one, path, mappings));
  const should = clauses("should");
  return should.length === 0 || should.some((one) => mayMatchRoots(one, path, mappings));
}
