import { EsError } from "../es-error.ts";
import { editDistance } from "../text/edit-distance.ts";

/** JSON object as it comes out of `JSON.parse`. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** True for a JSON object (not an array, not null). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A JSON value as text: strings as they are, everything else as JSON. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

/**
 * Name that Elasticsearch's parser gives to the token a JSON value starts with; used in its error
 * texts.
 */
export function tokenOf(value: unknown): string {
  if (Array.isArray(value)) return "START_ARRAY";
  if (value === null || value === undefined) return "VALUE_NULL";
  if (typeof value === "string") return "VALUE_STRING";
  if (typeof value === "boolean") return "VALUE_BOOLEAN";
  return typeof value === "object" ? "START_OBJECT" : "VALUE_NUMBER";
}

/** 400 `parsing_exception`: a query, sort or aggregation that is not well-formed. */
export function parsingException(reason: string, extra: Record<string, unknown> = {}): EsError {
  return new EsError(400, "parsing_exception", reason, extra);
}

/**
 * 400 `x_content_parse_exception`: a member that an object parser of Elasticsearch does not know.
 */
export function xContentParseException(reason: string): EsError {
  return new EsError(400, "x_content_parse_exception", reason);
}

/** 400 `illegal_argument_exception`. */
export function illegalArgument(reason: string): EsError {
  return new EsError(400, "illegal_argument_exception", reason);
}

/**
 * 400 for a part of Elasticsearch that exists there but is not computed here: never answered with a
 * guess.
 */
export function notSupported(what: string): EsError {
  return new EsError(400, "illegal_argument_exception", `${what} is not supported by this mock`);
}

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
    ...(type === "illegal_argument_exception" ? { caused_by: { ...cause, caused_by: cause } } : {}),
  });
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
