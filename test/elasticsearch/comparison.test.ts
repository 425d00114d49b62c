import assert from "node:assert/strict";
import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { makeTempDir } from "../support/temp-dir.ts";
import { assertAuditPairs } from "./audit-pairs.ts";
import { differences } from "./corpus/compare.ts";
import { maskPaths, normaliseJson, normaliseText } from "./corpus/normalise.ts";
import { assertSameAnswers } from "./exchange-comparison.ts";
import type { RecordedExchange } from "./exchange-recorder.ts";

const search: RecordedExchange = {
  method: "POST",
  target: "/a/_search",
  status: 200,
  headers: { "content-type": "application/json", connection: "keep-alive" },
  body: Buffer.from('{"took":5,"hits":1}'),
};

test("answers that differ only in what two calls must differ in are the same", () => {
  const later = {
    ...search,
    headers: { "content-type": "application/json" },
    body: Buffer.from('{"took":17,"hits":1}'),
  };
  assert.deepEqual(assertSameAnswers([search], [later]), { identical: 0, normalised: 1 });
  assert.deepEqual(assertSameAnswers([search], [search]), { identical: 1, normalised: 0 });
  const zip = (text: string): RecordedExchange => {
    return { ...search, headers: { "content-encoding": "gzip" }, body: gzipSync(text) };
  };
  assert.deepEqual(assertSameAnswers([zip('{"took":5}')], [zip('{"took":6}')]), {
    identical: 0,
    normalised: 1,
  });
});

test("any other difference is found", () => {
  const others: Partial<RecordedExchange>[] = [
    { status: 201 },
    { target: "/b/_search" },
    { headers: { "content-type": "text/plain" } },
    { headers: { ...search.headers, "x-added": "1" } },
    { headers: {} },
    { body: Buffer.from('{"took":5,"hits":2}') },
    { body: Buffer.from('{"took":5, "hits":1}') },
  ];
  for (const other of others)
    assert.throws(
      () => assertSameAnswers([search], [{ ...search, ...other }]),
      JSON.stringify(other),
    );
  assert.throws(() => assertSameAnswers([search], []));
  assert.throws(() => assertSameAnswers([search], [search, search]));
});

test("the audit must hold one pair for each request, and nothing else", async () => {
  await using folder = await makeTempDir("es-proxy-audit-pairs");
  const record = (id: string, kind: string, target: string): string => {
    const fields = {
      "event.id": id,
      "es_proxy.record": kind,
      "http.request.method": "GET",
      "url.original": target,
    };
    return `${JSON.stringify(fields)}\n`;
  };
  const audit = folder.file("audit");
  await mkdir(audit);
  const file = `${audit}/audit.ndjson`;
  await writeFile(
    file,
    record("1", "request", "/a") + record("2", "request", "/b") + record("1", "response", "/a"),
  );
  const sent = [
    { method: "GET", target: "/b" },
    { method: "GET", target: "/a" },
  ];
  await assert.rejects(assertAuditPairs(audit, sent), /2 has only: request/);
  await appendFile(file, record("2", "response", "/b"));
  await assertAuditPairs(audit, sent);
  await assert.rejects(assertAuditPairs(audit, sent.slice(1)), /exactly the requests/);
  await assert.rejects(
    assertAuditPairs(audit, [...sent, { method: "HEAD", target: "/a" }]),
    /exactly the requests/,
  );
  await appendFile(file, record("2", "response", "/b"));
  await assert.rejects(assertAuditPairs(audit, sent), /a second response record of 2/);
});

test("two JSON values differ at each place where they differ", () => {
  assert.deepEqual(differences({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 }), []);
  assert.deepEqual(differences({ a: { b: [1, 2] } }, { a: { b: [1, 3, 4] }, c: null }), [
    { path: "a.b.1", real: 2, mock: 3 },
    { path: "a.b.2", real: undefined, mock: 4 },
    { path: "c", real: undefined, mock: null },
  ]);
  assert.deepEqual(differences({ a: 1 }, { a: "1" }), [{ path: "a", real: 1, mock: "1" }]);
});

test("placeholders stand for ids and times only", () => {
  const names = new Map([["node-7", "<node name>"]]);
  const id = "Zx9mK2pQT7uWv3yB5nAc1D";
  assert.deepEqual(
    normaliseJson(
      { took: 5, uuid: id, uid: id, node: "node-7", _id: "1", _score: 0.28768209 },
      names,
    ),
    {
      took: 0,
      uuid: "<uuid>",
      uid: id,
      node: "<node name>",
      _id: "1",
      _score: 0.28768,
    },
  );
  assert.equal(
    normaliseText(`index [i1/${id}] already exists`, names),
    "index [i1/<uuid>] already exists",
  );
  assert.deepEqual(maskPaths({ a: [{ "b.c": 1 }, { "b.c": "x" }], d: {} }, ["a.*.b\\.c", "d"]), {
    a: [{ "b.c": "<number>" }, { "b.c": "<string>" }],
    d: "<object>",
  });
});
