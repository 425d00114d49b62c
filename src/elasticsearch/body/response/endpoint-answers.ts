import { writeActions } from "../request/request-record.ts";
import { inside, Shape, shape } from "../shape.ts";
import {
  bulkMembers,
  byQueryTotals,
  cursor,
  documentHits,
  errorIn,
  errorMembers,
  hit,
  item,
  searchMembers,
  shards,
  vectorHit,
} from "./answer-shapes.ts";
import { hitCode, rowCode, summaryCode, valueCode } from "./response-codes.ts";

/** Which parts of an answer tell something, by API endpoint. */

const general = {
  took: shape(summaryCode.took),
  timed_out: shape(summaryCode.timedOut),
  task: shape(summaryCode.task),
  _shards: shards,
  ...errorMembers,
};
const search = inside({ ...searchMembers, ...errorMembers });
const multiSearch = inside({
  ...general,
  responses: shape(summaryCode.search, { ...searchMembers, error: errorIn("search") }),
});
const running = {
  is_partial: shape(summaryCode.isPartial),
  is_running: shape(summaryCode.isRunning),
};
const asyncSearch = inside({
  ...errorMembers,
  ...running,
  id: cursor("async_search"),
  response: search,
});
const events = inside({
  ...general,
  ...running,
  id: cursor("async_eql"),
  hits: inside({
    total: shape(summaryCode.total, {
      value: shape(summaryCode.total),
      relation: shape(summaryCode.relation),
    }),
    events: hit,
    sequences: inside({ events: hit }),
  }),
  shard_failures: inside({ reason: errorIn("shard") }),
});
const cells = new Shape(rowCode.cells, true);
const columns = inside({ name: shape(rowCode.column) });
const esql = inside({
  ...general,
  ...running,
  id: cursor("async_esql"),
  columns,
  values: cells,
});
const sql = inside({
  ...general,
  ...running,
  id: cursor("async_sql"),
  cursor: cursor("sql"),
  columns,
  "rows values": cells,
});
const byQuery = inside({
  ...general,
  ...Object.fromEntries(byQueryTotals.map((name, at) => [name, shape(summaryCode.byQuery + at)])),
  failures: inside({ cause: errorIn("failure"), reason: errorIn("failure") }),
});
const count = inside({ ...general, count: shape(summaryCode.total) });
const terms = inside({ ...general, terms: shape(valueCode.term) });
const graph = inside({
  ...general,
  vertices: inside({ field: shape(valueCode.vertexField), term: shape(valueCode.vertexTerm) }),
  failures: inside({ reason: errorIn("shard") }),
});
const rankEvaluation = inside({
  ...general,
  details: new Shape().others(inside({ hits: inside({ hit }) })),
  failures: new Shape().others(errorIn("search")),
});
const preview = inside({ ...general, preview: shape(rowCode.object).others(new Shape()) });

/** By name of the API endpoint. Those that are not here: see {@link answerShapeOf}. */
const shapes = new Map<string, Shape>([
  ...each(search, "search scroll search_template fleet.search search_application.search"),
  ...each(search, "knn_search rollup.rollup_search"),
  ...each(multiSearch, "msearch msearch_template fleet.msearch"),
  ...each(asyncSearch, "async_search.submit async_search.get async_search.status"),
  ...each(events, "eql.search eql.get eql.get_status"),
  ...each(esql, "esql.query esql.async_query esql.async_query_get esql.async_query_stop"),
  ...each(sql, "sql.query sql.get_async sql.get_async_status"),
  ...each(hit.copy(hitCode.single).with(errorMembers), "get explain"),
  ...each(inside({ ...general, docs: hit }), "mget"),
  ...each(vectorHit.copy(hitCode.single).with(errorMembers), "termvectors"),
  ...each(inside({ ...general, docs: vectorHit }), "mtermvectors"),
  ...each(inside({ ...general, ...bulkMembers }), "bulk monitoring.bulk"),
  ...writeActions.slice(0, 4).map((name, at) => [name, item(at).with(errorMembers)] as const),
  ...each(byQuery, "update_by_query delete_by_query reindex"),
  ...each(inside({ ...general, id: cursor("point_in_time") }), "open_point_in_time"),
  ...each(inside({ ...general, response: byQuery }), "tasks.get get_reindex"),
  ...each(count, "count"),
  ...each(terms, "terms_enum"),
  ...each(graph, "graph.explore"),
  ...each(rankEvaluation, "rank_eval"),
  ...each(preview, "transform.preview_transform"),
  ...each(shape(rowCode.object, errorMembers), "ml.preview_datafeed"),
  ...each(inside({ ...general, watch_record: documentHits }), "watcher.execute_watch"),
]);

const documentContent = new Shape(hitCode.document, true);
const generalAnswer = inside(general);
/** Of calls that no table knows: the forms that documents have in known ones. */
const unknownAnswer = inside({ ...searchMembers, ...bulkMembers, ...general, docs: hit });

function* each(answer: Shape, names: string): Generator<[string, Shape]> {
  for (const name of names.split(" ")) yield [name, answer];
}

/**
 * What is wanted of an answer.
 *
 * @param name of the API endpoint
 * @param status of the HTTP response: an error has another form than what was asked for
 */
export function answerShapeOf(name: string, status: number): Shape {
  if (name === "get_source") return status < 300 ? documentContent : generalAnswer;
  if (name === "unknown") return unknownAnswer;
  return shapes.get(name) ?? generalAnswer;
}
