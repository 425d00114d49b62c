/**
 * Micro-benchmark: CPU time of both audit records of one exchange (encode, append, write), 300-byte
 * JSON bodies both ways.
 *
 * Usage: node stress/micro/audit-encode.ts [exchanges=50000] [per turn=32] [ecs|text]
 *
 * Prints microseconds of CPU per exchange for the encoding alone and for the whole way into a file,
 * less what making the exchange costs, best of five rounds. Header values are new strings for each
 * exchange, as the relay makes them.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { argv, cpuUsage, stdout } from "node:process";
import { setImmediate } from "node:timers/promises";

import { AuditTrail, type RecordWaiter } from "../../src/audit/trail/audit-trail.ts";
import { EcsEncoder } from "../../src/audit/format/ecs/ecs-encoder.ts";
import type { Encoder } from "../../src/audit/format/encoder.ts";
import { LineBatch } from "../../src/audit/format/line-batch.ts";
import {
  connectionFacts,
  ExchangeRecord,
  routeFacts,
} from "../../src/audit/record/exchange-record.ts";
import type { BodyFacts } from "../../src/audit/record/body-facts.ts";
import { Redactor } from "../../src/audit/redact/redactor.ts";
import { SystemClock } from "../../src/core/clock.ts";
import { exchangeId } from "../../src/core/ids.ts";
import type { Log } from "../../src/core/log.ts";
import { TextLineEncoder } from "../../src/audit/format/text/text-encoder.ts";
import { IdentityReader } from "../../src/elasticsearch/identity/identity.ts";

const exchanges = Number(argv[2] ?? 50_000);
const perTurn = Number(argv[3] ?? 32);
const format = argv[4] === "text" ? "text" : "ecs";

const rounds = 5;
const silent = (): void => undefined;
const log: Log = { debug: silent, info: silent, warn: silent, error: silent };
const clock = new SystemClock();
const waiter: RecordWaiter = { recordStored: silent };
const connections = Array.from({ length: perTurn }, (_, at) =>
  connectionFacts({
    listener: "es",
    peerAddress: "127.0.0.1",
    peerPort: 40_000 + at,
    localAddress: "127.0.0.1",
    localPort: 9200,
    tls: undefined,
  }),
);
const route = routeFacts({
  name: "/",
  pool: "elasticsearch",
  level: "full",
  onFailure: "continue",
});
const body = Buffer.from(
  JSON.stringify({
    query: {
      bool: {
        filter: [{ term: { user: "kimchy" } }],
        must: [{ match: { text: "x".repeat(180) } }],
      },
    },
    size: 10,
    from: 20,
  }),
).subarray(0, 300);
const head = Buffer.from(
  "/logs-2026.11.23/_search?pretty=true" +
    "127.0.0.1:9200" +
    "elasticsearch-js/9.5.1 (linux 6.1.0-x64; Node.js 26.10.0; Transport 9.4.0)" +
    "Basic ZWxhc3RpYzpjaGFuZ2VtZQ==" +
    "application/vnd.elasticsearch+json; compatible-with=9" +
    "es=9.5.1,js=26.10.0,t=9.4.0,un=26.10.0",
  "latin1",
);

function exchange(at: number): ExchangeRecord {
  const connection = connections[at % perTurn];
  if (connection === undefined) throw new Error("no connection");
  const record = new ExchangeRecord(connection);
  record.startedMs = clock.now();
  record.id = exchangeId(clock.wallAt(record.startedMs));
  record.route = route;
  record.method = "POST";
  record.target = head.toString("latin1", 0, 36);
  record.host = head.toString("latin1", 36, 50);
  record.userAgent = head.toString("latin1", 50, 124);
  record.authorization = head.toString("latin1", 124, 154);
  record.contentType = head.toString("latin1", 154, 207);
  record.accept = head.toString("latin1", 154, 207);
  record.clientMeta = head.toString("latin1", 207, 245);
  record.bytesReceived = 700;
  return record;
}

function end(record: ExchangeRecord): void {
  record.status = 200;
  record.attempts = 1;
  record.endpoint = "127.0.0.1:19200";
  record.upstreamReused = true;
  record.responseContentType = head.toString("latin1", 154, 207);
  record.firstByteMs = record.startedMs + 0.4;
  record.endedMs = record.startedMs + 0.5;
  record.bytesSent = 600;
}

async function run(trail: AuditTrail | undefined, count: number): Promise<number> {
  const before = cpuUsage();
  for (let at = 0; at < count; at += perTurn) {
    const records: ExchangeRecord[] = [];
    for (let index = 0; index < perTurn; index += 1) {
      const record = exchange(at + index);
      trail?.tapRequest(record).whole(body, 0, body.length);
      trail?.request(record, waiter);
      records.push(record);
    }
    await setImmediate();
    for (const record of records) {
      end(record);
      trail?.tapResponse(record).whole(body, 0, body.length);
      trail?.response(record, waiter);
    }
    await setImmediate();
  }
  const used = cpuUsage(before);
  return (used.user + used.system) / count;
}

/** The least of several rounds: what else runs on the machine can only add. */
async function least(rounds: number, round: () => number | Promise<number>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let at = 0; at < rounds; at += 1) best = Math.min(best, await round());
  return best;
}

function encodeOnly(encoder: Encoder, count: number): number {
  const batch = new LineBatch(1_048_576);
  const before = cpuUsage();
  for (let at = 0; at < count; at += perTurn) {
    for (let index = 0; index < perTurn; index += 1) {
      const record = exchange(at + index);
      prepared(record.requestBody);
      batch.begin();
      encoder.request(batch, record, 2 * at);
      batch.end("request", 2 * at, record, -1);
      end(record);
      prepared(record.responseBody);
      batch.begin();
      encoder.terminal(batch, record, 2 * at + 1);
      batch.end("terminal", 2 * at + 1, record, -1);
    }
    batch.clear();
  }
  const used = cpuUsage(before);
  return (used.user + used.system) / count;
}

function prepared(facts: BodyFacts): void {
  facts.content = body;
  facts.bytes = body.length;
  facts.state = "inline";
  facts.complete = true;
}

function makeOnly(count: number): number {
  const before = cpuUsage();
  for (let at = 0; at < count; at += 1) end(exchange(at));
  const used = cpuUsage(before);
  return (used.user + used.system) / count;
}

function figure(label: string, microseconds: number): void {
  stdout.write(
    `${label.padEnd(28)}${microseconds.toFixed(2).padStart(7)} µs of CPU per exchange\n`,
  );
}

const redactor = new Redactor(Buffer.alloc(32, 1));
const identities = new IdentityReader(redactor.key);
const encoder =
  format === "text"
    ? new TextLineEncoder({ clock, identities, redactor })
    : new EcsEncoder({
        clock,
        identities,
        redactor,
        productVersion: "0.0.0",
        processId: "00000000",
      });
const directory = mkdtempSync(join(tmpdir(), "audit-encode-"));
const trail = AuditTrail.open({
  directory,
  format,
  durability: "written",
  onFailure: "continue",
  bodies: "strict",
  inlineBodyBytes: 16_384,
  storesBodies: true,
  rotateBytes: 0,
  queueBytes: 8_388_608,
  clock,
  log,
});
try {
  const make = await least(rounds, () => makeOnly(exchanges));
  figure("encode", (await least(rounds, () => encodeOnly(encoder, exchanges))) - make);
  const bare = await least(rounds, () => run(undefined, exchanges));
  figure("encode, append, write", (await least(rounds, () => run(trail, exchanges))) - bare);
  const { bytes, records } = trail.stats;
  stdout.write(
    `${Math.round((2 * bytes) / records)} bytes in both lines, bodies of 2 × ${body.length}\n`,
  );
} finally {
  await trail.close();
  rmSync(directory, { recursive: true, force: true });
}
