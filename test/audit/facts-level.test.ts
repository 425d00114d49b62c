import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";

import { buildFacts } from "../../src/audit/facts/facts-builder.ts";
import type { ExchangeRecord } from "../../src/audit/record/exchange-record.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { ended, openTrail, someRecord, someRoute } from "./trail-fixture.ts";

const watch = [{ indices: "patients-*", fields: ["name"] }];
const key = Buffer.alloc(32, 7);

interface Call {
  readonly changes: Partial<ExchangeRecord>;
  readonly asked?: string | Buffer | undefined;
  readonly answered?: string | Buffer | undefined;
  readonly status?: number;
  readonly askedIsCut?: boolean;
  readonly answeredIsCut?: boolean;
}

const hits = {
  took: 5,
  timed_out: false,
  _shards: { total: 2, successful: 2, skipped: 0, failed: 0 },
  _scroll_id: "the-secret-cursor",
  hits: {
    total: { value: 2, relation: "eq" },
    hits: [
      { _index: "patients-1", _id: "a\\u00e9", _source: { name: "Ada" } },
      { _index: "patients-2", _id: "b", _source: { age: 3 } },
    ],
  },
};
const query = '{"size":10,"query":{"term":{"name":"Ada"}}}';
const action = (name: string, id: string): string =>
  JSON.stringify({ [name]: { _index: "i", _id: id } });
const bulk = `${action("index", "1")}\n{"a":1}\n${action("delete", "2")}\n`;
const items = {
  took: 3,
  errors: true,
  items: [
    { index: { _index: "i", _id: "1", status: 201, result: "created" } },
    { delete: { _index: "i", _id: "2", status: 429, error: { type: "rejected" } } },
  ],
};

const calls: Readonly<Record<string, Call>> = {
  search: {
    changes: { target: "/patients-*/_search?scroll=1m" },
    asked: query,
    answered: JSON.stringify(hits),
  },
  bulk: { changes: { target: "/_bulk" }, asked: bulk, answered: JSON.stringify(items) },
  scroll: {
    changes: { target: "/_search/scroll" },
    asked: '{"scroll_id":"the-secret-cursor"}',
    answered: JSON.stringify(hits),
  },
  "ES|QL": {
    changes: { target: "/_query" },
    asked: '{"query":"FROM patients-1 METADATA _id | WHERE name == \\"Ada\\""}',
    answered: '{"took":1,"columns":[{"name":"_id"},{"name":"name"}],"values":[["1","Ada"]]}',
  },
  "no body at all": { changes: { method: "HEAD", target: "/patients-1" } },
  "a document": {
    changes: { method: "GET", target: "/patients-1/_doc/7" },
    answered: '{"_index":"patients-1","_id":"7","found":true,"_source":{"name":"Ada"}}',
  },
  "an error": {
    changes: { target: "/patients-1/_search" },
    asked: query,
    answered: '{"error":{"type":"index_not_found_exception"},"status":404}',
    status: 404,
  },
  gzip: {
    changes: {
      target: "/patients-*/_search",
      contentEncoding: "gzip",
      responseContentEncoding: "gzip",
    },
    asked: gzipSync(query),
    answered: gzipSync(JSON.stringify(hits)),
  },
  "br and zstd": {
    changes: {
      target: "/patients-*/_search",
      contentEncoding: "br",
      responseContentEncoding: "zstd",
    },
    asked: brotliCompressSync(query),
    answered: zstdCompressSync(JSON.stringify(hits)),
  },
  "a coding that is none": {
    changes: { target: "/patients-1/_search", contentEncoding: "gzip" },
    asked: "no gzip at all",
    answered: JSON.stringify(hits),
  },
  "an answer that was cut": {
    changes: { target: "/patients-1/_search" },
    asked: query,
    answered: JSON.stringify(hits).slice(0, -60),
    answeredIsCut: true,
  },
  CBOR: {
    changes: { target: "/patients-1/_search", responseContentType: "application/cbor" },
    asked: query,
    answered: Buffer.from([0xa1, 0x01, 0x02]),
  },
  "an unknown call": {
    changes: { target: "/_plugin/x" },
    asked: query,
    answered: JSON.stringify(hits),
  },
};

/** The members of `es_proxy.facts` in the lines of the journal of a trail with these calls. */
async function recorded(
  made: readonly Call[],
  piece = 1 << 20,
): Promise<Record<string, unknown>[]> {
  await using folder = await makeTempDir();
  const texts = await write(folder.path, made, "facts", piece);
  return texts
    .flatMap((text) => text.split("\n"))
    .filter((line) => line.includes('"record":"response"'))
    .map((line) => {
      const { es_proxy } = JSON.parse(line) as {
        es_proxy: { facts: Record<string, unknown> };
      };
      return es_proxy.facts;
    });
}

/** Records the calls. @returns what stands in the files then */
async function write(
  directory: string,
  made: readonly Call[],
  level: "facts" | "full",
  piece = 1 << 20,
): Promise<string[]> {
  const trail = openTrail(directory, { facts: { key: () => key, watch } });
  const pass = (
    tap: ReturnType<typeof trail.tapRequest>,
    content: string | Buffer,
    isComplete: boolean,
  ): void => {
    const bytes = Buffer.from(content);
    for (let at = 0; at < bytes.length; at += piece)
      tap.write(bytes, at, Math.min(bytes.length, at + piece));
    tap.finish(isComplete);
  };
  for (const { changes, asked, answered, status = 200, ...cut } of made) {
    const record = someRecord({ route: someRoute({ level }), ...changes });
    if (asked !== undefined) pass(trail.tapRequest(record), asked, cut.askedIsCut !== true);
    trail.request(record, undefined);
    record.status = status;
    if (answered !== undefined)
      pass(trail.tapResponse(record), answered, cut.answeredIsCut !== true);
    trail.response(ended(record, { status }), undefined);
  }
  await trail.close();
  return readdirSync(directory)
    .filter((name) => name.endsWith(".ndjson"))
    .map((name) => readFileSync(`${directory}/${name}`, "utf8"));
}

/** What a rebuild derives: the members of each line, and the lines of documents. */
async function built(level: "facts" | "full"): Promise<[unknown[], unknown[]]> {
  await using folder = await makeTempDir();
  await write(folder.path, Object.values(calls), level);
  await buildFacts({
    directory: folder.path,
    watch,
    isRebuild: true,
    listener: { problem: (problem) => assert.fail(JSON.stringify(problem)), gap: () => undefined },
    onProgress: () => undefined,
  });
  const linesOf = (ending: string): unknown[] =>
    readdirSync(folder.path)
      .filter((name) => name.endsWith(ending))
      .flatMap((name) => readFileSync(folder.file(name), "utf8").split("\n").slice(0, -1))
      .map((line) => JSON.parse(line) as unknown);
  const facts = linesOf(".facts").map((line) => {
    const { es_proxy } = line as { es_proxy: { facts: Record<string, unknown> } };
    return withoutKeyed(es_proxy.facts);
  });
  const documents = linesOf(".documents").map((line) => {
    const { uses, watched } = line as { uses: unknown; watched: unknown };
    return { uses, watched };
  });
  return [facts, documents];
}

/** Places are other ones, and digests of cursors have the key of their directory. */
function withoutKeyed(facts: Record<string, unknown>): unknown {
  const text = JSON.stringify({ ...facts, at: 0 });
  return JSON.parse(text.replaceAll(/"[0-9a-f]{16}"/g, '"digest"')) as unknown;
}

test("the facts that stand in records are those that are derived from recorded bodies", async () => {
  const [recordedFacts, recordedDocuments] = await built("facts");
  const [facts, documents] = await built("full");
  assert.equal(facts.length, Object.keys(calls).length);
  const names = Object.keys(calls);
  for (const [at, name] of names.entries()) {
    // A stream is decoded up to the fault, a body that is kept until its end not at all.
    const ofBoth = [recordedFacts[at], facts[at]].map((members) =>
      name === "a coding that is none" ? { ...Object(members), examined: undefined } : members,
    );
    assert.deepEqual(ofBoth[0], ofBoth[1], name);
  }
  assert.deepEqual(recordedDocuments, documents);
  assert.ok(documents.length >= 7);
});

test("wherever a body is cut into pieces, its facts are the same, and nothing of it is kept", async () => {
  const made = Object.values(calls);
  const whole = await recorded(made);
  assert.equal(whole.length, made.length);
  for (let piece = 1; piece < 40; piece += 1)
    assert.deepEqual(await recorded(made, piece), whole, `pieces of ${piece}`);
  await using folder = await makeTempDir();
  const texts = await write(folder.path, made, "facts");
  for (const text of texts)
    for (const kept of ["Ada", "the-secret-cursor", ',"content":', "base64"])
      assert.ok(!text.includes(kept), kept);
  assert.deepEqual(
    readdirSync(folder.path).filter((name) => name.endsWith(".pack")),
    [],
  );
});

test("a body that could not be examined says why, and how much there was", async () => {
  const noise = gzipSync(Buffer.from(Array.from({ length: 1_300_000 }, () => Math.random() * 256)));
  const target = "/patients-1/_search";
  const coded = (asked: Buffer, contentEncoding = "gzip"): Call => ({
    changes: { target, contentEncoding },
    asked,
  });
  const bomb = gzipSync(Buffer.alloc(20_000_000, " "));
  const cut = gzipSync(query).subarray(0, -12);
  const found = await recorded([
    coded(noise),
    coded(bomb),
    coded(Buffer.from("x"), "aws-chunked"),
    { ...coded(cut), askedIsCut: true },
    {
      changes: { method: "PUT", target: "/_security/role_mapping/x/_y" },
      asked: '{"password":"x"}',
    },
  ]);
  const examined = found.map(
    (facts) => (facts as { examined: { request: unknown } }).examined.request,
  );
  assert.deepEqual(examined.slice(0, 3), [
    { state: "none", reason: "size", bytes: noise.length },
    { state: "none", reason: "size", bytes: bomb.length },
    { state: "none", reason: "coding", bytes: 1 },
  ]);
  assert.deepEqual((examined[3] as { state: string; reason: string }).reason, "end");
  assert.deepEqual(examined[4], { state: "none", reason: "hidden", bytes: 16 });
});

test("of many documents the first 100 stand in the record, and all are counted", async () => {
  const many = Array.from({ length: 5000 }, (_, at) => ({ _index: "i", _id: `${at}` }));
  const lines = many.map((document) => `${JSON.stringify({ index: document })}\n{"a":1}\n`);
  const answers = many.map((document) => ({ index: { ...document, status: 201 } }));
  const [facts] = await recorded([
    {
      changes: { target: "/_bulk" },
      asked: lines.join(""),
      answered: JSON.stringify({ took: 1, errors: false, items: answers }),
    },
  ]);
  const {
    items,
    written,
    ids_written: ids,
    listed,
  } = facts as {
    items: number;
    written: number;
    ids_written: string[];
    listed: { uses: { wrote: [string, string[]][] } };
  };
  assert.deepEqual([items, written, ids.length], [5000, 5000, 100]);
  assert.deepEqual(listed.uses.wrote, [["i", ids]]);
  assert.equal(ids[99], "99");
});

test("an answer that took the place of another one is the one that is known", async () => {
  await using folder = await makeTempDir();
  const trail = openTrail(folder.path, { facts: { key: () => key, watch } });
  const record = someRecord({
    route: someRoute({ level: "facts" }),
    target: "/patients-1/_search",
  });
  trail.request(record, undefined);
  record.status = 200;
  const first = Buffer.from(JSON.stringify(hits));
  const tap = trail.tapResponse(record);
  tap.write(first, 0, 200);
  tap.finish(false);
  record.responseBody.clear();
  record.status = 502;
  const second = Buffer.from('{"error":{"type":"upstream"}}');
  trail.tapResponse(record).whole(second, 0, second.length);
  trail.response(ended(record, { status: 502 }), undefined);
  await trail.close();
  const text = readFileSync(folder.file("audit.ndjson"), "utf8");
  assert.match(text, /"response":\{"state":"whole","bytes":29\}/);
  assert.ok(!text.includes("patients-2"));
  assert.ok(!text.includes('"listed"'));
});
