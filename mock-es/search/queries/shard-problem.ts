/** Refusals of queries that a shard makes, because they are about its own mapping. */
import { EsError, illegalArgument } from "../../es-error.ts";
import { isObject, type JsonObject } from "../../json/json-value.ts";
import { atRewrite, isUnsupported } from "../faults.ts";
import { shardFailure } from "../problem.ts";
import { type DateExpressionOptions, evaluateMoment, nanosOf } from "../../values/date.ts";
import type { SearchContext } from "../fields/document.ts";
import type { Field } from "../fields/field.ts";

/** A shard's `query_shard_exception`, by default `failed to create query: …`, with its cause. */
export function queryShardFailure(
  context: SearchContext,
  type: string,
  reason: string | null,
  text = `failed to create query: ${reason}`,
): EsError {
  return shardFailure(context.index, "query_shard_exception", text, {
    index_uuid: "_na_",
    index: context.index,
    caused_by: { type, reason },
  });
}

/**
 * Refuses a query that looks at many terms where `search.allow_expensive_queries` is off.
 *
 * @throws {EsError} a shard's refusal, whose root is an exception without a name of its own
 */
export function requireExpensive(context: SearchContext, what: string): void {
  if (context.limits.allowsExpensive) return;
  const reason = `${what} cannot be executed when 'search.allow_expensive_queries' is set to false.`;
  throw expensive(context, reason);
}

/** As {@link requireExpensive}, with the whole text of the refusal. */
export function expensive(context: SearchContext, reason: string): EsError {
  return queryShardFailure(context, "exception", reason);
}

/** A shard's `query_shard_exception` without a cause. */
export function queryShardRefusal(context: SearchContext, reason: string): EsError {
  return shardFailure(context.index, "query_shard_exception", reason, {
    index_uuid: "_na_",
    index: context.index,
  });
}

/**
 * A date of a query as the field holds dates: in milliseconds, or nanoseconds of a `date_nanos`.
 *
 * @param inside how an error becomes the refusal of the shard
 * @throws {EsError} a shard's refusal of a date that does not parse, or that the field cannot hold
 */
export function evaluateFieldDate(
  context: SearchContext,
  field: Field,
  expression: unknown,
  options: Partial<DateExpressionOptions>,
  inside: typeof inQuery = inShard,
): number | bigint {
  const { format = field.dateFormat, ...rest } = options;
  const moment = inside(context, () =>
    evaluateMoment(expression, { format, nowMs: context.nowMs, ...rest }),
  );
  if (field.type !== "date_nanos") return moment.ms;
  if (moment.ms < 0 || moment.ms > lastNanosMs) {
    const nanos = moment.nanos === 0 ? "" : String(moment.nanos).padStart(6, "0");
    const date = new Date(moment.ms).toISOString().replace(/Z$/, `${nanos}Z`).replace(".000Z", "Z");
    const reason =
      moment.ms < 0
        ? `date[${date}] is before the epoch in 1970 and cannot be stored in nanosecond resolution`
        : `date[${date}] is after 2262-04-11T23:47:16.854775807 and cannot be stored in nanosecond resolution`;
    return inside(context, () => {
      throw illegalArgument(reason);
    });
  }
  return nanosOf(moment);
}

/** 2^63 - 1 nanoseconds after the epoch. */
const lastNanosMs = 9_223_372_036_854;

/** Refuses patterns on keys of a flattened field. @throws {EsError} */
export function requireUnkeyed(context: SearchContext, field: Field, query: string): void {
  if (field.flattenedKey === undefined) return;
  const reason = `[${query}] queries are not currently supported on keyed [flattened] fields.`;
  throw queryShardFailure(context, "unsupported_operation_exception", reason);
}

/** True for a refusal that stays what it is: one of a shard, or by name. */
function isFinal(error: EsError): boolean {
  return error.type === "search_phase_execution_exception" || isUnsupported(error);
}

/** Turns an error into the refusal of a shard. */
export function inShard<T>(context: Pick<SearchContext, "index">, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof EsError) || isFinal(error)) throw error;
    throw shardFailure(context.index, error.type, error.reason, { ...error.extra });
  }
}

/** Turns an error into the refusal of a query that a shard could not make. */
export function inQuery<T>(context: SearchContext, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof EsError) || isFinal(error)) throw error;
    const { type, reason, extra } = error;
    throw shardFailure(
      context.index,
      "query_shard_exception",
      `failed to create query: ${reason}`,
      {
        index_uuid: "_na_",
        index: context.index,
        caused_by: { type, reason, ...extra },
      },
    );
  }
}

/** Turns any refusal of a shard into that of a query that could not be made. */
export function refusedByQuery<T>(context: SearchContext, run: () => T): T {
  try {
    return run();
  } catch (error) {
    const failed: unknown = error instanceof EsError ? error.extra["failed_shards"] : undefined;
    const first: unknown = Array.isArray(failed) ? failed[0] : undefined;
    const reason = isObject(first) ? first["reason"] : undefined;
    if (!isObject(reason)) throw error;
    throw queryShardFailure(context, String(reason["type"]), String(reason["reason"]));
  }
}

/**
 * Runs what makes a query where the server lets its refusal stand as it is, without `failed to
 * create query: `.
 */
export function unwrapped<T>(context: SearchContext, run: () => T): T {
  try {
    return run();
  } catch (error) {
    const cause = error instanceof EsError ? createdCause(error) : undefined;
    if (cause === undefined) throw error;
    const { type, reason, ...extra } = cause;
    const failure = shardFailure(context.index, String(type), String(reason), extra);
    // What Java does not support is no fault of the request.
    throw type === "unsupported_operation_exception"
      ? new EsError(500, failure.type, failure.reason, failure.extra)
      : failure;
  }
}

/** What a query could not be created for; `undefined` of other refusals. */
function createdCause({ extra }: EsError): JsonObject | undefined {
  const failed = extra["failed_shards"];
  const first: unknown = Array.isArray(failed) ? failed[0] : undefined;
  const reason = isObject(first) ? first["reason"] : undefined;
  if (!isObject(reason) || !isObject(reason["caused_by"])) return undefined;
  return String(reason["reason"]).startsWith("failed to create query: ")
    ? reason["caused_by"]
    : undefined;
}

/** Turns an error into the refusal of a shard that rewrites a query. */
export function inRewrite<T>(context: SearchContext, run: () => T): T {
  try {
    return inShard(context, run);
  } catch (error) {
    throw error instanceof EsError ? atRewrite(error) : error;
  }
}
