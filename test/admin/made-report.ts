/** A report of a process, for tests. */
import type { EndpointState, ProcessReport } from "../../src/admin/process-report.ts";
import { Registry } from "../../src/metrics/registry.ts";

export function reportWith(...states: EndpointState[]): ProcessReport {
  const registry = new Registry();
  registry.block("pool", "es").values[0] = 3;
  return {
    metrics: registry.snapshot(),
    listeners: [{ name: "es", url: "http://127.0.0.1:9200", connections: 2, idle: 1 }],
    pools: [
      {
        name: "es",
        pending: 3,
        endpoints: states.map((state, at) => ({
          url: `http://e${at}`,
          state,
          active: 1,
          connections: 2,
          idle: 1,
          requests: 10,
          failures: 1,
        })),
      },
    ],
    audit: { records: 4, gaps: 0, dropped: 0, openExchanges: 1, incidents: 0, isFailing: false },
  };
}
