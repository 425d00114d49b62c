import { illegalArgument } from "../es-error.ts";
import type { QueryParameters } from "./query-parameters.ts";

/**
 * Refuses query parameters that an API endpoint does not know, with suggestions for misspelt ones.
 *
 * @throws {EsError} 400 `request [/x] contains unrecognized parameter: [foo] -> did you mean
 *   [bar]?`
 */
export function refuseUnrecognizedParameters(
  path: string,
  query: QueryParameters,
  accepted: ReadonlySet<string>,
): void {
  let unrecognized: string[] | undefined;
  for (const name of query.names()) if (!accepted.has(name)) (unrecognized ??= []).push(name);
  if (unrecognized === undefined) return;
  const candidates = path.endsWith("/_search")
    ? [...accepted].filter((name) => !readLate.has(name))
    : [...accepted];
  const named = unrecognized.sort().map((name) => describe(name, candidates));
  throw illegalArgument(
    `request [${path}] contains unrecognized parameter${named.length > 1 ? "s" : ""}: ${named.join(", ")}`,
  );
}

/**
 * Parameters of a search that the server looks for only after the check, so that it never suggests
 * them.
 */
const readLate: ReadonlySet<string> = new Set(
  "from size timeout terminate_after explain version seq_no_primary_term track_scores track_total_hits stats".split(
    " ",
  ),
);

function describe(name: string, accepted: readonly string[]): string {
  const scored = accepted
    .map((candidate) => ({ candidate, similarity: similarity(name, candidate) }))
    .filter((entry) => entry.similarity > 0.5)
    .sort((a, b) => b.similarity - a.similarity || (a.candidate < b.candidate ? -1 : 1));
  const [best] = scored;
  if (best === undefined) return `[${name}]`;
  if (scored.length === 1) return `[${name}] -> did you mean [${best.candidate}]?`;
  return `[${name}] -> did you mean any of [${scored.map((entry) => entry.candidate).join(", ")}]?`;
}

/**
 * 1 for equal words, 0 for words with nothing in common: edit distance over the length of the
 * longer one.
 */
function similarity(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_unused, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min((current[j - 1] ?? 0) + 1, (previous[j] ?? 0) + 1, substitution));
    }
    previous = current;
  }
  return 1 - (previous[b.length] ?? 0) / Math.max(a.length, b.length, 1);
}
