import type { Socket } from "node:net";
import { Connection, type ConnectionFacts } from "./connection.ts";
import { RouteRunner, type DecisionOwner } from "./route-runner.ts";
import type { CloseNow, ForwardDecision } from "./decision.ts";
import { RemoteDialer, type DialOptions, type DialOwner } from "./remote-dialer.ts";
import { tcpErrors } from "../core/tcp-errors.ts";
import { failure, type Failure } from "./failure.ts";
import type { LoadedRouter, TcpSettings } from "./options.ts";
import { Preread } from "./preread.ts";
import type { ReadBuffer } from "./read-buffer.ts";
import type { RecordedDecision, TcpEndpoint, TcpEvent, TcpGate, TcpOutcome } from "./interfaces.ts";
import { SessionRecord } from "./session-record.ts";
import { SpliceTimeouts } from "./splice-timeouts.ts";
import { closeNow, endAndDrain, lingerMs } from "./socket-end.ts";
import { Splice, type SpliceEnd, type SpliceOwner } from "./splice.ts";
import { UserCallbacks } from "./user-callbacks.ts";

/** What all sessions of one router share. */
export interface SessionHost {
  readonly settings: TcpSettings;
  readonly dialOptions: DialOptions;
  /** The session has ended; its sockets are closed, or destroyed. Called once. */
  sessionEnded(session: Session): void;
}

/**
 * `deciding`: the function is asked, with more and more bytes. `storing`: the audit has the
 * decision. `dialing`, `splicing`: as they say. `closing`: our end stands behind what was sent, and
 * the peers have a moment for theirs. `ended`: nothing is left.
 */
type Phase = "deciding" | "storing" | "dialing" | "splicing" | "closing" | "ended";

/** One client connection from accept to end: preread, decision, dial, splice. Owns both sockets. */
export class Session implements TcpGate, DecisionOwner, DialOwner, SpliceOwner {
  readonly #host: SessionHost;
  readonly #router: LoadedRouter;
  readonly #client: Socket;
  readonly #connection: Connection;
  readonly #preread: Preread;
  readonly #runner: RouteRunner;
  readonly #record: SessionRecord;
  /** Among the router's sessions. */
  setIndex = -1;
  #phase: Phase = "deciding";
  #clientEnded = false;
  #decision: ForwardDecision | CloseNow | undefined = undefined;
  #dial: RemoteDialer | undefined = undefined;
  #endpoint: TcpEndpoint | undefined = undefined;
  #splice: Splice | undefined = undefined;
  #upstream: Socket | undefined = undefined;
  readonly #timeouts: SpliceTimeouts;
  /**
   * Monotonic milliseconds at which the phase times out; `Infinity`: never. Checked by the sweep.
   */
  #deadline: number;
  #isRecorded = false;
  readonly #onData = (chunk: Buffer): void => this.#received(chunk);
  readonly #onEnd = (): void => this.#ended();

  constructor(host: SessionHost, client: Socket, facts: ConnectionFacts) {
    const { settings } = host;
    this.#host = host;
    this.#router = settings.router.current;
    this.#client = client;
    this.#connection = new Connection(client, facts, settings.clock);
    this.#preread = new Preread(settings.prereadBytes);
    this.#runner = new RouteRunner(this.#router, this.#connection, this.#preread, this);
    this.#record = new SessionRecord(this.#connection, facts);
    this.#deadline = facts.acceptedAt + settings.prereadTimeoutMs;
    this.#timeouts = new SpliceTimeouts(settings);
  }

  start(): void {
    const client = this.#client;
    client.on("data", this.#onData);
    client.on("end", this.#onEnd);
    client.on("error", () => {
      if (this.#phase === "splicing") this.#splice?.clientBroke();
    });
    client.on("close", () => this.#closed());
    // A record must name the client, and only an open socket has its address.
    if (this.#host.settings.audit !== undefined)
      void (this.#connection.peer && this.#connection.local);
  }

  /** Called by the sweep, about four times a second. */
  checkDeadline(now: number): void {
    if (this.#phase === "splicing") {
      this.#checkSplice(now);
      return;
    }
    if (now < this.#deadline) return;
    this.#deadline = Infinity;
    switch (this.#phase) {
      case "deciding":
        this.#count("preread_timeout");
        return this.#fail(failure("ESP_ERR_TCP_PREREAD_TIMEOUT"));
      case "closing":
        if (this.#splice === undefined) closeNow(this.#client);
        else this.#splice.closeNow();
        return;
      case "storing":
      case "dialing":
      case "ended":
        return;
      default:
        return this.#phase satisfies never;
    }
  }

  #checkSplice(now: number): void {
    const splice = this.#splice;
    if (splice === undefined) return;
    if (!this.#timeouts.isOverdue(now, splice, this.#client, this.#upstream)) return;
    this.#count("idle");
    this.#close("timed_out", undefined);
  }

  /**
   * Gives the connection up at once. Its records and counts are complete when the call returns: the
   * process may not live longer.
   */
  destroy(): void {
    if (this.#splice === undefined) this.#client.destroySoon();
    else this.#splice.destroy();
    this.#end("shutdown");
  }

  /** Bytes sent to the server so far; 0 once they stand in the record. */
  get bytesUp(): number {
    return this.#isRecorded ? 0 : this.#record.bytesUp + (this.#splice?.bytesUp ?? 0);
  }

  /** Bytes sent to the client so far; 0 once they stand in the record. */
  get bytesDown(): number {
    return this.#isRecorded ? 0 : this.#record.bytesDown + (this.#splice?.bytesDown ?? 0);
  }

  // The client's socket, until the splice takes it over

  #received(chunk: Buffer): void {
    if (!this.#isHolding) return;
    this.#preread.append(chunk);
    if (this.#phase === "deciding") this.#runner.bytesArrived();
    if (this.#preread.isFull && this.#isHolding) this.#client.pause();
  }

  /**
   * Whether bytes gather because a promise, the audit or a dial is pending: what is kept meanwhile
   * is bounded.
   */
  get #isHolding(): boolean {
    return this.#phase === "deciding" || this.#phase === "storing" || this.#phase === "dialing";
  }

  #ended(): void {
    this.#clientEnded = true;
    this.#dial?.stopRetrying();
    if (this.#phase === "deciding") this.#runner.clientEnded();
  }

  #closed(): void {
    if (this.#splice !== undefined) this.#splice.clientClose();
    else if (this.#phase !== "ended") this.#end("client_aborted");
  }

  // Decision

  replyWhileWaiting(reply: Uint8Array): void {
    this.#reply(reply);
  }

  bytesRanOut(): void {
    this.#close("client_aborted", undefined);
  }

  decisionFailed(problem: Failure, place: string | undefined): void {
    this.#count(place === undefined ? "preread_limit" : "router_error");
    if (place !== undefined)
      this.#host.settings.log?.error(
        { id: this.#record.id, code: problem.code, at: place },
        problem.message,
      );
    this.#fail(problem);
  }

  decisionFell(decision: ForwardDecision | CloseNow): void {
    this.#decision = decision;
    if (decision.kind === "close") {
      this.#store({ kind: "close", target: undefined }, "decision_close");
      return;
    }
    const { target, label } = decision;
    if (target.kind === "pool" && this.#host.settings.pools?.has(target.pool) !== true) {
      const message = `the router's pool ${JSON.stringify(target.pool)} is not configured`;
      this.decisionFailed(
        failure("ESP_ERR_TCP_DECISION_POOL", message),
        this.#router.locate(undefined),
      );
      return;
    }
    this.#store(
      { kind: target.kind, target: label },
      target.kind === "remote" ? "decision_remote" : "decision_pool",
    );
  }

  #store(decision: RecordedDecision, event: TcpEvent): void {
    const { audit, clock } = this.#host.settings;
    const record = this.#record;
    this.#phase = "storing";
    this.#deadline = Infinity;
    record.decide(decision, this.#runner.shownBytes, clock.now());
    this.#count(event);
    if (audit === undefined) {
      this.proceed(true);
      return;
    }
    record.seen = this.#preread.view().subarray(0, record.seenBytes);
    audit.decided(record, this);
    record.forgetSeen();
  }

  proceed(isStored: boolean): void {
    if (this.#phase !== "storing" || this.#decision === undefined) return;
    if (!isStored) this.#fail(failure("ESP_ERR_TCP_AUDIT"));
    else if (this.#decision.kind === "close") this.#close("closed", this.#decision.reply);
    else this.#connect(this.#decision);
  }

  #reply(reply: Uint8Array | undefined): void {
    if (reply === undefined || reply.length === 0) return;
    this.#record.bytesDown += reply.length;
    this.#client.write(reply);
  }

  // RemoteDialer

  #connect(decision: ForwardDecision): void {
    const { settings, dialOptions } = this.#host;
    const { policy } = this.#router;
    this.#phase = "dialing";
    this.#reply(decision.reply);
    const request = {
      target: decision.target,
      connectTimeoutMs: decision.connectTimeoutMs ?? settings.connectTimeoutMs,
      policies: policy === undefined ? [settings.policy] : [settings.policy, policy],
      client: this.#connection,
    };
    this.#dial = new RemoteDialer(dialOptions, request, this);
    if (this.#clientEnded) this.#dial.stopRetrying();
    this.#dial.start();
  }

  dialFailed(problem: Failure, remote: string, error: Error | undefined): void {
    const isRefused = problem.code === "ESP_ERR_TCP_ADDRESS_REFUSED";
    this.#count(isRefused ? "address_refused" : "dial_failure");
    // A client that has ended its side may have gone: no further attempts were made then, so the
    // failure is not reported to the router.
    if (error !== undefined && !this.#clientEnded) this.#callbacks().connectError(remote, error);
    this.#fail(problem);
  }

  dialSucceeded(upstream: Socket, endpoint: TcpEndpoint | undefined, dialled: string): void {
    const client = this.#client;
    this.#endpoint = endpoint;
    this.#upstream = upstream;
    this.#record.dialled = dialled;
    this.#phase = "splicing";
    client.off("data", this.#onData);
    client.off("end", this.#onEnd);
    this.#splice = new Splice(client, upstream, this, this.#host.settings.reads);
    const limitMs =
      this.#decision?.kind === "forward" ? this.#decision.inactivityTimeoutMs : undefined;
    this.#timeouts.start(limitMs, () => this.#serverIsSilent());
    this.#sendFirst(upstream);
    this.#splice.start(this.#clientEnded);
  }

  serverBytes(length: number, buffer: ReadBuffer): void {
    this.#splice?.serverBytes(length, buffer);
  }

  #sendFirst(upstream: Socket): void {
    const preread = this.#preread;
    const replacement = this.#decision?.kind === "forward" ? this.#decision.data : undefined;
    const rest =
      replacement === undefined ? preread.from(0) : preread.from(this.#runner.shownBytes);
    writeTogether(upstream, [this.#endpoint?.preface, replacement, rest]);
    this.#record.bytesUp = rest.length + (replacement?.length ?? 0);
    preread.clear();
  }

  // Splice

  #serverIsSilent(): void {
    this.#count("inactivity");
    // A client that has ended its side may have gone; the server's silence is expected then.
    if (this.#splice?.hasClientEnded !== true)
      this.#callbacks().inactivity(this.#record.dialled ?? "");
    this.#close("timed_out", undefined);
  }

  serverAnswered(): void {
    this.#timeouts.serverAnswered();
  }

  halfClosed(): void {
    if (this.#phase === "splicing") this.#timeouts.halfClosed();
  }

  spliceEnded(end: SpliceEnd): void {
    this.#end(end);
  }

  // End

  /** Ends the session with a failure, which decides how it is recorded. */
  #fail({ code, message }: Failure): void {
    if (this.#phase === "ended") return;
    this.#record.code ??= code;
    this.#host.settings.log?.debug({ id: this.#record.id, code }, message);
    this.#close(tcpErrors[code].outcome, undefined);
  }

  /**
   * Ends the session for a reason of ours: an end, behind what was sent and `last`, never a reset.
   * The sockets' `close` comes later.
   */
  #close(outcome: TcpOutcome, last: Uint8Array | undefined): void {
    if (this.#phase === "closing" || this.#phase === "ended") return;
    this.#phase = "closing";
    this.#deadline = this.#host.settings.clock.now() + lingerMs;
    this.#letGo();
    this.#record.bytesDown += last?.length ?? 0;
    this.#conclude(outcome);
    if (this.#splice === undefined) endAndDrain(this.#client, last);
    else this.#splice.finish();
  }

  /** The record, as soon as nothing can be added to it. */
  #conclude(outcome: TcpOutcome): void {
    if (this.#isRecorded) return;
    const { clock, audit, metrics } = this.#host.settings;
    const record = this.#record;
    record.outcome ??= outcome;
    record.attempts = this.#dial?.attempts ?? 0;
    record.bytesUp = this.bytesUp;
    record.bytesDown = this.bytesDown;
    this.#isRecorded = true;
    if (audit === undefined && metrics === undefined) return;
    record.endedAt = clock.now();
    audit?.ended(record);
    metrics?.ended(record);
  }

  #end(outcome: TcpOutcome): void {
    if (this.#phase === "ended") return;
    this.#phase = "ended";
    this.#deadline = Infinity;
    this.#letGo();
    this.#dial?.cancel();
    this.#endpoint?.released();
    this.#conclude(outcome);
    this.#splice = undefined;
    this.#host.sessionEnded(this);
  }

  #letGo(): void {
    this.#timeouts.stop();
    this.#runner.stop();
    this.#connection.abort();
    this.#preread.clear();
  }

  #callbacks(): UserCallbacks {
    return new UserCallbacks(this.#router, this.#decision, this.#host.settings.log);
  }

  #count(event: TcpEvent): void {
    this.#host.settings.metrics?.count(event);
  }
}

/** Sends the pieces that are there in as few packets as they need. */
function writeTogether(socket: Socket, pieces: readonly (Uint8Array | undefined)[]): void {
  socket.cork();
  for (const piece of pieces) if (piece !== undefined && piece.length > 0) socket.write(piece);
  socket.uncork();
}
