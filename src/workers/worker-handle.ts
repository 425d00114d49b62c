/**
 * One worker process as its supervisor sees it: its state, and the messages that await an answer.
 */
import type { Worker } from "node:cluster";
import type { TrailEvent } from "../audit/record/trail-event.ts";
import type { ProcessReport } from "../admin/process-report.ts";
import type { ErrorCode } from "../core/errors.ts";
import { errorTable, ProxyError } from "../core/errors.ts";
import type { WorkerMessage, WorkerCommand } from "./worker-messages.ts";

export type WorkerState = "starting" | "ready" | "draining" | "ended";

/** Milliseconds that a worker has for an answer; afterwards its last report is used. */
const answerMs = 2000;

interface Waiting {
  readonly resolve: (message: WorkerMessage | undefined) => void;
  readonly timer: NodeJS.Timeout;
}

/** One worker process as the supervisor sees it. */
export class WorkerHandle {
  readonly number: number;
  readonly worker: Worker;
  readonly startedMs = performance.now();
  state: WorkerState = "starting";
  /** It was asked to end: its end is not a death. */
  isLeaving = false;
  listeners: readonly { readonly name: string; readonly url: string }[] = [];
  lastReport: ProcessReport | undefined = undefined;
  /** Resolves when it listens; rejects with why it could not. */
  readonly ready: Promise<void>;
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;

  /** @param onMessage gets what no order waits for */
  constructor(
    number: number,
    worker: Worker,
    onMessage: (member: WorkerHandle, message: WorkerMessage) => void,
  ) {
    this.number = number;
    this.worker = worker;
    const ready = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    this.ready = ready.promise;
    this.ended = ended.promise;
    // A rejection that is not waited for must not end the process.
    ready.promise.catch(() => {});
    worker.on("error", () => {});
    worker.on("message", (message: WorkerMessage) => {
      switch (message.type) {
        case "ready":
          this.state = "ready";
          this.listeners = message.listeners;
          ready.resolve();
          break;
        case "failed":
          ready.reject(failureOf(message.message, message.code));
          break;
        case "report":
          this.lastReport = message.report;
          this.#answered(message.id, message);
          break;
        case "done":
        case "recorded":
        case "connections":
          this.#answered(message.id, message);
          break;
        case "hello":
        case "health":
        case "sniff":
      }
      onMessage(this, message);
    });
    worker.on("exit", (code: number, signal: string | null) => {
      this.state = "ended";
      for (const id of this.#waiting.keys()) this.#answered(id, undefined);
      ready.reject(
        new Error(`worker ${number} ended before it was ready (${signal ?? `code ${code}`})`),
      );
      ended.resolve();
    });
  }

  get pid(): number {
    return this.worker.process.pid ?? 0;
  }

  send(order: WorkerCommand): void {
    if (this.worker.isConnected()) this.worker.send(order, () => {});
  }

  /** Its state now, or the last that is known. */
  async report(): Promise<ProcessReport | undefined> {
    if (this.state === "ready" || this.state === "draining")
      await this.#ask((id) => ({ type: "report", id }));
    return this.lastReport;
  }

  /** Waits until it has told of its connections to endpoints, or does not answer. */
  async connections(): Promise<void> {
    if (this.state === "ready" || this.state === "draining")
      await this.#ask((id) => ({ type: "connections", id }));
  }

  /** @returns what is wrong with the configuration for this worker; `undefined`: it is in use. */
  async reload(
    config: Extract<WorkerCommand, { type: "reload" }>["config"],
  ): Promise<string | undefined> {
    const answer = await this.#ask((id) => ({ type: "reload", id, config }), 30_000);
    if (answer?.type === "done") return answer.problem;
    return this.state === "ended" ? undefined : `worker ${this.number} does not answer`;
  }

  /** Has an operation recorded. @returns id of the record when it is stored */
  async record(event: TrailEvent): Promise<string | undefined> {
    const answer = await this.#ask((id) => ({ type: "operation", id, event }));
    return answer?.type === "recorded" ? answer.record : undefined;
  }

  /** Asks it to finish and end; ends it by force when it takes longer than that and a margin. */
  async drain(timeoutMs: number, idleMs: number): Promise<void> {
    this.isLeaving = true;
    if (this.state !== "ended") this.state = "draining";
    this.send({ type: "drain", timeoutMs, idleMs });
    await this.#endedWithin(timeoutMs + 5000);
  }

  /** Asks it to end now; ends it by force after `patienceMs`. */
  async close(patienceMs: number): Promise<void> {
    this.isLeaving = true;
    this.send({ type: "close" });
    await this.#endedWithin(patienceMs);
  }

  async #endedWithin(ms: number): Promise<void> {
    if (ms === Infinity) {
      await this.ended;
      return;
    }
    const timer = setTimeout(() => this.worker.process.kill("SIGKILL"), ms);
    await this.ended;
    clearTimeout(timer);
  }

  #ask(
    order: (id: number) => WorkerCommand,
    waitMs = answerMs,
  ): Promise<WorkerMessage | undefined> {
    const { promise, resolve } = Promise.withResolvers<WorkerMessage | undefined>();
    const id = this.#nextId;
    this.#nextId += 1;
    const timer = setTimeout(() => this.#answered(id, undefined), waitMs);
    this.#waiting.set(id, { resolve, timer });
    this.send(order(id));
    return promise;
  }

  #answered(id: number, message: WorkerMessage | undefined): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    waiting.resolve(message);
  }
}

function failureOf(message: string, code: string | undefined): Error {
  return code !== undefined && isErrorCode(code)
    ? new ProxyError(code, message)
    : new Error(message);
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorTable, code);
}
