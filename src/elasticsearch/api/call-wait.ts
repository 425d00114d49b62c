/** How long Elasticsearch may take before it begins to answer a call. */
import { queryParameter } from "./query-parameter.ts";

/**
 * Calls whose work has no bound: queries that read as much as they must, work on whole indices, and
 * what waits for a model, a job or a task by default.
 */
export const longCalls: ReadonlySet<string> = new Set(
  `
  search msearch search_template msearch_template search_mvt knn_search scroll count explain
  rank_eval eql.search esql.query sql.query graph.explore fleet.search fleet.msearch
  open_point_in_time rollup.rollup_search search_application.search profiling.flamegraph
  profiling.stacktraces profiling.topn_functions
  bulk reindex update_by_query delete_by_query cancel_reindex
  indices.forcemerge indices.flush indices.refresh indices.downsample indices.disk_usage
  indices.field_usage_stats
  snapshot.delete snapshot.clone snapshot.get snapshot.status snapshot.cleanup_repository
  snapshot.verify_repository snapshot.repository_analyze snapshot.repository_verify_integrity
  enrich.execute_policy watcher.execute_watch transform.preview_transform
  transform.upgrade_transforms ilm.migrate_to_data_tiers features.reset_features
  ml.open_job ml.close_job ml.reset_job ml.delete_job ml.flush_job ml.post_data
  ml.delete_expired_data ml.evaluate_data_frame ml.explain_data_frame_analytics
  ml.preview_datafeed ml.preview_data_frame_analytics ml.infer_trained_model
  ml.start_datafeed ml.stop_datafeed ml.start_data_frame_analytics
  ml.stop_data_frame_analytics ml.start_trained_model_deployment ml.upgrade_job_snapshot
  inference.inference inference.completion inference.stream_completion
  inference.chat_completion_unified inference.embedding inference.text_embedding
  inference.sparse_embedding inference.rerank inference.put
  `
    .trim()
    .split(/\s+/),
);

/** Parameters that say how long a call may wait; one after the other. */
const waitParameters = [
  "timeout",
  "master_timeout",
  "wait_for_timeout",
  "wait_for_completion_timeout",
] as const;
/** A query string without it has none of them: letters of their names, or an escape. */
const mayWait = /time|wait|%/;

const unitMs: Readonly<Record<string, number>> = {
  nanos: 1e-6,
  micros: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * The time in milliseconds that a call may wait, beside what any call takes: 0 for most,
 * `Infinity` where there is no bound. What the call says itself counts: `timeout` and its kin, and
 * `wait_for_completion`.
 *
 * @param name of the API endpoint
 * @param query the query string as received, without `?`
 */
export function callWaitMs(name: string, query: string | undefined): number {
  if (longCalls.has(name)) return Infinity;
  if (query === undefined || !mayWait.test(query)) return 0;
  const waits = queryParameter(query, "wait_for_completion");
  if (waits !== undefined && waits !== "false") return Infinity;
  let sum = 0;
  for (const parameter of waitParameters) sum += timeMs(queryParameter(query, parameter));
  return sum;
}

/**
 * Milliseconds of one of Elasticsearch's time values (`TimeValue.parseTimeValue`); -1 is for ever.
 */
function timeMs(text: string | undefined): number {
  if (text === undefined) return 0;
  if (text.trim() === "-1") return Infinity;
  const [, digits = "", unit = ""] = /^\s*(\d{1,15}(?:\.\d{1,9})?)([a-z]+)\s*$/i.exec(text) ?? [];
  return Number(digits) * (unitMs[unit.toLowerCase()] ?? 0);
}
