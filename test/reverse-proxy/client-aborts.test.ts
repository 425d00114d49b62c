import assert from "node:assert/strict";
import test, { after } from "node:test";
import { stall } from "../support/origin-scripts.ts";
import type { RawClient } from "../support/raw-client.ts";
import { testVariants } from "../support/test-variants.ts";
import { startScenarios } from "./fixture.ts";

const attempts = 10;
const { fixture, act } = await startScenarios({
  stalls: { origins: [{ onRequest: stall() }], pool: ["limits: {connections: 100}"] },
});
after(() => fixture[Symbol.asyncDispose]());

testVariants(
  "the origin sees within 100 ms that a client has left",
  { fin: (client: RawClient) => client.destroy(), reset: (client: RawClient) => client.reset() },
  async (leave, how) => {
    const [origin] = act("stalls").origins;
    assert.ok(origin !== undefined);
    const tookMs: number[] = [];
    for (let i = 0; i < attempts; i += 1) {
      const target = `/stalls/${how}-${i}`;
      const client = await fixture.client();
      client.send(`GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`, "GET");
      await origin.until("the request", () => origin.requestsFor(target).length === 1);
      const carrier = origin.connections.find(
        ({ requests }) => requests.at(-1)?.head.target === target,
      );
      const startedMs = performance.now();
      leave(client);
      await origin.until("the end", () => carrier?.end !== "open");
      tookMs.push(performance.now() - startedMs);
    }
    // A machine that is busy may be late now and then; what is only looked at from time to time
    // would be late nearly always.
    const late = tookMs.filter((ms) => ms > 100).length;
    assert.ok(late <= attempts / 2, `took ${tookMs.map((ms) => Math.round(ms)).join(", ")} ms`);
  },
);

test("no work is left upstream when all clients have gone", async () => {
  const [origin] = act("stalls").origins;
  assert.ok(origin?.connections.every(({ end }) => end !== "open"));
});
