import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test, { after, before } from "node:test";
import { brotliCompressSync, deflateSync, gunzipSync, gzipSync } from "node:zlib";
import { type Service, startService } from "../lifecycle/service.ts";
import { fieldAt, readAudit } from "../support/audit-reader.ts";
import { respond, respondThenClose } from "../support/origin-scripts.ts";
import type { ResponseSpec } from "../support/origin-scripts.ts";
import { connectRaw } from "../support/raw-client.ts";
import { startOrigin, type RecordingOrigin } from "../support/recording-origin.ts";
import { testVariants } from "../support/test-variants.ts";
import type { WireMessage } from "../support/wire-message.ts";
import { waitFor } from "../support/wait-for.ts";

const foreign = {
  _nodes: { total: 2, successful: 2, failed: 0 },
  cluster_name: "test",
  nodes: {
    a: { http: { bound_address: ["10.1.1.1:9200"], publish_address: "es1/10.1.1.1:9200" } },
    b: { http: { bound_address: ["10.1.1.2:9200"], publish_address: "10.1.1.2:9200" } },
  },
};
const plain = JSON.stringify(foreign, undefined, 2);
let answer: ResponseSpec = {};
let endsConnections = false;
let origin: RecordingOrigin;
let service: Service;
/** By name of the listener. */
const ports = new Map<string, number>();

before(async () => {
  origin = await startOrigin({
    onRequest: (exchange) => (endsConnections ? respondThenClose : respond)(answer)(exchange),
  });
  service = await startService(`listeners:
  - {name: passing, bind: "127.0.0.1:0", routes: [{path: /, pool: es}]}
  - {name: blocking, bind: "127.0.0.1:0", sniff: block, routes: [{path: /, pool: es}]}
  - {name: rewriting, bind: "127.0.0.1:0", sniff: rewrite, routes: [{path: /, pool: es}]}
  - name: named
    bind: "127.0.0.1:0"
    sniff: rewrite
    sniff_address: es.example.com:443
    routes: [{path: /, pool: es}]
pools: {es: {endpoints: ["http://127.0.0.1:${origin.port}"]}}
audit: {directory: audit}
admin: {bind: "127.0.0.1:0"}
`);
  const status = JSON.parse((await service.ask("GET", "/")).body) as {
    listeners: readonly { name: string; url: string }[];
  };
  for (const { name, url } of status.listeners) ports.set(name, Number(new URL(url).port));
});
after(async () => {
  await service[Symbol.asyncDispose]();
  await origin.close();
});

interface Asked {
  readonly target?: string;
  readonly method?: string;
  readonly host?: string;
  readonly agent?: string;
}

/** The answer to one request; a second one shows that the first left the connection usable. */
async function ask(
  listener: string,
  { target = "/_nodes/http", method = "GET", host, agent = "test" }: Asked = {},
): Promise<WireMessage> {
  const port = ports.get(listener) ?? 0;
  using client = await connectRaw({ port });
  const head = `Host: ${host ?? `127.0.0.1:${port}`}\r\nUser-Agent: ${agent}\r\n\r\n`;
  client.send(`${method} ${target} HTTP/1.1\r\n${head}`, method);
  const first = await client.response();
  client.send(`HEAD / HTTP/1.1\r\n${head}`, "HEAD");
  await client.response(2);
  assert.equal(client.isWhole, true);
  return first;
}

function field(message: WireMessage, name: string): string | undefined {
  return message.head.fields.find(([own]) => own.toLowerCase() === name)?.[1];
}

function counted(listener: string, action: string): Promise<number | undefined> {
  return service.metric(`es_proxy_sniff_answers_total{listener="${listener}",action="${action}"}`);
}

function warnings(client: string): string[] {
  return service.child.stderr
    .split("\n")
    .filter((line) => line.includes("addresses of nodes") && line.includes(client));
}

/** The response records of requests for `target`. */
async function records(target: string): Promise<Readonly<Record<string, unknown>>[]> {
  const lines = await readAudit(service.folder.file("audit"), { allowTornTail: true });
  return lines
    .map(({ record }) => record)
    .filter(
      (record) =>
        fieldAt(record, "url.original") === target &&
        fieldAt(record, "es_proxy.record") === "response",
    );
}

const coded: Readonly<Record<string, ResponseSpec>> = {
  plain: { body: plain },
  chunked: { body: plain, framing: "chunked" },
  gzip: { body: gzipSync(plain), fields: [["Content-Encoding", "gzip"]] },
  deflate: { body: deflateSync(plain), fields: [["Content-Encoding", "deflate"]] },
  brotli: { body: brotliCompressSync(plain), fields: [["Content-Encoding", "br"]] },
  "chunked gzip": {
    body: gzipSync(plain),
    fields: [["Content-Encoding", "gzip"]],
    framing: "chunked",
  },
};

testVariants(
  "an answer with addresses of nodes passes unchanged, and is counted",
  coded,
  async (spec) => {
    answer = spec;
    const target = `/_nodes/_all/http?timeout=${String(spec.framing)}${spec.body?.length}s`;
    const before = (await counted("passing", "passed")) ?? 0;
    const got = await ask("passing", { target });
    assert.deepEqual(got.body, Buffer.from(spec.body ?? ""));
    assert.equal(await counted("passing", "passed"), before + 1);
    const [record = {}] = await records(target);
    assert.deepEqual(fieldAt(record, "es_proxy.sniff"), { action: "passed" });
  },
);

test("warns once for each client and listener", async () => {
  answer = { body: plain };
  await ask("passing", { agent: "shy\tclient \xe9" });
  await ask("passing", { agent: "another" });
  await waitFor("the warning", () => warnings("127.0.0.1").length > 0);
  assert.equal(warnings("127.0.0.1").length, 1, service.child.stderr);
  assert.match(warnings("127.0.0.1")[0] ?? "", /"address":"es1\/10\.1\.1\.1:9200"/);
});

test("says nothing where the addresses are the proxy's own, or are not told", async () => {
  const before = await counted("passing", "passed");
  const own = `127.0.0.1:${ports.get("passing")}`;
  for (const body of [
    JSON.stringify({ nodes: { a: { http: { publish_address: own } } } }),
    JSON.stringify({ nodes: { a: { http: { publish_address: `proxy.example/${own}` } } } }),
    JSON.stringify({ nodes: { a: { name: "es1" } } }),
    "{}",
  ]) {
    answer = { body };
    await ask("passing");
  }
  answer = {
    body: JSON.stringify({ nodes: { a: { http: { publish_address: "es.example/10.9.9.9:80" } } } }),
  };
  await ask("passing", { host: "ES.example" });
  answer = { body: plain, status: 403, reason: "Forbidden" };
  await ask("passing");
  answer = { body: plain };
  await ask("passing", { method: "HEAD" });
  await ask("passing", { target: "/_nodes/stats/http" });
  assert.equal(await counted("passing", "passed"), before);
});

test("an answer that cannot be read counts as one with addresses", async () => {
  const before = (await counted("passing", "passed")) ?? 0;
  const long = Buffer.alloc(5_000_000, " ");
  for (const spec of [
    { body: "---\nnodes:\n  a:\n    http:\n" },
    { body: "not gzip", fields: [["Content-Encoding", "gzip"]] },
    { body: gzipSync(Buffer.alloc(20_000_000, " ")), fields: [["Content-Encoding", "gzip"]] },
    { body: plain, fields: [["Content-Encoding", "rot13"]] },
    { body: Buffer.concat([long, Buffer.from(plain)]) },
  ] satisfies ResponseSpec[]) {
    answer = spec;
    const got = await ask("passing");
    assert.equal(got.bodyBytes, spec.body.length);
  }
  assert.equal(await counted("passing", "passed"), before + 5);
});

test("block: nothing is forwarded, the client is told why, and the record says so", async () => {
  answer = { body: plain };
  for (const target of ["/_nodes/http?a", "/_nodes/_all/http?a", "/_nodes?a", "/_nodes/_local?a"]) {
    const got = await ask("blocking", { target });
    assert.equal(got.head.status, 403);
    const { error } = JSON.parse(got.body.toString()) as { error: { type: string; code: string } };
    assert.equal(error.type, "es_proxy_sniff_blocked");
    assert.equal(origin.requestsFor(target).length, 0);
    const [record = {}] = await records(target);
    assert.equal(fieldAt(record, "error.code"), "ESP_ERR_SNIFF_BLOCKED");
    assert.deepEqual(fieldAt(record, "es_proxy.sniff"), { action: "blocked" });
  }
  const head = await ask("blocking", { method: "HEAD" });
  assert.equal(head.head.status, 403);
  assert.equal(await counted("blocking", "blocked"), 5);
  assert.equal((await ask("blocking", { target: "/_nodes/stats/http" })).head.status, 200);
  assert.equal((await ask("blocking", { target: "/_nodes/os" })).head.status, 200);
});

testVariants(
  "rewrite: the proxy's address takes the place of the nodes', and both bodies are on record",
  coded,
  async (spec) => {
    answer = { ...spec, fields: [["X-elastic-product", "Elasticsearch"], ...(spec.fields ?? [])] };
    const target = `/_nodes/http?pretty=${String(spec.framing)}${spec.body?.length}`;
    const got = await ask("rewriting", { target });
    const own = `127.0.0.1:${ports.get("rewriting")}`;
    const expected = plain.replaceAll(/"(?:es1\/)?10\.1\.1\.\d:9200"/g, `"${own}"`);
    assert.equal(got.body.toString(), expected);
    assert.equal(field(got, "content-encoding"), undefined);
    assert.equal(field(got, "transfer-encoding"), undefined);
    assert.equal(field(got, "content-length"), String(expected.length));
    assert.equal(field(got, "x-elastic-product"), "Elasticsearch");
    const sent = Buffer.from(spec.body ?? "");
    const [record = {}] = await records(target);
    assert.deepEqual(fieldAt(record, "es_proxy.sniff"), {
      action: "rewritten",
      bytes: sent.length,
      sha256: createHash("sha256").update(sent).digest("hex"),
    });
    assert.equal(fieldAt(record, "http.response.body.content"), expected);
    assert.equal(fieldAt(record, "es_proxy.response_encoding"), undefined);
  },
);

test("rewrite: clients get the name that they have asked for, or the configured one", async () => {
  answer = { body: plain };
  const addressFor = async (listener: string, host?: string): Promise<unknown> => {
    const got = await ask(listener, host === undefined ? {} : { host });
    const parsed = JSON.parse(got.body.toString()) as typeof foreign;
    return parsed.nodes.b.http.publish_address;
  };
  assert.equal(await addressFor("rewriting", "es.example.org"), "es.example.org/127.0.0.1:80");
  assert.equal(await addressFor("rewriting", "[::1]:9201"), "[::1]:9201");
  assert.equal(await addressFor("named"), "es.example.com/127.0.0.1:443");
});

test("rewrite: an answer that ends with its connection, and one to HEAD", async () => {
  answer = { body: plain, framing: "close" };
  endsConnections = true;
  const got = await ask("rewriting");
  endsConnections = false;
  assert.match(got.body.toString(), /"publish_address": "127\.0\.0\.1:/);
  answer = { body: plain };
  const head = await ask("rewriting", { method: "HEAD" });
  assert.equal(head.head.status, 200);
  assert.equal(field(head, "content-length"), undefined);
});

test("rewrite: an answer that cannot be read does not reach the client", async () => {
  const long = Buffer.alloc(5_000_000, " ");
  for (const spec of [
    { body: "---\nnodes:\n  a:\n    http:\n" },
    { body: "not gzip", fields: [["Content-Encoding", "gzip"]] },
    { body: Buffer.concat([long, Buffer.from(plain)]) },
    { body: plain.slice(0, -1) },
  ] satisfies ResponseSpec[]) {
    answer = spec;
    const got = await ask("rewriting");
    assert.equal(got.head.status, 403);
    assert.match(got.body.toString(), /ESP_ERR_SNIFF_UNREADABLE/);
  }
  answer = { body: '{"error":"no"}', status: 401, reason: "Unauthorized" };
  const refused = await ask("rewriting");
  assert.equal(refused.body.toString(), '{"error":"no"}');
});

test("other answers pass as they are, whatever the policy", async () => {
  answer = { body: gzipSync(plain), fields: [["Content-Encoding", "gzip"]] };
  for (const listener of ["passing", "blocking", "rewriting", "named"]) {
    const got = await ask(listener, { target: "/logs/_search" });
    assert.equal(gunzipSync(got.body).toString(), plain);
  }
});
