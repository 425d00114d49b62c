/** Which of the indices of a snapshot a request means. */
import { EsError } from "../es-error.ts";
import { simplePattern } from "../text/simple-pattern.ts";
import type { IndexState } from "./index-state.ts";
import type { Snapshot } from "./snapshots.ts";

function missing(name: string): EsError {
  return new EsError(404, "index_not_found_exception", `no such index [${name}]`, {
    index_uuid: "_na_",
    index: name,
  });
}

/**
 * The indices that a list of names and patterns, with exclusions, names.
 *
 * @param list `undefined`: all
 * @throws {EsError} 404 for a name that the snapshot does not have, unless that is to be ignored
 */
export function chooseIndices(
  snapshot: Snapshot,
  list: string | undefined,
  ignoresMissing: boolean,
): IndexState[] {
  const names = (list ?? "").split(",").filter((name) => name !== "");
  const wanted = names.length === 0 ? ["*"] : names;
  const chosen = new Set<IndexState>();
  for (const [at, name] of wanted.entries()) {
    const isExclusion = at > 0 && name.startsWith("-");
    const given = isExclusion ? name.slice(1) : name;
    const pattern = simplePattern(given === "_all" ? "*" : given);
    const found = [...snapshot.indices].filter(([key]) => pattern.test(key));
    if (found.length === 0 && !given.includes("*") && given !== "_all" && !ignoresMissing)
      throw missing(given);
    for (const [, index] of found) {
      if (isExclusion) chosen.delete(index);
      else chosen.add(index);
    }
  }
  return [...chosen];
}
