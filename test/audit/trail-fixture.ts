import { rmSync } from "node:fs";
import { join } from "node:path";

import { AuditTrail, type AuditOptions } from "../../src/audit/trail/audit-trail.ts";
import {
  connectionFacts,
  ExchangeRecord,
  routeFacts,
  type RouteFacts,
} from "../../src/audit/record/exchange-record.ts";
import type { Clock } from "../../src/core/clock.ts";
import type { Log } from "../../src/core/log.ts";

/**
 * A clock that stands still until it is moved; its wall clock starts at 2026-11-23T04:24:11.1235Z.
 */
export class FixedClock implements Clock {
  monotonicMs = 1000;
  readonly #offsetMs = Date.UTC(2026, 10, 23, 4, 24, 11) + 123.5 - 1000;

  now(): number {
    return this.monotonicMs;
  }

  wallAt(monotonicMs: number): number {
    return this.#offsetMs + monotonicMs;
  }

  reanchor(): void {
    // Nothing steps this clock.
  }
}

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export function recordingLog(lines: LogLine[]): Log {
  const at =
    (level: string) =>
    (fields: Readonly<Record<string, unknown>>, message: string): void => {
      lines.push({ level, message, fields });
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

export function trailOptions(directory: string, options: Partial<AuditOptions> = {}): AuditOptions {
  return {
    directory,
    format: "ecs",
    durability: "written",
    onFailure: "continue",
    bodies: "strict",
    inlineBodyBytes: 1024,
    storesBodies: true,
    rotateBytes: 0,
    queueBytes: 1_048_576,
    clock: new FixedClock(),
    log: recordingLog([]),
    hmacKey: Buffer.from("0123456789abcdef0123456789abcdef"),
    productVersion: "1.2.3",
    ...options,
  };
}

export function openTrail(directory: string, options: Partial<AuditOptions> = {}): AuditTrail {
  return AuditTrail.open(trailOptions(directory, options));
}

export function someRoute(facts: Partial<RouteFacts> = {}): RouteFacts {
  return routeFacts({
    name: "/",
    pool: "elasticsearch",
    level: "full",
    onFailure: "continue",
    ...facts,
  });
}

/** A record of `POST /logs/_search` from 192.0.2.7, to be changed by the test. */
export function someRecord(changes: Partial<ExchangeRecord> = {}): ExchangeRecord {
  const connection = connectionFacts({
    listener: "es",
    peerAddress: "192.0.2.7",
    peerPort: 40_123,
    localAddress: "127.0.0.1",
    localPort: 9200,
    tls: undefined,
  });
  const record = new ExchangeRecord(connection);
  record.startedMs = 1000;
  record.route = someRoute();
  record.method = "POST";
  record.target = "/logs/_search";
  return Object.assign(record, changes);
}

/** Ends a record with status 200, 5 ms later. */
export function ended(
  record: ExchangeRecord,
  changes: Partial<ExchangeRecord> = {},
): ExchangeRecord {
  record.status = 200;
  record.endedMs = 1005;
  return Object.assign(record, changes);
}

/** Passes a whole request body through its tap. */
export function giveRequest(trail: AuditTrail, record: ExchangeRecord, body: Buffer): void {
  trail.tapRequest(record).whole(body, 0, body.length);
}

/** Passes a whole response body through its tap. */
export function giveResponse(trail: AuditTrail, record: ExchangeRecord, body: Buffer): void {
  trail.tapResponse(record).whole(body, 0, body.length);
}

/** Waits for the end of the event-loop turn of a record. */
export function stored(
  tell: (waiter: { recordStored(isStored: boolean): void }) => void,
): Promise<boolean> {
  return new Promise((resolve) => tell({ recordStored: resolve }));
}

/** As if the process that holds the directory had died: what it had written stays. */
export function releaseLock(directory: string): void {
  rmSync(join(directory, "audit.lock"));
}
