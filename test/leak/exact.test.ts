import assert from "node:assert/strict";
import test from "node:test";
import { explainExact } from "../../leak/artifacts.ts";
import { growthText } from "../../leak/exact-gate.ts";
import type { PlantName } from "../../leak/messages.ts";
import { runGroup } from "../../leak/run-exact.ts";
import { groups } from "../../leak/scenarios/catalogue.ts";
import { httpConfig } from "../../leak/scenarios/http-group.ts";
import { ordinaryScenarios } from "../../leak/scenarios/ordinary.ts";
import type { Stage } from "../../leak/stage.ts";

for (const [name, group] of Object.entries(groups)) {
  void test(`lets go of everything after the loads of the group ${name}`, async (t) => {
    const problems: string[] = [];
    const results = await runGroup(group, {
      onRed: async (stage, result) => {
        const growths = result.growths.map(growthText).join("\n  ");
        problems.push(`${result.scenarios.map((scenario) => scenario.name).join("; ")}:\n  ${growths}`);
        problems.push(`what retains it: ${await explainExact(stage, result)}`);
      },
    });
    for (const { scenarios, growths } of results)
      for (const scenario of scenarios) t.diagnostic(`${growths.length === 0 ? "green" : "red"}: ${scenario.name}`);
    assert.deepEqual(problems, []);
    assert.equal(results.length, group.batches.length);
  });
}

/** What each planted leak must be found by. */
const controls: Readonly<Partial<Record<PlantName, RegExp>>> = {
  exchange: /^instances of Exchange:/u,
  socket: /^instances of Socket:/u,
  timer: /^instances of Timeout:/u,
  "file descriptor": /^file descriptors:/u,
};

for (const [name, pattern] of Object.entries(controls)) {
  void test(`is turned red by a planted leak: ${name}`, async (t) => {
    // The keys of the record above are names of plants.
    const plant = (stage: Stage): Promise<void> => stage.subject.plant(name as PlantName, 10);
    const [result] = await runGroup({ config: httpConfig, batches: [ordinaryScenarios.slice(0, 1)] }, { prepare: plant });
    const found = (result?.growths ?? []).map(growthText);
    t.diagnostic(found.join("; "));
    // Eight connections with six requests each: every tenth leaves something behind.
    assert.ok(
      found.some((text) => pattern.test(text)),
      `found only ${found.join("; ") || "nothing"}`,
    );
  });
}
