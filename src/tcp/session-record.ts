import type { Connection, ConnectionFacts } from "./connection.ts";
import type { TcpErrorCode } from "../core/tcp-errors.ts";
import type { TcpAddress } from "./route-contract.ts";
import type { RecordedDecision, TcpOutcome, TcpSessionRecord } from "./interfaces.ts";

/** The facts of one session as audit and metrics see them; the session fills them in. */
export class SessionRecord implements TcpSessionRecord {
  readonly acceptedAt: number;
  readonly proxy: TcpAddress | undefined;
  /** As the client sent it. */
  readonly tlsServerName: string | undefined;
  decision: RecordedDecision = undecided;
  decidedAt: number | undefined = undefined;
  seen: Uint8Array = nothing;
  seenBytes = 0;
  dialled: string | undefined = undefined;
  attempts = 0;
  bytesUp = 0;
  bytesDown = 0;
  endedAt: number | undefined = undefined;
  outcome: TcpOutcome | undefined = undefined;
  code: TcpErrorCode | undefined = undefined;
  auditEntry: object | undefined = undefined;
  readonly #connection: Connection;

  constructor(connection: Connection, facts: ConnectionFacts) {
    this.#connection = connection;
    this.acceptedAt = facts.acceptedAt;
    this.proxy = facts.proxy;
    this.tlsServerName = facts.tlsServerName;
  }

  get id(): string {
    return this.#connection.id;
  }

  get peer(): TcpAddress {
    return this.#connection.peer;
  }

  get local(): TcpAddress {
    return this.#connection.local;
  }

  /** @param seenBytes that the router was shown. @param now monotonic milliseconds */
  decide(decision: RecordedDecision, seenBytes: number, now: number): void {
    this.decision = decision;
    this.seenBytes = seenBytes;
    this.decidedAt = now;
  }

  /** Lets go of bytes that are valid only for a moment. */
  forgetSeen(): void {
    this.seen = nothing;
  }
}

const nothing = new Uint8Array(0);
const undecided: RecordedDecision = { kind: "none", target: undefined };
