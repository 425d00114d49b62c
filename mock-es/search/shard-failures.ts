/** Shards that could not run a search, while others could. */
import { EsError } from "../es-error.ts";
import { isObject, type JsonObject } from "../json/json-value.ts";

/** Why a shard did not run a search, as `_shards.failures` shows it. */
export interface ShardFailure {
  readonly shard: number;
  readonly index: string;
  readonly status: number;
  readonly reason: JsonObject;
}

/**
 * Runs what a shard does; its own refusal is a failure of that shard only.
 *
 * @throws {EsError} an error that is not a shard's, which ends the whole search
 */
export function tryShard<T>(
  shard: { readonly index: string; readonly shard: number },
  failures: ShardFailure[],
  run: () => T,
): T | undefined {
  try {
    return run();
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === undefined || !(error instanceof EsError)) throw error;
    failures.push({ shard: shard.shard, index: shard.index, status: error.status, reason });
    return undefined;
  }
}

/**
 * Runs what several shards do together; those that refuse to when they are asked alone are left
 * out.
 *
 * @throws {EsError} where none is left, or something else is wrong
 */
export function onAbleShards<
  S extends { readonly shard: { readonly index: string; readonly shard: number } },
  T,
>(
  shards: readonly S[],
  failures: ShardFailure[],
  allowsPartialResults: boolean | undefined,
  run: (shards: readonly S[]) => T,
): T {
  try {
    return run(shards);
  } catch (error) {
    if (shards.length < 2 || reasonOf(error) === undefined) throw error;
    const able = shards.filter(
      (each) => tryShard(each.shard, failures, () => run([each])) !== undefined,
    );
    if (able.length === shards.length) throw error;
    if (able.length === 0 || allowsPartialResults === false)
      throw searchRefused(failures, able.length > 0);
    return run(able);
  }
}

/** The cause that a shard's refusal carries; `undefined` for other errors. */
function reasonOf(error: unknown): JsonObject | undefined {
  if (!(error instanceof EsError) || error.type !== "search_phase_execution_exception")
    return undefined;
  const failed = error.extra["failed_shards"];
  const first: unknown = Array.isArray(failed) ? failed[0] : undefined;
  return isObject(first) && isObject(first["reason"]) ? first["reason"] : undefined;
}

/** One failure of each kind and index: the same refusal of several shards is told once. */
export function groupFailures(failures: readonly ShardFailure[]): ShardFailure[] {
  const seen = new Set<string>();
  return failures.filter(({ index, reason }) => {
    const key = `${index} ${String(reason["type"])} ${String(reason["reason"])}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** The refusal of a search that no shard could run, or that must not answer in part. */
export function searchRefused(failures: readonly ShardFailure[], isPartial: boolean): EsError {
  const grouped = groupFailures(failures);
  const [first] = grouped;
  const cause = first?.reason;
  const isArgument =
    cause?.["type"] === "illegal_argument_exception" ||
    cause?.["type"] === "number_format_exception" ||
    cause?.["type"] === "unsupported_operation_exception";
  const below = cause?.["caused_by"];
  const isUnnamed = isOwn(below);
  const status = Math.max(...failures.map((failure) => failure.status));
  return new EsError(
    status,
    "search_phase_execution_exception",
    isPartial ? "Partial shards failure" : "all shards failed",
    {
      root_cause: grouped.map(({ reason }) => rootOf(reason)),
      phase: "query",
      grouped: true,
      failed_shards: grouped.map(({ shard, index, reason }) => ({
        shard,
        index,
        node: "",
        reason,
      })),
      ...(isArgument && !isPartial ? { caused_by: { ...cause, caused_by: cause } } : {}),
      ...(isUnnamed && !isPartial ? { caused_by: below } : {}),
    },
  );
}

/** What is at the bottom of a refusal; an exception of the server's own, where it has a cause. */
function rootOf({ caused_by: below, ...rest }: JsonObject): JsonObject {
  if (!isOwn(below)) return rest;
  const { caused_by: _deeper, ...root } = below;
  return root;
}

/** True for an exception of the server's own as a cause. */
function isOwn(below: unknown): below is JsonObject {
  if (!isObject(below)) return false;
  // Those of the parser of query strings, which have the same name, are Lucene's.
  const isLucene = /^(?:Cannot parse '|Encountered |Lexical )/.test(String(below["reason"]));
  return below["type"] === "exception" || (below["type"] === "parse_exception" && !isLucene);
}
