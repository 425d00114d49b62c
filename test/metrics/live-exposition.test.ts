import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import test, { after, before } from "node:test";
import { catalogue } from "../../src/metrics/catalogue.ts";
import { askPort, type Service, startService } from "../lifecycle/service.ts";
import { respond } from "../support/origin-scripts.ts";
import { refusedPort } from "../support/ports.ts";
import {
  type OriginScript,
  startOrigin,
  type RecordingOrigin,
} from "../support/recording-origin.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { parseExposition } from "./exposition.ts";

let isSick = false;
const nursed: OriginScript = (exchange) => {
  const isProbe = exchange.request.head.target === "/_cluster/health";
  return respond({ status: isProbe && isSick ? 503 : 200, body: "{}" })(exchange);
};

const routers = await makeTempDir("metrics-router");
await writeFile(routers.file("router.ts"), `export default () => ({ close: "bye" });`);
const origins: RecordingOrigin[] = [];
let service: Service;
let nursedUrl = "";
let failingUrl = "";
let refusedUrl = "";

/**
 * A pool whose endpoint may be sick; one that retries at its other endpoint; one of which an
 * endpoint is gone; a TCP listener; an audit.
 */
function configuration(workers: number): string {
  const [good, sick, failing] = origins.map(({ port }) => `"http://127.0.0.1:${port}"`);
  return `workers: ${workers}
listeners:
  - name: es
    bind: 127.0.0.1:0
    routes: [{path: /retried, pool: retried}, {path: /ejecting, pool: ejecting}, {path: /, pool: nursed}]
  - {name: raw, protocol: tcp, bind: "127.0.0.1:0", router: ${routers.file("router.ts")}}
pools:
  nursed:
    endpoints: [${good}, ${sick}]
    health: {path: /_cluster/health, interval: 500ms, timeout: 500ms, unhealthy_after: 2, healthy_after: 2}
  retried: {endpoints: [${failing}, ${good}], outlier: false, retry: {attempts: 2, backoff: 1ms, statuses: [503]}}
  ejecting: {endpoints: ["${refusedUrl}", ${good}], outlier: {failures: 1, eject_for: 600s}}
audit: {directory: audit}
admin: {bind: "127.0.0.1:0"}
`;
}

before(async () => {
  origins.push(await startOrigin());
  origins.push(await startOrigin({ onRequest: nursed }));
  origins.push(await startOrigin({ onRequest: respond({ status: 503 }) }));
  [, nursedUrl = "", failingUrl = ""] = origins.map(({ port }) => `http://127.0.0.1:${port}`);
  refusedUrl = `http://127.0.0.1:${refusedPort}`;
  service = await startService(configuration(1));
});
after(async () => {
  await service[Symbol.asyncDispose]();
  for (const origin of origins) await origin.close();
  await routers.remove();
});

function transitions(state: "healthy" | "unhealthy", of = service): Promise<number | undefined> {
  return of.metric(
    `es_proxy_endpoint_health_transitions_total{pool="nursed",endpoint="${nursedUrl}",state="${state}"}`,
  );
}

test("each transition that the active health check notes is counted by pool, endpoint and new state", async () => {
  assert.deepEqual([await transitions("unhealthy"), await transitions("healthy")], [0, 0]);
  isSick = true;
  await waitFor("the change", async () => (await transitions("unhealthy")) === 1);
  assert.equal(await transitions("healthy"), 0);
  isSick = false;
  await waitFor("the change back", async () => (await transitions("healthy")) === 1);
  assert.equal(await transitions("unhealthy"), 1);
  const [healthyOrigin] = origins;
  assert.equal(
    await service.metric(
      `es_proxy_endpoint_health_transitions_total{pool="nursed",endpoint="http://127.0.0.1:${healthyOrigin?.port}",state="unhealthy"}`,
    ),
    0,
    "the one beside it was never sick",
  );
});

test("transitions are kept by a reload that changes the pool", async () => {
  const counted = await transitions("unhealthy");
  await service.write(configuration(1).replace("healthy_after: 2}", "healthy_after: 1}"));
  assert.equal((await service.ask("POST", "/reload")).status, 200);
  assert.equal(counted, 1);
  assert.equal(await transitions("unhealthy"), counted);
});

test("an ejection is counted once, by pool and endpoint", async () => {
  for (let at = 0; at < 6; at += 1)
    assert.equal((await askPort(service.port, "GET", "/ejecting")).status, 200);
  assert.equal(
    await service.metric(
      `es_proxy_endpoint_ejections_total{pool="ejecting",endpoint="${refusedUrl}"}`,
    ),
    1,
  );
});

test("several workers count transitions in one sum, which a rolling restart does not take back", async () => {
  await using several = await startService(configuration(2));
  isSick = true;
  await waitFor("the change", async () => ((await transitions("unhealthy", several)) ?? 0) >= 1);
  isSick = false;
  await waitFor("the change back", async () => ((await transitions("healthy", several)) ?? 0) >= 1);
  const noted = (await transitions("unhealthy", several)) ?? 0;
  assert.ok(noted <= 2, `${noted} by two workers: who is told does not count`);
  assert.equal((await several.ask("POST", "/restart")).status, 200);
  assert.equal(await transitions("unhealthy", several), noted);
});

const hasPromtool = spawnSync("promtool", ["--version"]).error === undefined;

test("promtool has nothing to say about the metrics of a proxy that has worked", async (t) => {
  for (let at = 0; at < 4; at += 1)
    assert.equal((await askPort(service.port, "GET", "/retried")).status, 200);
  await askPort(service.port, "GET", "/ejecting");
  const [, tcpPort] = await service.child.stderrMatch(/listening on tcp:\/\/127\.0\.0\.1:(\d+)/);
  const raw = connect(Number(tcpPort), "127.0.0.1");
  raw.write("x");
  assert.equal(await text(raw), "bye");
  const sampled = await waitFor("the end of the TCP session", async () => {
    const { body } = await service.ask("GET", "/metrics");
    return body.includes('es_proxy_tcp_sessions_total{listener="raw",outcome="closed"} 1')
      ? body
      : undefined;
  });
  const families = new Map(parseExposition(sampled).map((family) => [family.name, family]));
  const isCounted = (name: keyof typeof catalogue): boolean =>
    families.get(name)?.samples.some(({ value }) => value > 0) === true;
  assert.ok(
    isCounted("es_proxy_retries_total") &&
      isCounted("es_proxy_endpoint_ejections_total") &&
      isCounted("es_proxy_endpoint_failures_total") &&
      isCounted("es_proxy_audit_records_total"),
    `${failingUrl} and ${refusedUrl} have left no trace`,
  );
  if (!hasPromtool) {
    t.skip("promtool is not on PATH (Debian: prometheus)");
    return;
  }
  const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], {
    input: sampled,
    encoding: "utf8",
  });
  assert.deepEqual([status, stdout, stderr], [0, "", ""]);
});
