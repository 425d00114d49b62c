/** Documents on their way through the mapping of an index. */
import { isRawNumber } from "../json/exact-numbers.ts";
import { notSupported } from "../es-error.ts";
import { toTexts } from "../json/coerce.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "../json/json-value.ts";
import { positionOf } from "../json/json-position.ts";
import { docCountProblem } from "./doc-count.ts";
import { checkCompletion, hasBlankInput } from "./completion-mapping.ts";
import { dynamicVector, mapVector } from "./dense-vector-mapping.ts";
import { inferField, inferRuntimeField } from "./dynamic-field.ts";
import {
  badName,
  documentParsing,
  documentParsingOf,
  metadataInside,
  namePosition,
  valueRefused,
} from "./document-problem.ts";
import {
  addField,
  countNested,
  fieldName,
  ignore,
  type NewDocument,
  type Walk,
} from "./document-walk.ts";
import { leftUnread, notAnObject, notCopied, strictDynamic } from "./document-refusals.ts";
import { firstValue, isKept, takesArrays, tokenText, unflattened } from "./document-values.ts";
import { type FieldNode, newNode, newObjectNode } from "./field-node.ts";
import { featureProblem } from "../search/fields/features.ts";
import { checkValue } from "../search/fields/value-check.ts";
import { checkCopiedNumber } from "./copied-number.ts";
import { checkFlattened } from "./flattened-mapping.ts";
import { checkSparseVector } from "./sparse-vector-value.ts";
import { checkStoredQuery } from "./percolator-mapping.ts";
import { checkJoin } from "./join-value.ts";
import { checkPoints } from "./geo-point-mapping.ts";
import { checkRange } from "./range-mapping.ts";
import { metadataFields } from "./mapping-checks.ts";
import { type Mappings, ownDynamic } from "./mappings.ts";
import type { DynamicSetting } from "./object-flags.ts";

/**
 * Checks a document against the mapping of its index and adds the fields that it brings. Answers
 * the names of fields whose values are not indexed: too long, malformed, or one field too many.
 *
 * @throws {EsError} 400 `document_parsing_exception` or `strict_dynamic_mapping_exception`; the
 *   mapping is then unchanged
 */
export function mapDocument(mappings: Mappings, document: NewDocument): string[] | undefined {
  if (!mappings.isEnabled) return undefined;
  const { id, text, source, write, templates, routing } = document;
  const walk: Walk = {
    mappings,
    text,
    id,
    write,
    templates,
    routing,
    path: [],
    field: undefined,
    multiField: undefined,
    nested: 0,
    ignored: undefined,
    added: undefined,
    addedFields: 0,
    runtime: undefined,
  };
  try {
    mapObject(walk, mappings.properties, source, mappings.dynamic, true);
    if (walk.added !== undefined || walk.runtime !== undefined) document.onNewFields?.();
    if (walk.added !== undefined) mappings.forgetFlatFields();
    if (walk.runtime !== undefined) mappings.addRuntimeFields(walk.runtime);
    return walk.ignored === undefined ? undefined : [...walk.ignored].sort();
  } catch (error) {
    for (const { properties, name } of walk.added?.toReversed() ?? []) properties.delete(name);
    if (walk.added !== undefined) mappings.forgetFlatFields();
    throw error;
  }
}

function mapObject(
  walk: Walk,
  properties: Map<string, FieldNode>,
  object: JsonObject,
  dynamic: DynamicSetting,
  isRoot: boolean,
): void {
  for (const name in object) {
    const value = object[name];
    if (value === undefined) continue;
    walk.path.push(name);
    if (isRoot && name.charCodeAt(0) === 95 && metadataFields.has(name))
      checkMetadata(walk, name, value);
    else mapMember(walk, properties, name, value, dynamic);
    walk.path.pop();
  }
}

/** `_doc_count` is the one metadata field that documents may have. */
function checkMetadata(walk: Walk, name: string, value: unknown): void {
  if (name !== "_doc_count") throw metadataInside(walk, name, value);
  const problem = docCountProblem(value);
  if (problem !== undefined) throw valueRefused(walk, name, name, value, problem);
}

function mapMember(
  walk: Walk,
  properties: Map<string, FieldNode>,
  name: string,
  value: unknown,
  dynamic: DynamicSetting,
): void {
  const node = properties.get(name);
  if (node !== undefined) mapValue(walk, node, value, dynamic);
  else if (name.includes(".")) mapDotted(walk, properties, name, value, dynamic);
  else mapUnknown(walk, properties, name, value, dynamic);
}

/** `{"a.b": 1}` means the same as `{"a": {"b": 1}}`. */
function mapDotted(
  walk: Walk,
  properties: Map<string, FieldNode>,
  name: string,
  value: unknown,
  dynamic: DynamicSetting,
): void {
  const dot = name.indexOf(".");
  const head = name.slice(0, dot);
  const rest = name.slice(dot + 1);
  if (rest === "") {
    mapMember(walk, properties, head, value, dynamic);
    return;
  }
  if (head === "" || rest.startsWith(".")) {
    const whole = textOf(walk.path.at(-1));
    if (/^\.+$/.test(whole)) throw badName(walk, "field name cannot contain only dots");
    throw badName(walk, `field name cannot contain only whitespace: ['${whole}']`);
  }
  const node = properties.get(head);
  if (node === undefined) {
    if (dynamic === "false") return;
    if (dynamic === "strict") throw strictDynamic(walk, head, namePosition(walk));
    if (dynamic === "runtime") {
      mapUnknown(walk, properties, name, value, dynamic);
      return;
    }
    const made = newObjectNode(walk.write);
    if (!addField(walk, properties, head, made)) return;
    mapMember(walk, made.properties ?? new Map<string, FieldNode>(), rest, value, dynamic);
    return;
  }
  if (node.properties === undefined) {
    // The rest of the name is an object's, as far as the field's own parser can tell.
    const field = fieldName(walk);
    walk.field = field.slice(0, field.length - rest.length - 1);
    mapValue(walk, node, unflattened(rest, value), dynamic);
    walk.field = undefined;
    return;
  }
  if (node.parameters["enabled"] === false) return;
  mapMember(walk, node.properties, rest, value, ownDynamic(node) ?? dynamic);
}

function mapValue(walk: Walk, node: FieldNode, value: unknown, dynamic: DynamicSetting): void {
  if (value === null) {
    if (node.type === "sparse_vector") checkSparseVector(walk, value);
    if (node.type === "keyword" && node.parameters["null_value"] !== undefined)
      mapLeaf(walk, node, node.parameters["null_value"]);
    // Nothing is copied, but a field to copy it to is wanted.
    if (node.properties === undefined && node.parameters["copy_to"] !== undefined)
      copyValue(walk, node, value);
    return;
  }
  if (typeof value === "object" && Array.isArray(value) && !takesArrays.has(node.type)) {
    for (let at = 0; at < value.length; at++) {
      walk.path.push(at);
      mapValue(walk, node, value[at], dynamic);
      walk.path.pop();
    }
    return;
  }
  if (node.properties !== undefined) {
    if (node.parameters["enabled"] === false) return;
    if (!isObject(value)) throw notAnObject(walk);
    if (node.type === "nested") countNested(walk);
    mapObject(walk, node.properties, value, ownDynamic(node) ?? dynamic, false);
    return;
  }
  mapLeaf(walk, node, value);
  if (node.parameters["copy_to"] !== undefined) copyValue(walk, node, value);
  if (node.fields.size > 0) mapMultiFields(walk, node, value);
  if (node.type === "boolean" && isObject(value) && !isRawNumber(value)) throw leftUnread(walk);
}

function mapMultiFields(walk: Walk, node: FieldNode, value: unknown): void {
  // There the server indexes its geohash.
  if (node.type === "geo_point" && node.fields.size > 0)
    throw notSupported(`a value of the geo_point [${fieldName(walk)}] with [fields]`);
  const holdsObjects = node.type === "completion" && [value].flat().some(isObject);
  for (const [key, inner] of node.fields) {
    walk.multiField = key;
    // The real server indexes the inputs of the object in the other field.
    if (holdsObjects && inner.type !== "completion")
      throw notSupported(`an object in the completion field of [${fieldName(walk)}]`);
    mapLeaf(walk, inner, value);
  }
  walk.multiField = undefined;
}

function mapLeaf(walk: Walk, node: FieldNode, value: unknown): void {
  if (node.type === "keyword" || node.type === "wildcard") {
    if (!isObject(value)) {
      const limit = Number(node.parameters["ignore_above"] ?? walk.mappings.limits.ignoresAbove);
      if (limit < Infinity && isKept(node) && tokenText(value).length > limit) ignore(walk);
      return;
    }
  } else if (node.type === "alias") {
    throw documentParsing(walk, `Cannot write to a field alias [${fieldName(walk)}].`);
  } else if (node.type === "dense_vector") {
    mapVector(walk, fieldName(walk), node, value);
    return;
  } else if (node.type === "completion") {
    checkCompletion(walk, fieldName(walk), value, node.parameters);
    if (hasBlankInput(value)) ignore(walk);
    return;
  } else if (node.type === "rank_feature" || node.type === "rank_features") {
    const reason = featureProblem(node.type, fieldName(walk), value, tokenOf(value));
    if (reason === undefined) return;
    const type = reason.startsWith("For")
      ? "number_format_exception"
      : "illegal_argument_exception";
    throw documentParsing(walk, `failed to parse: ${reason}`, { type, reason });
  } else if (node.type === "sparse_vector") {
    checkSparseVector(walk, value);
    return;
  } else if (node.type === "percolator") {
    checkStoredQuery(walk, value);
    return;
  } else if (node.type === "join") {
    checkJoin(walk, fieldName(walk), value, node.parameters);
    return;
  } else if (node.type.endsWith("_range")) {
    mapRange(walk, node, value);
    return;
  } else if (node.type === "boolean" && !isKept(node)) {
    return;
  } else if (node.type === "flattened") {
    if (!isKept(node)) return;
    checkFlattened(walk, fieldName(walk), node, value);
    return;
  } else if (node.type === "geo_point") {
    mapPoints(walk, node, value);
    return;
  }
  const { coerces, ignoresMalformed } = walk.mappings.limits;
  const { parameters } = node;
  const problem =
    coerces || parameters["coerce"] !== undefined
      ? checkValue(node, value)
      : checkValue({ type: node.type, parameters: { ...parameters, coerce: false } }, value);
  if (problem === undefined) return;
  // Objects are no malformed values, but for dates.
  const isMap = isObject(value) && !isRawNumber(value);
  const isIgnorable = !isMap || node.type.startsWith("date");
  if (isIgnorable && (parameters["ignore_malformed"] ?? ignoresMalformed) === true) ignore(walk);
  else throw valueRefused(walk, fieldName(walk), node.type, value, problem);
}

function mapRange(walk: Walk, node: FieldNode, value: unknown): void {
  const coerce = node.parameters["coerce"] ?? walk.mappings.limits.coerces;
  checkRange(walk, fieldName(walk), { ...node, parameters: { ...node.parameters, coerce } }, value);
}

function mapPoints(walk: Walk, node: FieldNode, value: unknown): void {
  const ignores = node.parameters["ignore_malformed"] ?? walk.mappings.limits.ignoresMalformed;
  const takes = {
    malformed: ignores === true,
    heights: node.parameters["ignore_z_value"] !== false,
  };
  if (checkPoints(walk, fieldName(walk), value, takes)) ignore(walk);
}

/** Indexes a value in the fields that it is copied to, too; fields that do not exist are made. */
function copyValue(walk: Walk, node: FieldNode, value: unknown): void {
  const { field } = walk;
  if (isObject(value) || Array.isArray(value)) throw notCopied(walk, node);
  for (const target of toTexts(node.parameters["copy_to"])) {
    walk.field = target;
    mapCopy(walk, node.type, target, value);
  }
  walk.field = field;
}

function mapCopy(walk: Walk, from: string, target: string, value: unknown): void {
  const steps = target.split(".");
  const last = steps.pop() ?? target;
  let { properties } = walk.mappings;
  let dynamic = walk.mappings.dynamic;
  for (const [at, step] of steps.entries()) {
    let parent = properties.get(step);
    if (parent === undefined) {
      if (dynamic === "false") return;
      if (dynamic === "strict") {
        walk.field = steps.slice(0, at + 1).join(".");
        throw strictDynamic(walk, step, positionOf(walk.text, walk.path));
      }
      if (value === null) return;
      parent = newObjectNode(walk.write);
      if (!addField(walk, properties, step, parent)) return;
    }
    if (parent.properties === undefined) return;
    dynamic = ownDynamic(parent) ?? dynamic;
    properties = parent.properties;
  }
  const node = properties.get(last);
  if (node === undefined) mapUnknown(walk, properties, last, value, dynamic);
  else if (value !== null) {
    checkCopiedNumber(walk, from, node, value);
    mapLeaf(walk, node, value);
    mapMultiFields(walk, node, value);
  }
}

function mapUnknown(
  walk: Walk,
  properties: Map<string, FieldNode>,
  name: string,
  value: unknown,
  dynamic: DynamicSetting,
): void {
  if (dynamic === "strict") throw strictDynamic(walk, name, positionOf(walk.text, walk.path));
  if (name === "") {
    const isDots = /^\.+$/.test(textOf(walk.path.at(-1)));
    const reason = isDots ? "cannot contain only dots" : "cannot be an empty string";
    throw badName(walk, `field name ${reason}`);
  }
  if (name.trim() === "") {
    const { line, column } = namePosition(walk);
    throw documentParsingOf(line, column, `Field name cannot contain only whitespace: [${name}]`);
  }
  if (value === null || dynamic === "false") return;
  const sample = firstValue(value);
  if (sample === undefined) return;
  const path = fieldName(walk);
  if (walk.mappings.runtimeFields?.[path] !== undefined || walk.runtime?.[path] !== undefined)
    return;
  if (mapAtRuntime(walk, name, value, sample, dynamic)) return;
  const template = walk.templates?.[path];
  const vector = template === undefined ? dynamicVector(value) : undefined;
  const node =
    vector === undefined
      ? inferField(walk.mappings, path, name, sample, walk.write, template)
      : newNode("dense_vector", vector, walk.write);
  if (node === undefined) {
    const reason = `Can't find dynamic template for dynamic template name [${template ?? ""}] of field [${path}]`;
    throw documentParsing(walk, reason);
  }
  if (addField(walk, properties, name, node)) mapValue(walk, node, value, dynamic);
}

/** Takes a field that is only read when it is asked for; false for another one. */
function mapAtRuntime(
  walk: Walk,
  name: string,
  value: unknown,
  sample: unknown,
  dynamic: DynamicSetting,
): boolean {
  const path = fieldName(walk);
  const definition = inferRuntimeField(walk.mappings, path, name, sample, dynamic);
  if (definition === "object") {
    const unmapped = new Map<string, FieldNode>();
    for (const [at, inner] of (Array.isArray(value) ? (value as unknown[]) : [value]).entries()) {
      if (!isObject(inner)) continue;
      if (Array.isArray(value)) walk.path.push(at);
      mapObject(walk, unmapped, inner, dynamic, false);
      if (Array.isArray(value)) walk.path.pop();
    }
  } else if (definition !== undefined) (walk.runtime ??= {})[path] = definition;
  return definition !== undefined;
}
