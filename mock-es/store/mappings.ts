/** The mapping of one index. */
import type { AnalysisRegistry } from "../analysis/analysis.ts";
import { EsError, illegalArgument, notSupported } from "../es-error.ts";
import { toTexts } from "../json/coerce.ts";
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import type { FieldMappings, GrantedFields, SourceParts } from "../search/fields/document.ts";
import { withRuntimeFields } from "../search/runtime-fields.ts";
import { type FieldNode, renderProperties } from "./field-node.ts";
import { type FieldSurroundings, parseProperties } from "./field-parser.ts";
import { type FlatFields, flatFields } from "./flat-fields.ts";
import { checkMapping, type MappingLimits } from "./mapping-checks.ts";
import { mergeProperties, type MergeReason } from "./mapping-merge.ts";
import { mapperParsing, mappingFailure } from "./mapping-problem.ts";
import type { DynamicSetting } from "./object-flags.ts";
import { validateTemplates } from "./template-validation.ts";
import { mergeRoot, parseRoot, renderRoot } from "./root-mapping.ts";

/** What the settings of an index say of its mapping. */
export interface MappingSurroundings {
  readonly analysis: AnalysisRegistry;
  /** Names of similarities that the settings define. */
  readonly similarities: ReadonlySet<string>;
  /** Fields that the index is sorted by. */
  readonly sortFields: readonly string[];
  /** The limits as they are now. */
  readonly limits: () => MappingLimits;
}

/** The mapping of one index: its fields by name, and how documents may add to them. */
export class Mappings implements FieldMappings {
  /** False until a mapping is given, or a document indexed: there are no fields then at all. */
  isDefined = false;
  readonly #surroundings: MappingSurroundings;
  #properties = new Map<string, FieldNode>();
  #root: Readonly<Record<string, unknown>> = {};
  #flat: FlatFields | undefined;
  #copies: ReadonlyMap<string, readonly string[]> | undefined;
  #vectors: readonly string[] | undefined;
  #searched: FieldMappings | undefined;
  #grants: GrantedFields | undefined;
  #fetched: Mappings | undefined;
  /** The mapping that this one is a part of. */
  #whole: Mappings | undefined;

  constructor(surroundings: MappingSurroundings) {
    this.#surroundings = surroundings;
  }

  /** Fields at the top level; a document adds to them in place. */
  get properties(): Map<string, FieldNode> {
    return this.#properties;
  }

  get dynamic(): DynamicSetting {
    return (this.#root["dynamic"] as DynamicSetting | undefined) ?? "true";
  }

  get hasDateDetection(): boolean {
    return this.#root["date_detection"] !== false;
  }

  get hasNumericDetection(): boolean {
    return this.#root["numeric_detection"] === true;
  }

  get dynamicDateFormats(): readonly string[] | undefined {
    return this.#root["dynamic_date_formats"] as readonly string[] | undefined;
  }

  get dynamicTemplates(): unknown {
    return this.#root["dynamic_templates"];
  }

  /** False: documents are kept as they are and none of their fields is mapped. */
  get isEnabled(): boolean {
    return this.#root["enabled"] !== false;
  }

  get isRoutingRequired(): boolean {
    const routing = this.#root["_routing"];
    return isObject(routing) && routing["required"] === true;
  }

  /** The field that tells when a document happened has to be there, as in data streams. */
  get hasTimestamp(): boolean {
    const mark = this.#root["_data_stream_timestamp"];
    return isObject(mark) && mark["enabled"] === true;
  }

  /** `undefined` when sources are kept whole. */
  get sourceParts(): SourceParts | undefined {
    const source = this.#root["_source"];
    const grants = this.#grants;
    if (!isObject(source) || Object.keys(source).length === 0)
      return grants && { isEnabled: true, includes: [], excludes: [], grants };
    return {
      isEnabled: source["enabled"] !== false,
      includes: toTexts(source["includes"]),
      excludes: toTexts(source["excludes"]),
      ...(grants && { grants }),
    };
  }

  /** Names of the vectors; `undefined` when there are none, or sources show them. */
  get hiddenFields(): readonly string[] | undefined {
    if (this.#vectors === undefined) {
      const fields = [...this.fields()].filter(([, node]) => isVector(node));
      this.#vectors = fields.map(([name]) => name);
    }
    return this.#vectors.length === 0 || !this.limits.hidesVectors ? undefined : this.#vectors;
  }

  get analysis(): AnalysisRegistry {
    return this.#surroundings.analysis;
  }

  /** Default of the parameter `ignore_above`. */
  get ignoresAbove(): number {
    return this.limits.ignoresAbove;
  }

  get limits(): MappingLimits {
    return this.#surroundings.limits();
  }

  /** Definitions of the runtime fields; `undefined` without any. */
  get runtimeFields(): JsonObject | undefined {
    const fields = this.#root["runtime"];
    return isObject(fields) ? fields : undefined;
  }

  /** The mapping with its runtime fields, as searches see it. @param index its name */
  searched(index: string): FieldMappings {
    const { runtimeFields } = this;
    if (runtimeFields === undefined) return this;
    return (this.#searched ??= withRuntimeFields(this, runtimeFields, {
      index,
      nowMs: Date.now(),
      refuse: mapperParsing,
    }));
  }

  /** Adds runtime fields that a document brought. */
  addRuntimeFields(definitions: JsonObject): void {
    this.#root = mergeRoot(this.#root, { runtime: definitions }, "update");
    this.forgetFlatFields();
  }

  /** A field by its full dotted name, multi-fields included. */
  find(field: string): FieldNode | undefined {
    const found = this.fields().get(field);
    if (found !== undefined || this.#whole === undefined) return found;
    // A field that is not granted is there, and no document has a value of it.
    const hidden = this.#whole.find(field);
    return hidden && { ...hidden, sinceWrite: Infinity };
  }

  /** Full names of all fields, for field patterns in queries. */
  fieldNames(): Iterable<string> {
    return this.fields().keys();
  }

  /** Names of the fields that are copied to a field. */
  copiedTo(field: string): readonly string[] {
    if (this.#copies === undefined) {
      const copies = new Map<string, string[]>();
      for (const [name, node] of this.fields()) {
        for (const target of toTexts(node.parameters["copy_to"])) {
          const sources = copies.get(target);
          if (sources === undefined) copies.set(target, [name]);
          else sources.push(name);
        }
      }
      this.#copies = copies;
    }
    const direct = this.#copies.get(field);
    if (direct !== undefined || this.#copies.size === 0) return direct ?? [];
    // A multi-field takes what its parent takes.
    const dot = field.lastIndexOf(".");
    const parent = dot > 0 ? field.slice(0, dot) : undefined;
    if (parent === undefined || !(this.find(parent)?.fields.has(field.slice(dot + 1)) ?? false))
      return [];
    return this.#copies.get(parent) ?? [];
  }

  /** All fields by full dotted name: leaves, multi-fields and objects. */
  fields(): FlatFields {
    return (this.#flat ??= flatFields(this.#properties));
  }

  /** To be called after `properties` was changed in place. */
  forgetFlatFields(): void {
    this.#flat = undefined;
    this.#copies = undefined;
    this.#vectors = undefined;
    this.#searched = undefined;
  }

  /**
   * Adds to the mapping; nothing is changed when any part of it is refused.
   *
   * @param sinceWrite the first write that is indexed with what is new
   * @throws {EsError} 400 for a mapping that does not parse, or that changes what must stay
   */
  merge(definition: JsonObject, sinceWrite: number, reason: MergeReason = "update"): void {
    this.prepare(definition, sinceWrite, reason)();
  }

  /**
   * As {@link merge}, without changing anything yet.
   *
   * @returns makes the change
   */
  prepare(definition: JsonObject, sinceWrite: number, reason: MergeReason = "update"): () => void {
    const late: (() => void)[] = [];
    const { properties, root } = this.#parse(definition, reason, {
      ...this.fieldSurroundings(sinceWrite),
      late,
    });
    this.#checkShadows(root["runtime"]);
    const mergedRoot = mergeRoot(this.#root, root, reason);
    const merged = mergeProperties(this.#properties, properties, reason);
    inWordsOfMappings(reason, () => late.forEach((check) => check()));
    checkMapping(flatFields(merged), this.limits);
    if (reason === "update") checkTimestamp(mergedRoot, merged);
    if (sinceWrite > 0) this.#checkCopies(flatFields(merged));
    return () => {
      this.isDefined ||= reason === "update" || Object.keys(definition).length > 0;
      this.#properties = merged;
      this.#root = mergedRoot;
      this.forgetFlatFields();
    };
  }

  /** Documents keep the copies that were made when they came. */
  #checkCopies(merged: FlatFields): void {
    for (const [name, { parameters }] of this.fields()) {
      const targets = toTexts(merged.get(name)?.parameters["copy_to"]);
      if (String(targets) !== String(toTexts(parameters["copy_to"])))
        throw notSupported("another [copy_to] of a field that documents may have");
    }
  }

  #checkShadows(runtime: unknown): void {
    for (const name of this.#surroundings.sortFields) {
      if (!isObject(runtime) || !Object.hasOwn(runtime, name)) continue;
      throw mapperParsing(
        `runtime field [${name}] shadows an index sort field, which would prevent shards from being allocated`,
      );
    }
  }

  #parse(
    definition: JsonObject,
    reason: MergeReason,
    surroundings: FieldSurroundings,
  ): { readonly properties: Map<string, FieldNode>; readonly root: Record<string, unknown> } {
    return inWordsOfMappings(reason, () => {
      const root = parseRoot(definition);
      // A script that does not compile is refused at once.
      if (isObject(root["runtime"]))
        withRuntimeFields(this, root["runtime"], { index: "", nowMs: 0, refuse: mapperParsing });
      const { late: _late, ...templated } = surroundings;
      validateTemplates(root["dynamic_templates"], templated);
      const { properties } = definition;
      const fields =
        properties === undefined
          ? new Map<string, FieldNode>()
          : parseProperties(properties, surroundings);
      return { properties: fields, root };
    });
  }

  /** Takes over the mapping of another index as it is. */
  adopt(other: Mappings): void {
    this.isDefined = other.isDefined;
    this.#properties = copyProperties(other.properties);
    this.#root = other.#root;
    this.forgetFlatFields();
  }

  /** The same mapping with some fields only, which are all that sources show. */
  restrictedTo(grants: GrantedFields): Mappings {
    const part = new Mappings(this.#surroundings);
    part.#properties = grantedProperties(this.#properties, "", grants.accepts);
    part.#root = this.#root;
    part.#grants = grants;
    part.#whole = this;
    return part;
  }

  /** What `fields` shows of a part; `undefined` for a whole mapping. */
  get fetched(): FieldMappings | undefined {
    const whole = this.#whole;
    const grants = this.#grants;
    if (whole === undefined || grants === undefined) return undefined;
    if (this.#fetched === undefined) {
      this.#fetched = new Mappings(this.#surroundings);
      this.#fetched.#properties = fetchedProperties(whole.#properties, "", grants.accepts);
    }
    return this.#fetched;
  }

  /** What the definition of a field is read with. */
  fieldSurroundings(sinceWrite: number): FieldSurroundings {
    const { analysis, similarities } = this.#surroundings;
    return { analysis, similarities, sinceWrite };
  }

  /** The mapping as the server answers it. */
  render(): Record<string, unknown> {
    const rendered = renderRoot(this.#root);
    const { size } = this.#whole?.properties ?? this.#properties;
    if (size > 0) rendered["properties"] = renderProperties(this.#properties);
    return rendered;
  }
}

/** An index of a data stream has the field that its documents are ordered by. @throws {EsError} */
function checkTimestamp(root: JsonObject, properties: ReadonlyMap<string, FieldNode>): void {
  const { _data_stream_timestamp: own } = root;
  if (!isObject(own) || own["enabled"] !== true || properties.has("@timestamp")) return;
  throw illegalArgument("data stream timestamp field [@timestamp] does not exist");
}

/** Runs a check of a mapping, and puts its refusal as one of the mapping. */
function inWordsOfMappings<T>(reason: MergeReason, check: () => T): T {
  try {
    return check();
  } catch (error) {
    // What is not covered here is no fault of the mapping; of an update names that clash are
    // merged before it is parsed.
    if (!(error instanceof EsError) || error.reason.endsWith("by mock-es")) throw error;
    if (reason === "update" && error.reason.startsWith("can't merge a non")) throw error;
    throw mappingFailure(error);
  }
}

/** The setting of `dynamic` that an object field has of its own. */
export function ownDynamic(node: FieldNode): DynamicSetting | undefined {
  const own = node.parameters["dynamic"];
  return own === undefined ? undefined : (textOf(own) as DynamicSetting);
}

/** The fields that are granted, with the objects that they are in. */
function grantedProperties(
  properties: ReadonlyMap<string, FieldNode>,
  prefix: string,
  isGranted: (name: string) => boolean,
): Map<string, FieldNode> {
  const granted = new Map<string, FieldNode>();
  for (const [name, node] of properties) {
    const path = prefix + name;
    const { properties: inner, fields } = node;
    if (inner === undefined || inner.size === 0) {
      if (!isGranted(path)) continue;
      const parts = [...fields].filter(([part]) => isGranted(`${path}.${part}`));
      granted.set(name, parts.length === fields.size ? node : { ...node, fields: new Map(parts) });
      continue;
    }
    const kept = grantedProperties(inner, `${path}.`, isGranted);
    if (kept.size > 0 || isGranted(path)) granted.set(name, { ...node, properties: kept });
  }
  return granted;
}

/** The fields whose values stand in granted parts of sources: fields of granted ones, aliases. */
function fetchedProperties(
  properties: ReadonlyMap<string, FieldNode>,
  prefix: string,
  isGranted: (name: string) => boolean,
): Map<string, FieldNode> {
  const fetched = new Map<string, FieldNode>();
  for (const [name, node] of properties) {
    const path = prefix + name;
    const { properties: inner, type, parameters } = node;
    if (inner !== undefined && inner.size > 0) {
      const kept = fetchedProperties(inner, `${path}.`, isGranted);
      if (kept.size > 0) fetched.set(name, { ...node, properties: kept });
    } else if (isGranted(type === "alias" ? String(parameters["path"]) : path)) {
      fetched.set(name, node);
    }
  }
  return fetched;
}

/** Fields of their own for an index, as documents add to them in place. */
function copyProperties(properties: ReadonlyMap<string, FieldNode>): Map<string, FieldNode> {
  const copy = new Map<string, FieldNode>();
  for (const [name, node] of properties) {
    const inner = node.properties === undefined ? undefined : copyProperties(node.properties);
    copy.set(name, { ...node, properties: inner, fields: copyProperties(node.fields) });
  }
  return copy;
}

/** True for a field whose values sources do not show unless they are asked for. */
function isVector({ type }: FieldNode): boolean {
  return type === "dense_vector" || type === "sparse_vector";
}
