/** What cannot be read in a request is refused before anything else. */
import { EsError, parsingException } from "../es-error.ts";
import { isObject, type JsonObject } from "../json/json-value.ts";
import { isUnsupported } from "../search/faults.ts";
import { checkOptionValues } from "../search/option-values.ts";
import { findUnreadable } from "../search/shard-search.ts";

/**
 * Runs a search. Of a refused one the first part of its body that cannot be read is told, whatever
 * else is wrong; the server reads the whole body before it looks for the indices.
 */
export function readFirst<T>(body: JsonObject, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof EsError) || isUnsupported(error) || !refusals.has(error.status))
      throw error;
    refuseUnreadable(body);
    // What else was refused by name here was done when the search ran.
    throw error;
  }
}

/** @throws {EsError} 400 for the first part of the body of a search that cannot be read */
export function refuseUnreadable(body: JsonObject): void {
  const unreadable = findUnreadable(body);
  if (unreadable !== undefined && !isUnsupported(unreadable)) throw unreadable;
  checkOptionValues(body);
}

/** Statuses of what is wrong with a request itself, or of whom it may not be. */
const refusals: ReadonlySet<number> = new Set([400, 403, 404, 500]);

/**
 * As {@link readFirst} for a request that holds a query only, whose errors the server puts into one
 * of its own.
 */
export function readQueryFirst<T>(query: unknown, run: () => T): T {
  if (query !== undefined && !isObject(query)) {
    const reason = "[_na] query malformed, must start with start_object";
    throw parsingException(reason).at({ query }, "query");
  }
  try {
    return readFirst(query === undefined ? {} : { query }, run);
  } catch (error) {
    const isForeign =
      error instanceof EsError && foreign.has(error.type) && (error.place ?? error.stand);
    if (!isForeign) throw error;
    throw new EsError(400, "parsing_exception", "Failed to parse").around(error);
  }
}

/** Types of errors of reading a query that are not the server's own. */
const foreign: ReadonlySet<string> = new Set([
  "illegal_argument_exception",
  "x_content_parse_exception",
  "number_format_exception",
]);
