import assert from "node:assert/strict";
import { test } from "node:test";
import { matchApiEndpoint } from "../../../src/elasticsearch/api/api-endpoint.ts";
import { CursorDigest } from "../../../src/elasticsearch/body/cursor-digest.ts";
import type { RequestFacts } from "../../../src/elasticsearch/body/request/request-facts.ts";
import { requestFacts } from "../../../src/elasticsearch/body/request/request-reader.ts";
import { cut } from "./arbitraries.ts";
import { requestVectors } from "./request-vectors.ts";

const digest = new CursorDigest(Buffer.alloc(32, 7));
const startedMs = Date.UTC(2026, 10, 29, 12);

function factsOf(call: string, body: unknown, contentType = "application/json"): RequestFacts {
  const [method = "", target = ""] = call.split(" ");
  const text = typeof body === "string" ? body : body === undefined ? "" : JSON.stringify(body);
  const bytes = Buffer.from(text);
  const read = (sizes: readonly number[]): RequestFacts => {
    const head = { contentType, startedMs };
    const reader = requestFacts(matchApiEndpoint(method, target), head, { digest });
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

for (const [call, body, ...names] of requestVectors) {
  test(`finds the names in ${call}`, () => {
    const facts = factsOf(call, body);
    assert.deepEqual(namesOf(facts), names);
    assert.equal(facts.body.state, body === undefined ? "empty" : "whole");
  });
}

test("documents are found by ids in the query string, where Elasticsearch takes them", () => {
  for (const [call, ...ids] of [
    ["POST /a/_doc?id=5", "5"],
    ["POST /a/_doc/4?id=5", "4"],
    ["POST /a/_doc", undefined],
    ["GET /a/_termvectors?=id=5", "5"],
    ["GET /a/_mtermvectors?ids=5,6", "5", "6"],
  ] as const) {
    const { documents } = factsOf(call, undefined);
    const found = documents.first.map(({ index, id }) => `${index} ${id}`);
    assert.deepEqual(
      found,
      ids.flatMap((id) => (id === undefined ? [] : `a ${id}`)),
      call,
    );
    assert.equal(documents.count, ids.length, call);
  }
});

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
  const yaml = factsOf(
    "GET /a/_search?source_content_type=application/yaml&source=a:+1",
    undefined,
  );
  assert.deepEqual([yaml.body.state, yaml.body.reason], ["none", "media_type"]);
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

test("cursors of the path, the query string or the body are told as digests", () => {
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
    [{ index: "i", resolved: "i", action: "index", count: 1 }],
  ]);
  assert.deepEqual(documentsOf("POST /i/_doc", { a: 1 }), [
    [],
    1,
    [{ index: "i", resolved: "i", action: "index", count: 1 }],
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

test("names are resolved as far as the request tells", () => {
  const resolvedOf = (call: string, body: unknown): unknown =>
    factsOf(call, body).names.map(({ name, resolved, isExclusion }) => [
      name,
      resolved,
      isExclusion,
    ]);
  assert.deepEqual(resolvedOf("POST /%3Clogs-%7Bnow%2Fd%7D%3E,a*,-ab,c:x/_search", {}), [
    ["<logs-{now/d}>", "logs-2026.11.29", false],
    ["a*", "a*", false],
    ["-ab", "-ab", true],
    ["c:x", "c:x", false],
  ]);
  assert.deepEqual(resolvedOf("POST /_msearch", '{"index":["-a","b*","-bc"]}\n{}\n'), [
    ["-a", undefined, false],
    ["b*", "b*", false],
    ["-bc", "-bc", true],
  ]);
  const bulk = '{"delete":{"_index":"<l-{now/M{yyyy.MM}}>","_id":"1"}}\n';
  assert.deepEqual(factsOf("POST /_bulk", bulk).actions, [
    { index: "<l-{now/M{yyyy.MM}}>", resolved: "l-2026.11", action: "delete", count: 1 },
  ]);
});

test("a body is read the same wherever it is cut", () => {
  const calls: readonly (readonly [string, string])[] = [
    [
      "POST /d/_bulk",
      '{"index":{"_index":"a\\u0062","_id":"\\"1"}}\r\n{"x":"\\n"}\n\n{"delete":{"_id":7}}\n',
    ],
    [
      "POST /d/_search",
      '/* c */{"query":{"terms":{"u":{"index":"us\\u0065rs","id":1.5,"path":"p"}}},"size":10,' +
        '"aggs":{"a":{"max":{"field":"é"}}}}',
    ],
    ["POST /_msearch", '{"index":["a","b"]}\n{"pit":{"id":"p=="}}\n\n{"size":1}\n'],
  ];
  for (const [call, body] of calls) {
    const bytes = Buffer.from(body);
    const [method = "", target = ""] = call.split(" ");
    const head = { contentType: undefined, startedMs };
    const read = (at: number): RequestFacts => {
      const reader = requestFacts(matchApiEndpoint(method, target), head, { digest });
      reader.write(bytes, 0, at);
      reader.write(bytes, at, bytes.length);
      return reader.finish();
    };
    const whole = read(0);
    assert.equal(whole.body.state, "whole");
    for (let at = 1; at <= bytes.length; at += 1) assert.deepEqual(read(at), whole, `cut at ${at}`);
  }
});
