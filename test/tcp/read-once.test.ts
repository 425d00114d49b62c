import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, startNamedServer, startRouter } from "./tcp-fixture.ts";

test("a decision is read once: what a getter says later changes nothing", async (t) => {
  const server = await startNamedServer(t, "one");
  let reads = 0;
  const told = await startRouter(t, () => ({
    get remote(): string {
      reads += 1;
      return reads === 1 ? server.remote : "elsewhere";
    },
  }));
  const client = await Client.connect(t, told);
  client.send("x");
  assert.equal(await client.untilEnd(), "one:x");
  assert.equal(reads, 1);
});
