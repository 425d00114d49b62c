import type { SentFact } from "./messages.ts";

/** One request at an endpoint. */
export interface EndpointFact {
  readonly serial: number;
  readonly bodySha256: string;
  readonly bodyBytes: number;
  /** 0: nothing was answered. */
  readonly status: number;
  readonly answerSha256: string;
  /** The request was read whole and its answer sent whole. */
  readonly isWhole: boolean;
}

/**
 * One record of the audit. `undefined` hashes: the record does not hold the body (it is redacted,
 * or was not whole).
 */
export type AuditFact =
  | {
      readonly phase: "request";
      readonly id: string;
      readonly serial: number;
      readonly bodySha256: string | undefined;
    }
  | {
      readonly phase: "response";
      readonly id: string;
      readonly status: number;
      readonly answerSha256: string | undefined;
      readonly lateBodySha256: string | undefined;
      readonly isEndpointsAnswer: boolean;
    };

export interface ReconcilerRules {
  readonly mostAttempts: number;
  readonly losesMocks: boolean;
  readonly hasNoAudit: boolean;
}

interface Entry {
  sent: SentFact | undefined;
  request: Extract<AuditFact, { phase: "request" }> | undefined;
  response: Extract<AuditFact, { phase: "response" }> | undefined;
  readonly endpoint: EndpointFact[];
}

const mostProblems = 20;

/** Sending it twice may do it twice. */
function isWrite({ method, path }: SentFact): boolean {
  return method === "PUT" || method === "DELETE" || path.endsWith("/_bulk");
}

/**
 * Joins what the load sent, what the audit recorded and what the mock received, as it comes, and
 * forgets a request as soon as all three agree: memory holds the requests on their way, not those
 * of the whole run.
 */
export class Reconciler {
  readonly problems: string[] = [];
  problemCount = 0;
  agreed = 0;
  readonly #rules: ReconcilerRules;
  readonly #entries = new Map<number, Entry>();
  /** Records of the audit whose exchange is known: the serial by the id. */
  readonly #serials = new Map<string, number>();
  /** Response records that came before their request record. */
  readonly #early = new Map<string, Extract<AuditFact, { phase: "response" }>>();
  #done = new Uint8Array(65_536);

  constructor(rules: ReconcilerRules) {
    this.#rules = rules;
  }

  /** Requests that not all three have told of yet. */
  get openCount(): number {
    return this.#entries.size;
  }

  sent(fact: SentFact): void {
    const entry = this.#entry(fact.serial, "sent");
    if (entry === undefined) return;
    entry.sent = fact;
    this.#settle(fact.serial, entry);
  }

  endpoint(fact: EndpointFact): void {
    const entry = this.#entry(fact.serial, "received by the endpoint");
    if (entry === undefined) return;
    entry.endpoint.push(fact);
    if (entry.endpoint.length > this.#rules.mostAttempts)
      this.#problem(fact.serial, `reached an endpoint ${entry.endpoint.length} times`);
    this.#settle(fact.serial, entry);
  }

  audit(fact: AuditFact): void {
    if (fact.phase === "response") {
      const serial = this.#serials.get(fact.id);
      if (serial === undefined) {
        this.#early.set(fact.id, fact);
        return;
      }
      this.#serials.delete(fact.id);
      this.#response(serial, fact);
      return;
    }
    const entry = this.#entry(fact.serial, "recorded");
    if (entry === undefined) return;
    if (entry.request !== undefined) this.#problem(fact.serial, "has two request records");
    entry.request = fact;
    const early = this.#early.get(fact.id);
    if (early === undefined) this.#serials.set(fact.id, fact.serial);
    else {
      this.#early.delete(fact.id);
      this.#response(fact.serial, early);
    }
    this.#settle(fact.serial, entry);
  }

  /** Says what is missing once everything has been read. Call last. */
  finish(): void {
    for (const [serial, entry] of this.#entries) this.#finish(serial, entry);
    for (const id of this.#early.keys())
      this.#problem(0, `a response record ${id} has no request record`);
    this.#entries.clear();
  }

  #response(serial: number, fact: Extract<AuditFact, { phase: "response" }>): void {
    const entry = this.#entry(serial, "recorded as ended");
    if (entry === undefined) return;
    if (entry.response !== undefined) this.#problem(serial, "has two response records");
    entry.response = fact;
    this.#settle(serial, entry);
  }

  #entry(serial: number, what: string): Entry | undefined {
    if (this.#done[serial] === 1) {
      this.#problem(serial, `was ${what} once more after it had been complete`);
      return undefined;
    }
    let entry = this.#entries.get(serial);
    if (entry === undefined) {
      entry = { sent: undefined, request: undefined, response: undefined, endpoint: [] };
      this.#entries.set(serial, entry);
    }
    return entry;
  }

  /** Compares and forgets a request that all three have told of. */
  #settle(serial: number, entry: Entry): void {
    const { sent, request, response, endpoint } = entry;
    if (
      sent === undefined ||
      sent.status === 0 ||
      endpoint.length === 0 ||
      this.#rules.mostAttempts > 1
    )
      return;
    if (!this.#rules.hasNoAudit && (request === undefined || response === undefined)) return;
    this.#entries.delete(serial);
    this.#compare(serial, entry);
    this.#markDone(serial);
  }

  #finish(serial: number, entry: Entry): void {
    const { sent, request, response, endpoint } = entry;
    if (sent === undefined) {
      this.#problem(serial, "was never sent");
      return;
    }
    const { hasNoAudit, losesMocks } = this.#rules;
    const wasAnswered = sent.status !== 0;
    if (!hasNoAudit) {
      if (request === undefined && (wasAnswered || endpoint.length > 0))
        this.#problem(serial, "has no request record");
      if (request !== undefined && response === undefined)
        this.#problem(serial, "has no response record");
    }
    const mustHaveArrived = hasNoAudit ? wasAnswered : response?.isEndpointsAnswer === true;
    if (mustHaveArrived && endpoint.length === 0 && !losesMocks)
      this.#problem(serial, `was answered with ${sent.status} and never reached the endpoint`);
    this.#compare(serial, entry);
  }

  #compare(serial: number, { sent, request, response, endpoint }: Entry): void {
    const before = this.problemCount;
    if (sent === undefined) return;
    const recordedBody = request?.bodySha256 ?? response?.lateBodySha256;
    const wasWhole = sent.status !== 0;
    if (wasWhole && recordedBody !== undefined && recordedBody !== sent.bodySha256)
      this.#problem(serial, "was recorded with another body");
    for (const arrived of endpoint) {
      if (arrived.isWhole && arrived.bodySha256 !== sent.bodySha256)
        this.#problem(serial, "reached the endpoint with another body");
    }
    if (wasWhole && response !== undefined) {
      if (response.status !== sent.status)
        this.#problem(serial, `was answered with ${sent.status}, recorded with ${response.status}`);
      if (response.answerSha256 !== undefined && response.answerSha256 !== sent.answerSha256)
        this.#problem(serial, "has another answer in its record");
    }
    const { hasNoAudit, losesMocks } = this.#rules;
    const isEndpointsAnswer = response === undefined ? hasNoAudit : response.isEndpointsAnswer;
    if (wasWhole && isEndpointsAnswer && endpoint.length > 0 && !losesMocks) {
      const isGiven = endpoint.some(
        ({ status, answerSha256 }) => status === sent.status && answerSha256 === sent.answerSha256,
      );
      if (!isGiven)
        this.#problem(
          serial,
          `got an answer (${sent.status}) that no endpoint gave (${endpoint.map(({ status }) => status).join(", ")})`,
        );
    }
    if (endpoint.length > 1 && isWrite(sent))
      this.#problem(serial, `is a write and reached an endpoint ${endpoint.length} times`);
    if (this.problemCount === before) this.agreed += 1;
  }

  #markDone(serial: number): void {
    if (serial >= this.#done.length) {
      const larger = new Uint8Array(Math.max(serial + 1, this.#done.length * 2));
      larger.set(this.#done);
      this.#done = larger;
    }
    this.#done[serial] = 1;
  }

  #problem(serial: number, text: string): void {
    this.problemCount += 1;
    if (this.problems.length < mostProblems) this.problems.push(`request ${serial} ${text}`);
  }
}
