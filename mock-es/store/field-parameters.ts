/**
 * The mapping parameters of each field type: what they may be, what they are when they are not
 * given, and whether a later mapping may change them. Facts of Elasticsearch 9, found by asking a
 * real node.
 */
import { EsError, illegalArgument, notSupported } from "../es-error.ts";
import { isRawNumber } from "../json/exact-numbers.ts";
import { doubleText } from "../json/java-number.ts";
import { isObject, jsonText, textOf } from "../json/json-value.ts";
import { inHashOrder } from "../text/hash-order.ts";
import { toJavaText } from "../values/java-text.ts";
import { mapperParsing } from "./mapping-problem.ts";
import { isVectorUpdate, shownVectorOptions } from "./vector-options.ts";
import { notABoolean } from "../values/node-boolean.ts";

/** A parameter of a type. */
interface ParameterRule {
  readonly name: string;
  readonly kind: "boolean" | "explicit" | "integer" | "text" | "list" | "any";
  /** What it is when it is not given; `undefined`: nothing. */
  readonly fallback: unknown;
  readonly isUpdatable: boolean;
}

/**
 * Each rule is written `name:kind=default!`; kinds are b (boolean), e (boolean that is shown when
 * it is given), i (whole number), s (text), l (list of texts) and a (anything); `!` marks what may
 * be changed.
 */
const common = "copy_to:l! meta:a!";
const values = "index:b=true doc_values:b=true store:b=false script:a on_script_error:s=fail";
const number = `${common} ${values} null_value:a coerce:e=true! ignore_malformed:e=false! time_series_dimension:b=false time_series_metric:s synthetic_source_keep:s`;
const date = `${common} ${values} format:s locale:s=en ignore_malformed:b=false! null_value:a synthetic_source_keep:s`;
const range = `${common} index:b=true doc_values:b=true store:b=false coerce:e=true! format:s locale:s=en`;
const typeRules: Readonly<Record<string, string>> = {
  text: `${common} index:b=true store:b=false doc_values:e=false norms:b=true analyzer:s=default search_analyzer:s! search_quote_analyzer:s! index_options:s=positions index_phrases:b=false index_prefixes:a similarity:s term_vector:s=no position_increment_gap:i=100 fielddata:b=false! fielddata_frequency_filter:a! eager_global_ordinals:b=false! synthetic_source_keep:s`,
  match_only_text: `${common} analyzer:s=default`,
  search_as_you_type: `${common} analyzer:s=default search_analyzer:s! search_quote_analyzer:s! index:b=true index_options:s=positions store:b=false norms:b=true max_shingle_size:i=3 similarity:s term_vector:s=no doc_values:b=false`,
  keyword: `${common} ${values} null_value:s ignore_above:i=2147483647! eager_global_ordinals:b=false! index_options:s=docs norms:b=false similarity:s! normalizer:s split_queries_on_whitespace:b=false! time_series_dimension:b=false synthetic_source_keep:s`,
  constant_keyword: `meta:a! value:s!`,
  wildcard: `${common} null_value:s ignore_above:i=2147483647!`,
  version: common,
  long: number,
  integer: number,
  short: number,
  byte: number,
  double: number,
  float: number,
  half_float: number,
  scaled_float: `${number} scaling_factor:a`,
  unsigned_long: `${common} index:b=true doc_values:b=true store:b=false null_value:a ignore_malformed:e=false! time_series_dimension:b=false time_series_metric:s`,
  date,
  date_nanos: date,
  boolean: `${common} doc_values:b=true index:b=true null_value:a store:b=false script:a on_script_error:s=fail ignore_malformed:e=false! time_series_dimension:b=false synthetic_source_keep:s`,
  ip: `${common} ${values} null_value:s ignore_malformed:b=false! time_series_dimension:b=false synthetic_source_keep:s`,
  integer_range: range,
  long_range: range,
  float_range: range,
  double_range: range,
  ip_range: range,
  date_range: range,
  binary: `${common} store:b=false doc_values:b=false`,
  flattened: `${common} index:b=true doc_values:b=true depth_limit:i=20! ignore_above:i=2147483647! null_value:s eager_global_ordinals:b=false! index_options:s=docs similarity:s split_queries_on_whitespace:b=false! time_series_dimensions:a`,
  geo_point: `${common} doc_values:b=true index:b=true store:b=false script:a on_script_error:s=fail ignore_malformed:e=false! ignore_z_value:e=true! null_value:a time_series_metric:s synthetic_source_keep:s`,
  dense_vector: `meta:a! element_type:s=float dims:i index:e=true similarity:s index_options:a!`,
  sparse_vector: `${common} store:b=false index_options:a!`,
  rank_feature: `meta:a! positive_score_impact:b=true`,
  rank_features: `meta:a! positive_score_impact:b=true`,
  token_count: `${common} index:b=true doc_values:b=true store:b=false null_value:i analyzer:s enable_position_increments:b=true`,
  completion: `${common} analyzer:s=simple search_analyzer:s! preserve_separators:e=true preserve_position_increments:e=true max_input_length:i=50! contexts:a`,
  join: `meta:a! relations:a! eager_global_ordinals:b=true!`,
  alias: "path:s!",
  object:
    "dynamic:s! enabled:e=true! subobjects:a synthetic_source_keep:s include_in_all:a store_array_source:b",
  nested:
    "dynamic:s! enabled:e=true! subobjects:a include_in_parent:b=false include_in_root:b=false synthetic_source_keep:s",
};

const kindOf: Readonly<Record<string, ParameterRule["kind"]>> = {
  b: "boolean",
  e: "explicit",
  i: "integer",
  s: "text",
  l: "list",
  a: "any",
};

const parsed = new Map<string, ReadonlyMap<string, ParameterRule>>();

/** The rules of a type; `undefined` for a type whose parameters are not checked. */
function rulesOf(type: string): ReadonlyMap<string, ParameterRule> | undefined {
  const text = Object.hasOwn(typeRules, type) ? typeRules[type] : undefined;
  if (text === undefined) return undefined;
  let rules = parsed.get(type);
  if (rules === undefined) {
    rules = new Map(
      text.split(" ").map((entry) => [entry.slice(0, entry.indexOf(":")), toRule(entry)]),
    );
    parsed.set(type, rules);
  }
  return rules;
}

function toRule(entry: string): ParameterRule {
  const isUpdatable = entry.endsWith("!");
  const [name = "", rest = ""] = (isUpdatable ? entry.slice(0, -1) : entry).split(":");
  const [letter = "", given] = rest.split("=");
  const kind = kindOf[letter] ?? "any";
  return { name, kind, fallback: fallbackOf(kind, given), isUpdatable };
}

function fallbackOf(kind: ParameterRule["kind"], given: string | undefined): unknown {
  if (given === undefined) return undefined;
  if (kind === "boolean" || kind === "explicit") return given === "true";
  return kind === "integer" ? Number(given) : given;
}

/** True for a parameter that fields of a type may have. */
export function hasParameter(type: string, name: string): boolean {
  return rulesOf(type)?.has(name) ?? true;
}

/** Parameters that may be given as null, which counts as not given. */
const isNullable: ReadonlySet<string> = new Set([
  "null_value",
  "normalizer",
  "copy_to",
  "similarity",
  "script",
  "path",
]);

/** What reading the parameters of a field gave. */
export type ReadParameters =
  | { readonly kind: "read"; readonly parameters: Record<string, unknown> }
  | { readonly kind: "unknown"; readonly parameter: string };

/**
 * Reads parameters in the forms that their type wants, in the order in which the server reads them;
 * those that are as they would be anyway are left out.
 *
 * @param given the whole definition of the field, or the parameters in it
 * @throws {EsError} 400 `illegal_argument_exception` for values that a parameter cannot have
 */
export function readParameters(
  field: string,
  type: string,
  given: Readonly<Record<string, unknown>>,
): ReadParameters {
  const rules = rulesOf(type);
  if (rules === undefined) {
    const { type: _type, fields: _fields, properties: _properties, ...parameters } = given;
    return { kind: "read", parameters };
  }
  const parameters: Record<string, unknown> = {};
  for (const name of inHashOrder(Object.keys(given))) {
    const raw = given[name];
    // Who calls has read these.
    if (name === "type" || name === "fields" || name === "properties") continue;
    const rule = rules.get(name);
    if (rule === undefined) return { kind: "unknown", parameter: name };
    if (raw === null && !isNullable.has(name)) {
      throw mapperParsing(
        `[${name}] on mapper [${field}] of type [${type}] must not have a [null] value`,
      );
    }
    const value = readValue(field, type, rule, raw);
    if (rule.kind !== "explicit" && value === rule.fallback) continue;
    if (value !== undefined) parameters[name] = value;
  }
  return { kind: "read", parameters };
}

function readValue(field: string, type: string, rule: ParameterRule, raw: unknown): unknown {
  if (rule.name === "copy_to") return readTargets(raw);
  if (raw === null) return undefined;
  switch (rule.kind) {
    case "boolean":
    case "explicit":
      if (raw === true || raw === "true") return true;
      if (raw === false || raw === "false") return false;
      throw notAFlag(field, type, rule, raw);
    case "integer": {
      const isDims = rule.name === "dims";
      if (isDims && (typeof raw !== "number" || !Number.isInteger(raw)))
        throw mapperParsing(
          `Property [dims] on field [${field}] must be an integer but got [${textOf(raw)}]`,
        );
      const number = readInteger(raw);
      if (number < 0 && !isDims) {
        const reason = `[${rule.name}] must be positive, got [${number}]`;
        throw rule.name === "position_increment_gap"
          ? mapperParsing(reason)
          : illegalArgument(reason);
      }
      return number;
    }
    case "text":
      return toJavaText(raw);
    case "list":
      return Array.isArray(raw) ? raw.map(textOf) : [textOf(raw)];
    case "any":
      return raw;
  }
}

/** Fields that a value is copied to; none is the same as no list. */
function readTargets(raw: unknown): string[] | undefined {
  const targets: unknown[] = Array.isArray(raw) ? raw : [raw];
  if (targets.includes(null)) throw notSupported("[copy_to] of null");
  return targets.length === 0 ? undefined : targets.map(toJavaText);
}

/** Types whose `doc_values` might be an object, which only indices of columns take. */
const columnar =
  /^(?:text|keyword|long|integer|short|byte|double|float|half_float|date|date_nanos|boolean|ip)$/;

function notAFlag(field: string, type: string, { name }: ParameterRule, raw: unknown): EsError {
  const reason = `Failed to parse value [${textOf(raw)}] as only [true] or [false] are allowed.`;
  if (name !== "doc_values" || !columnar.test(type)) return illegalArgument(reason);
  if (isObject(raw)) {
    return mapperParsing(
      `unsupported doc_values configuration for field [${field}] in non-columnar index; supported values: [true, false]`,
    );
  }
  return notABoolean(textOf(raw), name);
}

/** A whole number of 32 bits, or its text. @throws {EsError} 400 for anything else */
function readInteger(raw: unknown): number {
  const isText = typeof raw !== "number" && !isRawNumber(raw) && typeof raw !== "bigint";
  const number = isText && !/^[+-]?\d+$/.test(textOf(raw)) ? NaN : Number(sentNumber(raw));
  if (Number.isInteger(number) && number >= -(2 ** 31) && number < 2 ** 31) return number;
  if (isText) {
    const reason = `For input string: "${toJavaText(raw)}"`;
    throw new EsError(400, "number_format_exception", reason);
  }
  // What is no long is read as a double.
  const isLong = Number.isInteger(number) && Math.abs(number) < 2 ** 63;
  if (isLong) throw new EsError(400, "arithmetic_exception", "integer overflow");
  throw illegalArgument(`${doubleText(number)} is not an integer value`);
}

function sentNumber(raw: unknown): string {
  return isRawNumber(raw) ? raw.rawJSON : textOf(raw);
}

/**
 * What of a field a later mapping would change although it must not, in the server's words:
 * `Cannot update parameter [analyzer] from [default] to [simple]`.
 */
export function parameterConflicts(
  type: string,
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): string[] {
  const conflicts: string[] = [];
  for (const rule of rulesOf(type)?.values() ?? []) {
    const from = before[rule.name] ?? fallbackIn(rule, type);
    const to = after[rule.name] ?? fallbackIn(rule, type);
    const isVectors = type === "dense_vector" && rule.name === "index_options";
    if (isSame(from, to) || (isVectors ? isVectorUpdate(from, to) : rule.isUpdatable)) continue;
    // Norms may be given up, but not taken up again.
    if (rule.name === "norms" && to === false) continue;
    // The length of vectors may be decided later, by a mapping or a document.
    if (rule.name === "dims" && from === undefined) continue;
    const [old, now] = [shownAs(rule.name, type, from), shownAs(rule.name, type, to)];
    conflicts.push(`Cannot update parameter [${rule.name}] from [${old}] to [${now}]`);
    if (type === "keyword" && rule.name === "normalizer") {
      const [had, has] = [from !== undefined, to !== undefined];
      if (had !== has)
        conflicts.push(
          `Cannot update parameter [normalizer_skip_store_original_value] from [${had}] to [${has}]`,
        );
    }
  }
  return conflicts;
}

/** Defaults that depend on more than the type's rule. */
function fallbackIn(rule: ParameterRule, type: string): unknown {
  if (rule.name !== "format") return rule.fallback;
  return type === "date_nanos"
    ? "strict_date_optional_time_nanos||epoch_millis"
    : "strict_date_optional_time||epoch_millis";
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || jsonText(a) === jsonText(b);
}

function shownAs(name: string, type: string, value: unknown): string {
  if (value === undefined) return "null";
  if (name === "doc_values" && columnar.test(type))
    return `Values[enabled=${textOf(value)}, cardinality=low, multiValue=true, nullability=true]`;
  if (name === "index_prefixes" && isObject(value))
    return `{ min_chars=${textOf(value["min_chars"])}, max_chars=${textOf(value["max_chars"])} }`;
  if (name === "index_options" && isObject(value)) return shownVectorOptions(value);
  if (name === "null_value" && isObject(value))
    return `${textOf(value["lat"])}, ${textOf(value["lon"])}`;
  return textOf(value);
}

/** Parameters of a field after a mapping was merged into it: the new ones, and what stays. */
export function mergedParameters(
  type: string,
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  // Where the rules are not known, nothing is lost.
  return rulesOf(type) === undefined || type === "object" || type === "nested"
    ? { ...before, ...after }
    : { ...after };
}

/** Parameters in the order in which the server answers them. */
export function inParameterOrder(
  type: string,
  parameters: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const rules = rulesOf(type);
  if (rules === undefined) return { ...parameters };
  const shownNames =
    type === "text"
      ? { ...parameters, ...shownAnalyzers(parameters) }
      : type === "completion" && parameters["search_analyzer"] === parameters["analyzer"]
        ? { ...parameters, search_analyzer: undefined }
        : parameters;
  const ordered: Record<string, unknown> = {};
  for (const name of rules.keys()) {
    const value = shownNames[name];
    if (value !== undefined) ordered[name] = value;
  }
  return ordered;
}

/** An analyzer is shown where it is not what the one before it, or the one after it, would be. */
function shownAnalyzers(parameters: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { analyzer, search, quote } = analyzersOf(parameters);
  const isSplit = search !== quote;
  return {
    analyzer: analyzer !== "default" || analyzer !== search || isSplit ? analyzer : undefined,
    search_analyzer: search !== analyzer || isSplit ? search : undefined,
    search_quote_analyzer: isSplit ? quote : undefined,
  };
}

/** The names of the analyzers of a text: that of the index stands for those that are not given. */
export function analyzersOf(parameters: Readonly<Record<string, unknown>>): {
  readonly analyzer: unknown;
  readonly search: unknown;
  readonly quote: unknown;
} {
  const analyzer = parameters["analyzer"] ?? "default";
  const search = parameters["search_analyzer"] ?? analyzer;
  return { analyzer, search, quote: parameters["search_quote_analyzer"] ?? search };
}
