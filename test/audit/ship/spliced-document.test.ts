import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { jsonAscii } from "../../../src/audit/format/json-text.ts";
import { readTrail } from "../../../src/audit/read/trail-reader.ts";
import type { Segment } from "../../../src/audit/read/segment.ts";
import { RecordLine, TrailEntry } from "../../../src/audit/read/trail-entry.ts";
import { DocumentBatch, linesOf, readDocument } from "../../../src/audit/ship/document-batch.ts";
import { exchangeDocument } from "../../../src/audit/ship/exchange-document.ts";
import { DocumentSplicer } from "../../../src/audit/ship/spliced-document.ts";
import { makeTempDir } from "../../support/temp-dir.ts";
import { basic, MadeTrail } from "../read/made-directory.ts";

const segment: Segment = {
  name: "audit.ndjson",
  path: "",
  journal: "audit.ndjson",
  format: "ecs",
  isCompressed: false,
  isEncrypted: false,
  isSealed: true,
  size: 0,
  inode: 0,
  begunMs: 0,
  firstMs: 0,
  firstFraction: "",
  endMs: 0,
};
const options = { host: 'a "host"', originOf: (journal: string) => `example.com/${journal}` };

/** A document with the record lines that it holds as values. */
function readable(json: string): unknown {
  const document = JSON.parse(json) as {
    event: { original: unknown };
    es_proxy: { log: { whole: boolean } };
  };
  if (!document.es_proxy.log.whole)
    document.event.original = String(document.event.original)
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
  return document;
}

/** Compares both ways of making a document. @returns whether it could be spliced */
function isSplicedAsParsed(entry: TrailEntry, bodyBytes: number): boolean {
  const batch = new DocumentBatch();
  batch.addText("before", "{}");
  if (!new DocumentSplicer({ ...options, bodyBytes }).add(entry, batch)) {
    assert.equal(batch.documents.length, 1);
    return false;
  }
  const [, document] = batch.documents;
  assert.ok(document !== undefined);
  const { id, json } = readDocument(document);
  const parsed = exchangeDocument(entry, { ...options, bodyBytes });
  assert.equal(id, parsed?.id);
  assert.deepEqual(readable(json), readable(parsed?.json ?? ""));
  assert.match(linesOf([document]).toString("latin1"), /^\{"create".*\}\n\{.*\}\n$/);
  return true;
}

const name = fc.constantFrom("a", "b", "record", "content", "base64", "body", "event", "long_name");
const leaf = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.constantFrom('"', "\\", 'a","b', "\n", "{}"),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);
const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(name, tie("value"), { maxKeys: 4 }),
  ),
})).value;
const members = fc.dictionary(name, value, { maxKeys: 4 });
const body = fc.option(
  fc.record({ bytes: fc.nat(9), content: fc.string({ unit: "binary", maxLength: 40 }) }),
  { nil: undefined },
);

/** A record with what every one has, and anything beside it. */
function record(id: string, kind: string): fc.Arbitrary<string> {
  return fc
    .record({
      event: members,
      own: members,
      rest: members,
      sequence: fc.nat(),
      bodies: fc.tuple(body, body),
      coded: fc.option(fc.string({ maxLength: 9 }), { nil: undefined }),
      isFirst: fc.boolean(),
    })
    .map(({ event, own, rest, sequence, bodies, coded, isFirst }) => {
      const codedBody = coded === undefined ? {} : { request_body: { base64: coded, bytes: 4 } };
      const firstBytes = coded === undefined ? {} : { first_bytes: coded };
      return jsonAscii({
        "@timestamp": "2026-11-29T04:24:11.123500000Z",
        event: { kind: "event", ...event, sequence, id },
        ...(isFirst ? rest : {}),
        es_proxy: { ...(isFirst ? firstBytes : {}), record: kind, ...own, ...codedBody },
        http: {
          request: { method: "GET", body: bodies[0] },
          response: { body: bodies[1] },
        },
        ...(isFirst ? {} : { b: rest["a"] ?? 1 }),
      });
    });
}

const id = "01a1f640-c041-7455-ba14-dc20317f1cd6";

test("documents of spliced lines are those of parsed lines, whatever the lines hold", () => {
  let spliced = 0;
  fc.assert(
    fc.property(
      record(id, "request"),
      record(id, "response"),
      fc.option(members, { nil: undefined }),
      fc.constantFrom(0, 5, 20, 1000),
      (opening, closing, facts, bodyBytes) => {
        const line = (text: string): RecordLine => new RecordLine(segment, 0, Buffer.from(text));
        const entry = new TrailEntry(line(opening), line(closing));
        if (facts !== undefined)
          entry.factsLine = Buffer.from(jsonAscii({ event: { id }, es_proxy: { facts } }));
        if (isSplicedAsParsed(entry, bodyBytes)) spliced += 1;
      },
    ),
    { numRuns: 1000, seed: 17 },
  );
  assert.ok(spliced > 500, `only ${spliced} were spliced`);
});

test("what the writer writes is spliced, exchanges and sessions", async (t) => {
  const directory = await makeTempDir();
  t.after(() => directory.remove());
  const made = new MadeTrail(directory.path, { inlineBodyBytes: 1024 });
  for (const target of ["/logs/_search?q=a%22b", "/_bulk", "/a/_doc/\xe9", "/"])
    await made.exchange(
      { authorization: basic("us\\er"), target, userAgent: 'a "client"', opaqueId: "\xfc" },
      { status: target === "/" ? 401 : 200 },
    );
  await made.session("0192f3c4-0000-7000-8000-00000000beef");
  await made.trail.close();
  const spliced: boolean[] = [];
  for await (const entries of readTrail({ directory: directory.path }))
    for (const entry of entries)
      for (const bodyBytes of [0, 20, 1024]) spliced.push(isSplicedAsParsed(entry, bodyBytes));
  assert.deepEqual(
    spliced,
    Array.from({ length: 15 }, () => true),
  );
});

test("lines that are not as the writer writes them are left to those who parse", () => {
  const whole =
    '{"@timestamp":"2026-11-29T04:24:11.123500000Z","event":{"kind":"event","sequence":1,' +
    `"id":"${id}"},"es_proxy":{"record":"request","x":[1,{"y":"z"}]}}`;
  const line = (text: string): RecordLine => new RecordLine(segment, 0, Buffer.from(text));
  assert.ok(isSplicedAsParsed(new TrailEntry(line(whole), line(whole)), 0));
  // Cut anywhere, or with a byte that does not belong there.
  const splicer = new DocumentSplicer({ ...options, bodyBytes: 0 });
  const batch = new DocumentBatch();
  for (let at = 0; at < whole.length; at += 1) {
    const cut = new TrailEntry(line(whole), line(whole.slice(0, at)));
    assert.equal(splicer.add(cut, batch), false, `cut at ${at}`);
    const broken = `${whole.slice(0, at)}\u0007${whole.slice(at + 1)}`;
    assert.equal(splicer.add(new TrailEntry(line(broken), line(whole)), batch), false, broken);
  }
  assert.equal(splicer.add(new TrailEntry(line(whole), undefined), batch), false);
  assert.equal(batch.documents.length, 0);
});
