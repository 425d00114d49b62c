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
    30_000,
  );
  const statuses: number[] = [];
  for (let i = 0; i < 50; i += 1) statuses.push((await fixture.send({ path: "/_doc/1" })).status);
  assert.deepEqual([...tally(statuses).keys()], [200]);
  assert.ok(!fixture.log.includes("endpoint ejected"), fixture.log);
  assert.ok(!fixture.log.includes("endpoint is unhealthy"), fixture.log);
  assert.equal(fixture.proxy.child.ended, undefined);
});

test("with 256 descriptors and 600 idle clients every accepted request is answered, and recorded", async () => {
  await using fixture = await startFixture({
    origins: [{}],
    config: ([port]) => `
listeners: [{name: es, bind: "127.0.0.1:0", routes: [{path: /, pool: es}]}]
pools: {es: {endpoints: ["http://127.0.0.1:${port}"]}}
`,
    child: { maxOpenFiles: 256 },
  });
  const place = { host: fixture.proxy.host, port: fixture.proxy.port };
  const open: Socket[] = [];
  let refused = 0;
  for (let i = 0; i < 600; i += 1) {
    const socket = connect(place);
    socket.on("error", () => {});
    socket.on("close", () => (refused += 1));
    await once(socket, "connect");
    open.push(socket);
  }
  await waitFor("those beyond the limit to be closed", () => refused >= 600 - 96);
  const accepted = open.filter((socket) => !socket.destroyed);
  assert.ok(accepted.length > 50, `${accepted.length} were accepted`);
  // Every one of them has a request under way at the same time, with an upstream connection.
  const answers: string[] = [];
  for (const socket of accepted) {
    socket.on("data", (bytes: Buffer) => answers.push(bytes.toString("latin1", 9, 12)));
    socket.write("GET /_doc/1 HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  await waitFor("all answers", () => answers.length >= accepted.length);
  assert.deepEqual([...tally(answers)], [["200", accepted.length]]);
  await waitFor("all records", async () => (await fixture.audit()).length === 2 * accepted.length);
  assert.match(fixture.log, /max_connections of listener \\?"es\\?" is lowered to 96/);
  for (const reload of [1, 2]) {
    fixture.proxy.child.signal("SIGHUP");
    await waitFor("a reload", () => fixture.log.split("configuration reloaded").length > reload);
  }
  assert.equal(fixture.log.split("is lowered to").length - 1, 2, "each limit is told once");
  for (const socket of open) socket.destroy();
});
