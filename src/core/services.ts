import type { Clock } from "./clock.ts";
import type { DeadlineSweep } from "./deadline-sweep.ts";
import type { Log } from "./log.ts";
import type { ReadPacer } from "./read-pacer.ts";

/** What the parts of a process share: one of each for all of them. */
export interface Services {
  readonly clock: Clock;
  readonly sweep: DeadlineSweep;
  readonly reads: ReadPacer;
  readonly log: Log;
}
