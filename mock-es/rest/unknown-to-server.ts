/** What clients send and the server refuses as unknown. */
export const unknownToServer: Readonly<Record<string, readonly string[]>> = {
  "cat.circuit_breaker": ["local", "master_timeout"],
  "cluster.delete_component_template": ["timeout"],
  "cluster.get_settings": ["timeout"],
  health_report: ["timeout"],
  "indices.delete_index_template": ["timeout"],
  "indices.delete_template": ["timeout"],
  "indices.simulate_index_template": ["create", "cause"],
  msearch: ["project_routing"],
};
