/** Lines of both formats that together hold every field that the encoders write. */
import assert from "node:assert/strict";

import { EcsEncoder } from "../../src/audit/format/ecs/ecs-encoder.ts";
import type { Encoder } from "../../src/audit/format/encoder.ts";
import { LineBatch } from "../../src/audit/format/line-batch.ts";
import { readLine } from "../../src/audit/format/line-reader.ts";
import { TextLineEncoder } from "../../src/audit/format/text/text-encoder.ts";
import type { BodyFacts } from "../../src/audit/record/body-facts.ts";
import { connectionFacts, ExchangeRecord } from "../../src/audit/record/exchange-record.ts";
import { SessionRecord } from "../../src/audit/record/session-record.ts";
import { Redactor } from "../../src/audit/redact/redactor.ts";
import { IdentityReader } from "../../src/elasticsearch/identity/identity.ts";
import { ended, FixedClock, someRecord, someRoute } from "../audit/trail-fixture.ts";

const key = Buffer.from("0123456789abcdef0123456789abcdef");
const id = "01936f3e-1111-7000-8000-000000000001";
const gap = {
  firstSequence: 5,
  lastSequence: 16,
  records: 12,
  bytes: 4567,
  refused: 1,
  reason: "ENOSPC",
  fromMs: 1_764_400_000_000,
  toMs: 1_764_400_001_000,
};
const event = {
  action: "audit.start",
  type: "info",
  outcome: "success",
  fields: { version: "1.2.3", pid: 4711 },
} as const;
const asker = { user: "alice", host: "db1", args: ["audit", "show", "82dc3bc4"] };
const pointer = {
  pack: "audit-20261123T042411.123Z.pack",
  offset: 16,
  storedBytes: 1234,
  bytes: 56_789,
  sha256: "ab".repeat(32),
};

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

function inline(body: BodyFacts, content: Buffer): void {
  Object.assign(body, { state: "inline", content, bytes: content.length, complete: true });
}

/** A value with a byte outside ASCII, so that `es_proxy.raw` holds its exact bytes. */
const raw = (text: string): string => `${text}\xe9`;

/** Every header field is there, and each value has exact bytes of its own. */
function wholeRecord(): ExchangeRecord {
  const connection = connectionFacts({
    listener: "es",
    peerAddress: "192.0.2.7",
    peerPort: 40_123,
    localAddress: "127.0.0.1",
    localPort: 9200,
    proxy: { address: "10.0.0.1", port: 50_000 },
    tls: {
      version: "TLSv1.3",
      cipher: "TLS_AES_256_GCM_SHA384",
      serverName: "es.example",
      clientCertificate: { subject: "CN=app", commonName: "app", fingerprint256: "ab".repeat(32) },
    },
  });
  const record = new ExchangeRecord(connection);
  return Object.assign(record, {
    id,
    route: someRoute(),
    startedMs: 1000,
    method: raw("POST"),
    target: `/logs/_search?q=${raw("a")}`,
    host: raw("es.example"),
    userAgent: raw("curl"),
    authorization: `Basic ${Buffer.from(`${raw("alice")}:x`, "latin1").toString("base64")}`,
    runAs: raw("bob"),
    opaqueId: raw("task"),
    requestId: raw("42"),
    traceparent: raw("00-1"),
    contentType: raw("application/json"),
    contentEncoding: raw("identity"),
    accept: raw("*/*"),
    forwardedFor: raw("198.51.100.1"),
    forwarded: raw("for=198.51.100.1"),
    clientMeta: raw("es=9"),
    productOrigin: raw("kibana"),
    bytesReceived: 512,
  });
}

/** Plain bodies, over a unix socket. */
function plainOnSocket(): ExchangeRecord {
  const connection = connectionFacts({
    listener: "es",
    peerAddress: "",
    peerPort: 0,
    localAddress: "/run/es-proxy.sock",
    localPort: 0,
    tls: undefined,
  });
  const target = "/logs/_knn_search";
  const record = Object.assign(new ExchangeRecord(connection), { id, method: "POST", target });
  inline(record.requestBody, Buffer.from('{"size":1}'));
  inline(record.responseBody, Buffer.from('{"took":1}'));
  return record;
}

function answered(record: ExchangeRecord): ExchangeRecord {
  return ended(record, {
    attempts: 1,
    endpoint: "10.0.0.11:9200",
    upstreamReused: true,
    responseContentType: "application/json",
    firstByteMs: 1004,
    errorCode: "ESP_ERR_UPSTREAM_RESET",
    sniff: { action: "rewritten", bytes: 700, sha256: "00" },
    bytesSent: 700,
  });
}

function withJwt(): ExchangeRecord {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = part({ iss: "https://idp.example", sub: "alice", exp: 1_800_000_000 });
  return someRecord({
    id,
    target: "/_all/_mapping/type",
    authorization: `Bearer ${part({ alg: "RS256" })}.${claims}.c2lnbmF0dXJl`,
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  });
}

function session(changes: Partial<SessionRecord>): SessionRecord {
  const record = new SessionRecord({
    id,
    route: { listener: "git", onFailure: "continue" },
    peer: { address: "192.0.2.7", port: 40_123 },
    local: { address: "127.0.0.1", port: 9418 },
    proxy: { address: "10.0.0.1", port: 50_000 },
    tlsServerName: "git.example",
    acceptedMs: 1000,
  });
  return Object.assign(record, { decision: "pool", target: "git", decidedMs: 1001 }, changes);
}

/** Lines of one format; together they hold every field that it has. */
export function everyLine(format: "ecs" | "text"): string[] {
  const encoder = encoderOf(format);
  const lines: string[] = [];
  const put = (write: (batch: LineBatch) => void): void => {
    const batch = new LineBatch(0);
    batch.begin();
    write(batch);
    batch.end("request", 1, undefined, -1);
    lines.push(batch.buffer.toString("latin1", 0, batch.length - 1));
  };
  const putBoth = (record: ExchangeRecord): void => {
    put((batch) => encoder.request(batch, record, 1));
    answered(record);
    put((batch) => encoder.terminal(batch, record, 2));
  };

  const whole = wholeRecord();
  whole.responseContentEncoding = "gzip";
  inline(whole.requestBody, Buffer.from('{"size":1}'));
  inline(whole.responseBody, Buffer.from('{"took":1}'));
  putBoth(whole);
  const binary = withJwt();
  inline(binary.requestBody, Buffer.from([0xff, 0xfe]));
  Object.assign(binary.responseBody, { state: "stored", bytes: 56_789, pointer, complete: true });
  binary.facts = { text: () => '"took":1' };
  putBoth(binary);
  const late = someRecord({ id, authorization: "ApiKey aWQ6c2VjcmV0" });
  late.requestBody.state = "streaming";
  put((batch) => encoder.request(batch, late, 1));
  Object.assign(late.requestBody, {
    state: "not_stored",
    bytes: 9,
    sha256: pointer.sha256,
    redaction: "redacted",
    removed: 2,
    hmac: "ef".repeat(16),
    isLate: true,
  });
  Object.assign(late.responseBody, { state: "hidden", bytes: 9, redaction: "hidden", hmac: "00" });
  late.outcome = "upstream_failed";
  answered(late);
  put((batch) => encoder.terminal(batch, late, 2));
  const odd = someRecord({ id, authorization: "Bearer opaque-token", version: "1.0" });
  odd.clientEvidence = "forwarded_fields";
  odd.clientAddress = "unknown";
  Object.assign(odd.responseBody, { state: "not_stored", bytes: 9, sha256: pointer.sha256 });
  putBoth(odd);
  putBoth(plainOnSocket());
  putBoth(someRecord({ id, authorization: "Basic ???" }));
  putBoth(someRecord({ id, authorization: "Negotiate YII=" }));

  const seen = session({ seenBytes: 43 });
  Object.assign(seen.seen, { state: "inline", content: Buffer.from("0038git"), complete: true });
  put((batch) => encoder.sessionDecided(batch, seen, 1));
  const stored = session({ seenBytes: 56_789 });
  Object.assign(stored.seen, { state: "stored", pointer, complete: true });
  put((batch) => encoder.sessionDecided(batch, stored, 1));
  const end = { attempts: 1, bytesUp: 43, bytesDown: 1200, endedMs: 1100, errorCode: "ESP_ERR_X" };
  for (const endpoint of ["10.0.0.11:9418", "unix:/run/git.sock"])
    put((batch) => encoder.sessionEnded(batch, session({ ...end, endpoint }), 2));
  put((batch) => encoder.gap(batch, gap, id, 3, 0));
  put((batch) => encoder.event(batch, event, id, 4, 0));
  put((batch) => encoder.event(batch, { ...event, asker }, id, 5, 0));
  for (const line of lines.slice()) {
    const request = readLine(line);
    assert.ok(request !== undefined, line);
    const body = { pointer, isComplete: false, isRedacted: true };
    const open = { id, request, requestBody: body, responseBody: body };
    put((batch) => encoder.recovered(batch, open, 5, 0));
  }
  return lines;
}
