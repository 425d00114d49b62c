/**
 * Generates the two parts of src/elasticsearch/api/endpoint-table-*.ts from facts taken from
 * Elastic's API specification.
 *
 * Usage: node scripts/generate-endpoint-table.ts FACTS.json
 *
 * FACTS.json is an array of {name, urls: [{path, methods}], indexPrivileges?, clusterPrivileges?,
 * deprecated?}. What the specification does not say (class, whether a request may be repeated) is
 * decided by the rules below, so that every decision shows up in the table's diff.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { argv, exit, stderr } from "node:process";

interface Facts {
  readonly name: string;
  readonly urls: readonly { readonly path: string; readonly methods: readonly string[] }[];
  readonly indexPrivileges?: readonly string[];
  readonly clusterPrivileges?: readonly string[];
  readonly deprecated?: unknown;
}

const folder = new URL("../src/elasticsearch/api/", import.meta.url);

const names = (text: string): ReadonlySet<string> =>
  new Set(text.split(/\s+/).filter((name) => name !== ""));

const security =
  /^(security\.|encryption\.|ssl\.|connector\.secret_|fleet\.\w*secret|nodes\.reload_secure_settings$)/;

/**
 * Endpoints which the privileges in the specification do not describe, or describe for another
 * purpose.
 */
const classOverrides: ReadonlyMap<string, string> = new Map([
  ...[
    ...names(`async_search.submit async_search.get async_search.delete clear_scroll close_point_in_time
      eql.search eql.get eql.delete esql.async_query_delete esql.async_query_stop exists graph.explore indices.validate_query
      knn_search profiling.flamegraph profiling.stacktraces profiling.topn_functions rollup.rollup_search
      scripts_painless_execute search_application.search search_application.render_query sql.clear_cursor sql.get_async
      sql.delete_async terms_enum ml.get_buckets ml.get_categories ml.get_influencers ml.get_overall_buckets ml.get_records
      inference.chat_completion_unified inference.completion inference.embedding inference.sparse_embedding
      inference.text_embedding inference.inference inference.rerank inference.stream_completion ml.infer_trained_model
      ml.preview_datafeed ml.preview_data_frame_analytics transform.preview_transform ingest.simulate simulate.ingest query_rules.test`),
  ].map((name) => [name, "read"] as const),
  ...[
    ...names(`bulk monitoring.bulk ccr.follow ml.post_data enrich.execute_policy indices.downsample indices.migrate_reindex
      search_application.post_behavioral_analytics_event transform.start_transform transform.schedule_now_transform
      connector.post connector.put connector.delete connector.sync_job_post connector.sync_job_delete`),
  ].map((name) => [name, "write"] as const),
  ...[
    ...names(`capabilities cluster.allocation_explain indices.analyze indices.simulate_index_template
      indices.simulate_template indices.disk_usage ml.validate ml.validate_detector ml.estimate_model_memory
      ml.explain_data_frame_analytics ml.evaluate_data_frame text_structure.test_grok_pattern`),
  ].map((name) => [name, "meta"] as const),
]);

/** POST (and GET) endpoints that only read, so a repeat changes nothing. */
const safeReads =
  names(`search msearch count mget field_caps terms_enum indices.validate_query explain search_template
  msearch_template render_search_template esql.query sql.translate search_shards rank_eval termvectors mtermvectors search_mvt
  knn_search graph.explore fleet.search fleet.msearch indices.analyze indices.resolve_index cat.count simulate.ingest ingest.simulate
  indices.simulate_index_template indices.simulate_template cluster.allocation_explain search_application.search
  search_application.render_query rollup.rollup_search query_rules.test project.tags watcher.query_watches
  security.query_api_keys security.query_role security.query_user security.has_privileges
  security.has_privileges_user_profile security.suggest_user_profiles ml.get_buckets ml.get_calendars ml.get_categories ml.get_influencers
  ml.get_model_snapshots ml.get_overall_buckets ml.get_records ml.validate ml.validate_detector ml.estimate_model_memory
  ml.explain_data_frame_analytics ml.preview_datafeed ml.preview_data_frame_analytics transform.preview_transform
  text_structure.find_message_structure text_structure.test_grok_pattern text_structure.find_structure`);
const opensState = names("open_point_in_time async_search.submit eql.search esql.async_query");
// SQL pages through a cursor in the body, which this table cannot see: a repeat could lose a page.
const movesCursor = names("scroll sql.query");
const idempotentWrites =
  names(`index delete indices.put_index_template indices.put_template cluster.put_component_template
  cluster.put_settings indices.put_settings indices.put_mapping ilm.put_lifecycle slm.put_lifecycle ingest.put_pipeline put_script
  indices.put_data_lifecycle synonyms.put_synonym synonyms.put_synonym_rule enrich.put_policy logstash.put_pipeline
  indices.flush indices.refresh indices.reload_search_analyzers indices.clear_cache snapshot.create_repository`);

/**
 * Routes of the server that the specification leaves out: those that the handlers of 9.5.3 name,
 * with the methods that the server allows there.
 */
const unlisted: Readonly<Record<string, Facts["urls"]>> = {
  "indices.close": [{ path: "/_close", methods: ["POST"] }],
  "indices.get_alias": [{ path: "/_aliases", methods: ["GET"] }],
  "indices.get_mapping": [
    { path: "/_mappings", methods: ["GET"] },
    { path: "/{index}/_mappings", methods: ["GET"] },
  ],
  "indices.get_settings": [{ path: "/{index}/_setting/{name}", methods: ["GET"] }],
  "indices.open": [{ path: "/_open", methods: ["POST"] }],
  "indices.put_alias": [
    { path: "/{index}/_alias", methods: ["PUT"] },
    { path: "/{index}/_aliases", methods: ["PUT"] },
    { path: "/_alias/{name}", methods: ["PUT", "POST"] },
    { path: "/_aliases/{name}", methods: ["PUT", "POST"] },
    { path: "/_alias", methods: ["PUT"] },
  ],
  "indices.put_mapping": [{ path: "/{index}/_mappings", methods: ["PUT", "POST"] }],
  open_point_in_time: [{ path: "/_pit", methods: ["POST"] }],
};

function classOf(facts: Facts, methods: ReadonlySet<string>): string {
  if (security.test(facts.name)) return "security";
  const override = classOverrides.get(facts.name);
  if (override !== undefined) return override;
  const index = facts.indexPrivileges ?? [];
  const all = [...index, ...(facts.clusterPrivileges ?? [])];
  const onlyReads = [...methods].every((method) => method === "GET" || method === "HEAD");
  if (onlyReads) return index.includes("read") ? "read" : "meta";
  if (index.some((name) => ["write", "index", "create", "delete"].includes(name))) return "write";
  if (
    all.some((name) =>
      /^(manage|create_index|delete_index|maintenance|all$|create_view|delete_view|cancel_task|create_snapshot)/.test(
        name,
      ),
    )
  )
    return "admin";
  if (index.includes("read")) return "read";
  if (all.some((name) => /^(view_index_metadata|monitor|read_)/.test(name))) return "meta";
  return "admin";
}

function retryOf(facts: Facts, methods: ReadonlySet<string>): string {
  if (movesCursor.has(facts.name)) return "moves_cursor";
  if (opensState.has(facts.name)) return "opens_state";
  if (facts.name === "bulk") return "bulk";
  if (safeReads.has(facts.name)) return "read";
  if (idempotentWrites.has(facts.name)) return "idempotent_write";
  return [...methods].every((method) => method === "GET" || method === "HEAD") ? "read" : "never";
}

function main(path: string): void {
  const list = JSON.parse(readFileSync(path, "utf8")) as readonly Facts[];
  const taken = new Set<string>();
  const lines: string[] = [];
  // Shorter names first, so that of several endpoints with one shape the general one
  // (`inference.put`) gets it.
  for (const facts of [...list].sort(
    (a, b) => a.name.length - b.name.length || (a.name < b.name ? -1 : 1),
  )) {
    const urls: string[] = [];
    const methods = new Set<string>();
    for (const url of [...facts.urls, ...(unlisted[facts.name] ?? [])]) {
      const shape = url.path.replaceAll(/\{[^}]*\}/g, "{}");
      const free = url.methods.filter((method) => !taken.has(`${method} ${shape}`));
      for (const method of free) taken.add(`${method} ${shape}`);
      for (const method of url.methods) methods.add(method);
      if (free.length > 0) urls.push(`${[...free].sort().join(",")} ${url.path}`);
    }
    if (urls.length === 0) continue;
    const kind = classOf(facts, methods);
    const flags = facts.deprecated === undefined || facts.deprecated === false ? "" : "d";
    lines.push([facts.name, kind, retryOf(facts, methods), flags, ...urls].join("|"));
  }
  lines.sort();
  const middle = lines.findIndex((line) => line >= "m");
  writePart("a-to-l", lines.slice(0, middle));
  writePart("m-to-z", lines.slice(middle));
}

/** Writes one of the two parts; the table has more entries than a file may have lines. */
function writePart(part: string, lines: readonly string[]): void {
  const name = part === "a-to-l" ? "endpointsAToL" : "endpointsMToZ";
  const text = `/**
 * Generated by scripts/generate-endpoint-table.ts; do not edit. Source: Elastic's public API
 * specification (Apache-2.0), state of August 2026, reduced to facts: names, paths, methods. Class,
 * retry class and flags come from the rules in the script.
 */

/** One API endpoint a line: \`name|class|retry|flags|METHODS /path|…\`; flags: \`d\` deprecated. */
export const ${name} = \`
${lines.join("\n")}
\`;
`;
  writeFileSync(new URL(`endpoint-table-${part}.ts`, folder), text);
}

const path = argv[2];
if (path === undefined) {
  stderr.write("usage: node scripts/generate-endpoint-table.ts FACTS.json\n");
  exit(2);
}
main(path);
