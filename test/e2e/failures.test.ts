import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { fieldAt, readAudit } from "../support/audit-reader.ts";
import { Child, startScript } from "../support/child-process.ts";
import { respond } from "../support/origin-scripts.ts";
import { startConfiguredProxy, startProxy } from "../support/proxy-process.ts";
import { connectRaw } from "../support/raw-client.ts";
import { refusedPort } from "../support/ports.ts";
import { startOrigin } from "../support/recording-origin.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";

interface ErrorBody {
  readonly error: {
    readonly type: string;
    readonly reason: string;
    readonly code: string;
    readonly exchange_id: string;
  };
  readonly status: number;
}

async function get(port: number, target: string): Promise<{ status: number; body: ErrorBody }> {
  using client = await connectRaw({ host: "127.0.0.1", port });
  client.send(`GET ${target} HTTP/1.1\r\nHost: es\r\n\r\n`, "GET");
  const answer = await client.response();
  const text = answer.body.toString();
  return { status: answer.head.status ?? 0, body: JSON.parse(text) as ErrorBody };
}

test("an unreachable upstream is a 502 in Elasticsearch's error shape with the id under which it is recorded", async () => {
  await using folder = await makeTempDir();
  const directory = folder.file("audit");
  await using proxy = await startProxy({
    remotePort: refusedPort,
    args: ["--no-tls", "--audit", directory, "--format", "ecs"],
  });
  const { status, body } = await get(proxy.port, "/idx/_search");
  assert.equal(status, 502);
  assert.equal(body.status, 502);
  assert.equal(body.error.code, "ESP_ERR_UPSTREAM_CONNECT");
  assert.match(body.error.reason, /not sent/);
  const lines = await readAudit(directory, { allowTornTail: true });
  assert.deepEqual(
    lines.map(({ record }) => fieldAt(record, "event.id")),
    [body.error.exchange_id, body.error.exchange_id],
  );
  assert.equal(fieldAt(lines[1]?.record ?? {}, "es_proxy.outcome"), "upstream_failed");
});

test("a port in use ends the start with exit code 1 and a line that names the address", async () => {
  const occupant = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => occupant.once("listening", resolve));
  const { port } = occupant.address() as AddressInfo;
  try {
    await using child = startScript("src/cli/main.ts", [
      "127.0.0.1",
      "1",
      "127.0.0.1",
      String(port),
      "--no-tls",
    ]);
    assert.equal((await child.exited()).code, 1);
    assert.match(child.stderr, new RegExp(`127\\.0\\.0\\.1:${port}.*in use`));
    assert.doesNotMatch(child.stderr, /\n\s+at /);
  } finally {
    occupant.close();
  }
});

test("an unusable audit directory ends the start with exit code 78 and a line that names it", async () => {
  await using folder = await makeTempDir();
  await writeFile(folder.file("file"), "");
  const directory = folder.file("file", "audit");
  await using child = startScript("src/cli/main.ts", [
    "127.0.0.1",
    "1",
    "127.0.0.1",
    "0",
    "--no-tls",
    "--audit",
    directory,
  ]);
  assert.equal((await child.exited()).code, 78);
  assert.ok(child.stderr.includes(directory), child.stderr);
});

test("an unusable key ends the start with exit code 78 and a line that names the file", async () => {
  await using folder = await makeTempDir();
  await writeFile(folder.file("key.pem"), "not a key");
  await writeFile(folder.file("cert.pem"), "not a certificate");
  const files = ["--cert", folder.file("cert.pem"), "--key", folder.file("key.pem")];
  await using child = startScript("src/cli/main.ts", [
    "127.0.0.1",
    "1",
    "127.0.0.1",
    "0",
    ...files,
  ]);
  assert.equal((await child.exited()).code, 78);
  assert.match(child.stderr, /(cert|key)\.pem/);
});

for (const onFailure of ["reject", "continue"] as const) {
  test(`a full disk with on_failure: ${onFailure} ${onFailure === "reject" ? "refuses requests before anything is forwarded" : "goes on and leaves a gap record with the exact count"}`, async () => {
    await using folder = await makeTempDir("full");
    await using origin = await startOrigin({
      onRequest: (exchange) => respond({ body: '{"ok":true}' })(exchange),
    });
    const file = folder.file("es-proxy.yaml");
    await writeFile(
      file,
      `listeners: [{name: es, protocol: http, bind: "127.0.0.1:0", routes: [{path: /, pool: es}]}]
pools: {es: {endpoints: ["http://127.0.0.1:${origin.port}"]}}
audit: {directory: "${folder.file("audit")}", format: ecs, on_failure: ${onFailure}}
`,
    );
    await using proxy = await startConfiguredProxy(file);
    await ask(proxy.port, "/before");
    limitFileSize(proxy.child, 8192);
    const answers: number[] = [];
    for (let n = 0; n < 30; n += 1) answers.push(await ask(proxy.port, `/during/${n}`));
    limitFileSize(proxy.child, "unlimited");
    const forwarded = origin.requests.filter(({ head }) =>
      (head.target ?? "").startsWith("/during/"),
    ).length;
    assert.equal(forwarded, answers.filter((status) => status === 200).length);
    if (onFailure === "reject") assert.ok(answers.includes(503), `answers: ${answers.join(" ")}`);
    else assert.ok(answers.every((status) => status === 200));

    await waitFor(
      "recovery",
      async () => ((await ask(proxy.port, "/after")) === 200 ? true : undefined),
      3000,
    );
    proxy.child.signal("SIGTERM");
    assert.equal((await proxy.child.exited()).code, 0);

    const lines = (await readAudit(folder.file("audit"))).map(({ record }) => record);
    const recorded = new Set(
      lines
        .filter((record) => fieldAt(record, "es_proxy.record") === "request")
        .map((record) => fieldAt(record, "url.original")),
    );
    const gaps = lines.filter((record) => fieldAt(record, "es_proxy.record") === "gap");
    const missing = origin.requests.filter(({ head }) => !recorded.has(head.target)).length;
    if (onFailure === "reject") assert.equal(missing, 0, "forwarded without a record");
    else {
      assert.ok(missing > 0, "the limit had no effect");
      assert.ok(gaps.length > 0, "no gap record");
    }
  });
}

async function ask(port: number, target: string): Promise<number> {
  using client = await connectRaw({ host: "127.0.0.1", port });
  client.send(`GET ${target} HTTP/1.1\r\nHost: es\r\nConnection: close\r\n\r\n`, "GET");
  return (await client.response()).head.status ?? 0;
}

/**
 * RLIMIT_FSIZE of a running process: writes beyond it fail with EFBIG, like a disk that is full.
 */
function limitFileSize(child: Child, bytes: number | "unlimited"): void {
  execFileSync("prlimit", ["--pid", String(child.pid), `--fsize=${bytes}:unlimited`]);
}
