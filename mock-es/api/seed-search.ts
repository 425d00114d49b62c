import type { JsonObject } from "../json/json-value.ts";
import { jsonTextReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import type { Cluster } from "../store/cluster.ts";

/**
 * Literals of the ancestor of this mock: its searches always found a hundred documents and showed
 * ten at most.
 */
const seedTotal = 100;
const seedMaxHits = 10;

/** A search as profile `seed` answers it: made-up documents whatever was stored or asked. */
export function seedSearch(request: EsRequest, cluster: Cluster, body: JsonObject): EsReply {
  const size = typeof body["size"] === "number" ? body["size"] : seedMaxHits;
  const name = request.pathParameters["index"] ?? "test-index";
  const stored = cluster.indices.get(name);
  const documents = [...(stored?.documents() ?? [])];
  const hits = Array.from({ length: Math.max(0, Math.min(size, seedMaxHits)) }, (_unused, at) => {
    const document = documents[at];
    return {
      _index: name,
      _id: document?.id ?? String(at + 1),
      _score: 1,
      _source: document?.source ?? {
        title: `Document ${at + 1}`,
        content: `Content of document ${at + 1}`,
      },
    };
  });
  const took = Math.round(performance.now() - request.startedMs);
  return jsonTextReply(
    JSON.stringify({
      took,
      timed_out: false,
      _shards: { total: 1, successful: 1, skipped: 0, failed: 0 },
      hits: { total: { value: seedTotal, relation: "eq" }, max_score: 1, hits },
    }),
  );
}
