import { illegalArgument } from "../es-error.ts";
import { toText } from "../json/coerce.ts";

/**
 * Flat settings of an index: full names with `index.` in front, values as text or lists of text.
 */
export type FlatSettings = Map<string, string | readonly string[]>;

/** Settings of one index. */
export class IndexSettings {
  readonly #values: FlatSettings;

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

  get maxResultWindow(): number {
    return Number(this.text("index.max_result_window") ?? "10000");
  }

  get isHidden(): boolean {
    return this.text("index.hidden") === "true";
  }

  text(name: string): string | undefined {
    const value = this.#values.get(name);
    return typeof value === "string" ? value : undefined;
  }

  set(name: string, value: string | readonly string[]): void {
    this.#values.set(name, value);
  }

  unset(name: string): void {
    this.#values.delete(name);
  }

  entries(): Iterable<[string, string | readonly string[]]> {
    return this.#values.entries();
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
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    for (const [name, inner] of Object.entries(value))
      flattenInto(flat, path === "" ? name : `${path}.${name}`, inner);
  } else if (Array.isArray(value)) {
    flat.set(path, value.map(toText));
  } else {
    flat.set(path, value === null || value === undefined ? null : toText(value));
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

const known =
  /^index\.(number_of_shards|number_of_replicas|auto_expand_replicas|refresh_interval|max_(result_window|inner_result_window|rescore_window|docvalue_fields_search|script_fields|ngram_diff|shingle_diff|refresh_listeners|terms_count|regex_length|slices_per_scroll|analyzed_offset)|hidden|codec(\..+)?|mode|sort\..+|priority|default_pipeline|final_pipeline|(blocks|analysis|analyze|mapping|routing|translog|merge|search|indexing|lifecycle|unassigned|query|store|similarity|soft_deletes|highlight|write|gc_deletes|shard|allocation|time_series|requests|load_fixed_bitset_filters_eagerly|resize|version|creation_date|uuid|provided_name|routing_partition_size|number_of_routing_shards|verified_before_close|look_back_time|look_ahead_time|routing_path|format|fielddata|warmer|bloom_filter_for_id_field|frozen|logsdb|esql|recovery|compound_format|queries|data_path|priority|flush_after_merge|dense_vector|plugin|xpack)(\..+)?)$/;

/**
 * Refuses settings that no Elasticsearch has, and numbers that are none.
 *
 * @throws {EsError} 400 `unknown setting [index.x] please check that any required plugins are
 *   installed, …`
 */
export function checkIndexSettings(
  settings: ReadonlyMap<string, string | readonly string[] | null>,
): void {
  for (const [name, value] of settings) {
    if (!known.test(name)) {
      throw illegalArgument(
        `unknown setting [${name}] please check that any required plugins are installed, or check the breaking changes documentation for removed settings`,
      );
    }
    if (name === "index.number_of_shards") checkNumber(name, value, 1, 1024);
    if (name === "index.number_of_replicas") checkNumber(name, value, 0, Infinity);
    if (name === "index.max_result_window") checkNumber(name, value, 1, Infinity);
  }
}

function checkNumber(
  name: string,
  value: string | readonly string[] | null,
  least: number,
  most: number,
): void {
  if (value === null) return;
  if (typeof value !== "string" || !/^-?\d+$/.test(value)) {
    throw illegalArgument(`Failed to parse value [${String(value)}] for setting [${name}]`, {
      caused_by: {
        type: "number_format_exception",
        reason: `For input string: "${String(value)}"`,
      },
    });
  }
  if (Number(value) < least) {
    throw illegalArgument(
      `Failed to parse value [${value}] for setting [${name}] must be >= ${least}`,
    );
  }
  if (Number(value) > most) {
    throw illegalArgument(
      `Failed to parse value [${value}] for setting [${name}] must be <= ${most}`,
    );
  }
}
