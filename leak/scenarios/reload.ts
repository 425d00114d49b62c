import { setTimeout as sleep } from "node:timers/promises";
import { respond } from "../../test/support/origin-scripts.ts";
import type { ScenarioGroup } from "../scenario.ts";
import { type ConfigParts, expectStatus, request } from "../fixture.ts";

const connections = 8;
const reloads = 6;

/**
 * A configuration that is changed under load: routes, a listener's deadlines, and a pool that goes
 * and comes back.
 */
export const reload: ScenarioGroup = {
  config: (parts) => configText(parts, 0),
  batches: [
    [
      {
        name: "reloads while requests run",
        async run(fixture) {
          fixture.when("/slow", async (exchange) => {
            await sleep(30);
            await respond({ body: "{}" })(exchange);
          });
          const over = new AbortController();
          const load = fixture.times(connections, async (index) => {
            using client = await fixture.client();
            for (let n = 1; !over.signal.aborted; n += 1) {
              client.send(request("GET", index % 2 === 0 ? "/slow" : "/other/x"), "GET");
              expectStatus(await client.response(n), 200);
            }
          });
          for (let n = 1; n <= reloads; n += 1) {
            await sleep(40);
            await fixture.subject.reload(configText(fixture.parts, n % 3));
          }
          await fixture.subject.reload(configText(fixture.parts, 0));
          over.abort();
          await load;
        },
      },
    ],
  ],
};

function configText({ origin, second, folder }: ConfigParts, variant: number): string {
  return `
listeners:
  - name: http
    bind: 127.0.0.1:0
    timeouts: {keep_alive: ${variant + 1}s}
    routes:
      - {path: /other, pool: ${variant === 1 ? "origin" : "other"}}
      - {path: /, pool: origin}
pools:
  origin:
    endpoints: ["http://127.0.0.1:${origin}"]
    timeouts: {response: ${variant + 5}s}
${variant === 1 ? "" : `  other: {endpoints: ["http://127.0.0.1:${second}"]}\n`}audit: {directory: ${JSON.stringify(`${folder}/audit`)}}
`;
}
