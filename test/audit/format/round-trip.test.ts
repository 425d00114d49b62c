import assert from "node:assert/strict";
import test from "node:test";

import * as fc from "fast-check";

import { numberAt, textAt, valueAt, exactAt } from "../../../src/audit/format/audit-document.ts";
import type { AuditDocument } from "../../../src/audit/format/audit-document.ts";
import { EcsEncoder } from "../../../src/audit/format/ecs/ecs-encoder.ts";
import type { Encoder } from "../../../src/audit/format/encoder.ts";
import { LineBatch } from "../../../src/audit/format/line-batch.ts";
import { lineFacts, readLine } from "../../../src/audit/format/line-reader.ts";
import { TextLineEncoder } from "../../../src/audit/format/text/text-encoder.ts";
import { Redactor } from "../../../src/audit/redact/redactor.ts";
import type { TrailEvent } from "../../../src/audit/record/trail-event.ts";
import { SessionRecord } from "../../../src/audit/record/session-record.ts";
import { IdentityReader } from "../../../src/elasticsearch/identity/identity.ts";
import { FixedClock, someRecord } from "../trail-fixture.ts";

const id = "01936f3e-1111-7000-8000-000000000001";
const key = Buffer.from("0123456789abcdef0123456789abcdef");

function encoderOf(format: "ecs" | "text"): Encoder {
  const shared = {
    clock: new FixedClock(),
    identities: new IdentityReader(key),
    redactor: new Redactor(key),
  };
  return format === "text"
    ? new TextLineEncoder(shared)
    : new EcsEncoder({ ...shared, productVersion: "1.2.3", processId: "p" });
}

/** One line, as it is in the file but for its line feed. */
function lineOf(put: (batch: LineBatch) => void): string {
  const batch = new LineBatch(0);
  batch.begin();
  put(batch);
  batch.end("request", 1, undefined, -1);
  const text = batch.buffer.toString("latin1", 0, batch.length);
  assert.equal(text.indexOf("\n"), text.length - 1, "one line feed, at the end");
  return text.slice(0, -1);
}

function read(line: string): AuditDocument {
  const document = readLine(line);
  assert.ok(document !== undefined, line);
  return document;
}

/** Bytes that the head parser lets into a field value, one char per byte; never blank at an end. */
const value = fc
  .array(
    fc.integer({ min: 0x20, max: 0xff }).filter((code) => code !== 0x7f),
    {
      minLength: 1,
      maxLength: 40,
    },
  )
  .map((codes) => String.fromCharCode(...codes).trim())
  .filter((text) => text !== "" && !text.includes("\u00a0"));
const awkward = fc.constantFrom("-", "None", "anonymous", "a: b", "x Body: y", "\\x41", "é", ": :");
const fieldValue = fc.oneof(value, awkward);
/** Bytes of a target: visible ASCII, no `?` and no `%` (both have their own meaning). */
const pathText = fc
  .array(fc.constantFrom(...Array.from("abz09-._~!$&'()*+,;=:@|\"<>[]{}")), { maxLength: 30 })
  .map((chars) => `/i/${chars.join("")}`);

for (const format of ["ecs", "text"] as const) {
  test(`what was written of an exchange is what is read (${format})`, () => {
    const encoder = encoderOf(format);
    fc.assert(
      fc.property(
        fc.record({
          path: pathText,
          query: fc.option(fc.constantFrom("", "size=5", "q=a:+b", "None"), { nil: undefined }),
          user: fieldValue.filter((name) => !name.includes(":")),
          agent: fc.option(fieldValue, { nil: undefined }),
          body: fc.uint8Array({ maxLength: 200 }),
          status: fc.integer({ min: 200, max: 599 }),
          milliseconds: fc.integer({ min: 0, max: 100_000_000 }),
        }),
        ({ path, query, user, agent, body, status, milliseconds }) => {
          const target = query === undefined ? path : `${path}?${query}`;
          const credentials = Buffer.from(`${user}:secret`, "latin1").toString("base64");
          const record = someRecord({ id, target, authorization: `Basic ${credentials}` });
          record.method = "PUT";
          if (agent !== undefined) record.userAgent = agent;
          if (body.length > 0) {
            record.requestBody.content = Buffer.from(body);
            record.requestBody.bytes = body.length;
            record.requestBody.state = "inline";
            record.requestBody.complete = true;
          }
          const first = lineOf((batch) => encoder.request(batch, record, 7));
          record.status = status;
          record.endedMs = record.startedMs + milliseconds;
          record.responseBody.bytes = 1234;
          const second = lineOf((batch) => encoder.terminal(batch, record, 8));

          for (const [line, kind, sequence] of [
            [first, "request", 7],
            [second, "response", 8],
          ] as const) {
            const facts = lineFacts(line);
            assert.deepEqual([facts.kind, facts.id], [kind, id]);
            if (format === "ecs") assert.equal(facts.sequence, sequence);
            const document = read(line);
            assert.equal(textAt(document, "event.id"), id);
            assert.equal(textAt(document, "es_proxy.record"), kind);
            assert.equal(textAt(document, "http.request.method"), "PUT");
            assert.equal(exactAt(document, "url.original", "target"), target);
            assert.equal(textAt(document, "source.ip"), "192.0.2.7");
            if (kind === "request" || format === "text") {
              assert.equal(exactAt(document, "user.name", "user"), user);
              assert.equal(exactAt(document, "user_agent.original", "user_agent"), agent);
            }
          }
          const request = read(first);
          assert.equal(textAt(request, "@timestamp"), "2026-11-23T04:24:11.123500000Z");
          if (body.length > 0) {
            assert.equal(numberAt(request, "http.request.body.bytes"), body.length);
            const base64 = textAt(request, "es_proxy.request_body.base64");
            const content =
              base64 === undefined
                ? Buffer.from(textAt(request, "http.request.body.content") ?? "", "utf8")
                : Buffer.from(base64, "base64");
            assert.deepEqual(content, Buffer.from(body));
          }
          const response = read(second);
          assert.equal(numberAt(response, "http.response.status_code"), status);
          assert.equal(numberAt(response, "event.duration"), milliseconds * 1e6);
          assert.equal(numberAt(response, "http.response.body.bytes"), 1234);
          assert.equal(textAt(response, "es_proxy.outcome"), "completed");
        },
      ),
    );
  });

  test(`what the redaction did to a body is read as it was written (${format})`, () => {
    const encoder = encoderOf(format);
    const hmac = "0123456789abcdef0123456789abcdef";
    const cases = [
      { state: "inline", redaction: "redacted", removed: 2, hmac },
      { state: "inline", redaction: "redacted", removed: 1, hmac: "" },
      { state: "inline", redaction: "bounded", removed: 0, hmac },
      { state: "hidden", redaction: "bounded", removed: 0, hmac },
      { state: "hidden", redaction: "hidden", removed: 1, hmac },
      { state: "not_stored", redaction: "redacted", removed: 3, hmac, sha256: "ab" },
    ] as const;
    for (const facts of cases) {
      const record = someRecord({ id });
      const content = Buffer.from('{"password":"redacted"}');
      Object.assign(record.requestBody, { bytes: 23, complete: true, content }, facts);
      const document = read(lineOf((batch) => encoder.request(batch, record, 7)));
      const body = "es_proxy.request_body";
      assert.equal(textAt(document, `${body}.redaction`), facts.redaction);
      assert.equal(textAt(document, `${body}.hmac`) ?? "", facts.hmac);
      // The text format does not say how many values a hidden body had.
      if (format === "ecs" || facts.state !== "hidden")
        assert.equal(numberAt(document, `${body}.removed`), facts.removed);
      if (facts.state === "inline")
        assert.equal(textAt(document, "http.request.body.content"), content.toString());
    }
  });

  test(`what was written of a session is what is read (${format})`, () => {
    const encoder = encoderOf(format);
    fc.assert(
      fc.property(fieldValue, fc.option(fieldValue, { nil: undefined }), (target, serverName) => {
        const record = new SessionRecord({
          id,
          route: { listener: "git", onFailure: "continue" },
          peer: { address: "192.0.2.7", port: 40_123 },
          local: { address: "127.0.0.1", port: 9418 },
          proxy: undefined,
          tlsServerName: serverName,
          acceptedMs: 1000,
        });
        Object.assign(record, { decision: "remote", target, decidedMs: 1002.5, seenBytes: 43 });
        const first = lineOf((batch) => encoder.sessionDecided(batch, record, 1));
        Object.assign(record, {
          endpoint: "[::1]:9418",
          bytesUp: 43,
          bytesDown: 12,
          endedMs: 1105,
        });
        const second = lineOf((batch) => encoder.sessionEnded(batch, record, 2));
        assert.deepEqual(
          [first, second].map((line) => lineFacts(line).kind),
          ["request", "response"],
        );
        for (const [line, kind] of [
          [first, "session_start"],
          [second, "session_end"],
        ] as const) {
          const document = read(line);
          assert.equal(textAt(document, "event.id"), id);
          assert.equal(textAt(document, "es_proxy.record"), kind);
          assert.equal(textAt(document, "es_proxy.listener"), "git");
          if (format === "text")
            assert.equal(exactAt(document, "es_proxy.target", "session_target"), target);
          assert.equal(numberAt(document, "source.port"), 40_123);
        }
        const end = read(second);
        assert.equal(numberAt(end, "source.bytes"), 43);
        assert.equal(numberAt(end, "destination.bytes"), 12);
        assert.equal(numberAt(end, "event.duration"), 105e6);
      }),
    );
  });

  test(`a gap record is read as it was written (${format})`, () => {
    const gap = {
      firstSequence: 5,
      lastSequence: 16,
      records: 12,
      bytes: 4567,
      refused: 3,
      reason: "ENOSPC",
      fromMs: Date.UTC(2026, 10, 23, 4, 24, 11),
      toMs: Date.UTC(2026, 10, 23, 4, 24, 12),
    };
    const line = lineOf((batch) => encoderOf(format).gap(batch, gap, id, 17, gap.toMs));
    assert.deepEqual([lineFacts(line).kind, lineFacts(line).id], ["gap", id]);
    const document = read(line);
    assert.equal(textAt(document, "event.action"), "audit.gap");
    assert.equal(textAt(document, "event.reason"), "ENOSPC");
    assert.equal(textAt(document, "event.start"), "2026-11-23T04:24:11.000000000Z");
    assert.deepEqual(valueAt(document, "es_proxy.gap"), {
      first_sequence: 5,
      last_sequence: 16,
      records: 12,
      bytes: 4567,
      refused: 3,
    });
  });
}

test("a record about the trail itself is read as it was written", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer())), (fields) => {
      const event = { action: "audit.start", type: "info", outcome: "success", fields } as const;
      for (const format of ["ecs", "text"] as const) {
        const line = lineOf((batch) =>
          encoderOf(format).event(batch, event, id, 7, 1_800_000_000_000),
        );
        assert.deepEqual([lineFacts(line).kind, lineFacts(line).id], ["event", id]);
        const document = read(line);
        assert.equal(textAt(document, "event.action"), "audit.start");
        assert.deepEqual(valueAt(document, "event.type"), ["info"]);
        assert.deepEqual(
          valueAt(document, "es_proxy.event"),
          JSON.parse(JSON.stringify(fields)) as object,
        );
      }
    }),
  );
});

test("who gave a command is read as it was written, and cannot forge a key of the text format", () => {
  const word = fc.oneof(fc.string({ unit: "binary" }), fc.constant("x Fields: {} Event: y"));
  fc.assert(
    fc.property(word, word, fc.array(word), (user, host, args) => {
      const asker = { user, host, args };
      const fields = { stage: "end", bodies: 3 };
      const event = { action: "audit.show", type: "access", outcome: "failure", asker, fields };
      for (const format of ["ecs", "text"] as const) {
        const line = lineOf((batch) =>
          encoderOf(format).event(batch, event as TrailEvent, id, 7, 1_800_000_000_000),
        );
        const document = read(line);
        assert.equal(textAt(document, "event.outcome"), "failure");
        assert.deepEqual(valueAt(document, "es_proxy.event"), fields);
        // The lines are UTF-8: halves of surrogate pairs are none.
        if (user.isWellFormed() && host.isWellFormed()) {
          assert.equal(textAt(document, "user.name"), user);
          assert.equal(textAt(document, "host.hostname"), host);
        }
        assert.deepEqual(valueAt(document, "process.args"), args);
      }
    }),
    { numRuns: 40 },
  );
});

test("a request record of either format gives the last record of a crash in either format", () => {
  for (const from of ["ecs", "text"] as const)
    for (const to of ["ecs", "text"] as const) {
      const record = someRecord({
        id,
        target: "/logs/_doc/1?pipeline=a",
        authorization: "Basic ZWxhc3RpYzpz",
        userAgent: "caf\u00e9",
      });
      const line = lineOf((batch) => encoderOf(from).request(batch, record, 1));
      const open = { id, request: read(line), requestBody: undefined, responseBody: undefined };
      const end = lineOf((batch) => encoderOf(to).recovered(batch, open, 2, 1_800_000_000_000));
      assert.deepEqual(
        [lineFacts(end).kind, lineFacts(end).id],
        ["response", id],
        `${from}, ${to}`,
      );
      const document = read(end);
      assert.equal(textAt(document, "es_proxy.outcome"), "crash_recovered");
      assert.equal(textAt(document, "url.original"), "/logs/_doc/1?pipeline=a");
      assert.equal(textAt(document, "user.name"), "elastic");
      assert.equal(textAt(document, "http.request.method"), "POST");
      assert.equal(textAt(document, "source.ip"), "192.0.2.7");
    }
});

test("lines that are no records are neither read nor take part in recovery", () => {
  for (const line of ["", "{", "[]", "null", '{"a":1}', "2026-11-23 garbage", "x ID: y Body: z"]) {
    assert.equal(lineFacts(line).kind, "other", line);
    if (!line.startsWith('{"')) assert.equal(readLine(line), undefined, line);
  }
});

test("lists of indices of any length and spelling are written name by name", () => {
  const encoder = encoderOf("ecs");
  const parts = [
    "a",
    "logs-*",
    "%3Ca-%7Bnow%2Fd%7D%3E",
    "%C3%BC%F0%9F%98%80",
    "%5C",
    "a%22b",
    ".s",
  ];
  for (const part of parts)
    for (const length of [100, 600, 9000, 40_000]) {
      const list = `${`${part},`.repeat(length / part.length)}z`;
      const record = someRecord({ id, target: `/${list}/_search` });
      const line = lineOf((batch) => encoder.request(batch, record, 7));
      const document: AuditDocument = readLine(line) ?? {};
      for (const name of ["es_proxy.indices", "elasticsearch.audit.indices"])
        assert.deepEqual(valueAt(document, name), decodeURIComponent(list).split(","), part);
    }
});
