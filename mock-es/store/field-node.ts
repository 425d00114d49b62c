import { EsError } from "../es-error.ts";

/** One field of a mapping, with the fields inside it. */
export interface FieldNode {
  readonly type: string;
  /** Mapping parameters besides `type`, `properties` and `fields`, as they were given. */
  readonly parameters: Record<string, unknown>;
  /** Fields of an object; `undefined` for a leaf. */
  readonly properties: Map<string, FieldNode> | undefined;
  /** Multi-fields of a leaf. */
  readonly fields: Map<string, FieldNode>;
}

/** Field types that exist in Elasticsearch 9. */
const fieldTypes: ReadonlySet<string> = new Set(
  `aggregate_metric_double alias binary boolean byte completion constant_keyword counted_keyword date date_nanos date_range
  dense_vector double double_range flattened float float_range geo_point geo_shape half_float histogram integer integer_range ip
  ip_range join keyword long long_range match_only_text murmur3 nested object passthrough percolator point rank_feature
  rank_features rank_vectors scaled_float search_as_you_type semantic_text shape short sparse_vector text token_count
  unsigned_long version wildcard annotated_text icu_collation_keyword pattern_text`.split(/\s+/),
);

const parameterNames: ReadonlySet<string> = new Set(
  `analyzer boost coerce copy_to cs dims depth_limit doc_values dynamic eager_global_ordinals element_type enabled enable_position_increments
  fielddata fielddata_frequency_filter format ignore_above ignore_malformed ignore_z_value include_in_parent include_in_root index index_options
  index_phrases index_prefixes inference_id locale max_input_length max_shingle_size meta metrics default_metric normalizer norms null_value
  on_script_error orientation path positive_score_impact position_increment_gap preserve_position_increments preserve_separators
  priority relations scaling_factor script search_analyzer search_quote_analyzer search_inference_id similarity split_queries_on_whitespace
  store strategy subobjects synthetic_source_keep term_vector time_series_dimension time_series_metric value contexts index_options
  model_settings chunking_settings eager_global_ordinals`.split(/\s+/),
);

const builtInAnalyzers: ReadonlySet<string> = new Set(
  "standard simple whitespace stop keyword pattern fingerprint default snowball arabic armenian basque bengali brazilian bulgarian catalan cjk czech danish dutch english estonian finnish french galician german greek hindi hungarian indonesian irish italian latvian lithuanian norwegian persian portuguese romanian russian serbian sorani spanish swedish thai turkish".split(
    " ",
  ),
);

/**
 * Reads the `properties` of a mapping.
 *
 * @throws {EsError} 400 `mapper_parsing_exception` for unknown types, parameters and analyzers
 */
export function parseProperties(
  properties: unknown,
  analyzers: ReadonlySet<string>,
  into = new Map<string, FieldNode>(),
): Map<string, FieldNode> {
  if (!isRecord(properties))
    throw mapperParsing("Expected map for property [properties] but got a class");
  for (const [name, definition] of Object.entries(properties)) {
    if (name.trim() === "") throw mapperParsing("field name cannot be an empty string");
    if (!isRecord(definition)) {
      throw mapperParsing(
        `Expected map for property [fields] on field [${name}] but got a class java.lang.String`,
      );
    }
    const dot = name.indexOf(".");
    if (dot > 0 && dot < name.length - 1) {
      const head = name.slice(0, dot);
      const parent = into.get(head) ?? newObjectNode();
      into.set(head, parent);
      if (parent.properties !== undefined) {
        parseProperties({ [name.slice(dot + 1)]: definition }, analyzers, parent.properties);
      }
    } else into.set(name, parseField(name, definition, analyzers));
  }
  return into;
}

/** An object field without fields of its own. */
export function newObjectNode(): FieldNode {
  return { type: "object", parameters: {}, properties: new Map(), fields: new Map() };
}

/** A leaf without parameters. */
export function newLeafNode(type: string, parameters: Record<string, unknown> = {}): FieldNode {
  return { type, parameters, properties: undefined, fields: new Map() };
}

/**
 * Reads the definition of one field.
 *
 * @throws {EsError} 400 `mapper_parsing_exception`
 */
export function parseField(
  name: string,
  definition: Readonly<Record<string, unknown>>,
  analyzers: ReadonlySet<string>,
): FieldNode {
  const { type: given, properties, fields, ...parameters } = definition;
  if (
    given === undefined &&
    properties === undefined &&
    !("dynamic" in parameters || "enabled" in parameters)
  ) {
    throw mapperParsing(`No type specified for field [${name}]`);
  }
  const type = typeof given === "string" ? given : "object";
  if (!fieldTypes.has(type)) {
    throw mapperParsing(
      `The mapper type [${type}] declared on field [${name}] does not exist. It might have been created within a future version or requires a plugin to be installed. Check the documentation.`,
    );
  }
  for (const [parameter, value] of Object.entries(parameters)) {
    if (!parameterNames.has(parameter)) {
      throw mapperParsing(`unknown parameter [${parameter}] on mapper [${name}] of type [${type}]`);
    }
    if (parameter.endsWith("analyzer") && typeof value === "string") {
      if (!builtInAnalyzers.has(value) && !analyzers.has(value)) {
        throw mapperParsing(`analyzer [${value}] has not been configured in mappings`);
      }
    }
  }
  const isObject = type === "object" || type === "nested" || type === "passthrough";
  return {
    type,
    parameters,
    properties: isObject ? parseProperties(properties ?? {}, analyzers) : undefined,
    fields: fields === undefined ? new Map() : parseProperties(fields, analyzers),
  };
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
  Object.assign(rendered, node.parameters);
  if (node.fields.size > 0) rendered["fields"] = renderProperties(node.fields);
  if (holdsFields && node.properties !== undefined)
    rendered["properties"] = renderProperties(node.properties);
  return rendered;
}

/** `mapper_parsing_exception`, as a mapping that cannot be parsed is refused with. */
export function mapperParsing(reason: string): EsError {
  const cause = { type: "mapper_parsing_exception", reason };
  return new EsError(400, "mapper_parsing_exception", `Failed to parse mapping: ${reason}`, {
    root_cause: [cause],
    caused_by: cause,
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
