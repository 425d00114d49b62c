/**
 * First path segments of API endpoints that Elasticsearch has and this mock refuses (machine
 * learning, ES|QL, SQL, ingest, snapshots and so on). Without this list a request such as
 * `POST /_sql` would be taken for one to an index named `_sql`. Facts of Elastic's API
 * specification (Apache-2.0, state of August 2026).
 */
const roots: ReadonlySet<string> = new Set(
  `_internal _autoscaling _capabilities _ccr _connector _encryption
  _fleet _script_context _script_language _migration _create_from _lifecycle
  _inference _logstash _ml _monitoring _profiling _project_routing _project
  _rollup _application _searchable_snapshots _ssl _streams
  _text_structure _transform _watcher`.split(/\s+/),
);

/**
 * Paths of refused API endpoints that a route with a placeholder would otherwise take for a node or
 * template of that name.
 */
const refusedPaths =
  /^\/(?:_security\/api_key\/clone$|_nodes\/(?:[^/]+\/)?(?:hotthreads|shutdown|_repositories_metering)(?:\/|$)|_nodes\/[^/]+\/_repositories_metering)/;

/**
 * True for a request to an API that is refused as if its module were not installed.
 *
 * @param hasSecurity false: that of security is not there either
 */
export function isRefusedApi(method: string, path: string, hasSecurity: boolean): boolean {
  if (refusedPaths.test(path)) return true;
  // Only reading the licence is covered.
  if (path.startsWith("/_license") && method !== "GET") return true;
  const end = path.indexOf("/", 1);
  const root = end === -1 ? path.slice(1) : path.slice(1, end);
  return roots.has(root) || (root === "_security" && !hasSecurity);
}
