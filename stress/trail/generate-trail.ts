/** Writes a trail of any size with the proxy's own writer, and the ledger of what is in it. */
import { mkdirSync, readdirSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";

import {
  connectionFacts,
  ExchangeRecord,
  routeFacts,
} from "../../src/audit/record/exchange-record.ts";
import { AuditTrail, type RecordWaiter } from "../../src/audit/trail/audit-trail.ts";
import type { Clock } from "../../src/core/clock.ts";
import type { Log } from "../../src/core/log.ts";
import { CallMaker, usualWorld, type MadeCall, type MadeWorld } from "./made-call.ts";
import { TrailLedger, type LedgerContent } from "./trail-ledger.ts";

/** What is written. */
export interface GenerateOptions {
  /** Ends when the files have so many bytes, or after so many exchanges. */
  readonly bytes?: number;
  readonly exchanges?: number;
  readonly seed: number;
  readonly workers: number;
  readonly format: "ecs" | "text";
  /** @default "whole" */
  readonly ecsResponse?: "whole" | "lean";
  /** Size from which a segment is full. Bytes. */
  readonly rotateBytes: number;
  /** Exchanges in a second of the trail's own time. */
  readonly rate: number;
  readonly world?: MadeWorld;
  readonly onProgress?: (bytes: number, exchanges: number) => void;
}

const silent = (): void => undefined;
const log: Log = { debug: silent, info: silent, warn: silent, error: silent };
const waiter: RecordWaiter = { recordStored: silent };
const route = routeFacts({ name: "/", pool: "es", level: "full", onFailure: "continue" });
/** Exchanges that are under way at the same time. */
const perTurn = 64;
/** Turns between two looks at the size of the files. */
const turnsPerLook = 200;
const firstWallMs = Date.UTC(2026, 10, 20);

/** Time that passes only when exchanges do. */
class MadeClock implements Clock {
  ms = 1000;

  now(): number {
    return this.ms;
  }

  wallAt(monotonicMs: number): number {
    return firstWallMs + monotonicMs;
  }

  reanchor(): void {
    // Nothing steps this clock.
  }
}

/**
 * Fills a directory that is empty or absent. The last segment of each worker is left as a process
 * that has stopped leaves it. Ids of exchanges are random; all else is the same for the same seed.
 */
export async function generateTrail(
  directory: string,
  options: GenerateOptions,
): Promise<LedgerContent> {
  const { bytes = Infinity, exchanges = Infinity, workers, rate, onProgress } = options;
  mkdirSync(directory, { recursive: true });
  const clock = new MadeClock();
  const ledger = new TrailLedger();
  const calls = new CallMaker(options.seed, options.world ?? usualWorld);
  const trails = Array.from({ length: workers }, (_, at) =>
    AuditTrail.open({
      directory,
      format: options.format,
      ecsResponse: options.ecsResponse,
      durability: "written",
      onFailure: "continue",
      bodies: "strict",
      inlineBodyBytes: 16_384,
      storesBodies: true,
      rotateBytes: options.rotateBytes,
      queueBytes: 67_108_864,
      clock,
      log,
      ...(workers === 1 ? {} : { worker: at + 1 }),
    }),
  );
  let made = 0;
  for (let turn = 0; made < exchanges; turn += 1) {
    if (turn % turnsPerLook === 0) {
      const size = sizeOf(directory);
      onProgress?.(size, made);
      if (size >= bytes) break;
    }
    const trail = trails[turn % workers];
    if (trail === undefined) break;
    const count = Math.min(perTurn, exchanges - made);
    await exchangesOf(trail, calls, clock, ledger, count);
    clock.ms += (count * 1000) / rate;
    made += count;
  }
  for (const trail of trails) await trail.close();
  setTimes(directory, clock.wallAt(clock.now()));
  return ledger.content();
}

async function exchangesOf(
  trail: AuditTrail,
  calls: CallMaker,
  clock: MadeClock,
  ledger: TrailLedger,
  count: number,
): Promise<void> {
  const open: [record: ExchangeRecord, call: MadeCall][] = [];
  for (let at = 0; at < count; at += 1) {
    const call = calls.next();
    const record = requestRecord(call, clock);
    const { request } = call;
    if (request !== undefined) trail.tapRequest(record).whole(request, 0, request.length);
    trail.request(record, waiter);
    ledger.add(record.id, call);
    open.push([record, call]);
  }
  await setImmediate();
  for (const [record, call] of open) {
    Object.assign(record, {
      status: call.status,
      attempts: 1,
      endpoint: "127.0.0.1:19200",
      upstreamReused: true,
      responseContentType: "application/vnd.elasticsearch+json;compatible-with=9",
      firstByteMs: record.startedMs + call.tookMs * 0.9,
      endedMs: record.startedMs + call.tookMs,
      bytesSent: call.answer.length + 200,
    });
    trail.tapResponse(record).whole(call.answer, 0, call.answer.length);
    trail.response(record, waiter);
  }
  await setImmediate();
}

function requestRecord(call: MadeCall, clock: Clock): ExchangeRecord {
  const connection = connectionFacts({
    listener: "es",
    peerAddress: call.source,
    peerPort: 40_000,
    localAddress: "127.0.0.1",
    localPort: 9200,
    tls: undefined,
  });
  const json = "application/vnd.elasticsearch+json; compatible-with=9";
  const type = call.isNdjson ? json.replace("json;", "x-ndjson;") : json;
  return Object.assign(new ExchangeRecord(connection), {
    startedMs: clock.now(),
    route,
    method: call.method,
    target: call.target,
    host: "es.example:9200",
    userAgent: "elasticsearch-js/9.5.1 (linux 6.1.0-x64; Node.js 26.10.0; Transport 9.4.0)",
    authorization: `Basic ${Buffer.from(`${call.user}:secret`).toString("base64")}`,
    ...(call.request === undefined ? {} : { contentType: type }),
    accept: json,
    clientMeta: "es=9.5.1,js=26.10.0,t=9.4.0,un=26.10.0",
    bytesReceived: 500 + (call.request?.length ?? 0),
  });
}

/** Files were written when the clock of the trail says so, not now. */
function setTimes(directory: string, endMs: number): void {
  const stamped = /-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d\.\d{3}Z)\.(?:ndjson|log)$/;
  const names = new Map<string, string[]>();
  for (const name of readdirSync(directory)
    .filter((one) => stamped.test(one))
    .sort()) {
    const base = name.replace(stamped, "");
    names.set(base, [...(names.get(base) ?? []), name]);
  }
  for (const segments of names.values())
    for (const [at, name] of segments.entries()) {
      const [, ...parts] = stamped.exec(segments[at + 1] ?? "") ?? [];
      const [year, month, day, hour, minute, second] = parts;
      const nextMs =
        year === undefined
          ? endMs
          : Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}`);
      const seconds = nextMs / 1000;
      utimesSync(join(directory, name), seconds, seconds);
    }
}

function sizeOf(directory: string): number {
  return readdirSync(directory)
    .map((name) => statSync(join(directory, name), { throwIfNoEntry: false })?.size ?? 0)
    .reduce((total, size) => total + size, 0);
}
