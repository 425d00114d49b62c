import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import test, { after } from "node:test";
import { startScript } from "../support/child-process.ts";
import { respond } from "../support/origin-scripts.ts";
import type { OriginScript } from "../support/recording-origin.ts";
import { refusedPort } from "../support/ports.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { startScenarios, tally } from "./fixture.ts";

let isSick = false;
const nursed: OriginScript = (exchange) => {
  const isProbe = exchange.request.head.target === "/_cluster/health";
  return respond({ status: isProbe && isSick ? 503 : 200, body: "{}" })(exchange);
};

const { fixture, act } = await startScenarios({
  nursed: {
    origins: [{}, { onRequest: nursed }],
    pool: [
      "health: {path: /_cluster/health, interval: 500ms, timeout: 500ms, unhealthy_after: " +
        "2, healthy_after: 2}",
      "slow_start: 500ms",
    ],
  },
  gone: {
    origins: [{}, {}],
    pool: [
      "health: {interval: 500ms, timeout: 500ms, unhealthy_after: 2, healthy_after: 1}",
      "outlier: false",
      "retry: {attempts: 1}",
    ],
  },
});
after(() => fixture[Symbol.asyncDispose]());
/**
 * What the proxy has said last about the endpoint of an origin; nothing is said as long as it is
 * well.
 */
function isSaidHealthy(port: number | undefined): boolean {
  const said = fixture.log
    .split("\n")
    .filter((line) => /endpoint is (un)?healthy/.test(line) && line.includes(`127.0.0.1:${port}"`));
  return !(said.at(-1) ?? "").includes("endpoint is unhealthy");
}

const read = () => ({ path: "/_doc/1" });

test("an endpoint that calls itself sick gets no requests until it is well again", async () => {
  const scene = act("nursed");
  isSick = true;
  const port = scene.origins[1]?.port;
  await waitFor("the change", () => !isSaidHealthy(port));
  const asked = () => scene.origins[1]?.requestsFor("/nursed/_doc/1").length ?? 0;
  const before = asked();
  assert.deepEqual([...tally(await scene.load(2, (sent) => sent >= 40, read)).keys()], [200]);
  assert.equal(asked(), before);
  isSick = false;
  await waitFor("the change back", () => isSaidHealthy(port));
  await scene.load(2, () => asked() > before + 20, read);
});

test("an endpoint that is gone is noticed without any request, and so is its return", async () => {
  const scene = act("gone");
  const [first, second] = scene.origins.map(({ port }) => port);
  await scene.stop(0);
  await waitFor("the change", () => !isSaidHealthy(first));
  assert.deepEqual(
    [...tally(await scene.load(2, (sent) => sent >= 20, read)).keys()],
    [200],
    "without retries",
  );
  await scene.stop(1);
  await waitFor("the other change", () => !isSaidHealthy(second));
  // Nobody is healthy: all are tried, and who answers again is heard at once.
  await scene.restart(0);
  await waitFor("an answer", async () => (await scene.send(read())).status === 200);
  await waitFor("the change back", () => isSaidHealthy(first));
});

test("with fail_on_dead_pool a proxy does not start in front of a pool without a healthy endpoint, and says which", async () => {
  await using folder = await makeTempDir("dead-pool");
  const [dead, alive] = [refusedPort, fixture.proxy.port];
  const file = folder.file("es-proxy.yaml");
  const config = (port: number): string => `
fail_on_dead_pool: true
listeners: [{name: es, bind: "127.0.0.1:0", routes: [{path: /, pool: cluster}]}]
pools: {cluster: {endpoints: ["http://127.0.0.1:${dead}", "http://127.0.0.1:${port}"], health: {interval: 60s, timeout: 1s}}}
`;
  await writeFile(file, config(refusedPort + 1));
  await using failing = startScript("src/cli/main.ts", ["run", "--config", file]);
  assert.deepEqual(await failing.exited(20_000), { code: 1, signal: null });
  assert.match(failing.stderr, /no endpoint is healthy in: cluster/);
  await writeFile(file, config(alive));
  await using starting = startScript("src/cli/main.ts", ["run", "--config", file]);
  await starting.stderrMatch(/listening on/, 20_000);
  starting.signal("SIGTERM");
  assert.deepEqual(
    await starting.exited(),
    { code: 0, signal: null },
    "probes do not hold the process",
  );
});
