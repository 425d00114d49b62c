/** One target of a running proxy: ships to it until it is stopped, and counts. */
import { hostname } from "node:os";
import { setTimeout as wait } from "node:timers/promises";

import { readWholeFile } from "../../core/read-file.ts";
import { errorMessage } from "../../core/system-error.ts";
import { logName } from "../store/tlog-files.ts";
import { ClusterError } from "./cluster-client.ts";
import type { ShipMessage, ShipTargetOptions, ShipThreadOptions } from "./ship-messages.ts";
import { shipSlot, shipSlots } from "./ship-messages.ts";
import { ShipLoopError } from "./ship-lock.ts";
import { Shipper, type ShipListener } from "./shipper.ts";
import { targetName } from "./target-name.ts";

/** From the start of a request to the end of its answer. */
const timeoutMs = 30_000;
/** A run that ended by itself begins again after this time. */
const restartMs = 5000;
/** The same trouble is told again after this time. */
const repeatMs = 600_000;
/** Refusals are recorded together. */
const refusalsMs = 60_000;
/** What is left at a stop has so long. */
const finishMs = 3000;

/** Nothing that fails ends it: it says so, and tries again. */
export class FollowedTarget implements ShipListener {
  readonly #thread: ShipThreadOptions;
  readonly #options: ShipTargetOptions;
  readonly #name: string;
  readonly #tell: (message: ShipMessage) => void;
  readonly #counts: Float64Array;
  readonly #stop = new AbortController();
  #trouble = { text: "", atMs: -Infinity };
  #refusals = { count: 0, first: "", status: 0, toldMs: -Infinity };

  constructor(thread: ShipThreadOptions, number: number, tell: (message: ShipMessage) => void) {
    const options = thread.targets[number];
    if (options === undefined) throw new Error(`there is no target ${number}`);
    this.#thread = thread;
    this.#options = options;
    this.#name = targetName(options.nodes, options.dataStream);
    this.#tell = tell;
    const bytes = shipSlots * Float64Array.BYTES_PER_ELEMENT;
    this.#counts = new Float64Array(thread.slots, number * bytes, shipSlots);
  }

  /** Resolves after {@link stop}, when what is left was shipped as far as time allowed. */
  async run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#ship((shipper) => shipper.follow(signal));
      } catch (error) {
        if (error instanceof ShipLoopError) return this.#giveUp(error);
        this.#complain(errorMessage(error));
        await wait(restartMs, undefined, { signal }).catch(() => undefined);
      }
    }
    await this.#ship((shipper) => shipper.drain(AbortSignal.timeout(finishMs))).catch(
      // The next start goes on where this one was.
      () => undefined,
    );
    this.#recordRefusals(Infinity);
  }

  stop(): void {
    this.#stop.abort();
  }

  shipped(count: number): void {
    this.#add(shipSlot.shipped, count);
    this.#trouble = { text: "", atMs: -Infinity };
  }

  refused(id: string, status: number, reason: string): void {
    this.#add(shipSlot.refused, 1);
    this.#refusals.count += 1;
    if (this.#refusals.count === 1)
      Object.assign(this.#refusals, { first: `${id}: ${reason}`, status });
    this.#recordRefusals(performance.now());
  }

  failed(reason: string): void {
    this.#add(shipSlot.failures, 1);
    this.#complain(reason);
  }

  caughtUp(): void {
    this.#counts[shipSlot.caughtUpMs] = Date.now();
    this.#recordRefusals(performance.now());
  }

  lost(journal: string): void {
    this.#add(shipSlot.lost, 1);
    const fields = { target: this.#name, journal };
    this.#tell({ kind: "event", action: "audit.ship_lost", outcome: "failure", fields });
    const text = `segments of ${journal} were removed before they were shipped to ${this.#name}`;
    this.#tell({ kind: "log", level: "error", text });
  }

  problem({ segment, message }: Parameters<ShipListener["problem"]>[0]): void {
    this.#complain(`${segment}: ${message}`);
  }

  gap(): void {
    // The gap record itself is shipped.
  }

  async #ship(work: (shipper: Shipper) => Promise<void>): Promise<void> {
    const { directory, origin, hasFacts } = this.#thread;
    const { nodes, dataStream, apiKeyFile, caFile, bodyBytes, everyMs } = this.#options;
    const shipper = new Shipper(
      {
        directory,
        name: this.#name,
        cluster: {
          nodes,
          authorization: () => Promise.resolve(authorizationOf(apiKeyFile)),
          ca: caFile === undefined ? undefined : readWholeFile(caFile).toString("utf8"),
          timeoutMs,
        },
        dataStream,
        host: hostname(),
        originOf: (journal) => {
          const log = logName(journal);
          return origin === undefined || log === "audit" ? origin : `${origin}/${log}`;
        },
        bodyBytes,
        everyMs,
        awaitsFacts: hasFacts,
      },
      this,
    );
    try {
      await work(shipper);
    } finally {
      await shipper.close();
    }
  }

  /** What goes on for ever is ended for good: only another configuration can help. */
  #giveUp({ message }: ShipLoopError): void {
    const fields = { target: this.#name, reason: message };
    this.#tell({ kind: "event", action: "audit.ship_stopped", outcome: "failure", fields });
    this.#tell({ kind: "log", level: "error", text: `nothing is shipped any more: ${message}` });
  }

  #add(slot: number, count: number): void {
    this.#counts[slot] = (this.#counts[slot] ?? 0) + count;
  }

  /** Once, and then at long intervals as long as it lasts. */
  #complain(reason: string): void {
    const text = `audit records cannot be shipped to ${this.#name}: ${reason}`;
    const nowMs = performance.now();
    if (text === this.#trouble.text && nowMs - this.#trouble.atMs < repeatMs) return;
    this.#trouble = { text, atMs: nowMs };
    this.#tell({ kind: "log", level: "warn", text });
  }

  /** In the trail stands how many documents were refused, and the first reason. */
  #recordRefusals(nowMs: number): void {
    const { count, first, status, toldMs } = this.#refusals;
    if (count === 0 || nowMs - toldMs < refusalsMs) return;
    const fields = { target: this.#name, documents: count, status, reason: first.slice(0, 300) };
    this.#tell({ kind: "event", action: "audit.ship_refused", outcome: "failure", fields });
    this.#refusals = { count: 0, first: "", status: 0, toldMs: nowMs };
  }
}

function authorizationOf(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return `ApiKey ${readWholeFile(file).toString("latin1").trim()}`;
  } catch (error) {
    throw new ClusterError(`${file} cannot be read: ${errorMessage(error)}`);
  }
}
