import type { StressScenario } from "../harness/scenario.ts";
import { aborting } from "./aborting.ts";
import { bulk } from "./bulk.ts";
import { dying } from "./dying.ts";
import { large } from "./large.ts";
import { mixed } from "./mixed.ts";
import { reload } from "./reload.ts";
import { retries } from "./retries.ts";
import { search } from "./search.ts";
import { slow } from "./slow.ts";
import { tcp } from "./tcp.ts";
import { tls } from "./tls.ts";

/** Every scenario, in the order of the help. */
export const scenarios: readonly StressScenario[] = [
  search,
  bulk,
  mixed,
  large,
  tls,
  slow,
  aborting,
  dying,
  retries,
  reload,
  tcp,
];
