import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import test from "node:test";

import { connectionFacts, ExchangeRecord } from "../../src/audit/record/exchange-record.ts";
import { fieldAt } from "../support/audit-reader.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import {
  ended,
  giveRequest,
  giveResponse,
  openTrail,
  someRecord,
  someRoute,
} from "./trail-fixture.ts";

const id = "01a206bf-1c6c-73e2-843e-9db3afdf6ba3";

function lines(path: string): string[] {
  const text = readFileSync(path, "latin1");
  assert.ok(text.endsWith("\n"), "the file ends with a line feed");
  assert.match(text, /^[\x20-\x7e\n]*$/, "the file is pure ASCII");
  return text.slice(0, -1).split("\n");
}

function parsedLines(path: string): Record<string, unknown>[] {
  return lines(path).map((line) => JSON.parse(line) as Record<string, unknown>);
}

test("writes the text format's two lines exactly", async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path, { format: "text" });
  const record = someRecord({
    id,
    target: "/logs/_search?size=5",
    userAgent: "curl/8.5.0",
    authorization: "Basic ZWxhc3RpYzpzZWNyZXQ6cGFydA==",
  });
  giveRequest(trail, record, Buffer.from('{"query":{}}'));
  trail.request(record, undefined);
  ended(record).responseBody.bytes = 1234;
  trail.response(record, undefined);
  await trail.close();
  const head = `ID: ${id} User: elastic Path: /logs/_search Query: size=5 Method: POST Source: 192.0.2.7 Agent: curl/8.5.0`;
  assert.deepEqual(lines(directory.file("audit.log")), [
    `2026-11-23 04:24:11.123500000 ${head} Body: eyJxdWVyeSI6e319`,
    `2026-11-23 04:24:11.128500000 ${head} Status: 200 Duration: 0.005s Size: 1234`,
  ]);
});

test("writes None, anonymous and - for what is absent, and the outcome where it is not completed", async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path, { format: "text" });
  const record = someRecord({ id, method: "GET", target: "/" });
  trail.request(record, undefined);
  trail.response(ended(record, { status: 0, outcome: "client_aborted" }), undefined);
  await trail.close();
  const head = `ID: ${id} User: anonymous Path: / Query: None Method: GET Source: 192.0.2.7 Agent: -`;
  assert.deepEqual(
    lines(directory.file("audit.log")).map((line) => line.slice(30)),
    [`${head} Body: `, `${head} Status: 0 Duration: 0.005s Size: 0 Outcome: client_aborted`],
  );
});

test("writes the ECS record of a request exactly", async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path);
  const record = someRecord({
    id,
    target: "/logs,metrics/_search?size=5",
    host: "es.example:9200",
    userAgent: "curl/8.5.0",
    authorization: "ApiKey aWQxOnNlY3JldA==",
    contentType: "application/json",
    opaqueId: "job-7",
    requestId: "r-1",
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    runAs: "alice",
    bytesReceived: 333,
  });
  giveRequest(trail, record, Buffer.from('{"query":{"match":{"t":"Grüße\\n"}}}'));
  trail.request(record, undefined);
  trail.response(ended(record), undefined);
  await trail.close();
  const [request] = parsedLines(directory.file("audit.ndjson"));
  assert.ok(request);
  const own = request["es_proxy"] as Record<string, unknown>;
  assert.match(String(own["process"]), /^[0-9a-f]{8}$/);
  delete own["process"];
  delete (request["observer"] as Record<string, unknown>)["hostname"];
  assert.deepEqual(request, {
    "@timestamp": "2026-11-23T04:24:11.123500000Z",
    event: {
      kind: "event",
      dataset: "es_proxy.audit",
      sequence: 1,
      id,
      action: "search",
      category: ["api", "database"],
      type: ["access"],
    },
    url: {
      original: "/logs,metrics/_search?size=5",
      path: "/logs,metrics/_search",
      query: "size=5",
    },
    elasticsearch: { audit: { indices: ["logs", "metrics"] } },
    es_proxy: {
      record: "request",
      class: "read",
      indices: ["logs", "metrics"],
      route: "/",
      pool: "elasticsearch",
      listener: "es",
      auth: { scheme: "apikey" },
      headers: {
        host: "es.example:9200",
        "x-opaque-id": "job-7",
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      },
      received: 333,
    },
    trace: { id: "0af7651916cd43dd8448eb211c80319c" },
    span: { id: "b7ad6b7169203331" },
    ecs: { version: "9.2.0" },
    observer: { type: "proxy", product: "es-proxy", version: "1.2.3" },
    source: { ip: "192.0.2.7", port: 40_123 },
    server: { ip: "127.0.0.1", port: 9200 },
    network: { protocol: "http", transport: "tcp" },
    user: { id: "id1", effective: { name: "alice" } },
    user_agent: { original: "curl/8.5.0" },
    http: {
      request: {
        mime_type: "application/json",
        id: "r-1",
        method: "POST",
        body: { bytes: 37, content: '{"query":{"match":{"t":"Grüße\\n"}}}' },
      },
      version: "1.1",
    },
  });
});

test("writes the ECS record of a response with outcome, duration, upstream and body", async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path);
  const record = someRecord({ id, method: "PUT", target: "/books", version: "1.0" });
  trail.request(record, undefined);
  ended(record, {
    status: 400,
    attempts: 2,
    endpoint: "127.0.0.1:19200",
    upstreamReused: true,
    firstByteMs: 1003,
    responseContentType: "application/json",
    errorCode: "ESP_ERR_UPSTREAM_RESET",
    outcome: "upstream_failed",
    bytesSent: 555,
  });
  giveResponse(trail, record, Buffer.from('{"error":"x"}'));
  trail.response(record, undefined);
  await trail.close();
  const response = parsedLines(directory.file("audit.ndjson"))[1];
  assert.ok(response);
  delete (response["es_proxy"] as Record<string, unknown>)["process"];
  assert.deepEqual(response, {
    "@timestamp": "2026-11-23T04:24:11.128500000Z",
    event: {
      kind: "event",
      dataset: "es_proxy.audit",
      sequence: 2,
      outcome: "failure",
      duration: 5_000_000,
      start: "2026-11-23T04:24:11.123500000Z",
      id,
      action: "indices.create",
      category: ["api", "database", "configuration"],
      type: ["creation"],
    },
    url: { original: "/books" },
    es_proxy: {
      record: "response",
      class: "admin",
      indices: ["books"],
      route: "/",
      pool: "elasticsearch",
      listener: "es",
      outcome: "upstream_failed",
      attempts: 2,
      upstream: { endpoint: "127.0.0.1:19200", reused: true },
      time_to_first_byte: 3_000_000,
      received: 0,
    },
    error: { code: "ESP_ERR_UPSTREAM_RESET" },
    ecs: { version: "9.2.0" },
    source: { ip: "192.0.2.7", port: 40_123 },
    http: {
      request: { method: "PUT" },
      response: {
        mime_type: "application/json",
        status_code: 400,
        bytes: 555,
        body: { bytes: 13, content: '{"error":"x"}' },
      },
      version: "1.0",
    },
  });
});

test("records TLS facts and the client certificate as the identity", async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path);
  const connection = connectionFacts({
    listener: "es",
    peerAddress: "::ffff:10.1.2.3",
    peerPort: 1,
    localAddress: "::1",
    localPort: 2,
    tls: {
      version: "TLSv1.3",
      cipher: "TLS_AES_128_GCM_SHA256",
      serverName: "es.example",
      clientCertificate: {
        subject: "CN=writer,O=Example",
        commonName: "writer",
        fingerprint256: "ab".repeat(32),
      },
    },
  });
  const record = new ExchangeRecord(connection);
  record.method = "GET";
  record.target = "/";
  trail.request(record, undefined);
  await trail.close();
  const [request, response] = parsedLines(directory.file("audit.ndjson"));
  assert.ok(request && response);
  assert.deepEqual(request["tls"], {
    version: "1.3",
    version_protocol: "tls",
    cipher: "TLS_AES_128_GCM_SHA256",
    client: {
      server_name: "es.example",
      subject: "CN=writer,O=Example",
      hash: { sha256: "ab".repeat(32) },
    },
  });
  assert.deepEqual(request["source"], { ip: "10.1.2.3", port: 1 });
  assert.equal(fieldAt(request, "user.name"), "writer");
  assert.equal(fieldAt(request, "es_proxy.auth.scheme"), "certificate");
  assert.equal(fieldAt(response, "es_proxy.outcome"), "shutdown");
});

test("records sizes only at level metadata and nothing at level none", async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path);
  for (const level of ["metadata", "none"] as const) {
    const record = someRecord({ route: someRoute({ level }) });
    giveRequest(trail, record, Buffer.from("canary"));
    trail.request(record, undefined);
    trail.response(ended(record), undefined);
  }
  await trail.close();
  const written = parsedLines(directory.file("audit.ndjson"));
  assert.equal(written.length, 2);
  assert.deepEqual(fieldAt(written[0] ?? {}, "http.request.body"), { bytes: 6 });
});

test("records a body that is no UTF-8 text in base64, and a coded one as received", async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path);
  const content = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  const binary = someRecord();
  giveRequest(trail, binary, content);
  trail.request(binary, undefined);
  const coded = someRecord({ contentEncoding: "gzip" });
  giveRequest(trail, coded, Buffer.from("as received"));
  trail.request(coded, undefined);
  await trail.close();
  const [first, second] = parsedLines(directory.file("audit.ndjson"));
  assert.ok(first && second);
  assert.equal(fieldAt(first, "es_proxy.request_body.base64"), content.toString("base64"));
  assert.equal(fieldAt(first, "http.request.body.content"), undefined);
  assert.equal(
    fieldAt(second, "es_proxy.request_body.base64"),
    Buffer.from("as received").toString("base64"),
  );
  assert.equal(fieldAt(second, "es_proxy.headers.content-encoding"), "gzip");
});

test("a malformed request that never had a request record still gets its pair", async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path);
  const record = someRecord({
    route: undefined,
    method: "",
    target: "",
    outcome: "malformed",
    errorCode: "ESP_ERR_HEAD_SYNTAX",
  });
  trail.response(ended(record, { status: 400 }), undefined);
  trail.response(record, undefined);
  await trail.close();
  const written = parsedLines(directory.file("audit.ndjson"));
  assert.deepEqual(
    written.map((line) => fieldAt(line, "es_proxy.record")),
    ["request", "response"],
  );
  assert.equal(fieldAt(written[0] ?? {}, "event.id"), fieldAt(written[1] ?? {}, "event.id"));
});

test("files are for the owner only", async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.file("deep", "audit"));
  trail.request(someRecord(), undefined);
  await trail.close();
  assert.equal(statSync(directory.file("deep", "audit")).mode & 0o777, 0o700);
  assert.equal(statSync(directory.file("deep", "audit", "audit.ndjson")).mode & 0o777, 0o600);
});

test("holds header values and targets of any size", async () => {
  await using directory = await makeTempDir();
  for (const format of ["text", "ecs"] as const) {
    const trail = openTrail(directory.path, { format });
    const long = "\xe4".repeat(300_000);
    for (let at = 0; at < 3; at += 1) {
      const record = someRecord({
        target: `/${long}`,
        userAgent: long,
        opaqueId: long,
        method: long,
      });
      trail.request(record, undefined);
      trail.response(ended(record), undefined);
    }
    await trail.close();
    if (format === "text") assert.equal(lines(directory.file("audit.log")).length, 6);
  }
  const records = parsedLines(directory.file("audit.ndjson"));
  assert.equal(records.length, 6);
  assert.equal(fieldAt(records[0] ?? {}, "user_agent.original"), "\xe4".repeat(300_000));
});

test("the file of the other format is ended by who comes next, and followed by an empty one", async () => {
  await using directory = await makeTempDir();
  for (const format of ["text", "ecs", "text"] as const) {
    const trail = openTrail(directory.path, { format });
    const record = someRecord();
    trail.request(record, undefined);
    if (format === "text") trail.response(ended(record), undefined);
    await trail.close();
  }
  const names = readdirSync(directory.path);
  const sealed = names.filter((name) => /^audit-.*\.(?:ndjson|log)$/.test(name));
  assert.deepEqual(sealed.map((name) => name.replace(/^.*\./, "")).sort(), ["log", "ndjson"]);
  assert.equal(statSync(directory.file("audit.ndjson")).size, 0);
  assert.equal(lines(directory.file("audit.log")).length, 2);
  for (const name of sealed) assert.equal(lines(directory.file(name)).length, 2);
});
