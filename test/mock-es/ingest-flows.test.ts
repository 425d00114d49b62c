/** Processors that digest fields, look at addresses, or lead documents elsewhere. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { send, startFor } from "./running-mock.ts";

async function simulated(t: TestContext, processor: object, source: object) {
  const mock = await startFor(t);
  const body = { pipeline: { processors: [processor] }, docs: [{ _source: source }] };
  const answer = await send(mock, "POST", "/_ingest/pipeline/_simulate", { body });
  const [doc] = answer.json["docs"] as { doc: { _source: Record<string, unknown> } }[];
  assert.ok(doc?.doc, answer.text);
  return doc.doc._source;
}

/** A document about packets. */
function flow(from: string, to: string, transport: string, sourcePort = 0, port = 0): object {
  return {
    source: { ip: from, port: sourcePort },
    destination: { ip: to, port },
    network: { transport },
  };
}

const noDatabase = "_geoip_database_unavailable_GeoLite2-City.mmdb";

/** Examples of Elastic's documentation and of the specification of Community ID 1.0. */
for (const [processor, source, path, value] of [
  [
    { fingerprint: { fields: ["user"] } },
    {
      user: {
        last_name: "Smith",
        first_name: "John",
        date_of_birth: "1980-01-15",
        is_active: true,
      },
    },
    "fingerprint",
    "WbSUPW4zY1PBPehh2AA/sSxiRjw=",
  ],
  [
    { community_id: { target_field: "id" } },
    flow("66.35.250.204", "128.232.110.120", "tcp", 80, 34855),
    "id",
    "1:LQU9qZlK+B5F3KDmev6m5PMibrg=",
  ],
  [
    { community_id: { target_field: "id" } },
    flow("192.168.1.52", "8.8.8.8", "udp", 54585, 53),
    "id",
    "1:d/FP5EW3wiY1vCndhwleRRKHowQ=",
  ],
  [
    { community_id: { target_field: "id" } },
    { ...flow("192.168.0.89", "192.168.0.1", "icmp"), icmp: { type: 8, code: 0 } },
    "id",
    "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=",
  ],
  [
    { network_direction: { internal_networks: ["private"], target_field: "way" } },
    flow("128.232.110.120", "192.168.1.1", "tcp"),
    "way",
    "inbound",
  ],
  [{ geoip: { field: "a" } }, { a: "1.1.1.1" }, "tags", [noDatabase]],
] as const) {
  test(`${Object.keys(processor).join()} makes ${JSON.stringify(value)}`, async (t) => {
    const answer = await simulated(t, processor, source);
    assert.deepEqual(answer[path], value);
  });
}

test("reroute leads to the pipelines of another data stream and ends those that run", async (t) => {
  const mock = await startFor(t);
  const pipeline = async (name: string, ...processors: object[]): Promise<void> => {
    const put = await send(mock, "PUT", `/_ingest/pipeline/${name}`, { body: { processors } });
    assert.equal(put.status, 200, put.text);
  };
  await pipeline("inner", { reroute: { dataset: ["{{nothing}}", "{{service.name}}"] } });
  await pipeline(
    "outer",
    { pipeline: { name: "inner" } },
    { set: { field: "by", value: "outer" } },
  );
  await pipeline("next", { set: { field: "next", value: true } });
  await pipeline("back", { reroute: { destination: "logs-a-b" } });
  const settings = (name: string) => ({ body: { settings: { default_pipeline: name } } });
  await send(mock, "PUT", "/logs-a-b", settings("outer"));
  await send(mock, "PUT", "/logs-my_app-b", settings("next"));
  await send(mock, "PUT", "/logs-loop-b", settings("back"));
  const body = { service: { name: "My-App" } };
  const moved = await send(mock, "PUT", "/logs-a-b/_doc/1", { body });
  assert.equal(moved.json["_index"], "logs-my_app-b");
  const { json } = await send(mock, "GET", "/logs-my_app-b/_source/1");
  const stream = { type: "logs", dataset: "my_app", namespace: "b" };
  assert.deepEqual(json, { ...body, data_stream: stream, next: true });
  const loop = { body: { service: { name: "loop" } } };
  assert.equal((await send(mock, "PUT", "/logs-a-b/_doc/2", loop)).status, 400);
});
