import { EsError } from "../es-error.ts";
import { parseDate } from "../values/date.ts";
import { dynamicTemplateField } from "./dynamic-template.ts";
import { type FieldNode, newLeafNode, newObjectNode } from "./field-node.ts";
import { checkValue, placeholder, ignoresMalformed, type ValueProblem } from "./field-value.ts";
import { endOf, type JsonPath, positionOf, valueText } from "../json/json-position.ts";
import { type DynamicSetting, type Mappings, toDynamicSetting, toJavaText } from "./mappings.ts";

/** Limit of fields per index, Elasticsearch's default for `index.mapping.total_fields.limit`. */
const maxFields = 1000;

/**
 * One document on its way through the mapping; `added` remembers new fields so that a refused
 * document leaves none behind.
 */
interface Walk {
  readonly mappings: Mappings;
  readonly text: string;
  readonly id: string;
  readonly path: (string | number)[];
  added: { readonly properties: Map<string, FieldNode>; readonly name: string }[] | undefined;
}

/**
 * Checks a document against the mapping of its index and adds the fields that it brings.
 *
 * @throws {EsError} 400 `document_parsing_exception` or `strict_dynamic_mapping_exception`; the
 *   mapping is then unchanged
 */
export function mapDocument(
  mappings: Mappings,
  source: Readonly<Record<string, unknown>>,
  text: string,
  id: string,
): void {
  if (!mappings.isEnabled) return;
  const walk: Walk = { mappings, text, id, path: [], added: undefined };
  try {
    mapObject(walk, mappings.properties, source, mappings.dynamic, true);
    if (walk.added !== undefined) {
      mappings.forgetFlatFields();
      checkFieldLimit(walk);
    }
  } catch (error) {
    for (const { properties, name } of walk.added?.toReversed() ?? []) properties.delete(name);
    if (walk.added !== undefined) mappings.forgetFlatFields();
    throw error;
  }
}

function mapObject(
  walk: Walk,
  properties: Map<string, FieldNode>,
  object: Readonly<Record<string, unknown>>,
  dynamic: DynamicSetting,
  isRoot: boolean,
): void {
  for (const name in object) {
    const value = object[name];
    if (value === undefined) continue;
    walk.path.push(name);
    if (isRoot && name.charCodeAt(0) === 95 && metadataFields.has(name))
      throw metadataInside(walk, name);
    const node = properties.get(name);
    if (node !== undefined) mapValue(walk, node, value, dynamic);
    else if (name.includes(".")) mapDotted(walk, properties, name, value, dynamic);
    else mapUnknown(walk, properties, name, value, dynamic);
    walk.path.pop();
  }
}

const metadataFields: ReadonlySet<string> = new Set(
  "_id _index _source _version _seq_no _primary_term _routing _field_names _ignored _nested_path _doc_count _tier".split(
    " ",
  ),
);

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
  if (head === "" || rest === "" || rest.endsWith(".")) {
    throw documentParsing(
      walk,
      `field name cannot contain only whitespace or start or end with a dot: [${name}]`,
    );
  }
  const node = properties.get(head);
  if (node === undefined) {
    if (dynamic === "false" || dynamic === "runtime") return;
    if (dynamic === "strict") throw strictDynamic(walk, name);
    const made = newObjectNode();
    addField(walk, properties, head, made);
    mapInner(walk, made.properties ?? new Map<string, FieldNode>(), rest, value, dynamic);
    return;
  }
  if (node.properties === undefined) {
    throw documentParsing(
      walk,
      `object mapping for [${fieldName(walk)}] tried to parse field [${head}] as object, but found a concrete value`,
    );
  }
  mapInner(
    walk,
    node.properties,
    rest,
    value,
    toDynamicSetting(node.parameters["dynamic"]) ?? dynamic,
  );
}

function mapInner(
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

function mapValue(walk: Walk, node: FieldNode, value: unknown, dynamic: DynamicSetting): void {
  if (value === null) return;
  if (typeof value === "object" && Array.isArray(value) && !takesArrays.has(node.type)) {
    for (let at = 0; at < value.length; at++) {
      walk.path.push(at);
      mapValue(walk, node, value[at], dynamic);
      walk.path.pop();
    }
    return;
  }
  if (node.properties !== undefined) {
    if (node.parameters["enabled"] === false || node.parameters["enabled"] === "false") return;
    if (!isRecord(value)) {
      throw documentParsing(
        walk,
        `object mapping for [${fieldName(walk)}] tried to parse field [${fieldName(walk)}] as object, but found a concrete value`,
      );
    }
    mapObject(
      walk,
      node.properties,
      value,
      toDynamicSetting(node.parameters["dynamic"]) ?? dynamic,
      false,
    );
    return;
  }
  const problem = checkValue(node, value);
  if (problem !== undefined && !ignoresMalformed(node))
    throw valueRefused(walk, node, value, problem);
}

/** Types whose values are arrays themselves. */
const takesArrays: ReadonlySet<string> = new Set([
  "geo_point",
  "dense_vector",
  "geo_shape",
  "point",
  "shape",
  "completion",
  "rank_vectors",
]);

function mapUnknown(
  walk: Walk,
  properties: Map<string, FieldNode>,
  name: string,
  value: unknown,
  dynamic: DynamicSetting,
): void {
  if (value === null || dynamic === "false" || dynamic === "runtime") return;
  if (dynamic === "strict") throw strictDynamic(walk, name);
  if (name.trim() === "") throw documentParsing(walk, "field name cannot be an empty string");
  const sample = firstValue(value);
  if (sample === undefined) return;
  const node = inferField(walk, name, sample);
  if (node === undefined) return;
  addField(walk, properties, name, node);
  mapValue(walk, node, value, dynamic);
}

function firstValue(value: unknown): unknown {
  if (!Array.isArray(value)) return value ?? undefined;
  for (const element of value) {
    const found = firstValue(element);
    if (found !== undefined) return found;
  }
  return undefined;
}

function inferField(walk: Walk, name: string, value: unknown): FieldNode | undefined {
  const { mappings } = walk;
  const kind = jsonKind(walk, value);
  const path = fieldName(walk);
  const fromTemplate = dynamicTemplateField(mappings, path, name, kind);
  if (fromTemplate !== undefined) return fromTemplate;
  switch (kind) {
    case "object":
      return newObjectNode();
    case "boolean":
      return newLeafNode("boolean");
    case "long":
      return newLeafNode("long");
    case "double":
      return newLeafNode("float");
    case "date": {
      const format = parseDate(value, isoDate) === undefined ? slashDate : undefined;
      return newLeafNode("date", format === undefined ? {} : { format });
    }
    default: {
      const node = newLeafNode("text");
      node.fields.set("keyword", newLeafNode("keyword", { ignore_above: 256 }));
      return node;
    }
  }
}

const isoDate = "strict_date_optional_time";
const slashDate = "yyyy/MM/dd HH:mm:ss||yyyy/MM/dd||epoch_millis";

/**
 * Word of `match_mapping_type` for a value; numbers are looked up in the text, where `1.0` is not
 * `1`.
 */
function jsonKind(walk: Walk, value: unknown): string {
  if (typeof value === "number") return numberKind(walk, value);
  if (typeof value !== "string") return typeof value;
  if (walk.mappings.hasDateDetection && looksLikeDate(value)) return "date";
  if (walk.mappings.hasNumericDetection && /^-?\d+$/.test(value)) return "long";
  if (walk.mappings.hasNumericDetection && value.trim() !== "" && Number.isFinite(Number(value)))
    return "double";
  return "string";
}

function numberKind(walk: Walk, value: number): string {
  if (!Number.isInteger(value)) return "double";
  const path = [...walk.path];
  for (let at = readPath(walk, path); Array.isArray(at); at = at[0]) path.push(0);
  const literal = valueText(walk.text, positionOf(walk.text, path).offset);
  return /[.eE]/.test(literal) ? "double" : "long";
}

function readPath(walk: Walk, path: JsonPath): unknown {
  let at: unknown = JSON.parse(walk.text);
  for (const step of path) at = isIndexable(at) ? at[step] : undefined;
  return at;
}

function looksLikeDate(text: string): boolean {
  if (text.length < 8 || text.length > 40) return false;
  if (/^\d{4}-/.test(text)) return parseDate(text, isoDate) !== undefined;
  return (
    /^\d{4}\/\d\d\/\d\d/.test(text) &&
    parseDate(text, "yyyy/MM/dd HH:mm:ss||yyyy/MM/dd") !== undefined
  );
}

function addField(
  walk: Walk,
  properties: Map<string, FieldNode>,
  name: string,
  node: FieldNode,
): void {
  properties.set(name, node);
  (walk.added ??= []).push({ properties, name });
}

function checkFieldLimit(walk: Walk): void {
  const total = walk.mappings.fields().size;
  if (total <= maxFields) return;
  const excess = total - maxFields;
  throw documentParsingOf(
    1,
    1,
    `Limit of total fields [${maxFields}] has been exceeded while adding new fields [${excess}]`,
    {
      type: "illegal_argument_exception",
      reason: `Limit of total fields [${maxFields}] has been exceeded while adding new fields [${excess}]`,
    },
  );
}

function fieldName(walk: Walk): string {
  return walk.path.filter((step) => typeof step === "string").join(".");
}

function valueRefused(walk: Walk, node: FieldNode, value: unknown, problem: ValueProblem): EsError {
  const start = positionOf(walk.text, walk.path);
  // Of an object the parser has read everything when it finds that it does not fit.
  const { line, column } = typeof value === "object" ? endOf(walk.text, walk.path) : start;
  const reason = problem.reason.replace(placeholder, `${start.line}:${start.column}`);
  const what = `failed to parse field [${fieldName(walk)}] of type [${node.type}] in document with id '${walk.id}'`;
  const preview = `Preview of field's value: '${toJavaText(value)}'`;
  return documentParsingOf(line, column, `${what}. ${preview}`, { ...problem, reason });
}

function metadataInside(walk: Walk, name: string): EsError {
  const { line, column } = positionOf(walk.text, walk.path);
  return documentParsing(
    walk,
    `failed to parse field [${name}] of type [${name}] in document with id '${walk.id}'. Preview of field's value: '${toJavaText(readPath(walk, walk.path))}'`,
    {
      type: "document_parsing_exception",
      reason: `[${line}:${column}] Field [${name}] is a metadata field and cannot be added inside a document. Use the index API request parameters.`,
    },
  );
}

function strictDynamic(walk: Walk, name: string): EsError {
  const { line, column } = positionOf(walk.text, walk.path);
  const parent = walk.path.slice(0, -1).filter((step) => typeof step === "string");
  return new EsError(
    400,
    "strict_dynamic_mapping_exception",
    `[${line}:${column}] mapping set to strict, dynamic introduction of [${name}] within [${parent.length === 0 ? "_doc" : parent.join(".")}] is not allowed`,
  );
}

function documentParsing(walk: Walk, reason: string, causedBy?: ValueProblem): EsError {
  const { line, column } = positionOf(walk.text, walk.path);
  return documentParsingOf(line, column, reason, causedBy);
}

/** `document_parsing_exception` with the place that the reason begins with. */
export function documentParsingOf(
  line: number,
  column: number,
  reason: string,
  causedBy?: ValueProblem,
): EsError {
  return new EsError(
    400,
    "document_parsing_exception",
    `[${line}:${column}] ${reason}`,
    causedBy === undefined ? {} : { caused_by: causedBy },
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isIndexable(value: unknown): value is Readonly<Record<string | number, unknown>> {
  return typeof value === "object" && value !== null;
}
