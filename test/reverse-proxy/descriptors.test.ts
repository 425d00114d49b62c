import assert from "node:assert/strict";
import { once } from "node:events";
import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import test from "node:test";
import { promisify } from "node:util";
import { waitFor } from "../support/wait-for.ts";
import { startFixture, tally } from "./fixture.ts";

const run = promisify(execFile);
const limit = 120;

async function hasPrlimit(): Promise<boolean> {
  return run("prlimit", ["--version"]).then(
    () => true,
    () => false,
  );
}

test("a proxy that runs out of file descriptors goes on, blames no endpoint, and recovers", async (t) => {
  if (!(await hasPrlimit())) {
    t.skip("prlimit is not installed");
    return;
  }
  await using fixture = await startFixture({
    origins: [{}, {}],
    config: ([one, two]) => `
listeners: [{name: es, bind: "127.0.0.1:0", routes: [{path: /, pool: es}]}]
pools:
  es:
    endpoints: ["http://127.0.0.1:${one}", "http://127.0.0.1:${two}"]
    health: {interval: 500ms, timeout: 500ms, unhealthy_after: 2, path: /_cluster/health}
    outlier: {failures: 1, eject_for: 60s}
`,
  });
  const { pid } = fixture.proxy.child;
  assert.equal((await fixture.send({ path: "/_doc/1" })).status, 200);
  await run("prlimit", ["--pid", String(pid), `--nofile=${limit}:${limit}`]);
  const sockets: Socket[] = [];
  for (let i = 0; i < 2 * limit; i += 1) {
    const socket = connect({ host: fixture.proxy.host, port: fixture.proxy.port });
    socket.on("error", () => {});
    sockets.push(socket);
    await once(socket, "connect");
  }
  await waitFor(
    "the proxy at its limit",
    async () => (await readdir(`/proc/${pid}/fd`)).length >= limit - 2,
  );
  // Requests on accepted connections are answered, well or badly, as long as there is nothing to
  // dial with.
  const answers: string[] = [];
  for (const socket of sockets) {
    socket.on("data", (bytes: Buffer) => answers.push(bytes.toString("latin1", 9, 12)));
    if (socket.writable) socket.write("GET /_doc/1 HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  await waitFor("answers", () => answers.length >= 20);
  assert.ok(answers.includes("502"), "some requests found nothing to dial with");
  for (const socket of sockets) socket.destroy();
  await waitFor(
    "recovery",
    async () => (await fixture.send({ path: "/_doc/1" })).status === 200,
    10_000,
  );
  const statuses: number[] = [];
  for (let i = 0; i < 50; i += 1) statuses.push((await fixture.send({ path: "/_doc/1" })).status);
  assert.deepEqual([...tally(statuses).keys()], [200]);
  assert.ok(!fixture.log.includes("endpoint ejected"), fixture.log);
  assert.ok(!fixture.log.includes("endpoint is unhealthy"), fixture.log);
  assert.equal(fixture.proxy.child.ended, undefined);
});
