/** The owner's side of the thread that ships. */
import { extname } from "node:path";
import { Worker } from "node:worker_threads";

import type { Log } from "../../core/log.ts";
import {
  shipSlot,
  shipSlots,
  type ShipCommand,
  type ShipMessage,
  type ShipThreadOptions,
} from "./ship-messages.ts";
import { targetName } from "./target-name.ts";

/** A thread that ended by itself is started again after this time. */
const restartMs = 1000;
/** How long a stop waits for the last documents. */
const stopMs = 5000;

/** An event of the trail itself, for the trail. */
export type ShipEvent = Extract<ShipMessage, { readonly kind: "event" }>;

/** How far one target is. */
export interface ShipStatus {
  /** Its first node and its data stream. */
  readonly target: string;
  /** Documents that are there, since the start. */
  readonly shipped: number;
  /** Documents that it will never take; they lie in a file. */
  readonly refused: number;
  /** Requests that have failed, or were taken in part. */
  readonly failures: number;
  /** Since everything had been shipped last. */
  readonly secondsBehind: number;
}

/** Ships a trail in a thread of its own. */
export class ShipHost {
  readonly #options: ShipThreadOptions;
  readonly #log: Log;
  readonly #onEvent: (event: ShipEvent) => void;
  readonly #counts: Float64Array;
  #worker: Worker | undefined = undefined;
  #restart: NodeJS.Timeout | undefined = undefined;
  #isStopped = false;

  /** @param onEvent called on this thread for what belongs into the trail */
  constructor(
    options: Omit<ShipThreadOptions, "slots">,
    log: Log,
    onEvent: (event: ShipEvent) => void,
  ) {
    const count = options.targets.length * shipSlots;
    const slots = new SharedArrayBuffer(count * Float64Array.BYTES_PER_ELEMENT);
    this.#options = { ...options, slots };
    this.#counts = new Float64Array(slots);
    this.#log = log;
    this.#onEvent = onEvent;
    const nowMs = Date.now();
    for (const number of options.targets.keys())
      this.#counts[number * shipSlots + shipSlot.caughtUpMs] = nowMs;
    this.#start();
  }

  /** How far each target is now. @param nowMs milliseconds since the epoch */
  status(nowMs: number): readonly ShipStatus[] {
    return this.#options.targets.map(({ nodes, dataStream }, number) => {
      const at = (slot: number): number => this.#counts[number * shipSlots + slot] ?? 0;
      return {
        target: targetName(nodes, dataStream),
        shipped: at(shipSlot.shipped),
        refused: at(shipSlot.refused),
        failures: at(shipSlot.failures),
        secondsBehind: Math.max(0, nowMs - at(shipSlot.caughtUpMs)) / 1000,
      };
    });
  }

  /** Ships the rest and ends the thread, in bounded time. Call after the last record. */
  async close(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#restart);
    const worker = this.#worker;
    if (worker === undefined) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    worker.once("exit", () => resolve());
    const command: ShipCommand = { kind: "stop" };
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
    worker.postMessage(command);
    const timer = setTimeout(() => {
      void worker.terminate();
      resolve();
    }, stopMs);
    await promise;
    clearTimeout(timer);
  }

  #start(): void {
    // The same folder in the sources and in the build, where the ending differs.
    const file = new URL(`ship-thread${extname(import.meta.filename)}`, import.meta.url);
    const worker = new Worker(file, { workerData: this.#options, name: "audit-ship" });
    this.#worker = worker;
    worker.unref();
    worker.on("message", (message: ShipMessage) => {
      if (message.kind === "event") this.#onEvent(message);
      else this.#log[message.level]({}, message.text);
    });
    worker.on("error", (error) => {
      const reason = error instanceof Error ? error.message : "unknown failure";
      this.#log.error({ reason }, "shipping failed; it is started again");
    });
    worker.on("exit", () => {
      this.#worker = undefined;
      if (this.#isStopped) return;
      this.#restart = setTimeout(() => this.#start(), restartMs);
      this.#restart.unref();
    });
  }
}
