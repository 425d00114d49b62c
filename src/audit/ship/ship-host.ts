/** The owner's side of the thread that ships. */
import { extname } from "node:path";

import { CompanionThread } from "../../core/companion-thread.ts";
import type { Log } from "../../core/log.ts";
import {
  shipSlot,
  shipSlots,
  type ShipCommand,
  type ShipMessage,
  type ShipThreadOptions,
} from "./ship-messages.ts";
import { targetName } from "./target-name.ts";

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
  /** How often segments were found to be removed before they were shipped. */
  readonly lost: number;
  /** Since everything had been shipped last. */
  readonly secondsBehind: number;
}

/** Ships a trail in a thread of its own. */
export class ShipHost {
  readonly #targets: ShipThreadOptions["targets"];
  readonly #counts: Float64Array;
  readonly #thread: CompanionThread<ShipMessage, ShipCommand>;

  /** @param onEvent called on this thread for what belongs into the trail */
  constructor(
    options: Omit<ShipThreadOptions, "slots">,
    log: Log,
    onEvent: (event: ShipEvent) => void,
  ) {
    const count = options.targets.length * shipSlots;
    const slots = new SharedArrayBuffer(count * Float64Array.BYTES_PER_ELEMENT);
    this.#targets = options.targets;
    this.#counts = new Float64Array(slots);
    const nowMs = Date.now();
    for (const number of options.targets.keys())
      this.#counts[number * shipSlots + shipSlot.caughtUpMs] = nowMs;
    this.#thread = new CompanionThread({
      // The same folder in the sources and in the build, where the ending differs.
      file: new URL(`ship-thread${extname(import.meta.filename)}`, import.meta.url),
      name: "audit-ship",
      workerData: { ...options, slots } satisfies ShipThreadOptions,
      log,
      onMessage: (message: ShipMessage) => {
        if (message.kind === "event") onEvent(message);
        else log[message.level]({}, message.text);
      },
      failure: "shipping failed",
    });
  }

  /** How far each target is now. @param nowMs milliseconds since the epoch */
  status(nowMs: number): readonly ShipStatus[] {
    return this.#targets.map(({ nodes, dataStream }, number) => {
      const at = (slot: number): number => this.#counts[number * shipSlots + slot] ?? 0;
      return {
        target: targetName(nodes, dataStream),
        shipped: at(shipSlot.shipped),
        refused: at(shipSlot.refused),
        failures: at(shipSlot.failures),
        lost: at(shipSlot.lost),
        secondsBehind: Math.max(0, nowMs - at(shipSlot.caughtUpMs)) / 1000,
      };
    });
  }

  /** Ships the rest and ends the thread, in bounded time. Call after the last record. */
  async close(): Promise<void> {
    await this.#thread.close({ kind: "stop" }, stopMs);
  }
}
