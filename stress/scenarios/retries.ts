import { autocannonLoad } from "../harness/autocannon-load.ts";
import { anySearch, bulk } from "../harness/calls.ts";
import type { StressScenario } from "../harness/scenario.ts";

export const retries: StressScenario = {
  name: "retries",
  title:
    "an endpoint that answers one request in three with 503: reads are repeated within the " +
    "budget, writes never",
  faults: [{ fault: { kind: "status", status: 503 }, odds: 0.33, path: "/stress*" }],
  mostAttempts: 3,
  missing: ({ retries: count, excused }) =>
    count > 0 && excused > 0
      ? undefined
      : "nothing was retried, or nothing beyond the budget was passed on",
  config: ({ mocks }) => `listeners:
  - name: es
    bind: 127.0.0.1:0
    routes: [{path: /, pool: elasticsearch}]
pools:
  elasticsearch:
    endpoints: ["http://127.0.0.1:${mocks[0]}"]
    outlier: false
    retry: {attempts: 3, backoff: 1ms, statuses: [503], budget_percent: 20}
`,
  load: (context) =>
    autocannonLoad(context, (n) => ({
      ...(n % 5 === 0 ? bulk((n % 50) * 20, 20, 100) : anySearch(n * 7919)),
      excuses: [503],
    })),
};
