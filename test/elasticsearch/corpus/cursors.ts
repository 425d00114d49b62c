import type { CorpusGroup } from "./corpus.ts";

const gone =
  "FGluY2x1ZGVfY29udGV4dF91dWlkDXF1ZXJ5QW5kRmV0Y2gBFnVqbEFXLW1FVC1hTVN0ZnpBSWNmZ2cAAAAAAAAAARZBQUFBQUFBQUFBQUFBQUFBQUFBQUFB";

/** Scroll and point in time. */
export const cursors: CorpusGroup = {
  name: "cursors",
  steps: [
    { ask: "PUT /c", body: { settings: { number_of_replicas: 0 } } },
    {
      ask: "POST /c/_bulk?refresh=true",
      body: Array.from({ length: 5 }, (_, n) => [{ index: { _id: String(n) } }, { n }]).flat(),
    },
    {
      ask: "POST /c/_search?scroll=1m",
      body: { size: 2, sort: ["n"] },
      keep: { scroll: "_scroll_id" },
    },
    { ask: "POST /_search/scroll", body: { scroll: "1m", scroll_id: "${scroll}" } },
    { ask: "GET /_search/scroll", body: { scroll: "1m", scroll_id: "${scroll}" } },
    { ask: "GET /_search/scroll?scroll_id=${scroll}&rest_total_hits_as_int=true" },
    { ask: "DELETE /_search/scroll", body: { scroll_id: ["${scroll}"] } },
    { ask: "DELETE /_search/scroll", body: { scroll_id: ["${scroll}"] } },
    { ask: "POST /_search/scroll", body: { scroll_id: "${scroll}" } },
    { ask: "POST /_search/scroll", body: { scroll_id: "nonsense" } },
    { ask: "POST /_search/scroll", body: {} },
    { ask: "POST /_search/scroll", body: { scroll_id: gone, nonsense: 1 } },
    { ask: "DELETE /_search/scroll", body: { scroll_id: [] } },
    { ask: "POST /c/_search?scroll=1m&size=0" },
    { ask: "POST /c/_search?scroll=1m&from=1" },
    { ask: "POST /c/_search?scroll=1m&size=10010" },
    { ask: "POST /c/_search?scroll=9000h" },
    { ask: "POST /c/_search?scroll=soon" },
    { ask: "POST /c/_search?scroll=1m&size=1", keep: { other: "_scroll_id" } },
    { ask: "DELETE /_search/scroll/_all" },
    { ask: "POST /_search/scroll", body: { scroll_id: "${other}" } },
    { ask: "POST /c/_pit?keep_alive=1m", keep: { pit: "id" } },
    { ask: "PUT /c/_doc/late?refresh=true", body: { n: 99 } },
    {
      ask: "POST /_search",
      body: { size: 2, sort: ["n"], pit: { id: "${pit}", keep_alive: "1m" } },
    },
    {
      ask: "POST /_search",
      body: { size: 2, sort: [{ n: "asc" }], search_after: [3, 3], pit: { id: "${pit}" } },
    },
    ...[["_doc"], ["_shard_doc"], ["n", "_shard_doc"], ["_shard_doc", "_doc"], []].map((sort) => ({
      ask: "POST /_search",
      body: { size: 2, sort, pit: { id: "${pit}" } },
    })),
    { ask: "POST /c/_search", body: { pit: { id: "${pit}" } } },
    { ask: "DELETE /_pit", body: { id: "${pit}" } },
    { ask: "DELETE /_pit", body: { id: "${pit}" } },
    { ask: "POST /_search", body: { pit: { id: "${pit}" } } },
    { ask: "POST /_search", body: { pit: { id: "nonsense" } } },
    { ask: "POST /c/_pit" },
    { ask: "POST /absent/_pit?keep_alive=1m" },
    { ask: "DELETE /_pit", body: {} },
  ],
};
