/** `missing` of fields that nothing maps: values of the type that an aggregation is about. */
import { textOf } from "../../json/json-value.ts";
import { evaluateDate } from "../../values/date.ts";
import { DEFAULT_DATE_FORMAT } from "../../values/date-format.ts";
import { toDouble } from "../../values/number.ts";
import type { TimeZone } from "../../values/time-zone.ts";
import type { SearchContext } from "../fields/document.ts";
import type { IndexedValue } from "../fields/value.ts";
import { shardFailure } from "../problem.ts";
import { addressOf, doubleProblem } from "../queries/query-values.ts";
import { inShard, unwrapped } from "../queries/shard-problem.ts";

/** What an aggregation says about the form of its values. */
export interface SourceForm {
  readonly format?: unknown;
  /** Of `time_zone`. */
  readonly zone?: TimeZone | undefined;
}

const ofDates: ReadonlySet<string> = new Set([
  "auto_date_histogram",
  "date_histogram",
  "date_range",
]);
const ofAddresses: ReadonlySet<string> = new Set(["ip_prefix", "ip_range"]);
/** Aggregations of anything, which is taken for keywords. */
const ofKeywords: ReadonlySet<string> = new Set([
  "cardinality",
  "diversified_sampler",
  "missing",
  "multi_terms",
  "rare_terms",
  "significant_terms",
  "string_stats",
  "terms",
  "top_metrics",
  "value_count",
]);

/**
 * The value of `missing` where nothing maps the field; `undefined` for none.
 *
 * @throws {EsError} the refusal of the shard
 */
export function unmappedValue(
  type: string,
  missing: unknown,
  shard: SearchContext,
  form: SourceForm,
): IndexedValue | undefined {
  if (missing === undefined || missing === null) return undefined;
  if (ofKeywords.has(type)) return typeof missing === "number" ? missing : textOf(missing);
  if (ofAddresses.has(type)) return unwrapped(shard, () => addressOf(shard, textOf(missing)));
  if (ofDates.has(type)) return dateValue(missing, shard, form);
  return numberValue(shard, missing);
}

/** A number, or its text. @throws {EsError} the refusal of the shard */
export function numberValue(shard: SearchContext, given: unknown): number {
  const text = textOf(given);
  const number = toDouble(text);
  if (number !== undefined) return number;
  throw shardFailure(shard.index, "number_format_exception", doubleProblem(text));
}

function dateValue(missing: unknown, shard: SearchContext, { format, zone }: SourceForm): number {
  if (typeof missing === "number") return Math.trunc(missing);
  return inShard(shard, () =>
    evaluateDate(textOf(missing), {
      format: typeof format === "string" ? format : DEFAULT_DATE_FORMAT,
      nowMs: shard.nowMs,
      ...(zone === undefined ? {} : { zone }),
    }),
  );
}
