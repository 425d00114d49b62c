import type { Socket } from "node:net";
import { Connection } from "./connection.ts";
import { parseDecision, type ForwardDecision } from "./decision.ts";
import { Dial, type DialOptions, type DialOwner } from "./dial.ts";
import { fault, type Fault, type FaultCode } from "./fault.ts";
import type { LoadedRouter, TcpSettings } from "./options.ts";
import { Preread } from "./preread.ts";
import { formatRemote } from "./remote-address.ts";
import type { TcpAddress } from "./route-contract.ts";
import type {
  RecordedDecision,
  TcpEndpoint,
  TcpEvent,
  TcpGate,
  TcpOutcome,
  TcpSessionRecord,
} from "./seams.ts";
import { Splice, type SpliceEnd, type SpliceOwner } from "./splice.ts";

/** What all sessions of one router share. */
export interface SessionHost {
  readonly settings: TcpSettings;
  readonly dialOptions: DialOptions;
  /** The session has ended; both its sockets are closed. Called once. */
  sessionEnded(session: Session): void;
}

/** What is known when a connection arrives. */
export interface SessionFacts {
  readonly id: string;
  readonly peer: TcpAddress;
  readonly local: TcpAddress;
  readonly tlsServerName: string | undefined;
  readonly acceptedAt: number;
}

/**
 * `preread`: waiting for bytes. `deciding`: the function's promise is pending. `storing`: the audit has the decision.
 * `dialing`, `splicing`: as they say. `closing`: the last bytes go to the client. `ended`: nothing is left.
 */
type Phase = "preread" | "deciding" | "storing" | "dialing" | "splicing" | "closing" | "ended";

/** Milliseconds that a client has for ending its side after our last bytes, so that they are not lost in a reset. */
const lingerMs = 1000;

/** One client connection from accept to end: preread, decision, dial, splice. Owns both sockets. */
export class Session implements TcpSessionRecord, TcpGate, DialOwner, SpliceOwner {
  readonly id: string;
  readonly peer: TcpAddress;
  readonly local: TcpAddress;
  readonly tlsServerName: string | undefined;
  readonly acceptedAt: number;
  decision: RecordedDecision = undecided;
  decidedAt: number | undefined = undefined;
  seenBytes = 0;
  dialled: string | undefined = undefined;
  endedAt: number | undefined = undefined;
  outcome: TcpOutcome | undefined = undefined;
  code: FaultCode | undefined = undefined;

  readonly #host: SessionHost;
  readonly #router: LoadedRouter;
  readonly #client: Socket;
  readonly #connection: Connection;
  readonly #preread: Preread;
  #phase: Phase = "preread";
  #clientEnded = false;
  #shownBytes = 0;
  #sentBytes = 0;
  #forward: ForwardDecision | undefined;
  #closeReply: Uint8Array | undefined;
  #dial: Dial | undefined;
  #endpoint: TcpEndpoint | undefined;
  #splice: Splice | undefined;
  #inactivity: NodeJS.Timeout | undefined;
  /** Monotonic milliseconds at which the phase's patience ends; `Infinity`: never. Looked at by the sweep. */
  #deadline: number;
  #idleLimitMs: number;
  #onData: ((chunk: Buffer) => void) | undefined;
  #onEnd: (() => void) | undefined;

  constructor(host: SessionHost, client: Socket, facts: SessionFacts) {
    const { settings } = host;
    this.id = facts.id;
    this.peer = facts.peer;
    this.local = facts.local;
    this.tlsServerName = facts.tlsServerName;
    this.acceptedAt = facts.acceptedAt;
    this.#host = host;
    this.#router = settings.router.current;
    this.#client = client;
    this.#connection = new Connection(facts, settings.clock, facts.acceptedAt);
    this.#preread = new Preread(settings.prereadBytes);
    this.#deadline = facts.acceptedAt + settings.prereadTimeoutMs;
    this.#idleLimitMs = settings.idleTimeoutMs;
  }

  get seen(): Uint8Array {
    return this.#preread.view().subarray(0, this.seenBytes);
  }

  get attempts(): number {
    return this.#dial?.attempts ?? 0;
  }

  get bytesUp(): number {
    return this.#sentBytes + (this.#splice?.bytesUp ?? 0);
  }

  get bytesDown(): number {
    return this.#repliedBytes + (this.#splice?.bytesDown ?? 0);
  }

  #repliedBytes = 0;

  start(): void {
    const client = this.#client;
    this.#onData = (chunk): void => this.#received(chunk);
    this.#onEnd = (): void => this.#clientEnd();
    client.on("data", this.#onData);
    client.on("end", this.#onEnd);
    client.on("error", () => {
      if (this.#phase === "splicing") this.#splice?.clientBroke();
    });
    client.on("close", () => this.#clientClosed());
  }

  /** Called by the sweep, about four times a second. */
  checkDeadline(now: number): void {
    const splice = this.#splice;
    if (this.#phase === "splicing" && splice !== undefined && this.#idleLimitMs > 0 && splice.isActive) {
      splice.isActive = false;
      this.#deadline = now + this.#idleLimitMs;
    }
    if (now < this.#deadline) return;
    this.#deadline = Infinity;
    switch (this.#phase) {
      case "preread":
      case "deciding":
        this.#host.settings.metrics?.count("preread_timeout");
        return this.#abandon("timed_out", fault("ESP_ERR_TCP_PREREAD_TIMEOUT"));
      case "splicing":
        this.#host.settings.metrics?.count("idle");
        return this.#abandon("timed_out", undefined);
      case "closing":
        this.#client.destroy();
        return;
      case "storing":
      case "dialing":
      case "ended":
        return;
      default:
        return this.#phase satisfies never;
    }
  }

  /** Gives the connection up at once. */
  destroy(): void {
    this.#abandon("shutdown", undefined);
  }

  // Preread and decision

  #received(chunk: Buffer): void {
    switch (this.#phase) {
      case "preread":
        this.#preread.append(chunk);
        this.#decide();
        return;
      case "deciding":
      case "storing":
      case "dialing":
        this.#preread.append(chunk);
        if (this.#preread.isFull) this.#client.pause();
        return;
      case "splicing":
      case "closing":
      case "ended":
        return;
      default:
        this.#phase satisfies never;
    }
  }

  #decide(): void {
    const view = this.#preread.view();
    this.#shownBytes = view.length;
    let answer: unknown;
    try {
      answer = this.#router.route(view, this.#connection);
    } catch (error) {
      this.#routerFailed(error);
      return;
    }
    if (!isThenable(answer)) {
      this.#decided(answer);
      return;
    }
    this.#phase = "deciding";
    if (this.#preread.isFull) this.#client.pause();
    answer.then(
      (value) => this.#promiseSettled(() => this.#decided(value)),
      (error: unknown) => this.#promiseSettled(() => this.#routerFailed(error)),
    );
  }

  #promiseSettled(next: () => void): void {
    if (this.#phase !== "deciding") return;
    this.#phase = "preread";
    next();
  }

  #decided(answer: unknown): void {
    const result = parseDecision(answer);
    if (!result.ok) {
      this.#host.settings.metrics?.count("router_error");
      this.#routerFault(result.fault, this.#router.locate(undefined));
      return;
    }
    const { decision } = result;
    switch (decision.kind) {
      case "wait":
        this.#reply(decision.reply);
        this.#wait();
        return;
      case "close":
        this.#closeReply = decision.reply;
        this.#record({ kind: "close", target: undefined }, "decision_close");
        return;
      case "forward":
        this.#forwardTo(decision);
        return;
      default:
        decision satisfies never;
    }
  }

  #wait(): void {
    if (this.#preread.isFull) {
      this.#host.settings.metrics?.count("preread_limit");
      this.#abandon("rejected", fault("ESP_ERR_TCP_PREREAD_LIMIT"));
    } else if (this.#preread.length > this.#shownBytes) this.#decide();
    else if (this.#clientEnded) this.#abandon("client_aborted", undefined);
  }

  #forwardTo(decision: ForwardDecision): void {
    const { target } = decision;
    if (target.kind === "pool" && this.#host.settings.pools?.has(target.pool) !== true) {
      this.#host.settings.metrics?.count("router_error");
      const message = `the router's pool ${JSON.stringify(target.pool)} is not configured`;
      this.#routerFault(fault("ESP_ERR_TCP_DECISION_POOL", message), this.#router.locate(undefined));
      return;
    }
    this.#forward = decision;
    this.#record(
      { kind: target.kind, target: decision.label },
      target.kind === "remote" ? "decision_remote" : "decision_pool",
    );
  }

  #record(decision: RecordedDecision, event: TcpEvent): void {
    const { settings } = this.#host;
    this.#deadline = Infinity;
    this.#phase = "storing";
    this.decision = decision;
    this.decidedAt = settings.clock.now();
    this.seenBytes = this.#shownBytes;
    settings.metrics?.count(event);
    if (settings.audit === undefined) this.proceed(true);
    else settings.audit.decided(this, this);
  }

  proceed(isStored: boolean): void {
    if (this.#phase !== "storing") return;
    if (!isStored) {
      this.#abandon("rejected", fault("ESP_ERR_TCP_AUDIT"));
      return;
    }
    if (this.#forward === undefined) this.#close();
    else this.#connect(this.#forward);
  }

  #close(): void {
    this.outcome = "closed";
    if (this.#closeReply === undefined) {
      this.#client.destroy();
      return;
    }
    this.#phase = "closing";
    this.#deadline = this.#host.settings.clock.now() + lingerMs;
    this.#preread.clear();
    this.#repliedBytes += this.#closeReply.length;
    this.#client.end(this.#closeReply);
    this.#client.resume();
  }

  #reply(reply: Uint8Array | undefined): void {
    if (reply === undefined || reply.length === 0) return;
    this.#repliedBytes += reply.length;
    this.#client.write(reply);
  }

  // Dial

  #connect(forward: ForwardDecision): void {
    const { settings, dialOptions } = this.#host;
    this.#phase = "dialing";
    this.#reply(forward.reply);
    const routerPolicy = this.#router.policy;
    const request = {
      target: forward.target,
      connectTimeoutMs: forward.connectTimeoutMs ?? settings.connectTimeoutMs,
      policies: routerPolicy === undefined ? [settings.policy] : [settings.policy, routerPolicy],
      clientAddress: this.peer.address,
    };
    this.#dial = new Dial(dialOptions, request, this);
    if (this.#clientEnded) this.#dial.stopRetrying();
    this.#dial.start();
  }

  dialFailed(problem: Fault, remote: string, error: Error | undefined): void {
    const isRefused = problem.code === "ESP_ERR_TCP_ADDRESS_REFUSED";
    this.#host.settings.metrics?.count(isRefused ? "address_refused" : "dial_failure");
    const onConnectError = this.#router.onConnectError;
    // After its end the client may have gone: what failed then is not told, because it was not tried to the last.
    if (error !== undefined && onConnectError !== undefined && !this.#clientEnded) {
      const name = this.#forward?.target.kind === "remote" ? this.#forward.label : remote;
      this.#callback("onConnectError", () => onConnectError(name, error));
    }
    this.#abandon(isRefused ? "rejected" : "upstream_failed", problem);
  }

  dialSucceeded(upstream: Socket, endpoint: TcpEndpoint | undefined): void {
    const client = this.#client;
    this.#endpoint = endpoint;
    this.dialled = formatRemote(upstream.remoteAddress ?? "", upstream.remotePort ?? 0);
    this.#phase = "splicing";
    if (this.#onData !== undefined) client.off("data", this.#onData);
    if (this.#onEnd !== undefined) client.off("end", this.#onEnd);
    const splice = new Splice(client, upstream, this);
    this.#splice = splice;
    this.#watchInactivity();
    this.#sendFirst(upstream);
    splice.start(this.#clientEnded);
  }

  serverBytes(length: number, buffer: Uint8Array): boolean {
    return this.#splice === undefined || this.#splice.serverBytes(length, buffer);
  }

  #sendFirst(upstream: Socket): void {
    const preread = this.#preread;
    const replacement = this.#forward?.data;
    const first = replacement ?? preread.from(0);
    const rest = replacement === undefined ? undefined : preread.from(this.#shownBytes);
    if (rest !== undefined && rest.length > 0) upstream.cork();
    if (first.length > 0) upstream.write(first);
    if (rest !== undefined && rest.length > 0) {
      upstream.write(rest);
      upstream.uncork();
    }
    this.#sentBytes = first.length + (rest?.length ?? 0);
    preread.clear();
  }

  // Splice

  #watchInactivity(): void {
    const limitMs = this.#forward?.inactivityTimeoutMs ?? this.#host.settings.inactivityTimeoutMs;
    if (limitMs === 0 || this.#clientEnded) return;
    this.#inactivity = setTimeout(() => this.#serverIsSilent(), limitMs);
  }

  #serverIsSilent(): void {
    this.#host.settings.metrics?.count("inactivity");
    const onInactivity = this.#router.onInactivity;
    const forward = this.#forward;
    // A client that has ended its side may have gone; the server's silence is then no news.
    if (onInactivity !== undefined && forward !== undefined && !this.#clientEnded) {
      const name = forward.target.kind === "remote" ? forward.label : (this.dialled ?? forward.label);
      this.#callback("onInactivity", () => onInactivity(name));
    }
    this.#abandon("timed_out", undefined);
  }

  serverAnswered(): void {
    clearTimeout(this.#inactivity);
    this.#inactivity = undefined;
  }

  halfClosed(): void {
    const { halfClosedTimeoutMs, clock } = this.#host.settings;
    if (halfClosedTimeoutMs === 0 || (this.#idleLimitMs > 0 && this.#idleLimitMs <= halfClosedTimeoutMs)) return;
    this.#idleLimitMs = halfClosedTimeoutMs;
    this.#deadline = clock.now() + halfClosedTimeoutMs;
  }

  spliceEnded(end: SpliceEnd): void {
    this.outcome ??= end;
    this.#end();
  }

  // End

  #clientEnd(): void {
    this.#clientEnded = true;
    this.#dial?.stopRetrying();
    // While a promise is pending, or the dial runs, the client still waits for an answer.
    if (this.#phase === "preread") this.#abandon("client_aborted", undefined);
  }

  #clientClosed(): void {
    if (this.#phase === "splicing") {
      this.#splice?.clientClose();
      return;
    }
    if (this.#phase === "ended") return;
    this.outcome ??= "client_aborted";
    this.#end();
  }

  /** Ends the session for a reason of ours. */
  #abandon(outcome: TcpOutcome, problem: Fault | undefined): void {
    if (this.#phase === "ended") return;
    this.outcome ??= outcome;
    this.code ??= problem?.code;
    if (problem !== undefined) this.#host.settings.log?.debug({ id: this.id, code: problem.code }, problem.message);
    if (this.#splice !== undefined) {
      this.#splice.destroy();
      return;
    }
    // Nothing may be decided any more, although the socket's `close` comes later.
    this.#phase = "closing";
    this.#deadline = Infinity;
    this.#client.destroy();
  }

  #end(): void {
    const { settings } = this.#host;
    this.#phase = "ended";
    this.#deadline = Infinity;
    clearTimeout(this.#inactivity);
    this.#dial?.cancel();
    this.#connection.abort();
    this.#preread.clear();
    this.#endpoint?.released();
    this.#endpoint = undefined;
    this.endedAt = settings.clock.now();
    settings.audit?.ended(this);
    settings.metrics?.ended(this);
    this.#host.sessionEnded(this);
  }

  // Errors of the user's code

  #routerFailed(error: unknown): void {
    this.#host.settings.metrics?.count("router_error");
    const message = error instanceof Error ? error.message : String(error);
    this.#routerFault(fault("ESP_ERR_TCP_ROUTER", `the router threw: ${message}`), this.#router.locate(error));
  }

  #routerFault(problem: Fault, place: string): void {
    this.#host.settings.log?.error({ id: this.id, code: problem.code, at: place }, problem.message);
    this.#abandon("rejected", problem);
  }

  #callback(name: string, call: () => unknown): void {
    const failed = (error: unknown): void => {
      const message = `${name} threw: ${error instanceof Error ? error.message : String(error)}`;
      this.#host.settings.metrics?.count("router_error");
      this.#host.settings.log?.error({ id: this.id, at: this.#router.locate(error) }, message);
    };
    try {
      const answer = call();
      // A callback written as an async function must not end the process when it fails.
      if (isThenable(answer)) answer.then(undefined, failed);
    } catch (error) {
      failed(error);
    }
  }
}

const undecided: RecordedDecision = { kind: "none", target: undefined };

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
