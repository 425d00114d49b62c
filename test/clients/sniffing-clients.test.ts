import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { Client } from "@elastic/elasticsearch";
import { type MockEs, startMockEs } from "../../mock-es/index.ts";
import { type Service, startService } from "../lifecycle/service.ts";
import { fieldAt, readAudit } from "../support/audit-reader.ts";
import { waitFor } from "../support/wait-for.ts";
import { pythonClient } from "./python-client.ts";

const python = pythonClient();
const skipPython = "missing" in python ? python.missing : false;
const writes = 6;

interface Pair {
  readonly mock: MockEs;
  readonly service: Service;
  readonly url: string;
}

/** Three nodes behind a proxy of two workers. */
async function start(t: TestContext, sniff: string): Promise<Pair> {
  const mock = await startMockEs({ nodes: 3 });
  t.after(async () => mock.close());
  const service = await startService(`workers: 2
listeners: [{name: es, bind: "127.0.0.1:0", sniff: ${sniff}, routes: [{path: /, pool: es}]}]
pools: {es: {endpoints: ["${mock.url}"]}}
audit: {directory: audit}
admin: {bind: "127.0.0.1:0"}
`);
  t.after(async () => service[Symbol.asyncDispose]());
  return { mock, service, url: `http://127.0.0.1:${service.port}` };
}

/** Requests for the API endpoint `action` that the audit has. */
async function recorded({ service }: Pair, action: string): Promise<number> {
  const lines = await readAudit(service.folder.file("audit"), { allowTornTail: true });
  return lines.filter(
    ({ record }) =>
      fieldAt(record, "event.action") === action &&
      fieldAt(record, "es_proxy.record") === "request",
  ).length;
}

function written(mock: MockEs): number {
  return mock.requests.all("PUT").length;
}

async function warned({ service }: Pair): Promise<void> {
  await waitFor("the warning", () => service.child.stderr.includes("addresses of nodes"));
}

/** Starts JavaScript's client, waits until it has sniffed, and writes. @returns why it could not */
async function sniffAndWrite(t: TestContext, url: string): Promise<Error | null> {
  const client = new Client({ node: url, sniffOnStart: true });
  t.after(async () => client.close());
  const sniffed = Promise.withResolvers<Error | null>();
  client.diagnostic.on("sniff", (error) => sniffed.resolve(error));
  const error = await sniffed.promise;
  for (let i = 0; i < writes; i += 1)
    await client.index({ index: "javascript", id: String(i), document: { i } });
  return error;
}

test("pass: a JavaScript client that sniffs goes past the audit, and the log says so once", async (t) => {
  const pair = await start(t, "pass");
  assert.equal(await sniffAndWrite(t, pair.url), null);
  assert.equal(await sniffAndWrite(t, pair.url), null);
  assert.equal(written(pair.mock), 2 * writes);
  assert.equal(await recorded(pair, "index"), 0);
  assert.equal(await recorded(pair, "nodes.info"), 2);
  await warned(pair);
  await waitFor(
    "both workers' counts",
    async () =>
      (await pair.service.metric('es_proxy_sniff_answers_total{listener="es",action="passed"}')) ===
      2,
  );
  assert.equal(pair.service.child.stderr.split("addresses of nodes").length - 1, 1);
});

test("block: a JavaScript client that sniffs stays", async (t) => {
  const pair = await start(t, "block");
  const error = await sniffAndWrite(t, pair.url);
  assert.match(error?.message ?? "", /es_proxy_sniff_blocked/);
  assert.equal(written(pair.mock), writes);
  assert.equal(await recorded(pair, "index"), writes);
});

test("rewrite: a JavaScript client that sniffs stays", async (t) => {
  const pair = await start(t, "rewrite");
  assert.equal(await sniffAndWrite(t, pair.url), null);
  assert.equal(written(pair.mock), writes);
  assert.equal(await recorded(pair, "index"), writes);
});

test("pass: a Python client that sniffs goes past the audit", { skip: skipPython }, async (t) => {
  assert.ok("run" in python);
  const pair = await start(t, "pass");
  const output = await python.run("sniffing.py", pair.url, String(writes));
  assert.equal(output, `written ${[pair.url, ...pair.mock.nodeUrls].toSorted().join(" ")}`);
  assert.equal(written(pair.mock), writes);
  assert.ok((await recorded(pair, "index")) < writes);
  await warned(pair);
});

test(
  "block: a Python client that is told to sniff does not start",
  { skip: skipPython },
  async (t) => {
    assert.ok("run" in python);
    const pair = await start(t, "block");
    assert.equal(await python.run("sniffing.py", pair.url, String(writes)), "SniffingError");
    assert.equal(pair.mock.requests.count, 0);
  },
);

test("rewrite: a Python client that sniffs stays", { skip: skipPython }, async (t) => {
  assert.ok("run" in python);
  const pair = await start(t, "rewrite");
  const output = await python.run("sniffing.py", pair.url, String(writes));
  assert.equal(output, `written ${pair.url}`);
  assert.equal(await recorded(pair, "index"), writes);
});
