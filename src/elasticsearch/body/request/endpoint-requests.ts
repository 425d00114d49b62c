import { inside, Shape, shape } from "../shape.ts";
import { cursor, named, query, searchBody, templateBody } from "./query-shapes.ts";
import { code } from "./request-codes.ts";

/**
 * Which parts of a request body name something, by API endpoint. Sources: the `fromXContent` and
 * REST action classes of Elasticsearch, and its public API specification.
 */

const read = named("index", "read");
const write = named("index", "write");
const create = named("index", "create");
const change = named("index", "change");
const pipeline = named("pipeline", "read");

/** Members that say nothing where queries stand around them. */
const document = shape(code.document, {
  "_index index": shape(code.documentIndex),
  "_id id": shape(code.documentId),
});
const documents = inside({ docs: document, ids: shape(code.ownDocument) });

const reindex = inside({
  source: searchBody.copy(0).with({
    index: read,
    remote: inside({ host: named("remote_host", "read") }),
  }),
  dest: inside({ index: write, pipeline }),
});

const aliasChange = inside({
  "index indices": change,
  "alias aliases": named("alias", "change"),
  filter: query,
});
const aliasActions = inside({
  actions: inside({
    "add remove": aliasChange,
    remove_index: inside({ "index indices": named("index", "delete") }),
  }),
});
const aliasNames = named("alias", "create", inside({ filter: query }));

const backing = { data_stream: named("data_stream", "change") };
const dataStreamActions = inside({
  actions: inside({
    "add_backing_index remove_backing_index": inside({ ...backing, index: change }),
    delete_backing_index: inside({ ...backing, index: named("index", "delete") }),
  }),
});

const moved = inside({ index: change });
const reroute = inside({
  commands: inside({
    "move cancel allocate_replica": moved,
    // Both give up what the shard held: the one all of it, the other what a stale copy lacks.
    "allocate_empty_primary allocate_stale_primary": inside({ index: named("index", "discard") }),
  }),
});

const transform = inside({
  source: searchBody.copy(0).with({ index: read }),
  dest: inside({ index: write, pipeline, aliases: inside({ alias: named("alias", "change") }) }),
  pivot: query,
});
const frameAnalytics = inside({
  source: searchBody.copy(0).with({ index: read }),
  dest: inside({ index: write }),
});
const datafeed = searchBody.copy(0).with({ "indices indexes": read });
const machineJob = inside({
  datafeed_config: datafeed,
  results_index_name: write,
});

/**
 * A watch, and what is in it: searches as inputs, conditions and transforms; index actions. Inputs
 * and actions have names of their own, which may be words of the language.
 */
const watch = new Shape();
const watchSearch = inside({
  request: inside({ indices: read, body: searchBody, template: templateBody }),
}).others(watch);
const watchIndex = named("index", "write").others(watch);
watchIndex.with({ index: watchIndex });
const watchHost = named("remote_host", "read").others(watch);
watch.with({ search: watchSearch, index: watchIndex, "host url": watchHost }).others(watch);

const snapshot = inside({ indices: read });
const restored = inside({ indices: create });
const lifecycleSnapshot = inside({ config: snapshot });
const mount = inside({ index: read, renamed_index: create });

const leader = { remote_cluster: named("remote_cluster", "read") };
const follow = inside({ ...leader, leader_index: read });
const autoFollow = inside({
  ...leader,
  leader_index_patterns: read,
  follow_index_pattern: create,
});
const forgetFollower = inside({ follower_index: change });

const enrichSource = inside({ indices: read, query });
const enrichPolicy = inside({ "match geo_match range": enrichSource });
const rankEvaluation = inside({
  requests: inside({ request: searchBody, ratings: document }),
  templates: inside({ template: templateBody }),
});
const painless = inside({ context_setup: inside({ index: read, query }) });
const rules = inside({
  actions: inside({ docs: document, ids: shape(code.ownDocument) }),
});
const ruleSet = inside({ rules });

/** Processors of an ingest pipeline, which may stand in one another. */
const processor = new Shape();
const processors = {
  enrich: inside({ policy_name: named("enrich_policy", "lookup") }),
  pipeline: inside({ name: pipeline }),
  reroute: inside({ destination: write }),
  set: shape(code.setProcessor, { field: shape(code.setField), value: shape(code.setValue) }),
};
processor.with(processors).others(processor);
for (const one of Object.values(processors)) one.with({ on_failure: processor });
const ingestPipeline = inside({ "processors on_failure": processor });
const simulation = inside({
  pipeline: ingestPipeline,
  docs: document,
});

/** Index privileges in roles, API keys and questions about privileges. */
const grants = new Shape();
const granted = inside({ names: named("index", "grant") }).others(grants);
grants.with({ "indices index": granted, access: new Shape().others(granted) }).others(grants);

const indexTemplate = inside({
  index_patterns: named("index", "name"),
  template: inside({ aliases: aliasNames }),
  aliases: aliasNames,
});

const scroll = inside({ scroll_id: cursor("scroll") });
const esql = inside({
  query: shape(code.esql),
  columnar: shape(code.columnar),
  filter: query,
});
const sql = inside({
  query: shape(code.sql),
  cursor: cursor("sql"),
  columnar: shape(code.columnar),
  filter: query,
  runtime_mappings: query,
  catalog: named("remote_cluster", "read"),
});
const eql = searchBody.copy(0).with({ query: shape(code.eql) });

const shapes = new Map<string, Shape>([
  ...each(
    searchBody,
    "search async_search.submit count cat.count explain indices.validate_query search_shards",
    "delete_by_query update_by_query fleet.search search_mvt knn_search graph.explore",
    "field_caps rollup.rollup_search open_point_in_time",
  ),
  ...each(searchBody.copy().with({ field: shape(code.termField) }), "terms_enum"),
  ...each(templateBody, "search_template render_search_template"),
  ...each(documents, "mget mtermvectors"),
  ...each(scroll, "scroll clear_scroll"),
  ...each(inside({ id: cursor("point_in_time") }), "close_point_in_time"),
  ...each(esql, "esql.query esql.async_query esql.put_view"),
  ...each(sql, "sql.query sql.translate sql.clear_cursor"),
  ...each(eql, "eql.search"),
  ...each(reindex, "reindex"),
  ...each(aliasActions, "indices.update_aliases"),
  // The names in its body win over those of the path.
  ...each(aliasChange, "indices.put_alias"),
  ...each(inside({ aliases: aliasNames }), "indices.create indices.clone indices.shrink"),
  ...each(inside({ aliases: aliasNames }), "indices.split indices.rollover"),
  ...each(indexTemplate, "indices.put_index_template indices.put_template"),
  ...each(indexTemplate, "indices.simulate_template cluster.put_component_template"),
  ...each(dataStreamActions, "indices.modify_data_stream"),
  ...each(inside({ source: inside({ index: read }) }), "indices.migrate_reindex"),
  ...each(reroute, "cluster.reroute"),
  ...each(transform, "transform.put_transform transform.update_transform"),
  ...each(transform, "transform.preview_transform"),
  ...each(frameAnalytics, "ml.put_data_frame_analytics ml.preview_data_frame_analytics"),
  ...each(frameAnalytics, "ml.explain_data_frame_analytics"),
  ...each(datafeed, "ml.put_datafeed ml.update_datafeed"),
  ...each(inside({ datafeed_config: datafeed, job_config: machineJob }), "ml.preview_datafeed"),
  ...each(machineJob, "ml.put_job"),
  ...each(inside({ index: read, query }), "ml.evaluate_data_frame"),
  ...each(watch, "watcher.put_watch watcher.execute_watch"),
  ...each(snapshot, "snapshot.create snapshot.clone"),
  ...each(restored, "snapshot.restore"),
  ...each(lifecycleSnapshot, "slm.put_lifecycle"),
  ...each(mount, "searchable_snapshots.mount"),
  ...each(follow, "ccr.follow"),
  ...each(autoFollow, "ccr.put_auto_follow_pattern"),
  ...each(forgetFollower, "ccr.forget_follower"),
  ...each(enrichPolicy, "enrich.put_policy"),
  ...each(rankEvaluation, "rank_eval"),
  ...each(painless, "scripts_painless_execute"),
  ...each(rules, "query_rules.put_rule"),
  ...each(ruleSet, "query_rules.put_ruleset"),
  ...each(ingestPipeline, "ingest.put_pipeline"),
  ...each(simulation, "ingest.simulate simulate.ingest"),
  ...each(inside({ indices: read, template: query }), "search_application.put"),
  ...each(inside({ index_pattern: read, rollup_index: write }), "rollup.put_job"),
  ...each(inside({ index_name: write }), "connector.put connector.post"),
  ...each(inside({ index_name: write }), "connector.update_index_name"),
  ...each(grants, "security.put_role security.bulk_put_role security.has_privileges"),
  ...each(grants, "security.create_api_key security.update_api_key security.grant_api_key"),
  ...each(grants, "security.create_cross_cluster_api_key security.bulk_update_api_keys"),
]);

function* each(body: Shape, ...names: string[]): Generator<[string, Shape]> {
  for (const list of names) for (const name of list.split(" ")) yield [name, body];
}

/** What is wanted of a request's body; undefined: it names nothing. @param name of the endpoint */
export function requestShapeOf(name: string): Shape | undefined {
  return shapes.get(name);
}
