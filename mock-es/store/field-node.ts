/** The fields of a mapping, as they are kept and as they are answered. */
import { inParameterOrder } from "./field-parameters.ts";

/** One field of a mapping, with the fields inside it. */
export interface FieldNode {
  readonly type: string;
  /** Mapping parameters besides `type`, `properties` and `fields`; defaults are left out. */
  parameters: Readonly<Record<string, unknown>>;
  /** Fields of an object; `undefined` for a leaf. */
  readonly properties: Map<string, FieldNode> | undefined;
  /** Multi-fields of a leaf. */
  readonly fields: Map<string, FieldNode>;
  /** The first write of the index that was indexed with the field. */
  readonly sinceWrite: number;
}

/** An object field without fields of its own. */
export function newObjectNode(sinceWrite: number): FieldNode {
  return newNode("object", {}, sinceWrite, new Map());
}

/** A field; `properties` for an object. */
export function newNode(
  type: string,
  parameters: Readonly<Record<string, unknown>>,
  sinceWrite: number,
  properties?: Map<string, FieldNode>,
): FieldNode {
  return { type, parameters, properties, fields: new Map(), sinceWrite };
}

/**
 * The mapping of some fields as the server answers it: sorted by name, objects without their type.
 */
export function renderProperties(
  properties: ReadonlyMap<string, FieldNode>,
): Record<string, unknown> {
  const rendered: Record<string, unknown> = {};
  for (const name of [...properties.keys()].sort()) {
    const node = properties.get(name);
    if (node !== undefined) rendered[name] = renderField(node);
  }
  return rendered;
}

/** One field as the server answers it. */
export function renderField(node: FieldNode): Record<string, unknown> {
  const rendered: Record<string, unknown> = {};
  const holdsFields = node.properties !== undefined && node.properties.size > 0;
  if (node.type !== "object" || !holdsFields) rendered["type"] = node.type;
  Object.assign(rendered, inParameterOrder(node.type, node.parameters));
  if (node.properties !== undefined && rendered["enabled"] === true) delete rendered["enabled"];
  if (node.fields.size > 0) rendered["fields"] = renderProperties(node.fields);
  if (holdsFields && node.properties !== undefined)
    rendered["properties"] = renderProperties(node.properties);
  return rendered;
}
