import { Buffer } from "node:buffer";
import type { AuditTrail } from "../audit/trail/audit-trail.ts";
import { SessionRecord } from "../audit/record/session-record.ts";
import type { SessionRoute } from "../audit/record/session-record.ts";
import type { TcpAddress } from "../tcp/route-contract.ts";
import type { TcpAudit, TcpGate, TcpSessionRecord } from "../tcp/interfaces.ts";

/** How the sessions of one listener are recorded. */
export interface SessionAuditOptions extends SessionRoute {
  /** Record the bytes that the router was shown when it decided. */
  readonly firstBytes: boolean;
}

/**
 * Puts the sessions of one TCP listener into the audit trail: one record when the decision falls,
 * which the session waits for, and one when it ends.
 */
export class SessionAudit implements TcpAudit {
  readonly #trail: AuditTrail;
  readonly #options: SessionAuditOptions;

  constructor(trail: AuditTrail, options: SessionAuditOptions) {
    this.#trail = trail;
    this.#options = options;
  }

  decided(session: TcpSessionRecord, gate: TcpGate): void {
    const record = this.#recordOf(session);
    if (this.#options.firstBytes) {
      const { buffer, byteOffset, byteLength } = session.seen;
      const seen = Buffer.from(buffer, byteOffset, byteLength);
      this.#trail.tapSession(record).whole(seen, 0, seen.length);
    }
    session.auditEntry = record;
    const proceed = (isStored: boolean): void =>
      gate.proceed(isStored && !this.#trail.mustCut(record));
    this.#trail.sessionDecided(record, { recordStored: proceed });
  }

  ended(session: TcpSessionRecord): void {
    const entry = session.auditEntry;
    const record = entry instanceof SessionRecord ? entry : this.#recordOf(session);
    record.attempts = session.attempts;
    record.endpoint = session.dialled ?? "";
    record.bytesUp = session.bytesUp;
    record.bytesDown = session.bytesDown;
    record.endedMs = session.endedAt ?? 0;
    record.outcome = session.outcome ?? "shutdown";
    record.errorCode = session.code ?? (record.outcome === "shutdown" ? "ESP_ERR_SHUTDOWN" : "");
    this.#trail.sessionEnded(record);
  }

  #recordOf(session: TcpSessionRecord): SessionRecord {
    const { id, proxy, tlsServerName, acceptedAt, decision, decidedAt, seenBytes } = session;
    const record = new SessionRecord({
      id,
      route: this.#options,
      peer: named(session.peer),
      local: named(session.local),
      proxy: proxy === undefined ? undefined : named(proxy),
      tlsServerName,
      acceptedMs: acceptedAt,
    });
    record.decision = decision.kind;
    record.target = decision.target;
    record.decidedMs = decidedAt ?? 0;
    record.seenBytes = seenBytes;
    return record;
  }
}

/** The ends of a unix socket have no address. */
function named(place: TcpAddress): TcpAddress {
  return place.address === "" ? { address: "unix", port: place.port } : place;
}
