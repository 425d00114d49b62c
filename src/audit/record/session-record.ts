import { BodyFacts } from "./body-facts.ts";
import type { PendingRecord } from "./pending-record.ts";
import type { Outcome } from "./exchange-record.ts";

/** How a TCP session ended: as exchanges do, or `closed`, which the router decided. */
export type SessionOutcome = Exclude<Outcome, "malformed"> | "closed";

/** What does not change while a listener's configuration lives. */
export interface SessionRoute {
  /** Name of the listener. */
  readonly listener: string;
  readonly onFailure: "continue" | "reject";
}

/** An address without brackets, and its port. */
interface Place {
  readonly address: string;
  readonly port: number;
}

/** Everything that is recorded of one TCP session; filled in by the relay, read by the encoders. */
export class SessionRecord implements PendingRecord {
  readonly id: string;
  readonly route: SessionRoute;
  /** The client. */
  readonly peer: Place;
  readonly local: Place;
  /**
   * The TCP peer, where a PROXY protocol header says that it speaks for `peer`; `undefined`: the
   * peer itself is the client.
   */
  readonly proxy: Place | undefined;
  readonly tlsServerName: string | undefined;
  /** Monotonic milliseconds. */
  readonly acceptedMs: number;
  decision: "remote" | "pool" | "close" | "none" = "none";
  /** `host:port`, or the name of the pool. */
  target: string | undefined = undefined;
  /** Monotonic milliseconds; 0: no decision has fallen. */
  decidedMs = 0;
  /** Bytes that the router was shown when it decided. */
  seenBytes = 0;
  /** Those bytes, where the configuration asks for them. */
  readonly seen = new BodyFacts();
  /** Attempts to connect. */
  attempts = 0;
  /** Where to, as `ip:port`; empty when there was no connection. */
  endpoint = "";
  /** Bytes sent to the server. */
  bytesUp = 0;
  /** Bytes sent to the client. */
  bytesDown = 0;
  /** Monotonic milliseconds; 0: not set, the audit uses the time of the call. */
  endedMs = 0;
  outcome: SessionOutcome = "completed";
  /** `ESP_ERR_…`, or empty. */
  errorCode = "";

  /** @internal from here on: set by the audit */
  isEnded = false;
  wasRefused = false;
  segment = 0;
  previousOpen: PendingRecord | undefined = undefined;
  nextOpen: PendingRecord | undefined = undefined;

  constructor(
    facts: Pick<
      SessionRecord,
      "id" | "route" | "peer" | "local" | "proxy" | "tlsServerName" | "acceptedMs"
    >,
  ) {
    this.id = facts.id;
    this.route = facts.route;
    this.peer = facts.peer;
    this.local = facts.local;
    this.proxy = facts.proxy;
    this.tlsServerName = facts.tlsServerName;
    this.acceptedMs = facts.acceptedMs;
  }
}
