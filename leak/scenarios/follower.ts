import type { ScenarioGroup } from "../scenario.ts";
import { ordinaryScenarios } from "./ordinary.ts";

/** Loads that run into no deadline: here there are none that a busy computer could miss. */
const harmless = ordinaryScenarios.filter(({ name }) => !name.startsWith("malformed"));

/** A thread follows what is written, with proof and facts: what is left in its owner is counted. */
export const follower: ScenarioGroup = {
  config: ({ origin, folder }) => `
listeners:
  - {name: http, bind: "127.0.0.1:0", routes: [{path: /, pool: origin}]}
pools:
  origin: {endpoints: ["http://127.0.0.1:${origin}"]}
audit:
  directory: ${JSON.stringify(`${folder}/audit`)}
  body: {inline: 1KiB}
  facts: true
  proof: {origin: leak.example/log, checkpoint_every: 100ms}
`,
  batches: [harmless],
};
