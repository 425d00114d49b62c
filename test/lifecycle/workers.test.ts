import assert from "node:assert/strict";
import { readFile, rename } from "node:fs/promises";
import { existsSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { startOrigin } from "../support/recording-origin.ts";
import type { RecordingOrigin } from "../support/recording-origin.ts";
import { connectRaw } from "../support/raw-client.ts";
import { waitFor } from "../support/wait-for.ts";
import { startLoad } from "./load.ts";
import { askPort, startService } from "./service.ts";
import type { Service } from "./service.ts";

/** RESTARTS=20 is the proof; each one replaces both workers. */
const restarts = Number(process.env["RESTARTS"] ?? 3);

const completed =
  'es_proxy_requests_total{listener="es",route="/",status_class="2xx",outcome="completed"}';

function configuration(origin: number, workers: number | string = 2, more = ""): string {
  return `workers: ${workers}
drain_timeout: 20s
listeners:
  - {name: es, bind: "127.0.0.1:0", routes: [{path: /, pool: es}]}
pools:
  es:
    endpoints: ["http://127.0.0.1:${origin}"]
${more}
audit: {directory: audit}
admin: {bind: "127.0.0.1:0"}
`;
}

/** Unix sockets have short names. */
const socketPath = join(tmpdir(), `es-proxy-workers-${process.pid}.sock`);

interface WorkerStatus {
  readonly number: number;
  readonly pid: number;
  readonly state: string;
}

async function workersOf(service: Service): Promise<readonly WorkerStatus[]> {
  const status = JSON.parse((await service.ask("GET", "/")).body) as { workers: WorkerStatus[] };
  return status.workers;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Answers when the gate opens. */
async function gatedOrigin(gate: Promise<void>): Promise<RecordingOrigin> {
  return startOrigin({
    onRequest: async ({ connection }) => {
      await gate;
      await connection.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate");
    },
  });
}

test(`${restarts} rolling restarts of two workers under load fail no request, on kept and on new connections`, async () => {
  await using origin = await startOrigin();
  await using service = await startService(configuration(origin.port));
  const before = await workersOf(service);
  const load = startLoad(service.port, 2, 1);
  try {
    for (let at = 0; at < restarts; at += 1) {
      const { status, body } = await service.ask("POST", "/restart");
      assert.equal(status, 200, body);
    }
  } finally {
    await load.stop();
  }
  assert.deepEqual(load.failures, []);
  assert.ok(load.done > 0);
  const after = await workersOf(service);
  assert.deepEqual(
    after.map(({ state }) => state),
    ["ready", "ready"],
  );
  assert.deepEqual(
    after.filter(({ pid }) => before.some((old) => old.pid === pid)),
    [],
  );
  // The counts of workers that have ended are kept.
  assert.equal(await service.metric(completed), load.done);
});

test("a worker that dies is replaced, what it counted is kept, and its open exchange is closed in the audit", async () => {
  const gate = Promise.withResolvers<void>();
  await using origin = await gatedOrigin(gate.promise);
  await using service = await startService(configuration(origin.port));
  const open = askPort(service.port, "GET", "/open").catch(
    (error: NodeJS.ErrnoException) => error.code,
  );
  await waitFor("the request at the endpoint", () => origin.requests.length === 1);
  // One of them serves the exchange; the other keeps the socket open meanwhile.
  const victims = await workersOf(service);
  for (const { number, pid } of victims) {
    process.kill(pid, "SIGKILL");
    await waitFor(
      `another worker ${number}`,
      async () =>
        (await workersOf(service)).some(
          (now) => now.number === number && now.pid !== pid && now.state === "ready",
        ),
      30_000,
    );
  }
  assert.equal(await open, "ECONNRESET");
  gate.resolve();
  assert.equal((await askPort(service.port, "GET", "/")).status, 200);
  assert.equal(await service.metric("es_proxy_worker_restarts_total"), 2);
  assert.equal(await service.metric("es_proxy_workers"), 2);
  const files = await Promise.all(
    [1, 2].map((number) =>
      readFile(service.folder.file("audit", `audit.${number}.ndjson`), "utf8"),
    ),
  );
  assert.match(files.join(""), /crash_recovered/);
});

test("one scrape shows the sum over all workers", async () => {
  await using origin = await startOrigin();
  await using service = await startService(configuration(origin.port, 3));
  for (let at = 0; at < 30; at += 1) await askPort(service.port, "GET", "/");
  assert.equal(await service.metric(completed), 30);
  assert.equal(await service.metric("es_proxy_audit_records_total"), 60);
  assert.equal(await service.metric('es_proxy_listener_connections_total{listener="es"}'), 30);
  assert.equal(await service.metric("es_proxy_workers"), 3);
});

test("a reload reaches every worker, changes their number, and one that cannot be used reaches none", async () => {
  await using origin = await startOrigin();
  await using other = await startOrigin();
  await using service = await startService(configuration(origin.port));
  const before = await workersOf(service);
  await service.write(configuration(other.port, 3));
  assert.equal((await service.ask("POST", "/reload")).status, 200);
  const after = await workersOf(service);
  assert.deepEqual(
    before.map(({ pid }) => after.some((now) => now.pid === pid)),
    [true, true],
  );
  assert.equal(after.length, 3);
  for (let at = 0; at < 20; at += 1) await askPort(service.port, "GET", "/");
  assert.deepEqual([origin.requests.length, other.requests.length], [0, 20]);
  await service.write(configuration(origin.port, 1));
  const { status, body } = await service.ask("POST", "/reload");
  assert.equal(status, 422);
  assert.match(body, /workers cannot change from or to 1/);
});

test("SIGTERM lets the exchange that runs finish, is not ready meanwhile, and exits 0 without a worker left", async () => {
  const gate = Promise.withResolvers<void>();
  await using origin = await gatedOrigin(gate.promise);
  await using service = await startService(configuration(origin.port));
  const running = askPort(service.port, "GET", "/");
  await waitFor("the request at the endpoint", () => origin.requests.length === 1);
  const workers = await workersOf(service);
  assert.equal((await service.ask("GET", "/readyz")).status, 200);
  service.child.signal("SIGTERM");
  await waitFor("not ready", async () => (await service.ask("GET", "/readyz")).status === 503);
  assert.equal((await service.ask("GET", "/livez")).status, 200);
  gate.resolve();
  assert.deepEqual(await running, { status: 200, body: "late" });
  assert.deepEqual(await service.child.exited(30_000), { code: 0, signal: null });
  assert.deepEqual(
    workers.filter(({ pid }) => isRunning(pid)),
    [],
  );
});

test("a second signal ends everything now with 1, and the record of what was cut says shutdown", async () => {
  const gate = Promise.withResolvers<void>();
  await using origin = await gatedOrigin(gate.promise);
  await using service = await startService(configuration(origin.port));
  const running = askPort(service.port, "GET", "/").catch(
    (error: NodeJS.ErrnoException) => error.code,
  );
  await waitFor("the request at the endpoint", () => origin.requests.length === 1);
  const workers = await workersOf(service);
  service.child.signal("SIGQUIT");
  await service.child.stderrMatch(/draining/);
  service.child.signal("SIGTERM");
  assert.deepEqual(await service.child.exited(20_000), { code: 1, signal: null });
  assert.equal(await running, "ECONNRESET");
  assert.deepEqual(
    workers.filter(({ pid }) => isRunning(pid)),
    [],
  );
  const files = await Promise.all(
    [1, 2].map((number) =>
      readFile(service.folder.file("audit", `audit.${number}.ndjson`), "utf8"),
    ),
  );
  assert.match(files.join(""), /"shutdown"/);
  gate.resolve();
});

test("workers end with a supervisor that is killed", async () => {
  await using origin = await startOrigin();
  await using service = await startService(configuration(origin.port));
  const workers = await workersOf(service);
  await service.child.kill();
  await waitFor("no worker left", () => workers.every(({ pid }) => !isRunning(pid)), 20_000);
});

test("a connection that was opened before a rolling restart and is used during it gets its answer", async () => {
  await using origin = await startOrigin();
  await using service = await startService(configuration(origin.port));
  const early = await Promise.all(
    Array.from({ length: 6 }, async () => connectRaw({ port: service.port })),
  );
  const restarted = service.ask("POST", "/restart");
  await waitFor(
    "a worker that drains",
    async () => (await workersOf(service)).some(({ state }) => state === "draining"),
    20_000,
  );
  for (const client of early) client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET");
  await waitFor(
    "an answer on each",
    () => early.every((client) => client.finals.length === 1),
    20_000,
  );
  for (const client of early) client.socket.destroy();
  assert.equal((await restarted).status, 200);
});

test("several workers share a unix socket, which stays when they are replaced and goes with the last of them", async () => {
  await using origin = await startOrigin();
  await using service = await startService(
    configuration(origin.port)
      .replace(
        "pools:",
        '  - {name: local, bind: "unix:PATH", routes: [{path: /, pool: es}]}\npools:',
      )
      .replace("PATH", socketPath),
  );
  const ask = async (): Promise<number> => {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    request({ socketPath, path: "/", agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on("error", reject)
      .end();
    return promise;
  };
  assert.equal(await ask(), 200);
  assert.equal((await service.ask("POST", "/restart")).status, 200);
  assert.equal(await ask(), 200);
  service.child.signal("SIGTERM");
  assert.deepEqual(await service.child.exited(30_000), { code: 0, signal: null });
  assert.equal(existsSync(socketPath), false);
});

test("an ejection that one worker decides holds for all of them, and for those that start later", async () => {
  await using good = await startOrigin();
  await using bad = await startOrigin({
    onRequest: async ({ connection }) =>
      connection.write("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"),
  });
  const more =
    "    outlier: {failures: 1, eject_for: 60s, max_ejected_percent: 50}\n    retry: {attempts: 1}";
  const text = configuration(good.port, 3, more).replace(
    "endpoints: [",
    `endpoints: ["http://127.0.0.1:${bad.port}", `,
  );
  await using service = await startService(text);
  await waitFor(
    "an ejection",
    async () => (await askPort(service.port, "GET", "/")).status === 503,
  );
  const ejected = `es_proxy_endpoint_ejected{pool="es",endpoint="http://127.0.0.1:${bad.port}"}`;
  await waitFor("the ejection in the metrics", async () => (await service.metric(ejected)) === 1);
  const before = bad.requests.length;
  assert.equal((await service.ask("POST", "/restart")).status, 200);
  for (let at = 0; at < 30; at += 1)
    assert.equal((await askPort(service.port, "GET", "/")).status, 200);
  assert.equal(bad.requests.length, before);
});

test("SIGUSR2 reopens the audit files of every worker", async () => {
  await using origin = await startOrigin();
  await using service = await startService(configuration(origin.port));
  const files = [1, 2].map((number) => service.folder.file("audit", `audit.${number}.ndjson`));
  for (const file of files) await rename(file, `${file}.1`);
  service.child.signal("SIGUSR2");
  await waitFor("new files", () => files.every((file) => existsSync(file)));
});

test("several workers refuse to share standard output for their records", async () => {
  const text = configuration(9).replace("directory: audit", 'directory: "-"');
  await assert.rejects(
    startService(text),
    /audit\.directory "-" \(stdout\) cannot be shared by several workers/,
  );
});
