import { hash } from "node:crypto";
import { createHistogram } from "node:perf_hooks";
import type { Call, SentFact, Tick } from "./messages.ts";

/** First words of problems that are kept; the rest is counted. */
const mostProblems = 20;
/** Longer than any answer takes here, in milliseconds. */
const lostMs = 5000;

/**
 * What the load sent and got: numbers for the report, and a fact about every request for the
 * reconciliation.
 */
export class Ledger {
  readonly problems: string[] = [];
  problemCount = 0;
  completed = 0;
  /**
   * Answers that the scenario expects to fail: a client that was meant to go away, an endpoint that
   * was meant to be dead.
   */
  excused = 0;
  readonly latencies = createHistogram();
  #recent = createHistogram();
  #recentCount = 0;
  #serial: number;
  #facts: SentFact[] = [];
  readonly #open = new Map<number, { readonly call: Call; readonly sentMs: number }>();

  constructor(firstSerial = 1) {
    this.#serial = firstSerial - 1;
  }

  /**
   * Notes a request that is about to be sent, and gives the id that it must bring as `X-Opaque-Id`.
   */
  begin(call: Call): number {
    this.#serial += 1;
    this.#open.set(this.#serial, { call, sentMs: performance.now() });
    return this.#serial;
  }

  /** Notes the answer to a request and checks it. */
  end(serial: number, status: number, body: string | Buffer): void {
    const open = this.#open.get(serial);
    if (open === undefined) {
      this.problem(`request ${serial} was answered twice`);
      return;
    }
    this.#open.delete(serial);
    const { call, sentMs } = open;
    const microseconds = Math.max(1, Math.round((performance.now() - sentMs) * 1000));
    this.latencies.record(microseconds);
    this.#recent.record(microseconds);
    this.#recentCount += 1;
    this.completed += 1;
    if (call.excuses?.includes(status) === true) this.excused += 1;
    else {
      const problem = call.check(status, typeof body === "string" ? body : body.toString("utf8"));
      if (problem !== undefined)
        this.problem(`${call.method} ${call.path} (${serial}): ${problem}`);
    }
    this.#fact(serial, call, status, hash("sha256", body), Buffer.byteLength(body));
  }

  /** Notes that a request will get no answer any more, as intended. */
  giveUp(serial: number): void {
    const open = this.#open.get(serial);
    if (open === undefined) return;
    this.#open.delete(serial);
    this.excused += 1;
    this.#fact(serial, open.call, 0, "", 0);
  }

  /**
   * The same for all that are open: the load ends while they are on their way. One that is on its
   * way for longer than five seconds, or more than one for each connection, was lost: the
   * connection has ended without an answer.
   */
  giveUpRest(connections: number): void {
    const now = performance.now();
    const old = [...this.#open].filter(([, { sentMs }]) => now - sentMs > lostMs);
    if (old.length > 0 || this.#open.size > connections) {
      const lost = Math.max(old.length, this.#open.size - connections);
      this.problem(
        `${lost} requests got no answer, such as ${old[0]?.[0] ?? [...this.#open.keys()][0]}`,
      );
    }
    for (const serial of this.#open.keys()) this.giveUp(serial);
  }

  problem(text: string): void {
    this.problemCount += 1;
    if (this.problems.length < mostProblems) this.problems.push(text.slice(0, 500));
  }

  takeFacts(): SentFact[] {
    const facts = this.#facts;
    this.#facts = [];
    return facts;
  }

  /** Numbers since the last call. */
  takeTick(): Omit<Tick, "kind"> {
    const recent = this.#recent;
    const completed = this.#recentCount;
    this.#recent = createHistogram();
    this.#recentCount = 0;
    const ms = (percentile: number): number =>
      completed === 0 ? 0 : recent.percentile(percentile) / 1000;
    return {
      completed,
      p50Ms: ms(50),
      p99Ms: ms(99),
      problems: this.problemCount,
      open: this.#open.size,
    };
  }

  #fact(
    serial: number,
    { method, path, body }: Call,
    status: number,
    answerSha256: string,
    answerBytes: number,
  ): void {
    this.#facts.push({
      serial,
      method,
      path,
      bodySha256: hash("sha256", body ?? ""),
      status,
      answerSha256,
      answerBytes,
    });
  }
}
