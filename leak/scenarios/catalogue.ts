import type { ScenarioGroup } from "../scenario.ts";
import { disk } from "./disk.ts";
import { ejection } from "./ejection.ts";
import { faultScenarios } from "./faults.ts";
import { follower } from "./follower.ts";
import { httpConfig } from "./http-group.ts";
import { ordinaryScenarios } from "./ordinary.ts";
import { reload } from "./reload.ts";
import { tcp } from "./tcp.ts";
import { tlsScenarios } from "./tls.ts";
import { tunnelScenarios } from "./tunnel.ts";

/** All loads of the exact gates; each group has a proxy of its own. */
export const groups: Readonly<Record<string, ScenarioGroup>> = {
  http: {
    config: httpConfig,
    batches: [ordinaryScenarios, faultScenarios, [...tlsScenarios, ...tunnelScenarios]],
  },
  follower,
  ejection,
  disk,
  reload,
  tcp,
};
