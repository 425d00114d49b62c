import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { autocannonLoad } from "../harness/autocannon-load.ts";
import { mixed } from "../harness/calls.ts";
import type { StressScenario } from "../harness/scenario.ts";

export const tcp: StressScenario = {
  name: "tcp",
  title: "the mixture through the TCP router, which decides by the first bytes",
  hasNoAudit: true,
  config: ({ mocks, folder }) => {
    const router = `export default (data) => data.indexOf(10) === -1 ? { noop: true } : { remote: "127.0.0.1:${mocks[0]}" };\n`;
    writeFileSync(join(folder, "router.mjs"), router);
    return `listeners:
  - name: es
    protocol: tcp
    bind: 127.0.0.1:0
    router: ./router.mjs
    allow: ["127.0.0.0/8"]
pools:
  elasticsearch:
    endpoints: ["http://127.0.0.1:${mocks[0]}"]
`;
  },
  load: (context) => autocannonLoad(context, mixed),
};
