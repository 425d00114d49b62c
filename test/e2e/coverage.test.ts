import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { type AddressInfo, connect, createServer } from "node:net";
import { pipeline } from "node:stream";
import { once } from "node:events";
import test from "node:test";
import { type MockEs, type MockEsOptions, startMockEs } from "../../mock-es/index.ts";
import { type Service, startService } from "../lifecycle/service.ts";
import { fieldAt, readAudit } from "../support/audit-reader.ts";
import { makeSelfSigned } from "../support/certificates.ts";
import { testVariants } from "../support/test-variants.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";

/** Looks that take long on a busy machine. */
const patienceMs = 30_000;

function until(what: string, condition: () => boolean | Promise<boolean>): Promise<boolean> {
  return waitFor(what, condition, patienceMs);
}

interface Counts {
  readonly percent?: number;
  readonly recorded: number;
  readonly unrecorded: number;
  readonly bypassed: number;
  readonly exempt: number;
  readonly lost_connections: number;
}

interface Coverage {
  readonly state: string;
  readonly problem?: string;
  readonly identified_by?: string;
  readonly nodes: number;
  readonly failed_looks: number;
  readonly last: Counts;
  readonly total: Counts;
  readonly clients: readonly {
    readonly address: string;
    readonly agent: string;
    readonly requests: number;
    readonly nodes: readonly string[];
  }[];
}

interface Watched extends AsyncDisposable {
  readonly mock: MockEs;
  readonly service: Service;
  coverage(): Promise<Coverage>;
}

interface Options {
  /** Where the proxy connects to. @default the first two nodes */
  readonly endpoints?: (mock: MockEs) => readonly string[];
  readonly workers?: number;
  readonly coverage?: string;
  readonly mock?: MockEsOptions;
  readonly pool?: string;
}

/** A proxy that looks at three nodes every 100 ms; `/_cat` leaves no record. */
async function start(options: Options = {}): Promise<Watched> {
  const mock = await startMockEs({ nodes: 3, ...options.mock });
  const endpoints = options.endpoints?.(mock) ?? mock.nodeUrls.slice(0, 2);
  const urls = endpoints.map((url) => `"${url}"`);
  const service = await startService(`workers: ${options.workers ?? 1}
listeners:
  - name: es
    bind: "127.0.0.1:0"
    routes: [{path: /, pool: es}, {path: /_cat, pool: es, audit: {level: none}}]
pools: {es: {endpoints: [${urls.join(", ")}]${options.pool ?? ""}}}
audit: {directory: audit, coverage: {every: 100ms${options.coverage ?? ""}}}
admin: {bind: "127.0.0.1:0"}
`).catch(async (error: unknown) => {
    await mock.close();
    throw error;
  });
  const coverage = async (): Promise<Coverage> =>
    (JSON.parse((await service.ask("GET", "/")).body) as { coverage: Coverage }).coverage;
  return {
    mock,
    service,
    coverage,
    [Symbol.asyncDispose]: async () => {
      await service[Symbol.asyncDispose]();
      await mock.close();
    },
  };
}

/** Requests one after the other, on one connection or on one each. */
async function ask(url: string, count: number, keepAlive: boolean): Promise<void> {
  const agent = new Agent({ keepAlive, maxSockets: 1 });
  for (let i = 0; i < count; i += 1) {
    const asked = request(url, { agent, headers: { "user-agent": "tester" } }).end();
    const [response] = (await once(asked, "response")) as [NodeJS.ReadableStream];
    response.resume();
    await once(response, "end");
  }
  agent.destroy();
}

async function untilMeasured(watched: Watched): Promise<void> {
  await until("two looks", async () => (await watched.coverage()).state === "measured");
}

testVariants(
  "tells requests on record from those without one, and from those past the proxy",
  { "one process": 1, "two workers": 2 },
  async (workers) => {
    await using watched = await start({ workers });
    await untilMeasured(watched);
    const url = `http://127.0.0.1:${watched.service.port}`;
    const [, , third = ""] = watched.mock.nodeUrls;
    await ask(`${url}/`, 7, true);
    await ask(`${url}/`, 5, false);
    await ask(`${url}/_cat/health`, 3, true);
    await ask(`${third}/`, 4, true);
    await ask(`${watched.mock.url}/`, 2, false);
    await until("all requests", async () => {
      const { recorded, unrecorded, bypassed } = (await watched.coverage()).total;
      return recorded + unrecorded + bypassed === 21 && unrecorded === 3;
    });
    const { total, clients, identified_by: by, nodes } = await watched.coverage();
    assert.equal(nodes, 3);
    assert.equal(by, "connection");
    assert.deepEqual(
      [total.recorded, total.unrecorded, total.bypassed, total.exempt, total.lost_connections],
      [12, 3, 6, 0, 0],
    );
    assert.equal(total.percent, 57.14);
    assert.deepEqual(
      clients.map(({ address, agent, requests, nodes: asked }) => [
        address,
        agent,
        requests,
        asked.toSorted(),
      ]),
      [["127.0.0.1", "tester", 6, ["mock-es-node", "mock-es-node-3"]]],
    );
    const { service } = watched;
    const kind = (name: string): Promise<number | undefined> =>
      service.metric(`es_proxy_coverage_requests_total{kind="${name}"}`);
    assert.deepEqual(
      [await kind("recorded"), await kind("unrecorded"), await kind("bypassed")],
      [12, 3, 6],
    );
    assert.equal(await service.metric("es_proxy_coverage_clients"), 1);
    await until("a look without requests", async () => {
      const { percent } = (await watched.coverage()).last;
      return percent === undefined && (await service.metric("es_proxy_coverage_ratio")) === 1;
    });
    const warnings = service.child.stderr.split("past this proxy").length - 1;
    assert.equal(warnings, 1, service.child.stderr);
  },
);

test("the trail records what was missing, so that the sums of its events are complete", async () => {
  await using watched = await start({ workers: 2 });
  await untilMeasured(watched);
  await ask(`http://127.0.0.1:${watched.service.port}/`, 5, true);
  await ask(`${watched.mock.url}/`, 3, true);
  await until("all requests", async () => {
    const { recorded, bypassed } = (await watched.coverage()).total;
    return recorded === 5 && bypassed === 3;
  });
  watched.service.child.process.kill("SIGTERM");
  await watched.service.child.exit;
  const lines = await readAudit(watched.service.folder.file("audit"));
  const events = lines
    .map(({ record }) => record)
    .filter((record) => fieldAt(record, "event.action") === "audit.coverage");
  const sum = (name: string): number =>
    events.reduce((all, event) => all + Number(fieldAt(event, `es_proxy.event.${name}`)), 0);
  assert.deepEqual([sum("recorded"), sum("bypassed")], [5, 3]);
  assert.ok(
    events.some(
      (event) =>
        fieldAt(event, "event.outcome") === "failure" &&
        JSON.stringify(fieldAt(event, "es_proxy.event.clients")) ===
          '["127.0.0.1 tester (3 requests)"]',
    ),
  );
});

test("health checks are the proxy's own, and exempt addresses need no record", async () => {
  await using watched = await start({
    coverage: ", exempt: [127.0.0.0/8]",
    pool: ", health: {path: /_cluster/health, interval: 50ms, timeout: 50ms}",
  });
  await untilMeasured(watched);
  await ask(`${watched.mock.url}/`, 3, true);
  await until("the requests", async () => (await watched.coverage()).total.exempt === 3);
  const { total } = await watched.coverage();
  assert.deepEqual([total.recorded, total.bypassed, total.percent], [0, 0, undefined]);
});

test("asks over TLS with the credentials of a file, which nobody is told", async (t) => {
  const folder = await makeTempDir("coverage");
  t.after(async () => folder.remove());
  const { certPem: cert, keyPem: key } = await makeSelfSigned();
  await writeFile(folder.file("ca.pem"), cert);
  await writeFile(folder.file("key"), "ApiKey c2VjcmV0OnZhbHVl\n");
  await using watched = await start({
    mock: { tls: { cert, key }, credentials: { users: {}, apiKeys: ["c2VjcmV0OnZhbHVl"] } },
    coverage: `, authorization_file: ${folder.file("key")}`,
    pool: `, tls: {ca: ${folder.file("ca.pem")}, server_name: localhost}`,
  });
  await untilMeasured(watched);
  assert.equal((await watched.coverage()).identified_by, "connection");
  await writeFile(folder.file("key"), "ApiKey d3Jvbmc6dmFsdWU=\n");
  await until("a refusal", async () => (await watched.coverage()).state === "unavailable");
  const { problem = "", failed_looks: failed } = await watched.coverage();
  assert.match(problem, /status 401: audit\.coverage\.authorization_file/);
  assert.ok(failed > 0);
  await until("the warning", () => watched.service.child.stderr.includes("cannot be measured"));
  assert.doesNotMatch(watched.service.child.stderr, /c2VjcmV0|d3Jvbmc/);
  await writeFile(folder.file("key"), "ApiKey c2VjcmV0OnZhbHVl");
  await until("its end", async () => (await watched.coverage()).state === "measured");
});

test("where addresses are translated, the proxy knows itself by its address, and says so", async (t) => {
  let port = 0;
  const translator = createServer((client) => {
    const server = connect({ host: "127.0.0.1", port, localAddress: "127.0.0.2" });
    pipeline(client, server, client, () => {});
    t.after(() => server.destroy());
  });
  translator.listen(0, "127.0.0.1");
  await once(translator, "listening");
  t.after(() => translator.close());
  const { port: own } = translator.address() as AddressInfo;
  await using watched = await start({
    endpoints: (mock) => {
      ({ port } = mock);
      return [`http://127.0.0.1:${own}`];
    },
  });
  await untilMeasured(watched);
  assert.equal((await watched.coverage()).identified_by, "address");
  const before = (await watched.coverage()).total.recorded;
  await ask(`http://127.0.0.1:${watched.service.port}/`, 5, true);
  await ask(`${watched.mock.url}/`, 3, true);
  await until("all requests", async () => {
    const { recorded, bypassed } = (await watched.coverage()).total;
    return recorded >= before + 5 && bypassed === 3;
  });
});

test("a reload follows the endpoints", async () => {
  await using watched = await start();
  await untilMeasured(watched);
  const { service, mock } = watched;
  const [, , third = ""] = mock.nodeUrls;
  const text = await readFile(service.file, "utf8");
  await service.write(text.replace(/endpoints: \[.*?\]/, `endpoints: ["${third}"]`));
  assert.equal((await service.ask("POST", "/reload")).status, 200);
  const node = mock.store.nodes[2];
  await until("a look at the third node", async () =>
    (node?.http.list() ?? []).some(({ agent }) => agent === "es-proxy-coverage"),
  );
  await ask(`http://127.0.0.1:${service.port}/`, 4, true);
  await until("all requests", async () => (await watched.coverage()).total.recorded === 4);
  assert.equal((await watched.coverage()).total.bypassed, 0);
});
