import type { ConfigParts, LeakFixture } from "./fixture.ts";

/**
 * A load of the exact gates: the same each time it runs, and it throws when the proxy does not do
 * what the scenario is about.
 */
export interface LeakScenario {
  readonly name: string;
  /** Runs once; closes every connection that it has opened to the proxy. */
  run(fixture: LeakFixture): Promise<void>;
}

/** Scenarios that share a proxy. */
export interface ScenarioGroup {
  readonly config: (parts: ConfigParts) => string;
  /** Scenarios of one batch may run at the same time. */
  readonly batches: readonly (readonly LeakScenario[])[];
}
