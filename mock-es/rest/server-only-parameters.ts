/**
 * Accepted by the server of an API endpoint although the official client never sends them as query
 * parameters.
 */
export const serverOnly: Readonly<Record<string, string>> = {
  update: "version version_type",
  create: "op_type",
  "indices.exists": "features",
  scroll: "scroll scroll_id rest_total_hits_as_int",
  clear_scroll: "scroll_id",
  terms_enum: "ignore_unavailable allow_no_indices expand_wildcards ignore_throttled",
  "cluster.state": "metric",
  "nodes.info": "node_id metric",
  "nodes.usage": "metric",
  "indices.stats": "metric",
  search: "min_compatible_shard_node search_type q",
};
