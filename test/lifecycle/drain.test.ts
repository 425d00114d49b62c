import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import test from "node:test";
import { fieldAt, readAudit } from "../support/audit-reader.ts";
import { makeAuthority, writeIdentity } from "../support/certificates.ts";
import { startScript } from "../support/child-process.ts";
import { connectRaw } from "../support/raw-client.ts";
import { startOrigin } from "../support/recording-origin.ts";
import { freePort } from "../support/ports.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { askPort, startService } from "./service.ts";

function configuration(origin: number, more = ""): string {
  return `drain_timeout: 20s
listeners:
  - {name: es, bind: "127.0.0.1:0", routes: [{path: /, pool: es}]}
pools:
  es: {endpoints: ["http://127.0.0.1:${origin}"]}
audit: {directory: audit}
admin: {bind: "127.0.0.1:0"${more}}
`;
}

test("a drain finishes the exchange that runs, with its whole body and Connection: close, then exits 0", async () => {
  const gate = Promise.withResolvers<void>();
  await using origin = await startOrigin({
    onRequest: async ({ connection }) => {
      await gate.promise;
      await connection.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate");
    },
  });
  await using service = await startService(configuration(origin.port));
  using client = await connectRaw({ port: service.port });
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET");
  await waitFor("the request at the endpoint", () => origin.requests.length === 1);
  service.child.signal("SIGTERM");
  await waitFor("not ready", async () => (await service.ask("GET", "/readyz")).status === 503);
  await assert.rejects(askPort(service.port, "GET", "/"), { code: "ECONNREFUSED" });
  gate.resolve();
  assert.deepEqual(await service.child.exited(), { code: 0, signal: null });
  assert.match(
    Buffer.concat(client.received).toString("latin1"),
    /^HTTP\/1\.1 200 OK\r\n[^]*connection: close\r\n[^]*late$/i,
  );
});

test("what is cut at the end has its record, although nothing can be removed from the directory", async () => {
  await using origin = await startOrigin({ onRequest: () => new Promise(() => undefined) });
  const text = configuration(origin.port).replace("20s", "100ms");
  await using service = await startService(text);
  using client = await connectRaw({ port: service.port });
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET");
  await waitFor("the request at the endpoint", () => origin.requests.length === 1);
  const socket = service.folder.file("audit", "control.sock");
  await rm(socket);
  await mkdir(socket);
  service.child.signal("SIGTERM");
  assert.deepEqual(await service.child.exited(), { code: 0, signal: null });
  const lines = await readAudit(service.folder.file("audit"));
  assert.deepEqual(
    lines.map(({ record }) => fieldAt(record, "es_proxy.outcome")),
    [undefined, "shutdown"],
  );
});

test("a connection that was accepted just before the drain still gets its first answer", async () => {
  await using origin = await startOrigin();
  await using service = await startService(configuration(origin.port));
  using client = await connectRaw({ port: service.port });
  await waitFor(
    "the connection to be accepted",
    async () => (await service.metric('es_proxy_listener_connections_open{listener="es"}')) === 1,
  );
  service.child.signal("SIGTERM");
  await service.child.stderrMatch(/draining/);
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET");
  const answer = await waitFor("the answer", () => client.finals[0]);
  assert.equal(answer.head.status, 200);
  assert.deepEqual(await service.child.exited(), { code: 0, signal: null });
});

test("idle connections do not hold a drain up", async () => {
  await using origin = await startOrigin();
  await using service = await startService(configuration(origin.port));
  using client = await connectRaw({ port: service.port });
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET");
  await waitFor("the answer", () => client.finals[0]);
  service.child.signal("SIGTERM");
  await waitFor("the FIN", () => client.end === "fin");
  client.socket.end();
  assert.deepEqual(await service.child.exited(), { code: 0, signal: null });
});

test("status shows the running proxy, reload prints what is wrong and exits 78", async () => {
  await using origin = await startOrigin();
  await using service = await startService(configuration(origin.port));
  const admin = ["--admin", `http://127.0.0.1:${service.adminPort}`];
  await using status = startScript("src/cli/main.ts", ["status", ...admin]);
  assert.deepEqual(await status.exited(20_000), { code: 0, signal: null });
  assert.equal((JSON.parse(status.stdout) as { pid: number }).pid, service.child.pid);
  await using good = startScript("src/cli/main.ts", ["reload", ...admin]);
  assert.deepEqual(await good.exited(20_000), { code: 0, signal: null });
  assert.match(good.stderr, /configuration reloaded/);
  await service.write(configuration(origin.port).replace("pool: es}", "pool: no}"));
  await using bad = startScript("src/cli/main.ts", ["reload", ...admin]);
  assert.deepEqual(await bad.exited(20_000), { code: 78, signal: null });
  assert.match(bad.stderr, /es\.yaml:3:\d+: .*no/);
  await using restart = startScript("src/cli/main.ts", ["reload", "--restart", ...admin]);
  assert.deepEqual(await restart.exited(20_000), { code: 78, signal: null });
});

for (const place of ["tcp", "unix"])
  test(`the configuration alone leads status to a listener with TLS and a token (${place})`, async () => {
    await using folder = await makeTempDir();
    const authority = await makeAuthority();
    await writeIdentity(folder.path, "admin", await authority.server());
    await writeFile(folder.file("token"), "0123456789abcdef0123456789abcdef\n");
    const bind =
      place === "tcp" ? `127.0.0.1:${await freePort()}` : `unix:${folder.file("admin.sock")}`;
    const admin = `admin: {bind: "${bind}", token_file: token, tls: {cert: admin.pem, key: admin.key}}`;
    await writeFile(folder.file("es.yaml"), configuration(9).replace(/^admin: .*$/m, admin));
    await using child = startScript("src/cli/main.ts", ["run", "-c", folder.file("es.yaml")]);
    await child.stderrMatch(/admin on /, 20_000);
    await using status = startScript("src/cli/main.ts", ["status", "-c", folder.file("es.yaml")]);
    assert.deepEqual(await status.exited(20_000), { code: 0, signal: null }, status.stderr);
    assert.match(status.stdout, /"state": "running"/);
    await using reload = startScript("src/cli/main.ts", ["reload", "-c", folder.file("es.yaml")]);
    assert.deepEqual(await reload.exited(20_000), { code: 0, signal: null }, reload.stderr);
  });

test("status says so when nothing answers, and when the token is missing", async () => {
  await using origin = await startOrigin();
  await using nobody = startScript("src/cli/main.ts", ["status", "--admin", "http://127.0.0.1:1"]);
  assert.deepEqual(await nobody.exited(20_000), { code: 1, signal: null });
  assert.match(nobody.stderr, /no answer from http:\/\/127\.0\.0\.1:1/);
  await using service = await startService(configuration(origin.port, ", hide: []"));
  await using both = startScript("src/cli/main.ts", [
    "status",
    "--admin",
    `http://127.0.0.1:${service.adminPort}`,
    "-c",
    service.file,
  ]);
  assert.deepEqual(await both.exited(20_000), { code: 2, signal: null });
});
