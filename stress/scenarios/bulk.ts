import { autocannonLoad } from "../harness/autocannon-load.ts";
import { bulk as bulkCall } from "../harness/calls.ts";
import { plainConfig, type StressScenario } from "../harness/scenario.ts";

export const bulk: StressScenario = {
  name: "bulk",
  title: "bulk requests of 1 to 200 documents and up to 160 KB",
  config: plainConfig,
  load: (context) =>
    autocannonLoad(context, (n) => bulkCall((n % 50) * 200, 1 + ((n * 37) % 200), (n * 101) % 800)),
};
