/** Objects of `flattened` fields: checked as they arrive. */
import { notSupported } from "../es-error.ts";
import { isObject, type JsonObject } from "../json/json-value.ts";
import { checkValue } from "../search/fields/value-check.ts";
import { type DocumentPlace, valueRefused } from "./document-problem.ts";
import type { FieldNode } from "./field-node.ts";

/** `depth_limit` where a mapping does not say it (FlattenedFieldMapper). */
const defaultDepth = 20;

/**
 * Checks the value of a flattened field.
 *
 * @throws {EsError} 400 `document_parsing_exception` for what is no object, or too deep
 */
export function checkFlattened(
  place: DocumentPlace,
  field: string,
  node: FieldNode,
  value: unknown,
): void {
  const problem = checkValue(node, value);
  if (problem !== undefined) throw valueRefused(place, field, node.type, value, problem);
  const limit = Number(node.parameters["depth_limit"] ?? defaultDepth);
  if (isObject(value)) checkDepth(place, field, value, { depth: 1, limit });
}

function checkDepth(
  place: DocumentPlace,
  field: string,
  object: JsonObject,
  { depth, limit }: { readonly depth: number; readonly limit: number },
): void {
  if (depth > limit) {
    const reason = `The provided [flattened] field [${field}] exceeds the maximum depth limit of [${limit}].`;
    const problem = { type: "illegal_argument_exception", reason };
    throw valueRefused(place, field, "flattened", object, problem);
  }
  for (const [name, value] of Object.entries(object)) {
    if (name.includes("\0")) throw notSupported("a key with a zero byte in a flattened field");
    checkInside({ ...place, path: [...place.path, name] }, field, value, { depth, limit });
  }
}

function checkInside(
  place: DocumentPlace,
  field: string,
  value: unknown,
  { depth, limit }: { readonly depth: number; readonly limit: number },
): void {
  if (isObject(value)) checkDepth(place, field, value, { depth: depth + 1, limit });
  else if (Array.isArray(value)) {
    for (const [at, element] of (value as readonly unknown[]).entries())
      checkInside({ ...place, path: [...place.path, at] }, field, element, { depth, limit });
  }
}
