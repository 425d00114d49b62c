import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { ExchangeLines } from "../../../src/audit/facts/exchange-lines.ts";
import { exchangeOf } from "../../../src/audit/facts/recorded-exchange.ts";
import { EcsEncoder } from "../../../src/audit/format/ecs/ecs-encoder.ts";
import { EcsLineFields, lineField } from "../../../src/audit/format/ecs/ecs-line-fields.ts";
import { LineBatch } from "../../../src/audit/format/line-batch.ts";
import type { Segment } from "../../../src/audit/read/segment.ts";
import { RecordLine, TrailEntry } from "../../../src/audit/read/trail-entry.ts";
import type { ExchangeRecord } from "../../../src/audit/record/exchange-record.ts";
import { Redactor } from "../../../src/audit/redact/redactor.ts";
import { IdentityReader } from "../../../src/elasticsearch/identity/identity.ts";
import { FixedClock, someRecord } from "../trail-fixture.ts";

const key = Buffer.from("0123456789abcdef0123456789abcdef");
const encoder = new EcsEncoder({
  clock: new FixedClock(),
  identities: new IdentityReader(key),
  redactor: new Redactor(key),
  productVersion: "1.2.3",
  processId: "p",
});
const segment: Segment = {
  name: "audit.ndjson",
  path: "audit.ndjson",
  journal: "audit.ndjson",
  format: "ecs",
  isCompressed: false,
  isEncrypted: false,
  isSealed: false,
  size: 0,
  inode: 1,
  begunMs: 0,
  firstMs: 0,
  firstFraction: "0",
  endMs: Infinity,
};

/** Bytes of both lines of an exchange in one buffer, each with its line feed. */
function linesOf(record: ExchangeRecord): { bytes: Buffer; middle: number } {
  const batch = new LineBatch(0);
  batch.begin();
  encoder.request(batch, record, 1);
  batch.end("request", 1, undefined, -1);
  const middle = batch.length;
  batch.begin();
  encoder.terminal(batch, record, 2);
  batch.end("terminal", 2, undefined, -1);
  return { bytes: Buffer.from(batch.buffer.subarray(0, batch.length)), middle };
}

const text = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.constantFrom('"}},"version":"1.1"}}', '\\"}},"version":"1.1"}}', "\\", '"', '{"a":"b\\\\"}'),
);
const body = fc.option(
  fc.oneof(
    text.map((content) => Buffer.from(content)),
    fc.json().map((content) => Buffer.from(content)),
    fc.uint8Array({ maxLength: 60 }).map((content) => Buffer.from(content)),
  ),
);
const word = fc.stringMatching(/^[!-9;-~]{1,20}$/);

function setBody(facts: ExchangeRecord["requestBody"], content: Buffer | null): void {
  if (content === null || content.length === 0) return;
  facts.content = content;
  facts.bytes = content.length;
  facts.state = "inline";
  facts.complete = true;
}

test("what stands in the bytes of both lines is what readers of whole lines find", () => {
  const lines = new ExchangeLines();
  const counts = { read: 0, passed: 0 };
  fc.assert(
    fc.property(
      fc.record({
        user: fc.option(word),
        type: fc.option(fc.constantFrom("application/json", 'a"b\\c', "text/x-é")),
        target: fc.constantFrom("/a/_search", "/a%2Fb/_doc/1?x=%22", '/i/_doc/\\x"y'),
        coding: fc.option(fc.constantFrom("gzip", "identity"), { freq: 9 }),
        isLate: fc.boolean(),
        version: fc.constantFrom("1.1", "1.1", "1.0"),
        status: fc.constantFrom(0, 200, 201, 404, 503),
        milliseconds: fc.double({ min: 0, max: 1e6, noNaN: true }),
        asked: body,
        answered: body,
      }),
      ({ user, type, target, coding, isLate, version, status, milliseconds, asked, answered }) => {
        const record = someRecord({ id: "01936f3e-1111-7000-8000-000000000001", target, version });
        if (user !== null)
          record.authorization = `Basic ${Buffer.from(`${user}:secret`).toString("base64")}`;
        if (type !== null) record.contentType = type;
        if (coding !== null) record.contentEncoding = coding;
        setBody(record.requestBody, asked);
        if (isLate && asked !== null) record.requestBody.isLate = true;
        Object.assign(record, { status, endedMs: record.startedMs + milliseconds });
        record.outcome = status === 0 ? "client_aborted" : "completed";
        setBody(record.responseBody, answered);
        const { bytes, middle } = linesOf(record);
        const entry = new TrailEntry(
          new RecordLine(segment, 0, bytes.subarray(0, middle - 1)),
          new RecordLine(segment, middle, bytes.subarray(middle, -1)),
        );
        const expected = exchangeOf(entry);
        assert.ok(expected !== undefined);
        const found = lines.read(
          record.id,
          { bytes, start: 0, end: middle - 1 },
          { bytes, start: middle, end: bytes.length - 1 },
        );
        counts[found === undefined ? "passed" : "read"] += 1;
        if (found !== undefined) assert.deepEqual(lines.decoded(found), expected);
      },
    ),
    { numRuns: 2000 },
  );
  assert.ok(counts.read > 300, JSON.stringify(counts));
  assert.ok(counts.passed > 100, JSON.stringify(counts));
});

test("lines that differ in any values have the fields that a first reader finds", () => {
  const known = new EcsLineFields();
  const fieldsIn = (fields: EcsLineFields, bytes: Buffer, end: number): unknown =>
    fields.read(bytes, 0, end) &&
    Object.values(lineField).map((field) => {
      const { start, end: behind } = fields.place(field) ?? {};
      return [fields.has(field), fields.text(field), fields.number(field), start, behind];
    });
  const line = (content: string, changes: Partial<ExchangeRecord>, isLate: boolean): Buffer => {
    const record = someRecord({ id: "01936f3e-1111-7000-8000-000000000001", ...changes });
    setBody(record.requestBody, Buffer.from(content));
    record.requestBody.isLate = isLate;
    setBody(record.responseBody, Buffer.from(content));
    const { bytes, middle } = linesOf(record);
    return changes.status === undefined ? bytes.subarray(0, middle) : bytes.subarray(middle);
  };
  const values = fc.constantFrom("", "a", "b,c", '"', "\\", "}", '"}},"version":"1.1"}}', "[é]");
  fc.assert(
    fc.property(
      values,
      fc.record(
        {
          status: fc.constantFrom(200, 404),
          contentType: values,
          userAgent: values,
          host: values,
          opaqueId: values,
          target: fc.constantFrom("/a/_search", "/b,c/_search", "/_bulk", "/a/_doc/%22"),
          authorization: fc.constantFrom("Basic YTpi", "Basic YWI6Yg==", "Bearer x"),
        },
        { requiredKeys: [] },
      ),
      fc.boolean(),
      fc.nat(40),
      (content, changes, isLate, cut) => {
        const bytes = line(content, changes, isLate);
        const end = cut === 0 ? bytes.length - 20 : bytes.length - 1;
        const expected = fieldsIn(new EcsLineFields(), bytes, end);
        assert.deepEqual(fieldsIn(known, bytes, end), expected);
      },
    ),
    { numRuns: 3000 },
  );
});

test("a line that is cut, or is none, is not read", () => {
  const record = someRecord({ id: "01936f3e-1111-7000-8000-000000000001" });
  setBody(record.requestBody, Buffer.from('{"query":{"match_all":{}}}'));
  const { bytes, middle } = linesOf(record);
  const fields = new EcsLineFields();
  assert.ok(fields.read(bytes, 0, middle - 1));
  assert.equal(fields.text(lineField.record), "request");
  for (let end = 0; end < middle - 1; end += 1)
    assert.equal(fields.read(bytes, 0, end), false, `cut at ${end}`);
  fc.assert(
    fc.property(
      fc.nat(middle - 2),
      fc.constantFrom("{", "}", "[", "]", '"', ":", ",", "\\", "x"),
      (at, character) => {
        const changed = Buffer.from(bytes);
        changed.write(character, at, "latin1");
        // Whatever it finds: it ends, within the line.
        fields.read(changed, 0, middle - 1);
        for (const field of Object.values(lineField)) {
          fields.text(field);
          fields.number(field);
        }
      },
    ),
  );
});
