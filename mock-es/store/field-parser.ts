/** Reading the fields of a mapping. */
import type { Analysis } from "../analysis/analysis.ts";
import { EsError, illegalArgument, notSupported } from "../es-error.ts";
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import { inHashOrder } from "../text/hash-order.ts";
import { checkMade, checkParameters } from "./field-checks.ts";
import { type FieldNode, newNode, newObjectNode } from "./field-node.ts";
import { hasParameter, readParameters } from "./field-parameters.ts";
import { toJavaText } from "../values/java-text.ts";
import { javaClass } from "./java-class.ts";
import { mapperParsing } from "./mapping-problem.ts";
import { readDynamic, readFlag } from "./object-flags.ts";

/** Field types that exist in Elasticsearch 9. */
export const fieldTypes: ReadonlySet<string> = new Set(
  `aggregate_metric_double alias binary boolean byte completion constant_keyword counted_keyword date date_nanos date_range
  dense_vector double double_range flattened float float_range geo_point geo_shape half_float histogram integer integer_range ip
  ip_range join keyword long long_range match_only_text murmur3 nested object passthrough percolator point rank_feature
  rank_features rank_vectors scaled_float search_as_you_type semantic_text shape short sparse_vector text token_count
  unsigned_long version wildcard annotated_text icu_collation_keyword pattern_text`.split(/\s+/),
);

/** What fields are read with. */
export interface FieldSurroundings {
  readonly analysis: Analysis;
  /** Names of similarities that the settings of the index define. */
  readonly similarities: ReadonlySet<string>;
  /** The first write that is indexed with the fields. */
  readonly sinceWrite: number;
  /** Takes checks that wait until the fields are merged; without it they are made at once. */
  readonly late?: (() => void)[];
}

/**
 * Reads the `properties` of a mapping.
 *
 * @throws {EsError} 400 for what no field can have
 */
export function parseProperties(
  properties: unknown,
  surroundings: FieldSurroundings,
  into = new Map<string, FieldNode>(),
): Map<string, FieldNode> {
  if (Array.isArray(properties) && properties.length === 0) return into;
  if (!isObject(properties))
    throw new EsError(400, "parse_exception", "properties must be a map type");
  for (const [name, definition] of Object.entries(properties)) {
    if (!isObject(definition)) {
      if (Array.isArray(definition) && definition.length === 0) continue;
      const found = Array.isArray(definition)
        ? "java.util.ArrayList"
        : `java.lang.${javaClass(definition)}`;
      throw mapperParsing(
        `Expected map for property [fields] on field [${name}] but got a class ${found}`,
      );
    }
    addField(into, name, definition, surroundings);
  }
  return into;
}

/** `a.b` is `b` within an object `a`. */
function addField(
  into: Map<string, FieldNode>,
  given: string,
  definition: JsonObject,
  surroundings: FieldSurroundings,
  prefix = "",
): void {
  const name = given.endsWith(".") ? given.slice(0, -1) : given;
  const dot = name.indexOf(".");
  if (dot < 0) {
    const path = prefix + name;
    checkName(name);
    const node = parseField(name, definition, surroundings);
    const earlier = into.get(name);
    if (earlier === undefined) into.set(name, node);
    else if (earlier.properties !== undefined && node.properties !== undefined) {
      if (earlier.type !== node.type) throw notNested(path);
      for (const [key, inner] of node.properties) earlier.properties.set(key, inner);
    } else throw notAnObject(path);
    return;
  }
  const head = name.slice(0, dot);
  checkName(head);
  const parent = into.get(head) ?? newObjectNode(surroundings.sinceWrite);
  if (parent.properties === undefined) throw notAnObject(head);
  into.set(head, parent);
  addField(parent.properties, name.slice(dot + 1), definition, surroundings, `${prefix}${head}.`);
}

function checkName(name: string): void {
  if (name === "") throw illegalArgument("field name cannot be an empty string");
  if (name.trim() === "") throw illegalArgument("field name cannot contain only whitespaces");
}

/** Refusal to make a nested object of what is none, or the other way around. */
export function notNested(path: string): EsError {
  return illegalArgument(`can't merge a non-nested mapping [${path}] with a nested mapping`);
}

/** Refusal to make an object of what is none, or the other way around. */
export function notAnObject(path: string): EsError {
  return illegalArgument(`can't merge a non object mapping [${path}] with an object mapping`);
}

/**
 * Reads the definition of one field.
 *
 * @throws {EsError} 400 for what no field can have
 */
export function parseField(
  name: string,
  definition: JsonObject,
  surroundings: FieldSurroundings,
): FieldNode {
  const { type: given, properties, fields, ...parameters } = definition;
  const isUntyped = given === undefined || given === null;
  const isObjectAlone =
    Object.keys(definition).length === 1 && (parameters["enabled"] ?? null) !== null;
  if (isUntyped && (properties ?? null) === null && !isObjectAlone)
    throw mapperParsing(`No type specified for field [${name}]`);
  const type = isUntyped ? "object" : toJavaText(given);
  if (!fieldTypes.has(type)) {
    throw mapperParsing(
      `The mapper type [${type}] declared on field [${name}] does not exist. It might have been created within a future version or requires a plugin to be installed. Check the documentation.`,
    );
  }
  if (type === "semantic_text")
    throw notSupported(`the field [${name}] of type [semantic_text], which needs a model,`);
  if (type === "passthrough") throw notSupported(`the field [${name}] of type [passthrough]`);
  const isObjectType = type === "object" || type === "nested";
  if (type === "flattened" && properties !== undefined)
    throw notSupported(`[properties] of the flattened field [${name}]`);
  if (!isObjectType && properties !== undefined) throw unknownParameter(name, type, "properties");
  const read = readParameters(
    name,
    type,
    isObjectType ? objectParameters(name, parameters) : definition,
  );
  if (read.kind === "unknown") {
    if (isObjectType || type === "alias") throw unsupportedParameters(name, type, definition);
    throw unknownParameter(name, type, read.parameter);
  }
  if ((isObjectType || type === "alias") && fields !== undefined)
    throw unsupportedParameters(name, type, definition);
  if (type === "flattened") refuseRelatives(name, definition);
  checkParameters(name, type, read.parameters, surroundings);
  const checkLate = (): void => checkMade(name, type, read.parameters);
  if (surroundings.late === undefined) checkLate();
  else surroundings.late.push(checkLate);
  if (isObjectType) {
    const inner = properties === undefined ? new Map() : parseProperties(properties, surroundings);
    return newNode(type, read.parameters, surroundings.sinceWrite, inner);
  }
  const node = newNode(type, read.parameters, surroundings.sinceWrite);
  if (fields !== undefined) addMultiFields(node, name, fields, surroundings);
  return node;
}

/** The parameters of an object, with their booleans and `dynamic` read in an object's way. */
function objectParameters(name: string, parameters: JsonObject): JsonObject {
  const read: Record<string, unknown> = { ...parameters };
  if (read["dynamic"] !== undefined) read["dynamic"] = readDynamic(read["dynamic"]);
  if (read["enabled"] !== undefined) read["enabled"] = readFlag(read["enabled"], "enabled.enabled");
  for (const flag of ["include_in_parent", "include_in_root"])
    if (read[flag] !== undefined) read[flag] = readFlag(read[flag], `${name}.${flag}`);
  return read;
}

function unknownParameter(name: string, type: string, parameter: string): EsError {
  // The server leaves the type out for a parameter that it once had.
  return parameter === "boost"
    ? mapperParsing(`Unknown parameter [boost] on mapper [${name}]`)
    : mapperParsing(`unknown parameter [${parameter}] on mapper [${name}] of type [${type}]`);
}

/** Names all parameters that an object, or an alias, does not have. */
function unsupportedParameters(name: string, type: string, definition: JsonObject): EsError {
  const list = inHashOrder(Object.keys(definition))
    .filter((key) => key !== "type" && key !== "properties" && !hasParameter(type, key))
    .map((key) => ` [${key} : ${toJavaText(definition[key])}]`)
    .join("");
  return mapperParsing(`Mapping definition for [${name}] has unsupported parameters: ${list}`);
}

/** A flattened field cannot be copied, and has no other fields of its values. */
function refuseRelatives(name: string, { fields, copy_to: targets }: JsonObject): void {
  const hasFields = isObject(fields) && Object.keys(fields).length > 0;
  const hasTargets = targets !== undefined && [targets].flat().length > 0;
  if (!hasFields && !hasTargets) return;
  const what = hasFields ? "fields" : "copy_to";
  throw illegalArgument(`flattened field [${name}] does not support [${what}]`);
}

/** Types that hold no values of their own. */
const notInMultiFields: ReadonlySet<string> = new Set(["object", "nested", "alias", "join"]);

function addMultiFields(
  node: FieldNode,
  name: string,
  fields: unknown,
  surroundings: FieldSurroundings,
): void {
  if (Array.isArray(fields) && fields.length === 0) return;
  if (!isObject(fields)) throw mapperParsing("expected map for property [fields]");
  for (const [key, definition] of Object.entries(fields)) {
    if (key.includes(".")) {
      throw mapperParsing(
        `Field name [${key}] which is a multi field of [${name}] cannot contain '.'`,
      );
    }
    if (!isObject(definition))
      throw mapperParsing(`illegal field [${key}], only fields can be specified inside fields`);
    const { type } = definition;
    if (type === undefined) throw mapperParsing(`no type specified for property [${key}]`);
    if (notInMultiFields.has(textOf(type)))
      throw mapperParsing(`Type [${textOf(type)}] cannot be used in multi field`);
    if (type === "sparse_vector")
      throw mapperParsing(`Field [${key}] of type [sparse_vector] can't be used in multifields`);
    if (definition["fields"] !== undefined) {
      throw illegalArgument(
        `Encountered a multi-field [${key}] which itself contains a multi-field. Defining chained multi-fields is not supported.`,
      );
    }
    node.fields.set(key, parseField(key, definition, surroundings));
  }
}
