import { setTimeout as sleep } from "node:timers/promises";
import { respond } from "../../test/support/origin-scripts.ts";
import type { ScenarioGroup } from "../scenario.ts";
import { request } from "../fixture.ts";

const connections = 8;

/** A pool of two endpoints, one of which fails. */
export const ejection: ScenarioGroup = {
  config: ({ origin, second, folder }) => `
listeners:
  - name: http
    bind: 127.0.0.1:0
    routes:
      - {path: /, pool: pair}
pools:
  pair:
    endpoints: ["http://127.0.0.1:${origin}", "http://127.0.0.1:${second}"]
    outlier: {failures: 2, eject_for: 300ms, max_ejected_percent: 50}
    retry: {attempts: 3, backoff: 1ms, statuses: [502, 503, 504], budget_percent: 100}
audit: {directory: ${JSON.stringify(`${folder}/audit`)}}
`,
  batches: [
    [
      {
        name: "retries, ejection and return of an endpoint",
        async run(fixture) {
          fixture.when("/retried", async (exchange) => {
            const isFirst = exchange.connection.socket.localPort === fixture.origin.port;
            await respond(isFirst ? { status: 503, body: "{}" } : { body: "{}" })(exchange);
          });
          for (let round = 0; round < 3; round += 1) {
            await fixture.times(connections, () => fixture.exchange(request("GET", "/retried")));
          }
          // The ejection is over before the next look, so that every run begins with two endpoints.
          await sleep(700);
        },
      },
    ],
  ],
};
