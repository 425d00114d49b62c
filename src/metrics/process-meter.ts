import { monitorEventLoopDelay } from "node:perf_hooks";
import { at } from "./metric-slots.ts";
import type { Registry } from "./registry.ts";

/** How often the event loop's delay is sampled, in milliseconds. */
const resolutionMs = 20;

/** Measures the process itself: event loop, CPU, memory. Owns a sampler until {@link close}. */
export class ProcessMeter {
  readonly #values: Float64Array;
  readonly #delay = monitorEventLoopDelay({ resolution: resolutionMs });

  /** @param version of this program */
  constructor(registry: Registry, version: string) {
    this.#values = registry.block("process").values;
    registry.block("build", version, process.versions.node).values[at.build.info] = 1;
    this.#values[at.process.startTime] = Math.round(Date.now() / 1000 - process.uptime());
    this.#delay.enable();
  }

  /** Writes the present numbers into the registry; the event loop's are those since the last call. */
  collect(): void {
    const values = this.#values;
    const delay = this.#delay;
    // The sampler's own interval is part of what it measures.
    values[at.process.delayMean] = delay.count === 0 ? 0 : beyondInterval(delay.mean);
    values[at.process.delayP99] = delay.count === 0 ? 0 : beyondInterval(delay.percentile(99));
    values[at.process.delayMax] = delay.count === 0 ? 0 : beyondInterval(delay.max);
    delay.reset();
    const { user, system } = process.cpuUsage();
    values[at.process.cpu] = (user + system) / 1e6;
    const { rss, heapUsed } = process.memoryUsage();
    values[at.process.resident] = rss;
    values[at.process.heap] = heapUsed;
  }

  close(): void {
    this.#delay.disable();
  }
}

function beyondInterval(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e9 - resolutionMs / 1000);
}
