import { autocannonLoad } from "../harness/autocannon-load.ts";
import { bulk, getLarge, health } from "../harness/calls.ts";
import { plainConfig, type StressScenario } from "../harness/scenario.ts";

/** Kinds of upload, so that the body store and the mock hold so many, however long the run is. */
const kinds = 8;

export const large: StressScenario = {
  name: "large",
  title: "uploads of 1 to 4 MB and downloads of 1 MB, with small requests between them",
  config: plainConfig,
  load: (context) =>
    autocannonLoad(context, (n) => {
      if (n % 3 === 0) return health;
      return n % 3 === 1 ? getLarge(n) : bulk((n % kinds) * 10, 10, 100_000 + (n % kinds) * 40_000);
    }),
};
