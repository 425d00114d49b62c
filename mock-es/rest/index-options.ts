import { illegalArgument } from "../es-error.ts";
import type { IndexOptions } from "../store/index-options.ts";
import type { QueryParameters } from "./query-parameters.ts";
import { notABoolean } from "../values/node-boolean.ts";

/**
 * Options of a request: the defaults of its API endpoint, changed by `ignore_unavailable`,
 * `allow_no_indices` and `expand_wildcards`.
 *
 * @throws {EsError} 400 for values that these parameters do not have
 */
export function readIndexOptions(query: QueryParameters, defaults: IndexOptions): IndexOptions {
  const wildcards = query.list("expand_wildcards");
  if (wildcards === undefined && !query.has("ignore_unavailable") && !query.has("allow_no_indices"))
    return defaults;
  let { expandOpen, expandClosed, expandHidden } = defaults;
  if (wildcards !== undefined) {
    expandOpen = expandClosed = expandHidden = false;
    for (const word of wildcards) {
      if (word === "open" || word === "all") expandOpen = true;
      if (word === "closed" || word === "all") expandClosed = true;
      if (word === "hidden" || word === "all") expandHidden = true;
      checkWildcard(word);
    }
  }
  return {
    ...defaults,
    expandOpen,
    expandClosed,
    expandHidden,
    ignoreUnavailable: indexFlag(query, "ignore_unavailable", defaults.ignoreUnavailable),
    allowNoIndices: indexFlag(query, "allow_no_indices", defaults.allowNoIndices),
  };
}

/** Refuses values that these parameters do not have. @throws {EsError} 400 */
export function checkIndexOptions(query: QueryParameters): void {
  for (const word of query.list("expand_wildcards") ?? []) checkWildcard(word);
  for (const name of ["ignore_unavailable", "allow_no_indices", "ignore_throttled"])
    indexFlag(query, name, false);
}

function checkWildcard(word: string): void {
  if (!["open", "closed", "hidden", "all", "none"].includes(word))
    throw illegalArgument(`No valid expand wildcard value [${word}]`);
}

/**
 * One of these options; unlike other flags it needs a value.
 *
 * @throws {EsError} 400 for anything but `true` and `false`
 */
function indexFlag(query: QueryParameters, name: string, fallback: boolean): boolean {
  const value = query.text(name);
  if (value === undefined) return fallback;
  if (value === "true" || value === "false") return value === "true";
  throw notABoolean(value, name);
}
