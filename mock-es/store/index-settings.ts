import { EsError, illegalArgument, isRefusal, notSupported } from "../es-error.ts";
import { isObject } from "../json/json-value.ts";
import { isRawNumber } from "../json/exact-numbers.ts";
import { defaultLimits, type SearchLimits } from "../search/fields/document.ts";
import { durationMs } from "../values/duration.ts";
import { toJavaText } from "../values/java-text.ts";
import { type IndexBlock, indexBlocks } from "./index-blocks.ts";
import type { MappingLimits } from "./mapping-checks.ts";
import {
  checkSettingValue,
  indexSettingRules,
  type SettingRule,
  type SettingValue,
} from "./setting-rules.ts";
import { checkSortSetting } from "./sort-settings.ts";

/**
 * Flat settings of an index: full names with `index.` in front, values as text or lists of text.
 */
export type FlatSettings = Map<string, string | readonly string[]>;

/** Settings of one index. */
export class IndexSettings {
  readonly #values: FlatSettings;
  /** Names that were given as null, and have no value. */
  readonly #nulls = new Set<string>();
  // What was read from the values, until they change.
  #searchLimits: SearchLimits | undefined;
  #mappingLimits: MappingLimits | undefined;
  #blocks: readonly IndexBlock[] | undefined;

  constructor(values: FlatSettings) {
    this.#values = values;
  }

  get shards(): number {
    return Number(this.text("index.number_of_shards") ?? "1");
  }

  get replicas(): number {
    const automatic = this.text("index.auto_expand_replicas");
    // A single node has room for no replica, so an automatic number is 0.
    if (automatic !== undefined && automatic !== "false") return 0;
    return Number(this.text("index.number_of_replicas") ?? "1");
  }

  /** Shards that documents of one routing value are spread over. */
  get routingPartitionSize(): number {
    return Number(this.text("index.routing_partition_size") ?? "1");
  }

  /** Milliseconds; -1 for never, `undefined` for the default. */
  get refreshIntervalMs(): number | undefined {
    const text = this.text("index.refresh_interval");
    return text === undefined ? undefined : durationMs(text);
  }

  /** What searches may ask for. */
  get searchLimits(): SearchLimits {
    return (this.#searchLimits ??= this.#readSearchLimits());
  }

  #readSearchLimits(): SearchLimits {
    const number = (name: string, fallback: number): number =>
      Number(this.text(`index.${name}`) ?? fallback);
    const fields = this.list("index.query.default_field");
    return {
      maxResultWindow: number("max_result_window", defaultLimits.maxResultWindow),
      maxInnerResultWindow: number("max_inner_result_window", defaultLimits.maxInnerResultWindow),
      maxRescoreWindow: number("max_rescore_window", defaultLimits.maxRescoreWindow),
      maxDocvalueFields: number("max_docvalue_fields_search", defaultLimits.maxDocvalueFields),
      maxScriptFields: number("max_script_fields", defaultLimits.maxScriptFields),
      maxTermsCount: number("max_terms_count", defaultLimits.maxTermsCount),
      maxRegexLength: number("max_regex_length", defaultLimits.maxRegexLength),
      maxSlices: number("max_slices_per_scroll", defaultLimits.maxSlices),
      maxAnalyzedOffset: number("highlight.max_analyzed_offset", defaultLimits.maxAnalyzedOffset),
      allowsExpensive: defaultLimits.allowsExpensive,
      allowsIdFielddata: defaultLimits.allowsIdFielddata,
      defaultFields: fields ?? defaultLimits.defaultFields,
    };
  }

  /** What the mapping may be. */
  get mappingLimits(): MappingLimits {
    return (this.#mappingLimits ??= this.#readMappingLimits());
  }

  #readMappingLimits(): MappingLimits {
    const number = (name: string, fallback: number): number =>
      Number(this.text(`index.mapping.${name}`) ?? fallback);
    return {
      totalFields: number("total_fields.limit", 1000),
      depth: number("depth.limit", 20),
      nestedFields: number("nested_fields.limit", 100),
      nestedObjects: number("nested_objects.limit", 10_000),
      nestedParents: number("nested_parents.limit", 50),
      nameLength: number("field_name_length.limit", Infinity),
      ignoresBeyondTotal:
        this.text("index.mapping.total_fields.ignore_dynamic_beyond_limit") === "true",
      ignoresMalformed: this.text("index.mapping.ignore_malformed") === "true",
      coerces: this.text("index.mapping.coerce") !== "false",
      ignoresAbove: number("ignore_above", Infinity),
      mapsTexts: this.text("index.mapping.dynamic_strings.auto_text") !== "false",
      hidesVectors: this.text("index.mapping.exclude_source_vectors") !== "false",
    };
  }

  /** What is forbidden on the index; nothing as a rule. */
  get blocks(): readonly IndexBlock[] {
    return (this.#blocks ??= indexBlocks.filter(
      ({ name }) => this.text(`index.blocks.${name}`) === "true",
    ));
  }

  get isHidden(): boolean {
    return this.text("index.hidden") === "true";
  }

  text(name: string): string | undefined {
    const value = this.#values.get(name);
    return typeof value === "string" ? value : undefined;
  }

  /** A setting that may be a list, or a text with commas; `undefined` when it is not set. */
  list(name: string): readonly string[] | undefined {
    const value = this.#values.get(name);
    return typeof value === "string" ? value.split(",").map((entry) => entry.trim()) : value;
  }

  /** Shows a setting that was given as null, as long as it has no value. */
  showAsNull(name: string): void {
    if (!this.#values.has(name)) this.#nulls.add(name);
  }

  set(name: string, value: string | readonly string[]): void {
    this.#values.set(name, value);
    this.#nulls.delete(name);
    this.#forget();
  }

  unset(name: string): void {
    this.#values.delete(name);
    this.#nulls.delete(name);
    this.#forget();
  }

  #forget(): void {
    this.#searchLimits = undefined;
    this.#mappingLimits = undefined;
    this.#blocks = undefined;
  }

  entries(): Iterable<[string, string | readonly string[]]> {
    return this.#values.entries();
  }

  /** The settings as they are shown: into how many shards an index can be split is none of them. */
  *shown(): Iterable<[string, string | readonly string[] | null]> {
    for (const name of this.#nulls) yield [name, null];
    for (const entry of this.#values)
      if (entry[0] !== "index.number_of_routing_shards") yield entry;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }
}

/**
 * Flattens settings as they arrive in a body: nested objects, dotted names and a missing `index.`
 * prefix all give the same names. `null` values are kept as `null`: they reset a setting.
 */
export function flattenSettings(
  body: unknown,
  prefix = "index.",
): Map<string, string | readonly string[] | null> {
  const flat = new Map<string, string | readonly string[] | null>();
  flattenInto(flat, "", body);
  if (prefix === "") return flat;
  const named = new Map<string, string | readonly string[] | null>();
  for (const [name, value] of flat)
    named.set(name.startsWith(prefix) ? name : prefix + name, value);
  return named;
}

function flattenInto(
  flat: Map<string, string | readonly string[] | null>,
  path: string,
  value: unknown,
): void {
  if (isObject(value)) {
    for (const [name, inner] of Object.entries(value))
      flattenInto(flat, path === "" ? name : `${path}.${name}`, inner);
  } else if (Array.isArray(value)) {
    const isPlain = value.every(
      (one) => one !== null && (typeof one !== "object" || isRawNumber(one)),
    );
    // The server fails with a status of 500.
    if (!isPlain) throw notSupported(`a list of such values as the setting [${path}]`);
    flat.set(path, value.map(toJavaText));
  } else {
    flat.set(path, value === null || value === undefined ? null : toJavaText(value));
  }
}

/** The nested form of flat settings, as the server answers them. */
export function nestSettings(entries: Iterable<[string, unknown]>): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [name, value] of entries) {
    const steps = name.split(".");
    const last = steps.pop() ?? name;
    let at: Record<string, unknown> | undefined = root;
    let rest = "";
    for (const step of steps) {
      const key: string = rest === "" ? step : `${rest}.${step}`;
      const inner: unknown = at[key];
      if (inner === undefined) {
        const made: Record<string, unknown> = {};
        at[key] = made;
        at = made;
        rest = "";
      } else if (typeof inner === "object" && inner !== null && !Array.isArray(inner)) {
        at = inner as Record<string, unknown>;
        rest = "";
      } else rest = key;
    }
    at[rest === "" ? last : `${rest}.${last}`] = value;
  }
  return root;
}

/**
 * Refuses settings that no index can have when it is created.
 *
 * @throws {EsError} 400 for unknown names, values that they cannot have, and what this mock does
 *   not cover
 */
export function checkIndexSettings(settings: ReadonlyMap<string, SettingValue | null>): void {
  checkEach(settings, ([name, value]) => {
    const rule = ruleOf(name);
    if (rule.group === "P") {
      throw new EsError(
        400,
        "validation_exception",
        `Validation Failed: 1: private index setting [${name}] can not be set explicitly;`,
      );
    }
    if (name === "index.data_path" && value !== null && value !== "") throw noDataPath();
    if (value !== null) {
      checkSettingValue(name, rule, value);
      checkSortSetting(name, value);
      refuseUncovered(name, value);
    }
  });
}

function noDataPath(): EsError {
  const reason =
    "Validation Failed: 1: path.shared_data must be set in order to use custom data paths;";
  return new EsError(400, "validation_exception", reason);
}

/**
 * Checks all settings, and throws what is wrong with the first, which the others stand below; the
 * server takes them in an order that its start decides.
 *
 * @throws {EsError} with `suppressed` where several are wrong
 */
export function checkEach<T>(settings: Iterable<T>, check: (setting: T) => void): void {
  const problems: EsError[] = [];
  for (const setting of settings) {
    try {
      check(setting);
    } catch (error) {
      if (!(error instanceof EsError) || isRefusal(error)) throw error;
      problems.push(error);
    }
  }
  const [first, ...others] = problems;
  if (first === undefined) return;
  if (others.length === 0) throw first;
  const { status, type, reason, extra } = first;
  throw new EsError(status, type, reason, {
    ...extra,
    root_cause: [{ type, reason }],
    suppressed: others.map((other) => other.toCause()),
  });
}

/** Settings whose value the server makes itself. */
const ownSettings: ReadonlySet<string> = new Set([
  "index.uuid",
  "index.creation_date",
  "index.provided_name",
]);

/** The rule of a setting. @throws {EsError} 400 `unknown setting [index.x] …` */
export function ruleOf(name: string): SettingRule {
  const rule = ownSettings.has(name) ? undefined : indexSettingRules.find(name);
  if (rule !== undefined) return rule;
  const suggestion = ownSettings.has(name) ? "" : indexSettingRules.suggestion(name);
  throw illegalArgument(
    `unknown setting [${name}]${
      suggestion === ""
        ? " please check that any required plugins are installed, or check the breaking changes documentation for removed settings"
        : suggestion
    }`,
  );
}

/**
 * Refuses settings that would change answers in ways that are not imitated.
 *
 * @throws {EsError} 400
 */
export function refuseUncovered(name: string, value: SettingValue): void {
  const text = typeof value === "string" ? value : value.join(",");
  const isUncovered =
    (name === "index.mode" && text !== "standard" && text !== "lookup") ||
    (name === "index.mapping.source.mode" && text.toLowerCase() !== "stored") ||
    (name === "index.query.parse.allow_unmapped_fields" && text !== "true") ||
    // Objects in lists are not counted.
    (name === "index.mapping.array_objects.limit" && Number(text) < 50_000) ||
    (text === "true" && uncoveredFlags.has(name));
  if (isUncovered) throw notSupported(`the setting [${name}: ${text}]`);
}

const uncoveredFlags: ReadonlySet<string> = new Set([
  "index.disable_sequence_numbers",
  "index.mapping.field_name_length.ignore_dynamic_beyond_limit",
  "index.mapping.index_disabled_by_default",
  "index.mapping.use_columnar_id_mode_by_default",
  "index.slice.enabled",
]);
