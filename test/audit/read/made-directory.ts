import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { ExchangeRecord } from "../../../src/audit/record/exchange-record.ts";
import { SessionRecord } from "../../../src/audit/record/session-record.ts";
import { AuditTrail, type AuditOptions } from "../../../src/audit/trail/audit-trail.ts";
import { readLine } from "../../../src/audit/format/line-reader.ts";
import { textAt, type AuditDocument } from "../../../src/audit/format/audit-document.ts";
import {
  ended,
  FixedClock,
  giveRequest,
  giveResponse,
  someRecord,
  stored,
  trailOptions,
} from "../trail-fixture.ts";

/** A trail whose exchanges the test makes, and the clock that they are timed by. */
export class MadeTrail {
  readonly clock = new FixedClock();
  readonly trail: AuditTrail;

  constructor(directory: string, options: Partial<AuditOptions> = {}) {
    this.trail = AuditTrail.open({ ...trailOptions(directory), clock: this.clock, ...options });
  }

  /** A request that arrives now; its record is on disk when this resolves. */
  async begin(changes: Partial<ExchangeRecord> = {}, body?: Buffer): Promise<ExchangeRecord> {
    const record = someRecord({ startedMs: this.clock.monotonicMs, ...changes });
    if (body !== undefined) giveRequest(this.trail, record, body);
    await stored((waiter) => this.trail.request(record, waiter));
    return record;
  }

  /** Its answer, now. */
  async end(
    record: ExchangeRecord,
    changes: Partial<ExchangeRecord> = {},
    body?: Buffer,
  ): Promise<void> {
    ended(record, { endedMs: this.clock.monotonicMs, ...changes });
    if (body !== undefined) giveResponse(this.trail, record, body);
    await stored((waiter) => this.trail.response(record, waiter));
  }

  /** A whole exchange of some milliseconds. */
  async exchange(
    changes: Partial<ExchangeRecord> = {},
    end: Partial<ExchangeRecord> = {},
    milliseconds = 5,
  ): Promise<ExchangeRecord> {
    const record = await this.begin(changes, Buffer.from('{"query":{"term":{"a":4711}}}'));
    this.clock.monotonicMs += milliseconds;
    await this.end(record, end, Buffer.from('{"took":1,"hits":{"hits":[]}}'));
    return record;
  }

  /** A TCP session. */
  async session(id: string): Promise<void> {
    const record = new SessionRecord({
      id,
      route: { listener: "git", onFailure: "continue" },
      peer: { address: "192.0.2.9", port: 40_123 },
      local: { address: "127.0.0.1", port: 9418 },
      proxy: undefined,
      tlsServerName: undefined,
      acceptedMs: this.clock.monotonicMs,
    });
    const now = this.clock.monotonicMs;
    Object.assign(record, { decision: "remote", target: "git.example:9418", decidedMs: now });
    await stored((waiter) => this.trail.sessionDecided(record, waiter));
    this.trail.sessionEnded(Object.assign(record, { endedMs: now + 7 }));
    this.trail.flushNow();
  }
}

/** A value of `Authorization` for a user. */
export function basic(user: string): string {
  return `Basic ${Buffer.from(`${user}:secret`).toString("base64")}`;
}

/** Every record of a directory by its id, read by the simplest program: the readers' oracle. */
export function allRecords(directory: string): Map<string, AuditDocument[]> {
  const records = new Map<string, AuditDocument[]>();
  for (const name of readdirSync(directory)) {
    if (!/\.(?:ndjson|log)$/.test(name) || name.startsWith(".")) continue;
    for (const line of readFileSync(join(directory, name), "latin1").split("\n")) {
      const document = readLine(line);
      const id = document === undefined ? undefined : textAt(document, "event.id");
      if (document === undefined || id === undefined) continue;
      records.set(id, [...(records.get(id) ?? []), document]);
    }
  }
  return records;
}
