import assert from "node:assert/strict";
import { test } from "node:test";

import { shippingGate, type ShippingResult } from "../../leak/shipping-gate.ts";
import { slopeText } from "../../leak/slope-statistics.ts";

const settings = { warmups: 4, rounds: 12, exchanges: 1000, pauseMs: 50 };

test("memory stays flat while targets of shipping are dead and the trail grows", async (t) => {
  const result = await shippingGate(settings, false);
  t.diagnostic(figures(result));
  assert.deepEqual(result.red, [], figures(result));
  assert.ok(result.failures > 0, "the targets were asked");
  assert.equal(result.shipped, 0);
});

test("is turned red by shipping that reads ahead", async (t) => {
  const result = await shippingGate(settings, true);
  t.diagnostic(figures(result));
  assert.ok(result.red.includes("arrayBuffers"), figures(result));
});

function figures({ slopes: { heap, arrayBuffers, external } }: ShippingResult): string {
  return (
    `bytes an exchange: heap ${slopeText(heap)}, array buffers ${slopeText(arrayBuffers)}, ` +
    `external ${slopeText(external)}`
  );
}
