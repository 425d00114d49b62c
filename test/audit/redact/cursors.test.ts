import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { Redactor } from "../../../src/audit/redact/redactor.ts";
import {
  documents,
  json,
  latin1,
  nothing,
  recorded,
  rows,
  secret,
  stored,
  utf16,
  type Exchange,
} from "./exchanges.ts";
import { key, type Call, type Redacted } from "./support.ts";

const cbor = "application/cbor";
const fetched = "filter_path=**._source";
const pit = (index: string): string =>
  Buffer.from(
    `\x88\x01${String.fromCharCode(index.length)}${index}\x16${"u".repeat(22)}\0\x01\x16${"n".repeat(22)}\0`,
    "latin1",
  ).toString("base64url");

/** How a cursor is opened, and what goes on with it. */
const cursors: readonly { open: Exchange; next: (id: string) => Exchange; id?: string }[] = [
  {
    open: {
      target: "/X/_search?scroll=1m&filter_path=_scroll_id",
      answer: '{"_scroll_id":"ID","hits":[]}',
    },
    next: (id) => ({
      target: `/_search/scroll?${fetched}`,
      body: json({ scroll: "1m", scroll_id: id }),
    }),
  },
  {
    open: { target: "/X/_search?scroll=1m", answer: '{\n  "_scroll_id" : "ID"\n}' },
    next: (id) => ({
      method: "GET",
      target: `/_search/scroll/${encodeURIComponent(id)}?${fetched}`,
    }),
  },
  {
    open: { target: "/X/_search?scroll=1m", answer: '{"_scroll_id":"ID"}' },
    next: (id) => ({
      method: "GET",
      target: `/_search/scroll?scroll_id=${encodeURIComponent(id)}&${fetched}`,
    }),
  },
  {
    open: { target: "/X/_pit?keep_alive=1m", answer: '{"id":"ID"}' },
    next: (id) => ({
      target: `/_search?${fetched}`,
      body: json({ size: 1, pit: { keep_alive: "1m", id } }),
    }),
  },
  {
    open: { target: "/X/_async_search", answer: '{"id":"ID","is_partial":true}' },
    next: (id) => ({
      method: "GET",
      target: `/_async_search/${encodeURIComponent(id)}?${fetched}`,
    }),
  },
  {
    open: { target: "/X/_eql/search", answer: '{"id":"ID","is_partial":true}' },
    next: (id) => ({ method: "GET", target: `/_eql/search/${encodeURIComponent(id)}?${fetched}` }),
  },
  {
    open: {
      target: "/_query/async",
      body: '{"query":"FROM X"}',
      answer: '{"id":"ID","is_running":true}',
    },
    next: (id) => ({ method: "GET", target: `/_query/async/${encodeURIComponent(id)}` }),
  },
  {
    open: {
      target: "/_sql",
      body: '{"query":"SELECT * FROM \\"X\\""}',
      answer: '{"rows":[[1]],"cursor":"ID"}',
    },
    next: (id) => ({ target: "/_sql", body: json({ cursor: id }) }),
  },
  {
    open: {
      target: "/_sql",
      body: '{"query":"SELECT * FROM \\"X\\""}',
      answer: '{"id":"ID","is_running":true}',
    },
    next: (id) => ({ method: "GET", target: `/_sql/async/${encodeURIComponent(id)}` }),
  },
  {
    open: {
      target: "/_sql",
      type: cbor,
      body: latin1('\xa1equeryx\x19SELECT * FROM "X"'),
      answerType: cbor,
      answer: latin1("\xbfdrows\x81\x81\x01fcursorhID\xff"),
    },
    next: (id) => ({
      target: "/_sql",
      type: cbor,
      body: latin1(`\xa1fcursorh${id}`),
      answerType: cbor,
    }),
    id: "cursor/=",
  },
];

test("what a cursor reads is known from what opened it, and taken for the worst when unknown", () => {
  for (const [at, { open, next, id = `Zm9v${"+/x".repeat(9)}==` }] of cursors.entries()) {
    const redactor = new Redactor(key);
    const opened = (index: string, name: string): void => {
      const text = (part: string | Buffer = ""): Buffer => {
        const filled = part.toString("latin1").replaceAll("X", index).replaceAll("ID", name);
        return Buffer.from(filled, "latin1");
      };
      const { target, body, answer } = open;
      recorded(
        { ...open, target: target.replace("X", index), body: text(body), answer: text(answer) },
        redactor,
      );
    };
    const answerOf = (name: string): Redacted => {
      const call = next(name);
      const answer = /_sql|_query/.test(call.target) ? rows : documents;
      return recorded({ answer, ...call }, redactor)[1];
    };
    const own = `A${id.slice(1)}`;
    opened(".security-7", id);
    opened("logs", own);
    assert.ok(!answerOf(id).text.includes(secret), `${at}: opened for an index of credentials`);
    assert.ok(answerOf(own).text.includes(secret), `${at}: opened for the user's own`);
    assert.ok(!answerOf(`B${id.slice(1)}`).text.includes(secret), `${at}: nobody knows it`);
    opened("logs", id);
    assert.ok(!answerOf(id).text.includes(secret), `${at}: named by another answer, too`);
  }
});

test("a point in time that nobody has seen opened says itself what it reads", () => {
  const answerOf = (id: string): string =>
    recorded({ target: `/_search?${fetched}`, body: json({ pit: { id } }), answer: documents })[1]
      .text;
  assert.ok(answerOf(pit("logs-2026")).includes(secret));
  assert.ok(!answerOf(pit(".security-7")).includes(secret));
  assert.ok(!answerOf("b3BhcXVl").includes(secret));
  assert.ok(
    recorded({ target: "/_search", body: '{"x":"capital"}', answer: documents })[1].text.includes(
      secret,
    ),
  );
});

test("ids in coded bodies, cut anywhere, or hidden by escapes are known, too", () => {
  const redactor = new Redactor(key);
  const open = { target: "/logs/_search?scroll=1m", answerCoding: "gzip" };
  recorded({ ...open, answer: gzipSync('{"_scroll_id":"own/id=="}') }, redactor);
  const page: Call = { method: "POST", target: "/_search/scroll" };
  const asks = (body: string | Buffer, cuts: number[], coding?: string): boolean | undefined =>
    stored(redactor, { ...page, contentEncoding: coding }, body, nothing, cuts).namesCredentials;
  for (const body of ['{"scroll_id":"own/id=="}', String.raw`{"scroll_id" : ["own\/id\u003d="]}`]) {
    for (let cut = 0; cut < body.length; cut += 1) assert.equal(asks(body, [cut]), undefined, body);
    assert.equal(asks(gzipSync(body), [], "gzip"), undefined);
  }
  for (const body of [
    '{"scroll_id":"other"}',
    '{"scroll\\u005f\\u0069d":"own/id=="}',
    "{}",
    '{"scroll_id":"own',
  ])
    assert.equal(asks(body, []), true, body);
  assert.equal(asks(utf16('{"scroll_id":"own/id=="}'), []), true);
});
