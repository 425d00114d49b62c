/** Says the same trouble once, then at growing intervals. */
import type { Log, LogFields } from "../../core/log.ts";

const firstIntervalMs = 1000;
/** A trouble that lasts for days is told every hour. */
const longestIntervalMs = 3_600_000;
/** A trouble that has not been seen for so long is over. */
const overAfterMs = 60_000;

interface Trouble {
  saidMs: number;
  seenMs: number;
  intervalMs: number;
  /** Times that it came back unsaid. */
  unsaid: number;
}

/** The operational log of troubles that may come back with every write. */
export class RecurringLog {
  readonly #log: Pick<Log, "error">;
  readonly #now: () => number;
  readonly #troubles = new Map<string, Trouble>();

  /** @param now monotonic milliseconds */
  constructor(log: Pick<Log, "error">, now: () => number) {
    this.#log = log;
    this.#now = now;
  }

  /** @param message also what tells one trouble from another */
  error(fields: LogFields, message: string): void {
    const now = this.#now();
    const trouble = this.#troubles.get(message);
    if (trouble === undefined || now - trouble.seenMs > overAfterMs) {
      const intervalMs = firstIntervalMs;
      this.#troubles.set(message, { saidMs: now, seenMs: now, intervalMs, unsaid: 0 });
      this.#log.error(fields, message);
      return;
    }
    trouble.seenMs = now;
    trouble.unsaid += 1;
    if (now - trouble.saidMs < trouble.intervalMs) return;
    this.#log.error({ ...fields, times: trouble.unsaid }, message);
    trouble.saidMs = now;
    trouble.intervalMs = Math.min(trouble.intervalMs * 2, longestIntervalMs);
    trouble.unsaid = 0;
  }

  /** The trouble is over: when it comes back it is said at once. */
  over(message: string): void {
    this.#troubles.delete(message);
  }
}
