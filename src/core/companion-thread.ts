/** The owner's side of a thread that works beside the traffic and is started again when it ends. */
import { Worker } from "node:worker_threads";

import type { Log } from "./log.ts";

/** A thread that ended by itself is started again after this time. Milliseconds. */
const restartMs = 1000;

/** What a thread is started with, and who listens to it. */
export interface CompanionThreadOptions<Message> {
  /** The file that runs in it. */
  readonly file: URL;
  /** For debuggers and lists of threads. */
  readonly name: string;
  /** Plain data, the same at each start. */
  readonly workerData: unknown;
  readonly log: Log;
  readonly onMessage: (message: Message) => void;
  /** What the log says when it failed. */
  readonly failure: string;
}

/** Keeps no process alive, and no one waits for it but `close`. */
export class CompanionThread<Message, Command> {
  readonly #options: CompanionThreadOptions<Message>;
  #worker: Worker | undefined = undefined;
  #restart: NodeJS.Timeout | undefined = undefined;
  #isStopped = false;

  constructor(options: CompanionThreadOptions<Message>) {
    this.#options = options;
    this.#start();
  }

  get isRunning(): boolean {
    return this.#worker !== undefined;
  }

  /**
   * Asks the thread to end, and ends it when it does not.
   *
   * @param command by which it is asked
   * @param patienceMs how long it has
   * @param onImpatience called when that was not enough
   */
  async close(command: Command, patienceMs: number, onImpatience?: () => void): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#restart);
    const worker = this.#worker;
    if (worker === undefined) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    worker.once("exit", () => resolve());
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
    worker.postMessage(command);
    const timer = setTimeout(() => {
      onImpatience?.();
      void worker.terminate();
      // A thread that hangs in a call to the system cannot be ended either.
      resolve();
    }, patienceMs);
    await promise;
    clearTimeout(timer);
  }

  #start(): void {
    const { file, name, workerData, log, onMessage, failure } = this.#options;
    const worker = new Worker(file, { workerData, name });
    this.#worker = worker;
    worker.unref();
    worker.on("message", onMessage);
    worker.on("error", (error) => {
      const reason = error instanceof Error ? error.message : "unknown failure";
      log.error({ reason }, `${failure}; it is started again`);
    });
    worker.on("exit", () => {
      this.#worker = undefined;
      if (this.#isStopped) return;
      this.#restart = setTimeout(() => this.#start(), restartMs);
      this.#restart.unref();
    });
  }
}
