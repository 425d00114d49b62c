/**
 * Every API whose target or body names something: the call, a body, and the names in the order of
 * the text, each as `kind use name`.
 */
export const requestVectors: readonly (readonly [
  call: string,
  body: unknown,
  ...names: string[],
])[] = [
  ["POST /a,b-*/_search", { query: { match_all: {} } }, "index read a", "index read b-*"],
  ["GET /_search?index=a,b", undefined, "index read a", "index read b"],
  [
    "POST /_search",
    { indices_boost: [{ logs: 2 }, { "other-*": 1 }] },
    "index name logs",
    "index name other-*",
  ],
  [
    "POST /_reindex",
    {
      source: {
        index: ["a", "b,c"],
        remote: { host: "https://other:9200", password: "x" },
        query: {},
      },
      dest: { index: "d", pipeline: "p" },
    },
    "index read a",
    "index read b",
    "index read c",
    "remote_host read https://other:9200",
    "index write d",
    "pipeline read p",
  ],
  ["POST /x/_update_by_query?pipeline=p", {}, "index write x", "pipeline read p"],
  [
    "POST /_aliases",
    {
      actions: [
        { add: { index: "i1", alias: "a1" } },
        { add: { indices: ["i2", "i3"], aliases: ["a2"] } },
        { remove: { index: "i4", alias: "a4" } },
        { remove_index: { index: "gone" } },
        { remove_index: { indices: ["gone2"] } },
      ],
    },
    "index change i1",
    "alias change a1",
    "index change i2",
    "index change i3",
    "alias change a2",
    "index change i4",
    "alias change a4",
    "index delete gone",
    "index delete gone2",
  ],
  [
    "POST /_data_stream/_modify",
    {
      actions: [
        { remove_backing_index: { data_stream: "s", index: ".ds-s-1" } },
        { add_backing_index: { data_stream: "s", index: "i" } },
        { delete_backing_index: { data_stream: "s", index: ".ds-s-2" } },
      ],
    },
    "data_stream change s ×3",
    "index change .ds-s-1",
    "index change i",
    "index delete .ds-s-2",
  ],
  [
    "POST /_cluster/reroute",
    {
      commands: [
        { move: { index: "m", shard: 0, from_node: "a", to_node: "b" } },
        { allocate_empty_primary: { index: "lost", shard: 0, node: "n", accept_data_loss: true } },
      ],
    },
    "index change m",
    "index discard lost",
  ],
  [
    "PUT /src/_clone/dst",
    { aliases: { al: {} } },
    "index read src",
    "index create dst",
    "alias create al",
  ],
  ["POST /src/_downsample/dst", undefined, "index read src", "index create dst"],
  ["PUT /made", { aliases: { al: { filter: {} } } }, "index create made", "alias create al"],
  ["DELETE /gone,gone-*", undefined, "index delete gone", "index delete gone-*"],
  [
    "PUT /_transform/t",
    { source: { index: ["a"] }, dest: { index: "b", pipeline: "p" } },
    "index read a",
    "index write b",
    "pipeline read p",
  ],
  [
    "PUT /_ml/data_frame/analytics/x",
    { source: { index: "a" }, dest: { index: "b" } },
    "index read a",
    "index write b",
  ],
  ["PUT /_ml/datafeeds/x", { job_id: "j", indices: ["a"], query: {} }, "index read a"],
  [
    "PUT /_watcher/watch/w",
    {
      input: {
        chain: { inputs: [{ one: { search: { request: { indices: ["a"], body: {} } } } }] },
      },
      transform: { search: { request: { indices: "t" } } },
      actions: {
        index: { index: { index: "log", doc_id: "1" } },
        x: { webhook: { host: "h", port: 1 } },
      },
    },
    "index read a",
    "index read t",
    "index write log",
    "remote_host read h",
  ],
  ["PUT /_snapshot/r/s", { indices: "a,-b" }, "index read a", "index read -b"],
  ["POST /_snapshot/r/s/_restore", { indices: ["a"], rename_replacement: "x" }, "index create a"],
  [
    "POST /_snapshot/r/s/_mount",
    { index: "a", renamed_index: "b" },
    "index read a",
    "index create b",
  ],
  ["PUT /_slm/policy/p", { config: { indices: ["a"] } }, "index read a"],
  [
    "PUT /f/_ccr/follow",
    { remote_cluster: "c", leader_index: "l" },
    "index create f",
    "remote_cluster read c",
    "index read l",
  ],
  [
    "PUT /_ccr/auto_follow/p",
    {
      remote_cluster: "c",
      leader_index_patterns: ["l-*"],
      follow_index_pattern: "f-{{leader_index}}",
    },
    "remote_cluster read c",
    "index read l-*",
    "index create f-{{leader_index}}",
  ],
  [
    "PUT /_enrich/policy/p",
    { match: { indices: "users", match_field: "email", enrich_fields: ["a"] } },
    "index read users",
  ],
  [
    "POST /a/_rank_eval",
    {
      requests: [
        { id: "q", request: { query: {} }, ratings: [{ _index: "r", _id: "1", rating: 0 }] },
      ],
    },
    "index read a",
    "index read r",
  ],
  [
    "POST /_scripts/painless/_execute",
    { context_setup: { index: "i", document: {} } },
    "index read i",
  ],
  [
    "PUT /_index_template/t",
    { index_patterns: ["a-*"], template: { aliases: { al: {} } } },
    "index name a-*",
    "alias create al",
  ],
  [
    "PUT /_ingest/pipeline/p",
    {
      processors: [
        { enrich: { policy_name: "pol", field: "f" } },
        { foreach: { field: "x", processor: { set: { field: "_index", value: "elsewhere" } } } },
        { set: { field: "a", value: "b", on_failure: [{ reroute: { destination: "dead" } }] } },
        { pipeline: { name: "next" } },
      ],
    },
    "enrich_policy lookup pol",
    "index write elsewhere",
    "index write dead",
    "pipeline read next",
  ],
  [
    "PUT /_security/role/r",
    { indices: [{ names: ["a", "b*"], privileges: ["read"] }] },
    "index grant a",
    "index grant b*",
  ],
  [
    "POST /_query",
    { query: "FROM a, b* METADATA _id | LOOKUP JOIN l ON x | ENRICH pol | RENAME _id AS key" },
    "index read a",
    "index read b*",
    "index lookup l",
    "enrich_policy lookup pol",
  ],
  [
    "POST /_sql",
    { query: 'SELECT * FROM "a,b-1" x, c' },
    "index read a",
    "index read b-1",
    "index read c",
  ],
  ["POST /e/_eql/search", { query: "any where true", filter: {} }, "index read e"],
  [
    "POST /_msearch",
    '{"index":["a","b"]}\n{"query":{}}\n{"index":"c,d"}\n{}\n{}\n{}\n',
    "index read a",
    "index read b",
    "index read c",
    "index read d",
  ],
  ["POST /x/_msearch", '\n{}\n{"pit":{"id":"p"}}\n', "index read x"],
  [
    "POST /a/_mget",
    { docs: [{ _id: "1" }, { _index: "b", _id: 2 }] },
    "index read a",
    "index read b",
  ],
];
