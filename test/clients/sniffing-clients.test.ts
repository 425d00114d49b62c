import assert from "node:assert/strict";
import { join } from "node:path";
import test, { after } from "node:test";
import { Client } from "@elastic/elasticsearch";
import { buildGoProgram } from "../interop/go-program.ts";
import { waitFor } from "../support/wait-for.ts";
import { pythonClient } from "./python-client.ts";
import { runClient } from "./run-client.ts";
import { startThreeNodes } from "./three-nodes.ts";

const python = pythonClient();
const go = buildGoProgram(join(import.meta.dirname, "go"));
const skipPython = "missing" in python ? python.missing : false;
const skipGo = "missing" in go ? go.missing : false;
after(() => ("missing" in go ? undefined : go.remove()));
const writes = 6;

/** Runs Go's client. @returns its output */
async function runGo(url: string): Promise<string> {
  assert.ok("run" in go);
  return runClient(go.file, [url, String(writes)]);
}

/** Starts JavaScript's client, waits until it has sniffed, and writes. @returns why it could not */
async function sniffAndWrite(url: string): Promise<Error | null> {
  const client = new Client({ node: url, sniffOnStart: true });
  const sniffed = Promise.withResolvers<Error | null>();
  client.diagnostic.on("sniff", (error) => sniffed.resolve(error));
  const error = await sniffed.promise;
  for (let i = 0; i < writes; i += 1)
    await client.index({ index: "javascript", id: String(i), document: { i } });
  await client.close();
  return error;
}

test("pass: a JavaScript client that sniffs goes past the audit, and the log says so once", async () => {
  await using cluster = await startThreeNodes("pass");
  assert.equal(await sniffAndWrite(cluster.url), null);
  assert.equal(await sniffAndWrite(cluster.url), null);
  assert.equal(cluster.written(), 2 * writes);
  assert.equal(await cluster.recorded("index"), 0);
  assert.equal(await cluster.recorded("nodes.info"), 2);
  await cluster.warned();
  const { service } = cluster;
  await waitFor("both workers' counts", async () => {
    const series = 'es_proxy_sniff_answers_total{listener="es",action="passed"}';
    return (await service.metric(series)) === 2;
  });
  assert.equal(service.child.stderr.split("addresses of nodes").length - 1, 1);
});

test("block: a JavaScript client that sniffs stays", async () => {
  await using cluster = await startThreeNodes("block");
  const error = await sniffAndWrite(cluster.url);
  assert.match(error?.message ?? "", /es_proxy_sniff_blocked/);
  assert.equal(cluster.written(), writes);
  assert.equal(await cluster.recorded("index"), writes);
});

test("rewrite: a JavaScript client that sniffs stays", async () => {
  await using cluster = await startThreeNodes("rewrite");
  assert.equal(await sniffAndWrite(cluster.url), null);
  assert.equal(cluster.written(), writes);
  assert.equal(await cluster.recorded("index"), writes);
});

test("pass: a Python client that sniffs goes past the audit", { skip: skipPython }, async () => {
  assert.ok("run" in python);
  await using cluster = await startThreeNodes("pass");
  const output = await python.run("sniffing.py", cluster.url, String(writes));
  assert.equal(output, `written ${[cluster.url, ...cluster.mock.nodeUrls].toSorted().join(" ")}`);
  assert.equal(cluster.written(), writes);
  assert.ok((await cluster.recorded("index")) < writes);
  await cluster.warned();
});

test(
  "block: a Python client that is told to sniff does not start",
  { skip: skipPython },
  async () => {
    assert.ok("run" in python);
    await using cluster = await startThreeNodes("block");
    const output = await python.run("sniffing.py", cluster.url, String(writes));
    assert.equal(output, "SniffingError");
    assert.equal(cluster.mock.requests.count, 0);
  },
);

test("rewrite: a Python client that sniffs stays", { skip: skipPython }, async () => {
  assert.ok("run" in python);
  await using cluster = await startThreeNodes("rewrite");
  const output = await python.run("sniffing.py", cluster.url, String(writes));
  assert.equal(output, `written ${cluster.url}`);
  assert.equal(await cluster.recorded("index"), writes);
});

test("pass: a Go client that sniffs goes past the audit", { skip: skipGo }, async () => {
  await using cluster = await startThreeNodes("pass");
  const output = await runGo(cluster.url);
  assert.equal(output, `written ${cluster.mock.nodeUrls.toSorted().join(" ")}`);
  assert.equal(cluster.written(), writes);
  assert.equal(await cluster.recorded("index"), 0);
  await cluster.warned();
});

test("block: a Go client that sniffs stays", { skip: skipGo }, async () => {
  await using cluster = await startThreeNodes("block");
  const output = await runGo(cluster.url);
  assert.match(output, /^not discovered: .*403 Forbidden/);
  assert.equal(await cluster.recorded("index"), writes);
});

test("rewrite: a Go client that sniffs stays", { skip: skipGo }, async () => {
  await using cluster = await startThreeNodes("rewrite");
  const output = await runGo(cluster.url);
  assert.match(output, /^written /);
  assert.equal(cluster.written(), writes);
  assert.equal(await cluster.recorded("index"), writes);
});
