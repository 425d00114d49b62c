import { EsError } from "../es-error.ts";
import { editDistance } from "../text/edit-distance.ts";

/**
 * 400 `search_phase_execution_exception` as Elasticsearch answers when every shard refuses a search
 * that parsed well, with the shard's own reason as root cause.
 */
export function shardFailure(
  index: string,
  type: string,
  reason: string,
  extra: Record<string, unknown> = {},
): EsError {
  const cause = { type, reason, ...extra };
  const { caused_by: _below, ...rootCause } = cause as Record<string, unknown>;
  return new EsError(400, "search_phase_execution_exception", "all shards failed", {
    root_cause: [rootCause],
    phase: "query",
    grouped: true,
    failed_shards: [{ shard: 0, index, node: "", reason: cause }],
    ...(isJavas(type) ? { caused_by: { ...cause, caused_by: cause } } : {}),
  });
}

/** True for an exception of Java itself, which is told again as the cause of the whole. */
function isJavas(type: string): boolean {
  return type === "illegal_argument_exception" || type === "number_format_exception";
}

/**
 * The text Elasticsearch appends to an unknown name: ` did you mean [a]?`, ` did you mean any of
 * [a, b]?` or nothing.
 */
export function suggestion(unknown: string, candidates: Iterable<string>): string {
  const near: { name: string; likeness: number }[] = [];
  for (const name of candidates) {
    const likeness = 1 - editDistance(unknown, name) / Math.max(unknown.length, name.length, 1);
    if (likeness > 0.5) near.push({ name, likeness });
  }
  if (near.length === 0) return "";
  near.sort((a, b) => b.likeness - a.likeness || (a.name < b.name ? -1 : 1));
  const names = near.map((entry) => entry.name).join(", ");
  return near.length === 1 ? ` did you mean [${names}]?` : ` did you mean any of [${names}]?`;
}
