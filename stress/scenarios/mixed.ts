import { autocannonLoad } from "../harness/autocannon-load.ts";
import { mixed as mixedCall } from "../harness/calls.ts";
import { plainConfig, type StressScenario } from "../harness/scenario.ts";

export const mixed: StressScenario = {
  name: "mixed",
  title: "searches, bulks, gets, indexing, cat and health, of varying size",
  config: plainConfig,
  load: (context) => autocannonLoad(context, mixedCall),
};
