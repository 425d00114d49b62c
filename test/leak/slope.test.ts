import assert from "node:assert/strict";
import test from "node:test";
import { explainSlope } from "../../leak/artifacts.ts";
import type { PlantName } from "../../leak/messages.ts";
import { slopeGate, type SlopeResult } from "../../leak/slope-gate.ts";
import { SlopeLoad } from "../../leak/slope-load.ts";
import { slopeText, theilSen } from "../../leak/slope-statistics.ts";

const settings = { warmups: 4, rounds: 12, requests: 400 };
/** A leak is as plain with fewer requests; a red run takes four times as many once more. */
const plantedSettings = { ...settings, requests: 150 };

void test("the slope ignores one sample that is off, and is exact for a straight line", () => {
  const line = Array.from({ length: 12 }, (_, index) => 1000 + index * 500);
  assert.deepEqual(theilSen(line, 100), { p10: 5, median: 5, p90: 5 });
  line[6] = 90_000;
  assert.equal(theilSen(line, 100).median, 5);
  assert.throws(() => theilSen([1], 1), RangeError);
});

void test("live bytes do not grow with requests", async (t) => {
  await using load = await SlopeLoad.open();
  const result = await slopeGate(load, settings);
  t.diagnostic(describe(result));
  const summary = result.red.length === 0 ? "" : await explainSlope(load, settings.requests);
  assert.deepEqual(result.red, [], `${describe(result)}; ${summary}`);
});

for (const [name, metric] of [
  ["id string", "heap"],
  ["2 KiB buffer", "arrayBuffers"],
] as const satisfies [PlantName, string][]) {
  void test(`is turned red by a planted leak: ${name}`, async (t) => {
    await using load = await SlopeLoad.open();
    const result = await slopeGate(load, plantedSettings, { name, every: 1 });
    t.diagnostic(describe(result));
    assert.ok(result.red.includes(metric), describe(result));
  });
}

function describe({ first, second }: SlopeResult): string {
  const figures = [first, ...(second === undefined ? [] : [second])].map(
    ({ slopes }) =>
      `heap ${slopeText(slopes.heap)}, array buffers ${slopeText(slopes.arrayBuffers)}, external ${slopeText(slopes.external)}`,
  );
  return `bytes per request: ${figures.join("; confirming: ")}`;
}
