import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { createHttpClient } from "../../src/attestation/http-client.ts";
import { ClusterClient } from "../../src/audit/ship/cluster-client.ts";

test("a client that is closed opens no connection, used before or not", async (t) => {
  let connections = 0;
  const server = createServer((request, response) => {
    response.setHeader("x-elastic-product", "Elasticsearch");
    request.resume().on("end", () => response.end("{}"));
  }).on("connection", () => connections++);
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  t.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const makes = [
    () => {
      const client = createHttpClient();
      return { ask: () => client.post(url, "text/plain", Buffer.from("x")), client };
    },
    () => {
      const authorization = async (): Promise<undefined> => undefined;
      const client = new ClusterClient({ nodes: [url], timeoutMs: 5_000, authorization });
      return { ask: () => client.request({ method: "GET", path: "/" }), client };
    },
  ];
  for (const make of makes) {
    const [unused, used] = [make(), make()];
    await used.ask();
    const before = connections;
    for (const { ask, client } of [unused, used]) {
      await client.close();
      await assert.rejects(ask(), /closed/);
    }
    assert.equal(connections, before);
  }
});
