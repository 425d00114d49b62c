import assert from "node:assert/strict";
import test, { after } from "node:test";
import { respond, stall } from "../support/origin-scripts.ts";
import { startProxiedOrigin } from "../support/proxied-origin.ts";

const pair = await startProxiedOrigin({
  config: (port, folder) => `
listeners:
  - name: es
    bind: 127.0.0.1:0
    routes:
      - {path: /hasty, pool: es, timeouts: {response: 250ms}}
      - {path: /, pool: es}
pools:
  es:
    endpoints: ["http://127.0.0.1:${port}"]
    timeouts: {response: 250ms, response_long: 0}
audit: {directory: ${folder}/audit}
`,
});
after(() => pair[Symbol.asyncDispose]());
const patienceMs = 10_000;

async function statusOf(method: string, target: string): Promise<number> {
  using client = await pair.client();
  client.send(`${method} ${target} HTTP/1.1\r\nHost: x\r\n\r\n`, method);
  return (await client.response(1, patienceMs)).head.status;
}

for (const [method, target] of [
  ["POST", "/logs/_forcemerge"],
  ["GET", "/logs/_search"],
  ["GET", "/_tasks/a:1?wait_for_completion=true"],
  ["GET", "/_cluster/health?wait_for_status=green&timeout=120s"],
  ["PUT", "/made?master_timeout=1m"],
] as const)
  test(`${method} ${target} gets its time, while another call's is over`, async () => {
    let answer = (): void => {};
    pair.when(target, async (exchange) => {
      await new Promise<void>((resolve) => (answer = resolve));
      await respond({ body: "{}" })(exchange);
    });
    pair.when("/_cluster/health", stall());
    const long = statusOf(method, target);
    await pair.origin.until("the request", () => pair.origin.requestsFor(target).length > 0);
    assert.equal(await statusOf("GET", "/_cluster/health"), 504);
    answer();
    assert.equal(await long, 200);
  });

test("a route that has its own time gives it to long calls, too, whatever they say", async () => {
  for (const target of ["/hasty/_search", "/hasty/_doc/1?timeout=1h"]) {
    pair.when(target, stall());
    assert.equal(await statusOf("GET", target), 504);
  }
});
