import { autocannonLoad } from "../harness/autocannon-load.ts";
import { anySearch } from "../harness/calls.ts";
import { plainConfig, type StressScenario } from "../harness/scenario.ts";

export const search: StressScenario = {
  name: "search",
  title: "30 searches that differ in from and size, over ten groups of documents",
  config: plainConfig,
  load: (context) => autocannonLoad(context, (n) => anySearch(n * 7919)),
};
