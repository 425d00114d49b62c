import { autocannonLoad } from "../harness/autocannon-load.ts";
import { mixed } from "../harness/calls.ts";
import type { StressScenario } from "../harness/scenario.ts";

export const tls: StressScenario = {
  name: "tls",
  title: "the mixture over TLS",
  config: ({ mocks, cert, key }) => `listeners:
  - name: es
    bind: 127.0.0.1:0
    tls: {cert: ${JSON.stringify(cert)}, key: ${JSON.stringify(key)}}
    routes: [{path: /, pool: elasticsearch}]
pools:
  elasticsearch:
    endpoints: ["http://127.0.0.1:${mocks[0]}"]
`,
  load: (context) => autocannonLoad(context, mixed, { tls: true }),
};
