import { EsError, illegalArgument } from "../es-error.ts";
import { toText, toTexts } from "../json/coerce.ts";
import type { FieldMappings } from "../search/fields/document.ts";
import {
  type FieldNode,
  mapperParsing,
  parseField,
  parseProperties,
  renderProperties,
} from "./field-node.ts";

/** What happens to fields that a document brings and no mapping knows. */
export type DynamicSetting = "true" | "false" | "strict" | "runtime";

const rootParameters: ReadonlySet<string> = new Set([
  "dynamic",
  "properties",
  "dynamic_templates",
  "date_detection",
  "numeric_detection",
  "dynamic_date_formats",
  "runtime",
  "subobjects",
  "enabled",
  "_source",
  "_routing",
  "_meta",
  "_data_stream_timestamp",
  "_size",
  "_field_names",
  "_id",
]);

/** The mapping of one index: its fields by name, and how documents may add to them. */
export class Mappings implements FieldMappings {
  readonly properties = new Map<string, FieldNode>();
  /** Mapping parameters beside `properties`, as they were given. */
  readonly #root: Record<string, unknown> = {};
  readonly #analyzers: ReadonlySet<string>;
  #flat: Map<string, FieldNode> | undefined;
  #types: Map<string, string> | undefined;

  /** `analyzers` are the names that the index settings define besides the built-in ones. */
  constructor(analyzers: ReadonlySet<string> = new Set()) {
    this.#analyzers = analyzers;
  }

  get dynamic(): DynamicSetting {
    return toDynamicSetting(this.#root["dynamic"]) ?? "true";
  }

  get hasDateDetection(): boolean {
    return this.#root["date_detection"] !== false && this.#root["date_detection"] !== "false";
  }

  get hasNumericDetection(): boolean {
    return this.#root["numeric_detection"] === true || this.#root["numeric_detection"] === "true";
  }

  get dynamicTemplates(): unknown {
    return this.#root["dynamic_templates"];
  }

  /** False: documents are kept as they are and none of their fields is mapped. */
  get isEnabled(): boolean {
    return this.#root["enabled"] !== false && this.#root["enabled"] !== "false";
  }

  get analyzers(): ReadonlySet<string> {
    return this.#analyzers;
  }

  get isRoutingRequired(): boolean {
    const routing = this.#root["_routing"];
    return (
      typeof routing === "object" &&
      routing !== null &&
      "required" in routing &&
      routing.required === true
    );
  }

  /**
   * The type of a field as searches may use it. A field whose indexing the search engine does not
   * imitate (other analyzers, normalizers, `copy_to`, …) gets a description in place of its type:
   * unknown to the engine, it makes queries on it a refusal, not a wrong answer.
   */
  typeOf(field: string): string | undefined {
    const node = this.node(field);
    return node === undefined ? undefined : this.#searchTypes().get(field);
  }

  formatOf(field: string): string | undefined {
    const format = this.node(field)?.parameters["format"];
    return typeof format === "string" ? format : undefined;
  }

  ignoreAboveOf(field: string): number | undefined {
    const limit = this.node(field)?.parameters["ignore_above"];
    return limit === undefined ? undefined : Number(limit);
  }

  /** A field by its full dotted name, multi-fields included. */
  node(field: string): FieldNode | undefined {
    return this.fields().get(field);
  }

  /** Full names of all fields, for field patterns in queries. */
  fieldNames(): Iterable<string> {
    return this.fields().keys();
  }

  /** All fields by full dotted name: leaves, multi-fields and objects. */
  fields(): ReadonlyMap<string, FieldNode> {
    if (this.#flat === undefined) {
      this.#flat = new Map();
      flattenFields(this.properties, "", this.#flat);
    }
    return this.#flat;
  }

  /** To be called after `properties` was changed in place. */
  forgetFlatFields(): void {
    this.#flat = undefined;
    this.#types = undefined;
  }

  #searchTypes(): ReadonlyMap<string, string> {
    if (this.#types === undefined) {
      this.#types = new Map();
      const hasOwnDefault = this.#analyzers.has("default");
      for (const [name, node] of this.fields())
        this.#types.set(name, searchTypeOf(node, hasOwnDefault));
      for (const node of this.fields().values()) {
        for (const target of toTexts(node.parameters["copy_to"])) {
          if (this.#types.has(target)) this.#types.set(target, "a target of [copy_to]");
        }
      }
    }
    return this.#types;
  }

  /**
   * Adds to the mapping; nothing is changed when any part of it is refused.
   *
   * @throws {EsError} 400 for a mapping that does not parse, or that changes the type of a field
   */
  merge(definition: Readonly<Record<string, unknown>>): void {
    for (const name of Object.keys(definition)) {
      if (!rootParameters.has(name)) {
        throw mapperParsing(
          `Root mapping definition has unsupported parameters:  [${name} : ${toJavaText(definition[name])}]`,
        );
      }
    }
    const { properties, ...root } = definition;
    if ("dynamic" in root && toDynamicSetting(root["dynamic"]) === undefined) {
      throw mapperParsing(
        `No enum constant org.elasticsearch.index.mapper.ObjectMapper.Dynamic.${String(root["dynamic"]).toUpperCase()}`,
      );
    }
    refuseUncovered(root);
    const added =
      properties === undefined
        ? new Map<string, FieldNode>()
        : parseProperties(properties, this.#analyzers);
    checkMerge(this.properties, added, "");
    mergeFields(this.properties, added);
    Object.assign(this.#root, root);
    this.forgetFlatFields();
  }

  /** The mapping as the server answers it. */
  render(): Record<string, unknown> {
    const rendered: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(this.#root)) {
      rendered[name] = name === "dynamic" ? String(value) : value;
    }
    if (this.properties.size > 0) rendered["properties"] = renderProperties(this.properties);
    return rendered;
  }

  /** A mapping of its own with the same fields. */
  clone(): Mappings {
    const copy = new Mappings(this.#analyzers);
    copy.merge(this.render());
    return copy;
  }

  /** Reads a field definition of a dynamic template. */
  parseField(name: string, definition: Readonly<Record<string, unknown>>): FieldNode {
    return parseField(name, definition, this.#analyzers);
  }
}

/**
 * Mapping parameters that change what a search finds, in ways the search engine does not imitate.
 */
function searchTypeOf(node: FieldNode, hasOwnDefault: boolean): string {
  const { type, parameters } = node;
  for (const name of ["analyzer", "search_analyzer"]) {
    const analyzer = parameters[name];
    if (analyzer !== undefined && analyzer !== "standard")
      return `${type} with ${name} [${toText(analyzer)}]`;
  }
  if (hasOwnDefault && (type === "text" || type === "match_only_text"))
    return `${type} with a default analyzer of its own`;
  for (const name of ["normalizer", "null_value", "split_queries_on_whitespace"]) {
    if (parameters[name] !== undefined) return `${type} with [${name}]`;
  }
  if (parameters["index"] === false && (type === "text" || parameters["doc_values"] === false))
    return `${type} that is not indexed`;
  return type;
}

/**
 * Refuses what would make documents or searches differ from the real server's.
 *
 * @throws {EsError} 400
 */
function refuseUncovered(root: Readonly<Record<string, unknown>>): void {
  const runtime = Object.keys(root["runtime"] ?? {});
  const source = Object.entries(root["_source"] ?? {});
  const checks: readonly (readonly [isUncovered: boolean, name: string])[] = [
    [runtime.length > 0, "[runtime]"],
    [root["dynamic"] === "runtime", "[dynamic: runtime]"],
    [root["subobjects"] === false || root["subobjects"] === "false", "[subobjects: false]"],
    [
      source.some(([name, value]) => name !== "enabled" || value === false),
      "[_source] with options",
    ],
  ];
  for (const [isUncovered, name] of checks) {
    if (isUncovered) throw illegalArgument(`${name} in mappings is not supported by mock-es`);
  }
}

/** The setting that a value of `dynamic` means, `undefined` when it means none. */
export function toDynamicSetting(value: unknown): DynamicSetting | undefined {
  if (value === true || value === "true") return "true";
  if (value === false || value === "false") return "false";
  return value === "strict" || value === "runtime" ? value : undefined;
}

/** A value in the notation of Java's maps and lists, which some error texts quote. */
export function toJavaText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toJavaText).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    return `{${Object.entries(value)
      .map(([name, inner]) => `${name}=${toJavaText(inner)}`)
      .join(", ")}}`;
  }
  return String(value);
}

function flattenFields(
  properties: ReadonlyMap<string, FieldNode>,
  prefix: string,
  into: Map<string, FieldNode>,
): void {
  for (const [name, node] of properties) {
    into.set(prefix + name, node);
    if (node.properties !== undefined) flattenFields(node.properties, `${prefix}${name}.`, into);
    flattenFields(node.fields, `${prefix}${name}.`, into);
  }
}

function checkMerge(
  existing: ReadonlyMap<string, FieldNode>,
  added: ReadonlyMap<string, FieldNode>,
  prefix: string,
): void {
  for (const [name, node] of added) {
    const earlier = existing.get(name);
    if (earlier === undefined) continue;
    const path = prefix + name;
    if (earlier.properties === undefined && node.properties !== undefined) {
      throw illegalArgument(`can't merge a non object mapping [${path}] with an object mapping`);
    }
    if (earlier.properties !== undefined && node.properties === undefined) {
      throw illegalArgument(`can't merge a non object mapping [${path}] with an object mapping`);
    }
    if (earlier.type !== node.type) {
      if (earlier.type === "nested" || node.type === "nested") {
        throw new EsError(
          400,
          "illegal_argument_exception",
          `cannot change object mapping from ${earlier.type === "nested" ? "nested to non-nested" : "non-nested to nested"}`,
        );
      }
      throw illegalArgument(
        `mapper [${path}] cannot be changed from type [${earlier.type}] to [${node.type}]`,
      );
    }
    if (earlier.properties !== undefined && node.properties !== undefined) {
      checkMerge(earlier.properties, node.properties, `${path}.`);
    }
    checkMerge(earlier.fields, node.fields, `${path}.`);
  }
}

function mergeFields(
  existing: Map<string, FieldNode>,
  added: ReadonlyMap<string, FieldNode>,
): void {
  for (const [name, node] of added) {
    const earlier = existing.get(name);
    if (earlier === undefined) existing.set(name, node);
    else {
      Object.assign(earlier.parameters, node.parameters);
      if (earlier.properties !== undefined && node.properties !== undefined) {
        mergeFields(earlier.properties, node.properties);
      }
      mergeFields(earlier.fields, node.fields);
    }
  }
}
