/** Which API endpoints have to do with documents, and which half of an exchange tells their ids. */

const finding = new Set(
  (
    "search scroll search_template fleet.search search_application.search knn_search " +
    "search_mvt msearch msearch_template fleet.msearch async_search.submit async_search.get " +
    "eql.search eql.get esql.query esql.async_query esql.async_query_get esql.async_query_stop " +
    "sql.query sql.get_async rank_eval ml.preview_datafeed " +
    "ml.preview_data_frame_analytics transform.preview_transform " +
    "watcher.execute_watch unknown"
  ).split(" "),
);
const namingInPath = new Set(
  "get get_source explain termvectors index create update delete".split(" "),
);
const namingInBody = new Set("mget mtermvectors bulk".split(" "));
const writingByQuery = new Set("update_by_query delete_by_query reindex".split(" "));
const writingOne = new Set(["index", "create", "delete"]);

/** Only the answer tells which documents it holds. */
export function findsDocuments(endpoint: string): boolean {
  return finding.has(endpoint);
}

/** The path names the document, unless it gets an id of Elasticsearch. */
export function namesDocument(endpoint: string): boolean {
  return namingInPath.has(endpoint);
}

/** The body of the request names the documents, except those that get an id of Elasticsearch. */
export function listsDocuments(endpoint: string): boolean {
  return namingInBody.has(endpoint);
}

/** Neither half names the documents: the answer counts them, or names a task that will. */
export function writesByQuery(endpoint: string): boolean {
  return writingByQuery.has(endpoint);
}

/** A status of success says that one document was written; an update may leave it as it is. */
export function isSingleWrite(endpoint: string): boolean {
  return writingOne.has(endpoint);
}
