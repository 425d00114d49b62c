/** The fields of a mapping as one list. */
import type { FieldNode } from "./field-node.ts";

/** All fields of a mapping by their full names, multi-fields and objects included. */
export type FlatFields = ReadonlyMap<string, FieldNode>;

/** The fields of a mapping by their full names. */
export function flatFields(properties: ReadonlyMap<string, FieldNode>): Map<string, FieldNode> {
  const flat = new Map<string, FieldNode>();
  flattenInto(properties, "", flat);
  return flat;
}

function flattenInto(
  properties: ReadonlyMap<string, FieldNode>,
  prefix: string,
  into: Map<string, FieldNode>,
): void {
  for (const [name, node] of properties) {
    into.set(prefix + name, node);
    if (node.properties !== undefined) flattenInto(node.properties, `${prefix}${name}.`, into);
    if (node.fields.size > 0) flattenInto(node.fields, `${prefix}${name}.`, into);
  }
}
