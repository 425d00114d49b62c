/** The query parameters of the endpoints of EQL, ES|QL and SQL. */

/** See `accepted-parameters.ts`. */
export const languageParameters: Readonly<Record<string, string>> = {
  "eql.search":
    "allow_no_indices allow_partial_search_results allow_partial_sequence_results " +
    "ccs_minimize_roundtrips expand_wildcards ignore_unavailable keep_alive " +
    "keep_on_completion wait_for_completion_timeout",
  "eql.get": "keep_alive wait_for_completion_timeout",
  "eql.get_status": "",
  "eql.delete": "",
  "esql.async_query": "format delimiter drop_null_columns allow_partial_results",
  "esql.async_query_get": "format drop_null_columns keep_alive wait_for_completion_timeout",
  "esql.async_query_stop": "drop_null_columns",
  "esql.async_query_delete": "",
  "sql.query": "format project_routing",
  "sql.get_async": "delimiter format keep_alive wait_for_completion_timeout",
  "sql.get_async_status": "",
  "sql.delete_async": "",
  "sql.clear_cursor": "",
  "sql.translate": "",
  "esql.query": "format delimiter drop_null_columns allow_partial_results",
};
