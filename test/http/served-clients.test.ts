import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, createServer, get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { ReadPacer } from "../../src/core/read-pacer.ts";
import { waitFor } from "../support/wait-for.ts";
import { startConfigured } from "../tcp/configured.ts";

test("clients that take one answer after another count as being served, new ones do not", async (t) => {
  const served = t.mock.method(ReadPacer.prototype, "countServed");
  const origin = createServer((_request, response) => response.end("{}")).listen(0, "127.0.0.1");
  await once(origin, "listening");
  t.after(() => origin.close());
  const proxy = await startConfigured(
    t,
    `
listeners: [{name: es, bind: "127.0.0.1:0", routes: [{path: /, pool: es}]}]
pools: {es: {endpoints: ["http://127.0.0.1:${(origin.address() as AddressInfo).port}"]}}
`,
    {},
  );
  const ask = async (agent: Agent): Promise<void> => {
    const [response] = (await once(get({ port: proxy.port("es"), agent }), "response")) as [
      IncomingMessage,
    ];
    await response.resume().toArray();
  };
  const known = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => known.destroy());
  for (let count = 1; count <= 3; count += 1) {
    await ask(known);
    await ask(new Agent());
    await waitFor("the answer's end", () => served.mock.callCount() >= count - 1);
  }
  assert.equal(served.mock.callCount(), 2);
});
