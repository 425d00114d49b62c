import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";

import { BodyFingerprinter } from "../../../src/elasticsearch/fingerprint/body-fingerprint.ts";
import type {
  Fingerprint,
  QueryLanguage,
} from "../../../src/elasticsearch/fingerprint/fingerprint.ts";
import { altered, body, draws, loosely, written } from "./dsl-mutations.ts";

function fingerprint(text: string, language: QueryLanguage = "dsl"): Fingerprint | undefined {
  const fingerprinter = new BodyFingerprinter(language);
  fingerprinter.write(Buffer.from(text));
  return fingerprinter.finish();
}

const form = (json: unknown): string | undefined => fingerprint(JSON.stringify(json))?.text;

test("merges 1,000 pairs of one query written in two ways", () => {
  fc.assert(
    fc.property(body, draws, (tree, draw) => {
      const one = fingerprint(JSON.stringify(written(tree, draw)));
      assert.ok(one !== undefined);
      assert.deepEqual(fingerprint(loosely(written(tree, draw), draw)), one);
    }),
    { numRuns: 1000 },
  );
});

test("splits 1,000 pairs of queries that differ in one place", () => {
  fc.assert(
    fc.property(body, draws, (tree, draw) => {
      const [one, two] = [written(tree, draw), written(altered(tree, draw), draw)];
      const hashes = [one, two].map((json) => fingerprint(JSON.stringify(json))?.hash);
      assert.notEqual(hashes[0], hashes[1], JSON.stringify([one, two]));
    }),
    { numRuns: 1000 },
  );
});

test("takes values out of every kind of query and keeps fields and indices", () => {
  for (const [query, expected] of [
    [{ term: { field: "x" } }, "{term:{field:?}}"],
    [{ term: { path: "/etc/passwd" } }, "{term:{path:?}}"],
    [{ terms: { a: [] } }, "{terms:{a:[?]}}"],
    [{ terms: { a: ["x", 1, null] }, boost: 1 }, "{boost:?,terms:{a:[?]}}"],
    [{ terms: { a: { index: "i", id: "x", path: "p" } } }, '{terms:{a:{id:?,index:"i",path:"p"}}}'],
    [{ match: { index: { query: "x", operator: "and" } } }, "{match:{index:{operator:?,query:?}}}"],
    [{ ids: { values: ["1", "2"] } }, "{ids:{values:[?]}}"],
    [
      { query_string: { query: "a:b", fields: ["y", "x^2"], default_field: "z" } },
      '{query_string:{default_field:"z",fields:["x^2","y"],query:?}}',
    ],
    [
      { more_like_this: { fields: ["a"], like: ["x", "y", { _index: "i", _id: "1" }] } },
      '{more_like_this:{fields:["a"],like:[?,{_id:?,_index:"i"}]}}',
    ],
    [
      { geo_shape: { a: { indexed_shape: { index: "i", id: "x", path: "p" }, relation: "w" } } },
      '{geo_shape:{a:{indexed_shape:{id:?,index:"i",path:"p"},relation:?}}}',
    ],
    [
      { geo_polygon: { a: { points: [[1, 2], [3, 4], { lat: 1, lon: 2 }] } } },
      "{geo_polygon:{a:{points:[[?],{lat:?,lon:?}]}}}",
    ],
    [
      { has_child: { type: "c", query: { term: { a: 1 } } } },
      '{has_child:{query:{term:{a:?}},type:"c"}}',
    ],
    [
      { percolate: { field: "q", index: "i", id: "1", document: { a: [1, 2] } } },
      '{percolate:{document:{a:[?]},field:"q",id:?,index:"i"}}',
    ],
    [
      { dis_max: { queries: [{ term: { b: 1 } }, { term: { a: 1 } }] } },
      "{dis_max:{queries:[{term:{a:?}},{term:{b:?}}]}}",
    ],
    [
      { span_near: { clauses: [{ span_term: { b: 1 } }, { span_term: { a: 1 } }], slop: 1 } },
      "{span_near:{clauses:[{span_term:{b:?}},{span_term:{a:?}}],slop:?}}",
    ],
    [
      {
        intervals: {
          a: { all_of: { intervals: [{ match: { query: "x" } }, { match: { query: "y" } }] } },
        },
      },
      "{intervals:{a:{all_of:{intervals:[{match:{query:?}},{match:{query:?}}]}}}}",
    ],
    [
      { knn: { field: "v", query_vector: [1, 2], filter: { term: { a: 1 } } } },
      '{knn:{field:"v",filter:[{term:{a:?}}],query_vector:[?]}}',
    ],
    [
      {
        function_score: {
          functions: [{ filter: { term: { a: 1 } }, weight: 2 }],
          query: { match_all: {} },
        },
      },
      "{function_score:{functions:[{filter:{term:{a:?}},weight:?}],query:{match_all:{}}}}",
    ],
    [
      { script: { script: { source: "doc['a'].value > 1", params: { x: 1 } } } },
      "{script:{script:{params:{x:?},source:?}}}",
    ],
    [
      { pinned: { ids: ["1"], organic: { match: { a: "x" } } } },
      "{pinned:{ids:[?],organic:{match:{a:?}}}}",
    ],
    [
      { unheard_of: { query: { term: { a: 1 } }, x: "y" } },
      "{unheard_of:{query:{term:{a:?}},x:?}}",
    ],
  ] as const) {
    assert.equal(form({ query }), `{query:${expected}}`);
  }
});

test("knows the other parts of a search", () => {
  for (const [body, expected] of [
    [
      { sort: ["_doc", { a: "asc" }, { b: { order: "desc", missing: 0 } }] },
      '{sort:["_doc",{a:"asc"},{b:{missing:?,order:"desc"}}]}',
    ],
    [{ sort: "a" }, '{sort:["a"]}'],
    [
      { _source: { includes: ["b", "a"], excludes: "c" } },
      '{_source:[{excludes:["c"],includes:["a","b"]}]}',
    ],
    [{ _source: false }, "{_source:[false]}"],
    [
      { docvalue_fields: [{ field: "a", format: "x" }, "b"] },
      '{docvalue_fields:["b",{field:["a"],format:?}]}',
    ],
    [
      {
        aggs: {
          x: { terms: { field: "a", include: ["y"] }, aggs: { z: { max: { field: "b" } } } },
        },
      },
      '{aggs:{x:{aggs:{z:{max:{field:"b"}}},terms:{field:"a",include:[?]}}}}',
    ],
    [
      {
        aggs: {
          x: { filters: { filters: { "status:200": { term: { b: 1 } }, q: { term: { a: 1 } } } } },
        },
      },
      "{aggs:{x:{filters:{filters:[{term:{a:?}},{term:{b:?}}]}}}}",
    ],
    [
      { aggs: { x: { bucket_script: { buckets_path: { a: "y>z" }, script: "a" } } } },
      '{aggs:{x:{bucket_script:{buckets_path:{a:"y>z"},script:?}}}}',
    ],
    [
      { collapse: { field: "a", inner_hits: { name: "x", sort: ["b"] } } },
      '{collapse:{field:"a",inner_hits:{name:?,sort:["b"]}}}',
    ],
    [
      { runtime_mappings: { a: { type: "lookup", target_index: "i", script: "x" } } },
      '{runtime_mappings:{a:{script:?,target_index:"i",type:"lookup"}}}',
    ],
    [
      {
        retriever: {
          rrf: {
            retrievers: [{ standard: { query: { match: { b: "x" } } } }, { knn: { field: "a" } }],
          },
        },
      },
      '{retriever:{rrf:{retrievers:[{standard:{query:{match:{b:?}}}},{knn:{field:"a"}}]}}}',
    ],
    [{ id: "my-template", params: { a: "secret" } }, '{id:"my-template",params:{a:?}}'],
    [
      { source: { index: ["b", "a"], query: { term: { x: 1 } } }, dest: { index: "c" } },
      '{dest:{index:["c"]},source:{index:["a","b"],query:{term:{x:?}}}}',
    ],
    [
      { suggest: { text: "x", s: { term: { field: "a" } } } },
      '{suggest:{s:{term:{field:"a"}},text:?}}',
    ],
  ] as const) {
    assert.equal(form(body), expected);
  }
});

test("gives the pages of one query one fingerprint", () => {
  const query = { query: { term: { a: 1 } }, sort: ["_doc"], size: 10 };
  assert.equal(form({ ...query, from: 10 }), form(query));
  assert.equal(form({ ...query, search_after: [1, "x"] }), form(query));
  const composite = (more: object): unknown => ({
    aggs: { x: { composite: { sources: [{ a: { terms: { field: "b" } } }], ...more } } },
  });
  assert.equal(form(composite({ after: { a: "z" } })), form(composite({})));
});

test("writes one clause and a list of one alike, and an empty body as one", () => {
  assert.equal(
    form({ query: { bool: { filter: { term: { a: 1 } } } } }),
    form({ query: { bool: { filter: [{ term: { a: 2 } }] } } }),
  );
  assert.equal(fingerprint("")?.text, "{}");
  assert.equal(fingerprint(" // nothing\n")?.text, "{}");
});

test("fingerprints the query and the filter of a language's body", () => {
  const esql = fingerprint(
    '{"filter":{"term":{"a":1}},"params":[1],"query":"FROM x | WHERE y == 3"}',
    "esql",
  );
  assert.equal(esql?.text, "FROM x | WHERE y == ? filter {term:{a:?}}");
  assert.equal(fingerprint('{"query":"SELECT 1","fetch_size":5}', "sql")?.text, "SELECT ?");
  assert.equal(fingerprint('{"query":"any where a == 1"}', "eql")?.text, "any where a == ?");
  assert.equal(fingerprint('{"cursor":"abc"}', "sql"), undefined);
  assert.notEqual(
    fingerprint('{"query":"any"}', "sql")?.hash,
    fingerprint('{"query":"any"}', "eql")?.hash,
  );
});

test("has no fingerprint for what is no JSON, is more than one value, or is too large", () => {
  for (const text of ["{", '{"a":1}}', "{} {}", '{"a" 1}', "nope"]) {
    assert.equal(fingerprint(text), undefined, text);
  }
  assert.equal(fingerprint(`${'{"bool":{"must":'.repeat(300)}1${"}}".repeat(300)}`), undefined);
  const wide = Array.from({ length: 120_000 }, (_, at) => `"k${at}":[{"x":1}]`).join();
  assert.equal(fingerprint(`{${wide}}`), undefined);
});

test("bounds the text, and hashes what is cut", () => {
  const wide = (last: string): string => {
    const clauses = Array.from({ length: 500 }, (_, at) => ({ term: { [`field-${at}`]: 1 } }));
    return JSON.stringify({ query: { bool: { must: [...clauses, { term: { [last]: 1 } }] } } });
  };
  const [one, two] = [fingerprint(wide("x")), fingerprint(wide("y"))];
  assert.equal(one?.text.length, 4096);
  assert.ok(one.text.endsWith("…"));
  assert.equal(one.text, two?.text);
  assert.notEqual(one.hash, two?.hash);
  const huge = (last: string): string =>
    `{"query":{"terms":{"${last}":[${"1,".repeat(400_000)}1]}}}`;
  assert.equal(fingerprint(huge("a"))?.text, "{query:{terms:{a:[?]}}}");
});

test("is the same however the body is cut, and for each of several bodies in turn", () => {
  const text = loosely(
    {
      query: {
        bool: { must: [{ match: { "a\u00e9\n": "é" } }], filter: { exists: { field: "ü" } } },
      },
      sort: ["b"],
    },
    (below) => below - 2,
  );
  const bytes = Buffer.from(text);
  const whole = fingerprint(text);
  assert.ok(whole !== undefined);
  const fingerprinter = new BodyFingerprinter("dsl");
  for (let at = 0; at <= bytes.length; at += 1) {
    fingerprinter.reset();
    fingerprinter.write(bytes.subarray(0, at));
    fingerprinter.write(bytes, at);
    assert.deepEqual(fingerprinter.finish(), whole);
    if (at < bytes.length - 12)
      assert.equal(fingerprint(bytes.toString("latin1", 0, at))?.hash === whole.hash, false);
  }
  fingerprinter.reset();
  for (const byte of bytes) fingerprinter.write(Buffer.of(byte));
  assert.deepEqual(fingerprinter.finish(), whole);
});

test("never throws", () => {
  const piece = fc.constantFrom(
    ..."{}[],:".split(""),
    '"query"',
    '"bool"',
    '"must"',
    '"a"',
    "1",
    "null",
    "\\",
    '"',
    "//",
    "/*",
    "*/",
    " ",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      fingerprint(pieces.join(""));
      fingerprint(pieces.join(""), "esql");
    }),
    { numRuns: 3000 },
  );
});
