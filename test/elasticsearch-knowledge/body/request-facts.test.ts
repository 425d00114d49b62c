import assert from "node:assert/strict";
import { test } from "node:test";
import { matchApiEndpoint } from "../../../src/elasticsearch/api/api-endpoint.ts";
import { CursorDigest } from "../../../src/elasticsearch/body/cursor-digest.ts";
import type { RequestFacts } from "../../../src/elasticsearch/body/request/request-facts.ts";
import { requestFacts } from "../../../src/elasticsearch/body/request/request-reader.ts";
import { cut } from "./arbitraries.ts";

const digest = new CursorDigest(Buffer.alloc(32, 7));

function factsOf(call: string, body: unknown, contentType = "application/json"): RequestFacts {
  const [method = "", target = ""] = call.split(" ");
  const text = typeof body === "string" ? body : body === undefined ? "" : JSON.stringify(body);
  const bytes = Buffer.from(text);
  const read = (sizes: readonly number[]): RequestFacts => {
    const reader = requestFacts(matchApiEndpoint(method, target), contentType, { digest });
    for (const { piece, start, end } of cut(bytes, sizes)) reader.write(piece, start, end);
    return reader.finish();
  };
  const whole = read([bytes.length + 1]);
  for (const size of [1, 2, 7]) assert.deepEqual(read([size]), whole, `pieces of ${size}`);
  return whole;
}

/** `kind use name`, with ` ×count` behind names that come more than once. */
function namesOf(facts: RequestFacts): string[] {
  return facts.names.map(
    ({ kind, use, name, count }) => `${kind} ${use} ${name}${count > 1 ? ` ×${count}` : ""}`,
  );
}

function lookupsOf(facts: RequestFacts): string[] {
  return facts.lookups.map(({ kind, index, id }) => `${kind} ${index ?? "-"} ${id ?? "-"}`);
}

/** Every API whose body names something: the call, a body, and the names in the order of the text. */
const vectors: readonly (readonly [call: string, body: unknown, ...names: string[]])[] = [
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

for (const [call, body, ...names] of vectors) {
  test(`finds the names in ${call}`, () => {
    const facts = factsOf(call, body);
    assert.deepEqual(namesOf(facts), names);
    assert.equal(facts.body.state, body === undefined ? "empty" : "whole");
  });
}

test("reads of queries beside what they search are found, whatever stands around them", () => {
  const lookups = {
    bool: {
      filter: [
        { terms: { user: { index: "users", id: 7, path: "follows" } } },
        { terms: { terms: { index: "t2", id: "x", path: "p" } } },
        { geo_shape: { doc: { indexed_shape: { id: "deu" } } } },
        { shape: { s: { indexed_shape: { index: "areas", id: "a" } } } },
      ],
      must: { percolate: { field: "query", index: "docs", id: "1" } },
      should: [
        {
          more_like_this: {
            fields: ["a"],
            like: ["text", { _index: "m", _id: "3" }, { _id: "4" }],
          },
        },
        { pinned: { docs: [{ _index: "pin", _id: "5" }], organic: { match_all: {} } } },
      ],
      must_not: { term: { index: "id" } },
    },
  };
  const expected = [
    "terms users 7",
    "terms t2 x",
    "indexed_shape shapes deu",
    "indexed_shape areas a",
    "percolate docs 1",
    "more_like_this m 3",
    "more_like_this - 4",
    "pinned pin 5",
  ];
  const wrapped = { wrapper: { query: Buffer.from(JSON.stringify(lookups)).toString("base64") } };
  const twice = { wrapper: { query: Buffer.from(JSON.stringify(wrapped)).toString("base64") } };
  const bodies = {
    query: { query: lookups },
    post_filter: { post_filter: lookups },
    knn: { knn: { field: "v", query_vector: [1, 2], filter: lookups } },
    retriever: { retriever: { rrf: { retrievers: [{ standard: { query: lookups } }] } } },
    "aggregation filter": {
      aggs: { a: { filters: { filters: { terms: lookups, script: lookups } } } },
    },
    "sub-aggregation": {
      aggs: { a: { terms: { field: "f" }, aggs: { meta: { filter: lookups } } } },
    },
    rescore: { rescore: { query: { rescore_query: lookups } } },
    highlight: { highlight: { highlight_query: lookups } },
    sort: { sort: [{ f: { nested: { path: "p", filter: lookups } } }] },
    wrapper: { query: wrapped },
    "wrapper in wrapper": { query: { bool: { must: [twice] } } },
  };
  for (const [name, body] of Object.entries(bodies)) {
    const facts = factsOf("POST /a/_search", body);
    const times = name === "aggregation filter" ? [...expected, ...expected] : expected;
    assert.deepEqual(lookupsOf(facts), times, name);
    assert.equal(facts.body.state, "whole", name);
  }
  const template = JSON.stringify({ query: lookups });
  assert.deepEqual(lookupsOf(factsOf("POST /a/_search/template", { source: template })), expected);
  assert.deepEqual(lookupsOf(factsOf("POST /a/_delete_by_query", { query: lookups })), expected);
  assert.deepEqual(
    lookupsOf(factsOf("POST /_query", { query: "ROW a=1", filter: lookups })),
    expected,
  );
  const parameter = encodeURIComponent(template);
  const fromTarget = factsOf(
    `GET /a/_search?source_content_type=application/json&source=${parameter}`,
    undefined,
  );
  assert.deepEqual(lookupsOf(fromTarget), expected);
});

test("a lookup runtime field names the index it reads", () => {
  const facts = factsOf("POST /a/_search", {
    runtime_mappings: { ip: { type: "lookup", target_index: "ips", input_field: "x" } },
  });
  assert.deepEqual(lookupsOf(facts), ["runtime_field ips -"]);
  assert.deepEqual(facts.outputs, [
    { kind: "runtime_field", name: "ip", type: undefined, field: undefined },
  ]);
});

test("a query that is embedded and cannot be read is said to be so", () => {
  const body = { source: '{"query": {{#toJson}}q{{/toJson}}}', id: undefined };
  const { state, reason } = factsOf("POST /a/_search/template", body).body;
  assert.deepEqual({ state, reason }, { state: "partial", reason: "embedded" });
});

test("outputs say which field an aggregation, a script or a suggester tells", () => {
  const facts = factsOf("POST /a/_search", {
    size: 0,
    from: 5,
    search_after: [1],
    aggs: {
      city: {
        terms: { field: "address.city" },
        aggs: { oldest: { max: { field: "age" } }, top: { top_hits: { size: 1 } } },
      },
      both: {
        composite: {
          sources: [{ a: { terms: { field: "x" } } }, { b: { histogram: { field: "y" } } }],
        },
      },
      adults: { filter: { exists: { field: "age" } } },
    },
    script_fields: { secret: { script: "doc['ssn']" } },
    suggest: { names: { prefix: "a", completion: { field: "name.suggest" } } },
  });
  assert.deepEqual(
    facts.outputs.map(({ kind, name, type, field }) => [kind, name, type, field].join(" ")),
    [
      "aggregation city terms address.city",
      "aggregation city>oldest max age",
      "aggregation city>top top_hits ",
      "aggregation both composite x",
      "aggregation both composite y",
      "script_field secret  ",
      "suggestion names  name.suggest",
    ],
  );
  const { size, from, hasSearchAfter, searches } = facts;
  assert.deepEqual(
    { size, from, hasSearchAfter, searches },
    { size: 0, from: 5, hasSearchAfter: true, searches: 1 },
  );
});

test("cursors are told as digests, whether they stand in the path, the query string or the body", () => {
  const scroll = { kind: "scroll", digest: digest.of("abc==") };
  const calls: [string, unknown][] = [
    ["POST /_search/scroll", { scroll: "1m", scroll_id: "abc==" }],
    ["DELETE /_search/scroll", { scroll_id: ["abc=="] }],
    ["GET /_search/scroll/abc%3D%3D", undefined],
    ["GET /_search/scroll?scroll_id=abc%3D%3D", undefined],
    ["POST /_search/scroll", '{"scroll_id":"abc\\u003d\\u003d"}'],
  ];
  for (const [call, body] of calls) assert.deepEqual(factsOf(call, body).cursors, [scroll], call);
  const pit = factsOf("POST /_search", { pit: { id: "p", keep_alive: "1m" } });
  assert.deepEqual(pit.cursors, [{ kind: "point_in_time", digest: digest.of("p") }]);
  const sql = factsOf("POST /_sql", { cursor: "c" });
  assert.deepEqual(sql.cursors, [{ kind: "sql", digest: digest.of("c") }]);
  const async = factsOf("GET /_async_search/id1", undefined);
  assert.deepEqual(async.cursors, [{ kind: "async_search", digest: digest.of("id1") }]);
});

test("queries that are texts are kept, with the columns that name documents", () => {
  const query = "FROM a METADATA _id, _index | RENAME _id AS key | KEEP key, _index";
  const facts = factsOf("POST /_query?format=json", { query, columnar: true });
  assert.equal(facts.isColumnar, true);
  assert.deepEqual(facts.queries, [
    {
      language: "esql",
      text: query,
      isCut: false,
      idColumns: ["key"],
      indexColumns: ["_index"],
      isWhole: true,
    },
  ]);
  const long = `FROM a | WHERE x == "${"y".repeat(70_000)}"`;
  const [cutQuery] = factsOf("POST /_query", { query: long }).queries;
  assert.equal(cutQuery?.isCut, true);
  // The escaped quote has two bytes of the 65,536.
  assert.equal(cutQuery.text.length, 65_535);
});

test("documents are named by path, mget and bodies", () => {
  const documentsOf = (call: string, body?: unknown): unknown => {
    const { documents, actions } = factsOf(call, body);
    return [documents.first, documents.count, actions];
  };
  const one = [{ index: "i", id: "a/b" }];
  assert.deepEqual(documentsOf("GET /i/_doc/a%2Fb"), [one, 1, []]);
  assert.deepEqual(documentsOf("PUT /i/_doc/a%2Fb", { a: 1 }), [
    one,
    1,
    [{ index: "i", action: "index", count: 1 }],
  ]);
  assert.deepEqual(documentsOf("POST /i/_doc", { a: 1 }), [
    [],
    1,
    [{ index: "i", action: "index", count: 1 }],
  ]);
  assert.deepEqual(
    documentsOf("POST /i/_mget", { ids: ["1"], docs: [{ _id: "2", _index: "j" }] }),
    [
      [
        { index: "i", id: "1" },
        { index: "j", id: "2" },
      ],
      2,
      [],
    ],
  );
});

test("a body that tells nothing, or cannot be read, is said to be so", () => {
  const bodyOf = (call: string, body: string, type?: string): unknown =>
    factsOf(call, body, type).body;
  assert.deepEqual(bodyOf("PUT /i/_doc/1", '{"a":1}'), { state: "not_needed", bytes: 7 });
  assert.deepEqual(bodyOf("POST /i/_search", "xx", "application/cbor"), {
    state: "none",
    reason: "media_type",
    bytes: 2,
  });
  assert.deepEqual(bodyOf("POST /_some/plugin", "{}"), {
    state: "partial",
    reason: "unknown_api",
    bytes: 2,
  });
  assert.deepEqual(bodyOf("POST /i/_search", '{"query":'), {
    state: "partial",
    reason: "end",
    at: 9,
    bytes: 9,
  });
});
