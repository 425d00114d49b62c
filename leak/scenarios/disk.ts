import { setTimeout as sleep } from "node:timers/promises";
import { waitFor } from "../../test/support/wait-for.ts";
import type { ScenarioGroup } from "../scenario.ts";
import { expectStatus, request } from "../fixture.ts";

const connections = 8;

/** An audit whose disk is full or does not answer, with the durability that waits for the device. */
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
        async run(stage) {
          const body = JSON.stringify({ pad: "x".repeat(3000) });
          await stage.subject.disk("full");
          await stage.times(connections, async () => {
            await stage.exchange(request("POST", "/reject", "{}"), 503);
            await stage.exchange(request("POST", "/continue", body));
          });
          await stage.subject.disk("works");
          // The audit tries again by and by; an exchange that is stored shows that it has noticed.
          await waitFor("an exchange is stored again", async () => {
            using client = await stage.client();
            client.send(request("POST", "/reject", "{}"), "POST");
            return (await client.response()).head.status === 200;
          });
        },
      },
    ],
    [
      {
        name: "an audit disk that does not answer for a while",
        async run(stage) {
          await stage.subject.disk("stalled");
          const waiting = stage.times(connections, async (index) => {
            using client = await stage.client();
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
          await stage.subject.disk("works");
          await waiting;
        },
      },
    ],
  ],
};
