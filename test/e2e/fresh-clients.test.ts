import assert from "node:assert/strict";
import test, { after } from "node:test";
import { responseBytes } from "../support/origin-scripts.ts";
import { startProxiedOrigin } from "../support/proxied-origin.ts";

const pair = await startProxiedOrigin({
  config: (port, folder) => `
listeners: [{name: es, bind: "127.0.0.1:0", routes: [{path: /, pool: es}]}]
pools:
  es:
    endpoints: ["http://127.0.0.1:${port}"]
    limits: {connections: 8, pending: 8, client_percent: 100, response_buffer: 0}
audit: {directory: ${folder}/audit}
`,
});
after(() => pair[Symbol.asyncDispose]());

/** More than the kernel takes for a client that does not read. */
const big = responseBytes({ body: Buffer.alloc(8 * 1024 * 1024) });

test("who has taken answers before is served beside any number of new connections that take none, from one address", async () => {
  pair.when("/big", ({ connection }) => connection.write(big));
  using known = await pair.client();
  known.send("GET /small HTTP/1.1\r\nHost: es\r\n\r\n", "GET");
  assert.equal((await known.response()).head.status, 200);
  const stalled = await Promise.all(
    Array.from({ length: 40 }, () => pair.client({ startsPaused: true })),
  );
  for (const client of stalled) client.send("GET /big HTTP/1.1\r\nHost: es\r\n\r\n", "GET");
  await pair.origin.until("their requests", (origin) => origin.requestsFor("/big").length >= 6);
  for (let count = 2; count < 22; count += 1) {
    known.send("GET /small HTTP/1.1\r\nHost: es\r\n\r\n", "GET");
    assert.equal((await known.response(count)).head.status, 200);
  }
  for (const client of stalled) client.reset();
});
