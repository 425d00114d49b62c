import { monitorEventLoopDelay } from "node:perf_hooks";
import { slot } from "./metric-slots.ts";
import type { Registry } from "./registry.ts";

/**
 * Milliseconds between two samples of the event loop's delay: fine enough to see a pause of a
 * scavenge, coarse enough to cost nothing.
 */
const resolutionMs = 20;

/** Measures the process itself: event loop, CPU, memory. Owns a sampler until {@link close}. */
export class ProcessMeter {
  readonly #values: Float64Array;
  readonly #delay = monitorEventLoopDelay({ resolution: resolutionMs });

  /** @param version of this program */
  constructor(registry: Registry, version: string) {
    this.#values = registry.block("process").values;
    registry.block("build", version, process.versions.node).values[slot.build.info] = 1;
    this.#values[slot.process.startTime] = Math.round(Date.now() / 1000 - process.uptime());
    this.#delay.enable();
  }

  /**
   * Writes the present numbers into the registry; the event loop's are those since the last call.
   */
  collect(): void {
    const values = this.#values;
    const delay = this.#delay;
    // The sampler's own interval is part of what it measures.
    values[slot.process.delayMean] = delay.count === 0 ? 0 : beyondInterval(delay.mean);
    values[slot.process.delayP99] = delay.count === 0 ? 0 : beyondInterval(delay.percentile(99));
    values[slot.process.delayMax] = delay.count === 0 ? 0 : beyondInterval(delay.max);
    delay.reset();
    const { user, system } = process.cpuUsage();
    values[slot.process.cpu] = (user + system) / 1e6;
    const { rss, heapUsed } = process.memoryUsage();
    values[slot.process.resident] = rss;
    values[slot.process.heap] = heapUsed;
  }

  close(): void {
    this.#delay.disable();
  }
}

function beyondInterval(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e9 - resolutionMs / 1000);
}
