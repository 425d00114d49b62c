import { autocannonLoad } from "../harness/autocannon-load.ts";
import { anySearch } from "../harness/calls.ts";
import type { StressScenario } from "../harness/scenario.ts";

const aliveMs = 3000;
const deadMs = 2000;

export const dying: StressScenario = {
  name: "dying",
  title: "two endpoints, one of which is killed and comes back, again and again",
  mocks: 2,
  mostAttempts: 3,
  losesMocks: true,
  missing: ({ retries }) => (retries > 0 ? undefined : "no request met the dead endpoint"),
  config: ({ mocks }) => `listeners:
  - name: es
    bind: 127.0.0.1:0
    routes: [{path: /, pool: elasticsearch}]
pools:
  elasticsearch:
    endpoints: [${mocks.map((port) => `"http://127.0.0.1:${port}"`).join(", ")}]
    outlier: {failures: 3, eject_for: 500ms}
    retry: {attempts: 3, backoff: 5ms, budget_percent: 100}
`,
  // Searches only: a read may be sent again, and the other endpoint always lives, so that no client
  // may notice.
  load: (context) => autocannonLoad(context, (n) => anySearch(n * 7919)),
  async disturb(disturbance) {
    while (!disturbance.isOver) {
      await disturbance.wait(aliveMs);
      if (disturbance.isOver) return;
      await disturbance.kill(1);
      await disturbance.wait(deadMs);
      await disturbance.revive(1);
    }
  },
};
