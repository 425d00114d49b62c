/** Checks of a mapping as a whole: limits, and fields that name other fields. */
import { EsError, illegalArgument, notSupported } from "../es-error.ts";
import { toTexts } from "../json/coerce.ts";
import { textOf } from "../json/json-value.ts";
import { contextMappings } from "../search/suggest/contexts.ts";
import type { FieldNode } from "./field-node.ts";
import type { FlatFields } from "./flat-fields.ts";
import { checkJoins } from "./join-mapping.ts";
import { mapperParsing } from "./mapping-problem.ts";

/** Limits that the settings of an index put to its mapping. */
export interface MappingLimits {
  readonly totalFields: number;
  readonly depth: number;
  readonly nestedFields: number;
  readonly nestedObjects: number;
  /** Objects, the root included, that nested objects stand in. */
  readonly nestedParents: number;
  readonly nameLength: number;
  /** New fields beyond `totalFields` are left out silently, instead of refused. */
  readonly ignoresBeyondTotal: boolean;
  /** Default of the parameter `ignore_malformed`. */
  readonly ignoresMalformed: boolean;
  /** Default of the parameter `coerce`. */
  readonly coerces: boolean;
  /** Default of the parameter `ignore_above`. */
  readonly ignoresAbove: number;
  /** New texts become `text` with a keyword beside it; false: `keyword` alone. */
  readonly mapsTexts: boolean;
  /** Sources show vectors only when they are asked for. */
  readonly hidesVectors: boolean;
}

/** Fields that every document has, whose names no other may have. */
export const metadataFields: ReadonlySet<string> = new Set(
  "_id _index _source _version _seq_no _primary_term _routing _field_names _ignored _nested_path _doc_count _tier".split(
    " ",
  ),
);

/**
 * Checks a mapping before it takes effect.
 *
 * @throws {EsError} 400 for what does not fit together
 */
export function checkMapping(fields: FlatFields, limits: MappingLimits): void {
  for (const [name, node] of fields) {
    if (metadataFields.has(name)) throw mapperParsing(`Field [${name}] is defined more than once`);
    if (node.type === "alias") checkAlias(fields, name, textOf(node.parameters["path"]));
    if (node.type === "completion") checkContextPaths(fields, node.parameters);
    const targets = toTexts(node.parameters["copy_to"]);
    for (const target of targets) checkCopy(fields, name, target);
    // The server's parser gives the text that it read before.
    if (targets.length > 0 && node.type === "binary") throw notSupported("[copy_to] of a [binary]");
  }
  checkJoins(fields);
  checkLimits(fields, limits);
}

function checkAlias(fields: FlatFields, name: string, path: string): void {
  const invalid = `Invalid [path] value [${path}] for field alias [${name}]: an alias`;
  if (path === name) throw mapperParsing(`${invalid} cannot refer to itself.`);
  const target = fields.get(path);
  if (target?.type === "alias") throw mapperParsing(`${invalid} cannot refer to another alias.`);
  if (target === undefined || target.properties !== undefined) {
    throw mapperParsing(`${invalid} must refer to an existing field in the mappings.`);
  }
  const scope = nestedScope(fields, name);
  const targetScope = nestedScope(fields, path);
  if (scope === targetScope) return;
  const described = scope === undefined ? "is not nested" : `has nested scope [${scope}]`;
  const others =
    targetScope === undefined ? "is not nested" : `the target's nested scope is [${targetScope}]`;
  throw illegalArgument(
    `${invalid} must have the same nested scope as its target. The alias ${described}, but ${others}.`,
  );
}

/** Places of completions are taken from fields that exist, and hold points. */
function checkContextPaths(fields: FlatFields, parameters: FieldNode["parameters"]): void {
  for (const { name, type, path } of contextMappings(parameters)) {
    if (path === undefined || type !== "geo") continue;
    const target = fields.get(path);
    if (target?.type === "geo_point") continue;
    const reason =
      target === undefined
        ? `field [${path}] referenced in context [${name}] is not defined in the mapping`
        : `field [${path}] referenced in context [${name}] must be mapped to geo_point, found [${target.type}]`;
    throw new EsError(400, "parse_exception", reason);
  }
}

/** Full name of the innermost nested object that a field is in. */
function nestedScope(fields: FlatFields, name: string): string | undefined {
  for (let dot = name.lastIndexOf("."); dot > 0; dot = name.lastIndexOf(".", dot - 1)) {
    const parent = name.slice(0, dot);
    if (fields.get(parent)?.type === "nested") return parent;
  }
  return undefined;
}

function checkCopy(fields: FlatFields, source: string, target: string): void {
  if (isMultiField(fields, source))
    throw illegalArgument(`[copy_to] may not be used to copy from a multi-field: [${source}]`);
  if (isMultiField(fields, target))
    throw illegalArgument(`[copy_to] may not be used to copy to a multi-field: [${target}]`);
  if (fields.get(target)?.properties !== undefined) {
    throw illegalArgument(`Cannot copy to field [${target}] since it is mapped as an object`);
  }
  const from = nestedScope(fields, source);
  const to = nestedScope(fields, target);
  if (to === undefined || from === to || (from?.startsWith(`${to}.`) ?? false)) return;
  throw illegalArgument(
    `Illegal combination of [copy_to] and [nested] mappings: [copy_to] may only copy data to the current nested document or any of its parents, however one [copy_to] directive is trying to copy data from nested object [${from ?? "null"}] to [${to}]`,
  );
}

function isMultiField(fields: FlatFields, name: string): boolean {
  const dot = name.lastIndexOf(".");
  const parent = dot > 0 ? fields.get(name.slice(0, dot)) : undefined;
  return parent !== undefined && parent.properties === undefined;
}

function checkLimits(fields: FlatFields, limits: MappingLimits): void {
  if (fields.size > limits.totalFields)
    throw illegalArgument(`Limit of total fields [${limits.totalFields}] has been exceeded`);
  let nested = 0;
  const parents = new Set<string | undefined>();
  for (const [name, node] of fields) {
    if (node.type === "nested") {
      nested++;
      parents.add(nestedScope(fields, name));
    }
    if (node.properties !== undefined) checkDepth(name, limits);
    checkNameLength(name, limits);
  }
  if (nested > limits.nestedFields)
    throw illegalArgument(`Limit of nested fields [${limits.nestedFields}] has been exceeded`);
  if (parents.size > limits.nestedParents)
    throw illegalArgument(`Limit of nested parents [${limits.nestedParents}] has been exceeded`);
}

/** @throws {EsError} 400 for an object too deep in others */
export function checkDepth(name: string, limits: MappingLimits): void {
  // The root counts as the first level.
  if (name.split(".").length + 1 <= limits.depth) return;
  throw illegalArgument(
    `Limit of mapping depth [${limits.depth}] has been exceeded due to object field [${name}]`,
  );
}

/** @throws {EsError} 400 for a name that is too long */
export function checkNameLength(name: string, limits: MappingLimits): void {
  const simple = name.slice(name.lastIndexOf(".") + 1);
  if (simple.length <= limits.nameLength) {
    // The server looks at the names of its own fields, too, in the order of their hashes.
    if (limits.nameLength < "_data_stream_timestamp".length)
      throw notSupported(`new fields where [field_name_length.limit] is ${limits.nameLength}`);
    return;
  }
  throw illegalArgument(
    `Field name [${simple}] is longer than the limit of [${limits.nameLength}] characters`,
  );
}
