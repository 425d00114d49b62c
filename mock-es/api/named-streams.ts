/** The data streams that a request names. */
import { indexNotFound } from "../es-error.ts";
import type { EsRequest } from "../rest/es-request.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import type { Cluster } from "../store/cluster.ts";
import { searchIndexOptions } from "../store/index-expression.ts";
import type { DataStream } from "../store/index-state.ts";
import { simplePattern } from "../text/simple-pattern.ts";

/**
 * The data streams of the path, by name.
 *
 * @throws {EsError} 404 for a name without `*` that no data stream has
 */
export function namedStreams(request: EsRequest, cluster: Cluster): DataStream[] {
  const { expandHidden } = readIndexOptions(request.query, searchIndexOptions);
  const names = (request.pathParameters["name"] ?? "*").split(",");
  for (const name of names)
    if (isPlain(name) && !cluster.dataStreams.has(name)) throw indexNotFound(name);
  return streamsNamed(cluster, names, expandHidden).filter(
    ({ name }) => cluster.access?.allows(name) ?? true,
  );
}

function isPlain(name: string): boolean {
  return !name.includes("*") && !name.startsWith("-") && name !== "_all";
}

/**
 * The data streams that names, patterns and exclusions lead to, by name.
 *
 * @param expandHidden patterns lead to hidden ones, too
 */
export function streamsNamed(
  cluster: Cluster,
  names: readonly string[],
  expandHidden: boolean,
): DataStream[] {
  const found = new Set<DataStream>();
  for (const entry of names) {
    const isLeftOut = entry.startsWith("-") && entry.length > 1;
    const pattern = isLeftOut ? entry.slice(1) : entry === "_all" ? "*" : entry;
    const fits = simplePattern(pattern);
    for (const stream of cluster.dataStreams.values()) {
      const { name, options } = stream;
      const isShown = !options.hidden || expandHidden || pattern === name || hasDots(pattern, name);
      if (!fits.test(name)) continue;
      if (isLeftOut) found.delete(stream);
      else if (isShown) found.add(stream);
    }
  }
  return [...found].sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** Patterns with a dot before them lead to what is hidden by one. */
function hasDots(pattern: string, name: string): boolean {
  return pattern.startsWith(".") && name.startsWith(".");
}
