import { setTimeout as sleep } from "node:timers/promises";
import { waitFor } from "../../test/support/wait-for.ts";
import type { ScenarioGroup } from "../scenario.ts";
import { expectStatus, request } from "../fixture.ts";

const connections = 8;

/**
 * An audit whose disk is full or does not answer, with the durability that waits for the device.
 */
export const disk: ScenarioGroup = {
  config: ({ origin, folder }) => `
listeners:
  - name: http
    bind: 127.0.0.1:0
    routes:
      - {path: /reject, pool: origin, audit: {on_failure: reject}}
      - {path: /, pool: origin, audit: {on_failure: continue}}
pools:
  origin: {endpoints: ["http://127.0.0.1:${origin}"]}
audit: {directory: ${JSON.stringify(`${folder}/audit`)}, durability: durable, body: {inline: 1KiB}}
`,
  batches: [
    [
      {
        name: "an audit disk that is full for a while",
        async run(fixture) {
          const body = JSON.stringify({ pad: "x".repeat(3000) });
          await fixture.subject.disk("full");
          await fixture.times(connections, async () => {
            await fixture.exchange(request("POST", "/reject", "{}"), 503);
            await fixture.exchange(request("POST", "/continue", body));
          });
          await fixture.subject.disk("works");
          // The audit tries again by and by; an exchange that is stored shows that it has noticed.
          await waitFor("an exchange is stored again", async () => {
            using client = await fixture.client();
            client.send(request("POST", "/reject", "{}"), "POST");
            return (await client.response()).head.status === 200;
          });
        },
      },
    ],
    [
      {
        name: "an audit disk that does not answer for a while",
        async run(fixture) {
          await fixture.subject.disk("stalled");
          const waiting = fixture.times(connections, async (index) => {
            using client = await fixture.client();
            client.send(request("POST", "/stalled", "{}"), "POST");
            if (index % 2 === 0) {
              expectStatus(await client.response(), 200);
              return;
            }
            // These do not wait for the disk.
            await sleep(100);
            client.reset();
          });
          await sleep(200);
          await fixture.subject.disk("works");
          await waiting;
        },
      },
    ],
  ],
};
