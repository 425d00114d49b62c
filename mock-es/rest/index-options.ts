import { illegalArgument } from "../es-error.ts";
import type { IndexOptions } from "../store/index-expression.ts";
import type { QueryParameters } from "./query-parameters.ts";

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
      if (!["open", "closed", "hidden", "all", "none"].includes(word)) {
        throw illegalArgument(`No valid expand wildcard value [${word}]`);
      }
    }
  }
  return {
    ...defaults,
    expandOpen,
    expandClosed,
    expandHidden,
    ignoreUnavailable: query.flag("ignore_unavailable", defaults.ignoreUnavailable),
    allowNoIndices: query.flag("allow_no_indices", defaults.allowNoIndices),
  };
}
