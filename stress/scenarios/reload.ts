import { autocannonLoad } from "../harness/autocannon-load.ts";
import { mixed } from "../harness/calls.ts";
import type { StressScenario } from "../harness/scenario.ts";

const everyMs = 400;

export const reload: StressScenario = {
  name: "reload",
  title: "the mixture while the configuration is read again two or three times a second",
  missing: ({ reloads }) => (reloads > 1 ? undefined : `only ${reloads} reloads went well`),
  config: ({ mocks }) => configText(mocks[0] ?? 0, 0),
  load: (context) => autocannonLoad(context, mixed),
  async disturb(disturbance) {
    for (let n = 1; !disturbance.isOver; n += 1) {
      await disturbance.wait(everyMs);
      if (!disturbance.isOver)
        await disturbance.reload(configText(disturbance.parts.mocks[0] ?? 0, n % 3));
    }
  },
};

/** Variants differ in a deadline of the listener, in a pool's settings and in the routes. */
function configText(mock: number, variant: number): string {
  return `listeners:
  - name: es
    bind: 127.0.0.1:0
    timeouts: {keep_alive: ${60 + variant}s}
    routes:
      - {path: /stress, pool: ${variant === 1 ? "elasticsearch" : "other"}}
      - {path: /, pool: elasticsearch}
pools:
  elasticsearch:
    endpoints: ["http://127.0.0.1:${mock}"]
    timeouts: {response: ${50 + variant}s}
${variant === 1 ? "" : `  other: {endpoints: ["http://127.0.0.1:${mock}"], timeouts: {response: 40s}}\n`}`;
}
