import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";

import { json, leaks, recorded, secret, type Exchange } from "./exchanges.ts";

const hit = { _index: ".security-7", _id: "user-alice", _source: { password: secret } };
const hits = (...more: readonly unknown[]): string =>
  json({ took: 1, hits: { hits: [...more, hit] } });
const own = { _index: "logs-2026", _id: "1", _source: { password: "of the user's own data" } };

test("an answer that names an index of credentials is redacted, whatever alias was asked", () => {
  const cases: Readonly<Record<string, Exchange>> = {
    search: { target: "/people/_search", answer: hits() },
    "behind others": { target: "/people,logs/_search", answer: hits(own, own) },
    "a pretty one": {
      target: "/people/_search?pretty",
      answer: JSON.stringify({ hits: { hits: [hit] } }, undefined, 2).replaceAll('":', '" :'),
    },
    YAML: {
      target: "/people/_search?format=yaml",
      answerType: "application/yaml",
      answer: `---\nhits:\n  hits:\n  - _index: ".security-7"\n    _source:\n      password: "${secret}"\n`,
    },
    "of a remote cluster": {
      target: "/one:people/_search",
      answer: hits().replace(".security-7", "one:.security-7"),
    },
    "get a document": { method: "GET", target: "/people/_doc/user-alice", answer: json(hit) },
    explain: {
      target: "/people/_explain/1",
      answer: json({ _index: ".security-7", get: { _source: { password: secret } } }),
    },
    mget: {
      target: "/people/_mget",
      body: json({ ids: ["1"] }),
      answer: json({ docs: [own, hit] }),
    },
    msearch: {
      target: "/people/_msearch",
      body: "{}\n{}\n",
      answer: json({ responses: [hits()] }),
    },
    async: {
      target: "/people/_async_search",
      answer: json({ id: "x", response: JSON.parse(hits()) }),
    },
    update: {
      target: "/people/_update/1?_source=true",
      body: "{}",
      answer: json({ _index: ".security-7", get: { _source: { password: secret } } }),
    },
    bulk: {
      target: "/people/_bulk",
      body: '{"update":{"_id":"1"}}\n{}\n',
      answer: json({
        items: [{ update: { _index: ".security-7", get: { _source: hit._source } } }],
      }),
    },
    "term vectors": {
      target: "/people/_termvectors/1",
      answer: json({ _index: ".security-7", term_vectors: { f: { terms: { [secret]: {} } } } }),
    },
    "aggregations behind its hits": {
      target: "/people/_search",
      answer: json({
        hits: { hits: [hit] },
        aggregations: { names: { buckets: [{ key: secret, doc_count: 1 }] } },
      }),
    },
    "suggestions behind its hits": {
      target: "/people/_search",
      answer: json({ hits: { hits: [hit] }, suggest: { s: [{ options: [{ text: secret }] }] } }),
    },
  };
  assert.deepEqual(leaks(cases), []);
});

test("so is one in a content coding", () => {
  const cases: Record<string, Exchange> = {};
  for (const [answerCoding, encode] of Object.entries({
    gzip: gzipSync,
    deflate: deflateSync,
    br: brotliCompressSync,
    zstd: zstdCompressSync,
  }))
    cases[answerCoding] = { target: "/people/_search", answerCoding, answer: encode(hits(own)) };
  assert.deepEqual(leaks(cases), []);
});

test("answers of the user's own indices are recorded as received, whatever they hold", () => {
  const plain = json({ hits: { hits: [own] }, aggregations: { a: { buckets: [{ key: "k" }] } } });
  for (const answer of [
    plain,
    json({ hits: { hits: [{ ...own, _source: { index: ".security-7", password: "p" } }] } }),
    json({ _index: "logs.security-7", _source: { password: "p" } }),
  ]) {
    const [, { state, bytes }] = recorded({ target: "/people/_search", answer });
    assert.equal(state, "none");
    assert.equal(bytes.toString(), answer);
    const coded = gzipSync(answer);
    const gzip = { target: "/people/_search", answer: coded, answerCoding: "gzip" };
    const [, kept] = recorded(gzip);
    assert.ok(kept.bytes.equals(Buffer.from(coded)));
  }
});
