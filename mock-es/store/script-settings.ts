/** How often scripts may be compiled, and how many are kept, by the context that they run in. */
import { illegalArgument } from "../es-error.ts";
import { parseDuration } from "../values/duration.ts";
import type { SettingRule } from "./setting-rules.ts";

/** Contexts of the modules of Elasticsearch 9.5. */
const contexts: ReadonlySet<string> = new Set(
  `aggregation_selector aggs aggs_combine aggs_init aggs_map aggs_reduce analysis boolean_field
  bucket_aggregation bytesref_sort composite_field date_field double_field field filter
  geo_point_field geometry_field ingest ingest_template interval ip_field keyword_field long_field
  moving-function number_sort painless_test processor_conditional reindex score script_heuristic
  similarity similarity_weight string_sort template terms_set update update_by_query`.split(/\s+/),
);

const rules: Readonly<Record<string, SettingRule>> = {
  max_compilations_rate: { group: "D", kind: "s", least: undefined, fallback: "150/5m" },
  cache_max_size: { group: "D", kind: "i", least: 0, fallback: "100" },
  cache_expire: { group: "D", kind: "t", least: undefined, fallback: "0ms" },
};

const prefix = "script.context.";

/** The rate of all contexts, what it is unless set, and the value that leaves it to each. */
const allRate = "script.max_compilations_rate";
const defaultRate = "150/5m";
const perContext = "use-context";

/** The rule of a setting such as `script.context.update.max_compilations_rate`. */
export function scriptContextSetting(name: string): SettingRule | undefined {
  const key = name.slice(name.lastIndexOf(".") + 1);
  return name.startsWith(prefix) && Object.hasOwn(rules, key) ? rules[key] : undefined;
}

/**
 * Checks a setting of scripts beyond its type: the context that it names, and a rate.
 *
 * @throws {EsError} 400 in the server's words
 */
export function checkScriptSetting(name: string, value: string): void {
  if (name.endsWith(".max_compilations_rate")) checkRate(name, value);
  if (!name.startsWith(prefix)) return;
  const context = name.slice(prefix.length, name.lastIndexOf("."));
  if (!contexts.has(context))
    throw illegalArgument(`Context [${context}] doesn't exist for setting [${name}]`);
}

/**
 * Checks settings of contexts beside the rate of all of them.
 *
 * @throws {EsError} 400 in the server's words
 */
export function checkScriptRates(rate: string, names: Iterable<string>): void {
  if (rate === perContext || rate === defaultRate) return;
  const own = [...names].filter((name) => name.startsWith(prefix));
  if (own.length === 0) return;
  throw illegalArgument(
    `Context cache settings [${own.join(",")}] are incompatible with [${allRate}] set to non-default value [${rate}]. Either remove the incompatible settings (recommended) or set [${allRate}] to [${perContext}] to use per-context settings`,
  );
}

function checkRate(name: string, value: string): void {
  if (value === (name.startsWith(prefix) ? "unlimited" : perContext)) return;
  const slash = value.indexOf("/");
  if (slash === -1) {
    const shape = "a positive integer and a timevalue, i.e. 10/1m";
    throw illegalArgument(`parameter must contain ${shape}, but was [${value}]`);
  }
  const count = value.slice(0, slash);
  const failed = { type: "number_format_exception", reason: `For input string: "${count}"` };
  if (!/^[+-]?\d+$/.test(count))
    throw illegalArgument(`could not parse [${count}] as integer in value [${value}]`, {
      caused_by: failed,
    });
  if (Number(count) < 0) throw illegalArgument(`rate [${count}] must be positive`);
  const time = value.slice(slash + 1);
  if (parseDuration(time, name) <= 0)
    throw illegalArgument(`time value [${time}] must be positive`);
}
