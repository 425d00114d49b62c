import { createProbe } from "../../src/upstream/health-probe.ts";
import { StatusSet } from "../../src/core/status-set.ts";
import { endpointAt } from "./upstream-fixture.ts";
import { createServer } from "node:http";
const server = createServer((q, s) => { console.log(q.headers, q.url); s.end("{}"); });
server.listen(0, async () => {
  const port = (server.address() as any).port;
  console.log("port", port);
  const probe = createProbe({ path: "/x", statuses: new StatusSet([{from:200,to:299}]), authorizationFile: undefined, hostHeader: undefined, dial: { connectMs: 1, tlsIdentity: undefined, preface: undefined } });
  console.log(JSON.stringify(await probe(endpointAt(port), AbortSignal.timeout(1000), true)));
  server.close();
});
