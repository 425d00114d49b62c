import { isObject } from "../json/json-value.ts";
import { EsError, type ErrorPlace, type EsErrorCause, ownPlace } from "../es-error.ts";
import type { Cluster } from "../store/cluster.ts";
import { lastParsedBody } from "../json/json-body.ts";
import { originalOf } from "../json/odd-numbers.ts";
import { endOf, keyPositionOf, positionOf, type JsonPosition } from "../json/json-position.ts";

/** Bodies longer than this are not read again to find the place of an error. */
const maxSearchedLength = 1 << 20;

/**
 * Adds what only the whole request knows: line and column of the part of the body that an error is
 * about, and in the failures of shards the node and the uuid of the index.
 *
 * @param text the JSON text that was being read; empty when there was none
 */
export function completeError(error: EsError, cluster: Cluster, text: string): EsError {
  const own = error.reason.includes(ownPlace) ? withOwnPlace(error, text) : error;
  const whole = own.inner === undefined ? own : withCause(own, own.inner, cluster, text);
  const placed = error.place === undefined ? whole : withPosition(whole, error.place, text);
  if (placed.type === "search_phase_execution_exception") return withShardDetails(placed, cluster);
  if (placed.type !== "query_shard_exception") return placed;
  const { root_cause: roots, ...rest } = placed.extra;
  return new EsError(placed.status, placed.type, placed.reason, {
    root_cause: listOf(roots).map((cause) => withUuid(cause, cluster)),
    ...withUuid(rest, cluster),
  });
}

/** An error with the one inside it as its cause; also as root, where it is the server's own. */
function withCause(error: EsError, inner: EsError, cluster: Cluster, text: string): EsError {
  const cause = completeError(inner, cluster, text);
  const isRoot = isOwn(cause.type) || (error.type === X_CONTENT && cause.type === X_CONTENT);
  const isRepeated = error.reason === inner.reason;
  return new EsError(error.status, error.type, isRepeated ? cause.reason : error.reason, {
    ...error.extra,
    ...(isRoot ? { root_cause: cause.toBody().error.root_cause } : {}),
    caused_by: cause.toCause(),
  });
}

/** An error whose reason names where it stands. */
function withOwnPlace(error: EsError, text: string): EsError {
  const position = error.stand === undefined ? undefined : findPlace(error.stand, text);
  const place = position === undefined ? "" : `${position.line}:${position.column}`;
  const reason = error.reason.replace(ownPlace, place);
  return new EsError(error.status, error.type, reason, error.extra);
}

const X_CONTENT = "x_content_parse_exception";

/** Exceptions of Java and of the reader of JSON, which the server does not take for the root. */
const foreign: ReadonlySet<string> = new Set([
  X_CONTENT,
  "action_request_validation_exception",
  "illegal_argument_exception",
  "number_format_exception",
  "illegal_state_exception",
  "date_time_exception",
]);

function isOwn(type: string): boolean {
  return !foreign.has(type);
}

function withPosition(error: EsError, place: ErrorPlace, text: string): EsError {
  const position = findPlace(place, text);
  if (position === undefined) return error;
  const { line, column } = position;
  const prefix = `[${line}:${column}]`;
  const cause = error.extra["caused_by"];
  const extra =
    isCause(cause) &&
    cause.type === "named_object_not_found_exception" &&
    !/^\[\d/.test(cause.reason)
      ? { ...error.extra, caused_by: { ...cause, reason: `${prefix} ${cause.reason}` } }
      : error.extra;
  if (error.type === "parsing_exception") {
    return new EsError(error.status, error.type, error.reason, { line, col: column, ...extra });
  }
  const isSuffix = error.type === "illegal_argument_exception";
  const reason = isSuffix ? `${error.reason} at ${prefix}` : `${prefix} ${error.reason}`;
  return new EsError(error.status, error.type, reason, extra);
}

function findPlace(place: ErrorPlace, text: string): JsonPosition | undefined {
  if (text === "" || text.length > maxSearchedLength) return undefined;
  const path = pathOf(place.container, text);
  if (path === undefined) return undefined;
  if (place.point === "end") return endOf(text, path);
  if (place.key === undefined) return positionOf(text, path);
  return place.point === "key"
    ? keyPositionOf(text, path, place.key)
    : positionOf(text, [...path, Array.isArray(place.container) ? Number(place.key) : place.key]);
}

/**
 * Where an object of a body stands in it. Of an object that a handler has made itself the place is
 * that of the first equal one.
 */
function pathOf(container: object, text: string): (string | number)[] | undefined {
  const body = lastParsedBody();
  const same = body === undefined ? undefined : pathToSame(body, originalOf(container));
  if (same !== undefined) return same;
  try {
    return pathToEqual(JSON.parse(text), JSON.stringify(container)) ?? [];
  } catch {
    return undefined;
  }
}

function pathToSame(value: object, wanted: object): (string | number)[] | undefined {
  if (value === wanted) return [];
  for (const [step, inner] of stepsOf(value)) {
    if (inner === null || typeof inner !== "object") continue;
    const path = pathToSame(inner, wanted);
    if (path !== undefined) return [step, ...path];
  }
  return undefined;
}

function stepsOf(value: object): [string | number, unknown][] {
  return Array.isArray(value)
    ? (value as unknown[]).map((entry, at) => [at, entry])
    : Object.entries(value);
}

function pathToEqual(value: unknown, wanted: string): (string | number)[] | undefined {
  if (value === null || typeof value !== "object") return undefined;
  if (JSON.stringify(value) === wanted) return [];
  for (const [step, inner] of stepsOf(value)) {
    const path = pathToEqual(inner, wanted);
    if (path !== undefined) return [step, ...path];
  }
  return undefined;
}

function withShardDetails(error: EsError, cluster: Cluster): EsError {
  const { failed_shards: shards, root_cause: roots, ...rest } = error.extra;
  return new EsError(error.status, error.type, error.reason, {
    root_cause: listOf(roots).map((cause) => withUuid(cause, cluster)),
    ...rest,
    failed_shards: listOf(shards).map((failure) => ({
      ...failure,
      // A failure that names no index stands for a context that is gone: it is of no node.
      ...(typeof failure["index"] === "string" ? { node: cluster.nodeId } : {}),
      reason: isObject(failure["reason"])
        ? withUuid(failure["reason"], cluster)
        : failure["reason"],
    })),
  });
}

function withUuid(
  cause: Readonly<Record<string, unknown>>,
  cluster: Cluster,
): Readonly<Record<string, unknown>> {
  const index =
    typeof cause["index"] === "string" ? cluster.indices.get(cause["index"]) : undefined;
  return index === undefined || cause["index_uuid"] !== "_na_"
    ? cause
    : { ...cause, index_uuid: index.uuid };
}

function listOf(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? (value as unknown[]).filter(isObject) : [];
}

function isCause(value: unknown): value is EsErrorCause {
  return (
    isObject(value) && typeof value["type"] === "string" && typeof value["reason"] === "string"
  );
}
