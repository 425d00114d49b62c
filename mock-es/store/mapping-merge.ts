/** Merging a mapping into an earlier one: what may change, and what comes of it. */
import { EsError, illegalArgument } from "../es-error.ts";
import type { FieldNode } from "./field-node.ts";
import { mergedParameters, parameterConflicts } from "./field-parameters.ts";
import { notAnObject, notNested } from "./field-parser.ts";

/**
 * Where a mapping comes from: an update keeps to what is there, while a layer of a template
 * replaces what earlier layers say.
 */
export type MergeReason = "update" | "template";

/**
 * The fields of two mappings together; neither is changed.
 *
 * @throws {EsError} 400 for changes that a mapping cannot take
 */
export function mergeProperties(
  existing: ReadonlyMap<string, FieldNode>,
  added: ReadonlyMap<string, FieldNode>,
  reason: MergeReason,
  prefix = "",
): Map<string, FieldNode> {
  const merged = new Map(existing);
  for (const [name, node] of added) {
    const earlier = existing.get(name);
    merged.set(
      name,
      earlier === undefined ? node : mergeNode(earlier, node, reason, prefix + name),
    );
  }
  return merged;
}

function mergeNode(
  earlier: FieldNode,
  node: FieldNode,
  reason: MergeReason,
  path: string,
): FieldNode {
  if (earlier.properties !== undefined && node.properties !== undefined) {
    if (reason === "update") checkObjects(earlier, node, path);
    return {
      type: reason === "update" ? earlier.type : node.type,
      // A layer of a template that defines an object again says all that stands beside its fields.
      parameters:
        reason === "update" ? { ...earlier.parameters, ...node.parameters } : node.parameters,
      properties: mergeProperties(earlier.properties, node.properties, reason, `${path}.`),
      fields: new Map(),
      sinceWrite: earlier.sinceWrite,
    };
  }
  if (reason === "template") return node;
  if (earlier.type === "alias" && node.type !== "alias") {
    throw illegalArgument(
      `Cannot merge a field alias mapping [${path}] with a mapping that is not for a field alias.`,
    );
  }
  if (earlier.properties === undefined && node.type === "nested") throw notNested(path);
  if (earlier.properties !== undefined || node.properties !== undefined) throw notAnObject(path);
  if (earlier.type !== node.type) {
    // An alias has a class, and no name of its own.
    const type = node.type === "alias" ? "Builder" : node.type;
    throw illegalArgument(
      `mapper [${path}] cannot be changed from type [${earlier.type}] to [${type}]`,
    );
  }
  const conflicts = parameterConflicts(node.type, earlier.parameters, node.parameters);
  if (conflicts.length > 0) throw mapperConflict(path, conflicts);
  return {
    type: node.type,
    parameters: mergedParameters(node.type, earlier.parameters, node.parameters),
    properties: undefined,
    fields: mergeProperties(earlier.fields, node.fields, reason, `${path}.`),
    sinceWrite: earlier.sinceWrite,
  };
}

/** Refusal of changes to parameters that stay as they are. */
export function mapperConflict(path: string, conflicts: readonly string[]): EsError {
  return illegalArgument(
    `Mapper for [${path}] conflicts with existing mapper:\n\t${conflicts.join("\n\t")}`,
  );
}

function checkObjects(earlier: FieldNode, node: FieldNode, path: string): void {
  if (earlier.type !== node.type && (earlier.type === "nested" || node.type === "nested")) {
    throw notNested(path);
  }
  const enabled = node.parameters["enabled"];
  if (enabled !== undefined && enabled !== (earlier.parameters["enabled"] ?? true))
    throw enabledChanged(path);
  for (const name of ["include_in_parent", "include_in_root"]) {
    if ((node.parameters[name] ?? false) === (earlier.parameters[name] ?? false)) continue;
    throw mapperException(`the [${name}] parameter can't be updated on a nested object mapping`);
  }
}

/** Refusal to take an object into the index that was kept out of it, or the other way around. */
export function enabledChanged(path: string): EsError {
  return mapperException(
    `the [enabled] parameter can't be updated for the object mapping [${path}]`,
  );
}

/** The server answers these with a status that is meant for faults of its own. */
function mapperException(reason: string): EsError {
  return new EsError(500, "mapper_exception", reason);
}
