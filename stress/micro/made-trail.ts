/** Makes audit directories of any size with the proxy's own trail, for benchmarks of reading. */
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setImmediate, setTimeout } from "node:timers/promises";

import {
  connectionFacts,
  ExchangeRecord,
  routeFacts,
} from "../../src/audit/record/exchange-record.ts";
import { AuditTrail, type RecordWaiter } from "../../src/audit/trail/audit-trail.ts";
import { SystemClock } from "../../src/core/clock.ts";
import type { Log } from "../../src/core/log.ts";

/** How a directory is made. */
export interface MadeTrailOptions {
  readonly megabytes: number;
  readonly workers: number;
  readonly format: "ecs" | "text";
  /** Bytes of a body; requests and answers have one each. */
  readonly bodyBytes: number;
  /** Size from which a segment is full. Bytes. */
  readonly rotateBytes: number;
}

/** One of this many exchanges is of the user `rare`. */
export const rareEvery = 10_000;

const silent = (): void => undefined;
const log: Log = { debug: silent, info: silent, warn: silent, error: silent };
const waiter: RecordWaiter = { recordStored: silent };
const perTurn = 64;
const route = routeFacts({ name: "/", pool: "es", level: "full", onFailure: "continue" });

/** Fills a directory that is empty or absent; gives the number of exchanges. */
export async function makeTrail(directory: string, options: MadeTrailOptions): Promise<number> {
  mkdirSync(directory, { recursive: true });
  const clock = new SystemClock();
  const trails = Array.from({ length: options.workers }, (_, at) =>
    AuditTrail.open({
      directory,
      format: options.format,
      durability: "written",
      onFailure: "continue",
      bodies: "strict",
      inlineBodyBytes: 1_048_576,
      storesBodies: false,
      rotateBytes: options.rotateBytes,
      queueBytes: 67_108_864,
      clock,
      log,
      ...(options.workers === 1 ? {} : { worker: at + 1 }),
    }),
  );
  const body = jsonBody(options.bodyBytes);
  let made = 0;
  while (sizeOf(directory) < options.megabytes * 1e6) {
    for (let turn = 0; turn < 100; turn += 1) {
      for (const trail of trails) {
        await exchanges(trail, made, body, clock);
        made += perTurn;
      }
    }
  }
  for (const trail of trails) await trail.close();
  return made;
}

/** Writes at a steady rate. @param options.rate exchanges a second, over all workers */
export async function writeSteadily(
  directory: string,
  options: { readonly rate: number; readonly seconds: number; readonly workers: number },
): Promise<void> {
  const clock = new SystemClock();
  const made = { ...options, format: "ecs", rotateBytes: 16_777_216 } as const;
  const trails = openTrails(directory, clock, made);
  const body = jsonBody(300);
  const startMs = performance.now();
  let count = 0;
  for (
    let elapsedMs = 0;
    elapsedMs < options.seconds * 1000;
    elapsedMs = performance.now() - startMs
  ) {
    const due = (options.rate * elapsedMs) / 1000;
    for (; count < due; count += perTurn)
      for (const trail of trails.slice((count / perTurn) % trails.length).slice(0, 1))
        await exchanges(trail, count, body, clock, 0.5);
    await setTimeout(2);
  }
  for (const trail of trails) await trail.close();
}

/** One exchange of a trail that is made. */
export interface MadeExchange {
  readonly method: string;
  readonly target: string;
  /** Value of the body; an array: one line each; `undefined`: none. */
  readonly request: unknown;
  readonly status: number;
  readonly answer: unknown;
}

/** Fills a directory with exchanges of any kind, in one segment. */
export async function writeExchanges(
  directory: string,
  count: number,
  make: (at: number) => MadeExchange,
): Promise<void> {
  const clock = new SystemClock();
  const options = { workers: 1, format: "ecs", rotateBytes: 1e12 } as const;
  const [trail] = openTrails(directory, clock, options);
  if (trail === undefined) return;
  for (let first = 0; first < count; first += perTurn) {
    const made = Array.from({ length: Math.min(perTurn, count - first) }, (_, at) =>
      make(first + at),
    );
    const records = made.map(({ method, target, request }, at) => {
      const record = Object.assign(requestRecord(first + at, clock), { method, target });
      const body = bytesOf(request);
      if (body === undefined) record.contentType = undefined;
      else trail.tapRequest(record).whole(body, 0, body.length);
      trail.request(record, waiter);
      return record;
    });
    await setImmediate();
    for (const [at, record] of records.entries()) {
      endRecord(record, first + at, 0.5 + ((first + at) % 40));
      record.status = made[at]?.status ?? 0;
      const answer = bytesOf(made[at]?.answer);
      if (answer !== undefined) trail.tapResponse(record).whole(answer, 0, answer.length);
      trail.response(record, waiter);
    }
    await setImmediate();
  }
  await trail.close();
}

function bytesOf(value: unknown): Buffer | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) return Buffer.from(JSON.stringify(value));
  return Buffer.from(value.map((line) => `${JSON.stringify(line)}\n`).join(""));
}

function openTrails(
  directory: string,
  clock: SystemClock,
  options: Pick<MadeTrailOptions, "workers" | "format" | "rotateBytes">,
): AuditTrail[] {
  mkdirSync(directory, { recursive: true });
  return Array.from({ length: options.workers }, (_, at) =>
    AuditTrail.open({
      directory,
      format: options.format,
      durability: "written",
      onFailure: "continue",
      bodies: "strict",
      inlineBodyBytes: 1_048_576,
      storesBodies: false,
      rotateBytes: options.rotateBytes,
      queueBytes: 67_108_864,
      clock,
      log,
      ...(options.workers === 1 ? {} : { worker: at + 1 }),
    }),
  );
}

/** @param tookMs how long each one takes; `undefined`: some longer, some shorter */
async function exchanges(
  trail: AuditTrail,
  first: number,
  body: Buffer,
  clock: SystemClock,
  tookMs?: number,
): Promise<void> {
  const records: ExchangeRecord[] = [];
  for (let at = first; at < first + perTurn; at += 1) {
    const record = requestRecord(at, clock);
    trail.tapRequest(record).whole(body, 0, body.length);
    trail.request(record, waiter);
    records.push(record);
  }
  await setImmediate();
  for (const [at, record] of records.entries()) {
    endRecord(record, first + at, tookMs ?? 0.5 + ((first + at) % 40));
    trail.tapResponse(record).whole(body, 0, body.length);
    trail.response(record, waiter);
  }
  await setImmediate();
}

function requestRecord(at: number, clock: SystemClock): ExchangeRecord {
  const connection = connectionFacts({
    listener: "es",
    peerAddress: `10.0.${at % 7}.${at % 250}`,
    peerPort: 40_000 + (at % 1000),
    localAddress: "127.0.0.1",
    localPort: 9200,
    tls: undefined,
  });
  const user = at % rareEvery === 0 ? "rare" : `user-${at % 20}`;
  return Object.assign(new ExchangeRecord(connection), {
    startedMs: clock.now(),
    route,
    method: "POST",
    target: `/logs-${at % 50}/_search?size=${at % 100}`,
    host: "es.example:9200",
    userAgent: "elasticsearch-js/9.5.1 (linux 6.1.0-x64; Node.js 26.10.0; Transport 9.4.0)",
    authorization: `Basic ${Buffer.from(`${user}:secret`).toString("base64")}`,
    contentType: "application/vnd.elasticsearch+json; compatible-with=9",
    accept: "application/vnd.elasticsearch+json; compatible-with=9",
    clientMeta: "es=9.5.1,js=26.10.0,t=9.4.0,un=26.10.0",
    bytesReceived: 700,
  });
}

function endRecord(record: ExchangeRecord, at: number, tookMs: number): void {
  Object.assign(record, {
    status: at % 997 === 0 ? 503 : 200,
    attempts: 1,
    endpoint: "127.0.0.1:19200",
    upstreamReused: true,
    responseContentType: "application/vnd.elasticsearch+json;compatible-with=9",
    firstByteMs: record.startedMs + 0.4,
    endedMs: record.startedMs + tookMs,
    bytesSent: 600,
  });
}

function jsonBody(bytes: number): Buffer {
  const filter = [{ term: { user: "kimchy" } }, { range: { age: { gte: 10 } } }];
  const query = { bool: { filter, must: [{ match: { text: "quick brown fox ".repeat(bytes) } }] } };
  return Buffer.from(JSON.stringify({ size: 10, query })).subarray(0, bytes);
}

function sizeOf(directory: string): number {
  return readdirSync(directory)
    .map((name) => statSync(join(directory, name)).size)
    .reduce((total, size) => total + size, 0);
}
