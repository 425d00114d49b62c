import assert from "node:assert/strict";
import test from "node:test";
import { explainExact } from "../../leak/artifacts.ts";
import { growthText } from "../../leak/exact-gate.ts";
import type { PlantName } from "../../leak/messages.ts";
import { runGroup } from "../../leak/run-exact.ts";
import { groups } from "../../leak/scenarios/catalogue.ts";
import { httpConfig } from "../../leak/scenarios/http-group.ts";
import type { LeakScenario } from "../../leak/scenario.ts";
import { ordinaryScenarios } from "../../leak/scenarios/ordinary.ts";

for (const [name, group] of Object.entries(groups)) {
  void test(`lets go of everything after the loads of the group ${name}`, async (t) => {
    const problems: string[] = [];
    const results = await runGroup(group, {
      onRed: async (fixture, result) => {
        const growths = result.growths.map(growthText).join("\n  ");
        problems.push(
          `${result.scenarios.map((scenario) => scenario.name).join("; ")}:\n  ${growths}`,
        );
        problems.push(`what retains it: ${await explainExact(fixture, result)}`);
      },
    });
    for (const { scenarios, growths } of results)
      for (const scenario of scenarios)
        t.diagnostic(`${growths.length === 0 ? "green" : "red"}: ${scenario.name}`);
    assert.deepEqual(problems, []);
    assert.equal(results.length, group.batches.length);
  });
}

/** What each planted leak must be found by. */
const controls = [
  ["exchange", /^instances of Exchange:/u],
  ["socket", /^instances of Socket:/u],
  ["timer", /^instances of Timeout:/u],
  ["file descriptor", /^file descriptors:/u],
] as const satisfies [PlantName, RegExp][];

void test("is turned red by each planted leak, and green again without it", async (t) => {
  const planted = (name: PlantName | "nothing"): LeakScenario => ({
    name,
    // Eight connections with six requests each: every tenth leaves something behind.
    run: async (fixture) => {
      await fixture.subject.plant(name, 10);
      await ordinaryScenarios[0]?.run(fixture);
    },
  });
  const batches = [...controls.map(([name]) => [planted(name)]), [planted("nothing")]];
  const results = await runGroup({ config: httpConfig, batches }, { patienceMs: 500 });
  const found = results.map(({ growths }) => growths.map(growthText));
  for (const [index, [name, pattern]] of controls.entries()) {
    const texts = found[index] ?? [];
    t.diagnostic(`${name}: ${texts.join("; ")}`);
    assert.ok(
      texts.some((text) => pattern.test(text)),
      `${name}: found only ${texts.join("; ") || "nothing"}`,
    );
  }
  assert.deepEqual(found.at(-1), []);
});
