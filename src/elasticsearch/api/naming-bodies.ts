/** Calls whose request names indices in its body, beside those of the path or in place of them. */
import type { ApiEndpoint, ApiMatch } from "./api-endpoint.ts";

const namingBodies: ReadonlySet<string> = new Set(
  `bulk mget msearch msearch_template mtermvectors fleet.msearch esql.query esql.async_query
  sql.query scripts_painless_execute ml.evaluate_data_frame`.split(/\s+/),
);

/** Whether the body of a request may name an index of its own. */
export function mayNameInBody({ name }: ApiEndpoint): boolean {
  return namingBodies.has(name);
}

/** Whether a call whose path begins with the name of an index may act on another one, too. */
export function mayNameOthers({ endpoint, indices }: ApiMatch, index: string): boolean {
  return mayNameInBody(endpoint) || indices.some((named) => named !== index);
}
