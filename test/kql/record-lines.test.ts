import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import * as fc from "fast-check";

import { connectionFacts, ExchangeRecord } from "../../src/audit/record/exchange-record.ts";
import { compileFilter } from "../../src/kql/filter.ts";
import { jsonLines } from "../../src/kql/json-lines.ts";
import { mayMatch } from "../../src/kql/prefilter.ts";
import { quoteValue } from "../../src/kql/quote-value.ts";
import { recordFields } from "../../src/kql/record-fields.ts";
import { ended, openTrail, someRecord, someRoute } from "../audit/trail-fixture.ts";
import { makeTempDir } from "../support/temp-dir.ts";

const options = { nowMs: Date.UTC(2026, 10, 30) };
const lines = jsonLines(false);
/** Exact bytes in base64: for programs, not for filters. */
const unsearched = /^es_proxy\.(?:request_body|response_body)\.base64$/;

/** Names and values of all leaves of a record. */
function* leavesOf(value: unknown, path = ""): IterableIterator<[name: string, value: unknown]> {
  if (Array.isArray(value)) for (const element of value) yield* leavesOf(element, path);
  else if (typeof value === "object" && value !== null)
    for (const [name, inner] of Object.entries(value))
      yield* leavesOf(inner, path === "" ? name : `${path}.${name}`);
  else yield [path, value];
}

async function linesOf(records: readonly ExchangeRecord[]): Promise<Buffer[]> {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path);
  for (const record of records) {
    trail.request(record, undefined);
    trail.response(ended(record), undefined);
  }
  await trail.close();
  const text = readFileSync(directory.file("audit.ndjson"), "latin1");
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => Buffer.from(line, "latin1"));
}

function viaTls(): ExchangeRecord {
  const connection = connectionFacts({
    listener: "es",
    peerAddress: "2001:db8::7",
    peerPort: 40_123,
    localAddress: "::ffff:127.0.0.1",
    localPort: 9200,
    proxy: { address: "192.0.2.99", port: 1234 },
    tls: {
      version: "TLSv1.3",
      cipher: "TLS_AES_128_GCM_SHA256",
      serverName: "es.example",
      clientCertificate: {
        subject: "CN=alice",
        fingerprint256: "ab".repeat(32),
        commonName: "alice",
      },
    },
  });
  return Object.assign(new ExchangeRecord(connection), {
    startedMs: 1000,
    route: someRoute(),
    method: "DELETE",
    target: "/patients-2026/_doc/4711",
    bytesSent: 12,
    attempts: 2,
    endpoint: "127.0.0.1:19200",
    firstByteMs: 1002,
    responseContentType: "application/json",
    responseContentEncoding: "gzip",
    errorCode: "ESP_ERR_UPSTREAM_RESET",
  });
}

function withEverything(): ExchangeRecord {
  const record = someRecord({
    target: "/logs,metrics/_search?size=5&q=%22x%22",
    host: "es.example:9200",
    userAgent: 'curl/8.5.0 "quoted" \xc3\xa9',
    authorization: `Basic ${Buffer.from('al"ice\\é:secret').toString("base64")}`,
    contentType: "application/json",
    accept: "*/*",
    clientMeta: "es=9.5.1",
    opaqueId: "job 7",
    requestId: "r-1",
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    runAs: "bob",
    forwardedFor: "198.51.100.1",
    clientAddress: "::ffff:198.51.100.1",
    clientEvidence: "forwarded_fields",
    bytesReceived: 333,
  });
  record.requestBody.content = Buffer.from('{"query":{"match":{"t":"Grüße\\n 4711"}}}');
  record.responseBody.content = Buffer.from([0xff, 0xfe, 0x00]);
  return record;
}

test("knows every field that the ecs format writes", async () => {
  const unknown = new Set<string>();
  for (const line of await linesOf([withEverything(), viaTls(), someRecord()]))
    for (const [name] of leavesOf(JSON.parse(line.toString())))
      if (recordFields.get(name) === undefined && !unsearched.test(name)) unknown.add(name);
  assert.deepEqual([...unknown], []);
});

/** Filters that a value of a field must match. */
function filtersFor(name: string, value: unknown): string[] {
  const text = String(value);
  const type = recordFields.get(name)?.type;
  const exact = `${name}: ${quoteValue(text)}`;
  if (type === "long") return [exact, `${name} >= ${text}`, `${name} <= ${text}`, `${name}: *`];
  if (type === "date") return [exact, `${name} >= ${quoteValue(text)}`];
  if (type !== "keyword" && type !== "wildcard") return [exact, `${name}: *`];
  const escaped = (part: string): string => part.replaceAll(/[\\():<>"*{}]/g, "\\$&");
  const half = text.length >> 1;
  const [start, end] = [text.slice(0, half), text.slice(half)];
  const patterns = [`${escaped(start)}*`, `*${escaped(end)}`, `*${escaped(text.slice(1, -1))}*`];
  return [exact, `${name}: *`, ...patterns.map((pattern) => `${name}: ${pattern}`)].filter(
    (filter) => !/\s(?:and|or|not)\s|\n|: \s|\s$/i.test(filter),
  );
}

test("filters made of a record's values match it, and no prefilter passes it over", async () => {
  let count = 0;
  let withPrefilter = 0;
  for (const line of await linesOf([withEverything(), viaTls(), someRecord()])) {
    const record = JSON.parse(line.toString()) as Record<string, unknown>;
    for (const [name, value] of leavesOf(record)) {
      if (unsearched.test(name)) continue;
      for (const text of filtersFor(name, value)) {
        const filter = compileFilter(text, options);
        assert.ok(filter.matches(record), text);
        const prefilter = filter.prefilter(lines);
        assert.ok(mayMatch(prefilter, line), `${text} passes over ${line.toString()}`);
        count += 1;
        if (prefilter.length > 0) withPrefilter += 1;
      }
    }
  }
  assert.ok(count > 500 && withPrefilter > 400, `${withPrefilter} of ${count} have a prefilter`);
});

test("bodies and names from the wire are found whatever they hold", async () => {
  const wire = fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 24 });
  await fc.assert(
    fc.asyncProperty(wire, wire, async (agent, body) => {
      const record = someRecord({ userAgent: String.fromCharCode(...agent) });
      record.requestBody.content = Buffer.from(body);
      const [line = Buffer.alloc(0)] = await linesOf([record]);
      const parsed = JSON.parse(line.toString()) as Record<string, unknown>;
      for (const [name, value] of leavesOf(parsed)) {
        if (!/^(?:user_agent\.original|http\.request\.body\.content)$/.test(name)) continue;
        const filter = compileFilter(`${name}: ${quoteValue(String(value))}`, options);
        assert.ok(filter.matches(parsed) && mayMatch(filter.prefilter(lines), line), filter.text);
      }
    }),
    { numRuns: 100, seed: 5 },
  );
});

test("common questions have a prefilter that few other lines pass", () => {
  const needles = (text: string): string[] =>
    (compileFilter(text, options).prefilter(lines)[0]?.needles ?? []).map(({ bytes }) =>
      bytes.toString(),
    );
  const elsewhere = ['"request_body":{', '"response_body":{'];
  for (const [text, expected] of [
    ["user.name: alice", ['"name":"alice"']],
    ["user: alice", ['"id":"alice"', '"name":"alice"']],
    ["index: patients-*", ['"patients-']],
    ["event.action: indices.delete and status: *", ['"action":"indices.delete"']],
    ["status < 300", ['"status_code":1', '"status_code":2']],
    ["source.ip: 10.1.0.0/16", ['"ip":"10.1.']],
    ["client.ip: 10.1.2.3", ['"ip":"10.1.2.3', '"ip":":', '"ip":"0']],
    ["body: *4711*", ["4711", ...elsewhere]],
    ["body: *Bravo*", ["bravo", ...elsewhere]],
    ["body: kilo", ["kilo", "\\u212a", "\\u0130", ...elsewhere]],
    ['body: "alpha bravo"', ["alpha", ...elsewhere]],
    ["bravo", ["bravo", ...elsewhere]],
    ["bravo*", ["bravo", ...elsewhere]],
    ["@timestamp: 2026-11-30", ['"@timestamp":"2026-11-30T']],
    ['user_agent.original: say\\"hello*', ["hello"]],
    ["es_proxy.facts.took > 5", []],
    ["not user: alice", []],
  ] as const)
    assert.deepEqual(needles(text), expected, text);
});
