import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { Agent, request } from "undici";
import { bodyPointerAt } from "../../src/audit/format/ecs/ecs-body-fields.ts";
import { Trust } from "../../src/audit/read/verify/trust.ts";
import { verifyTrail } from "../../src/audit/read/verify/verify-trail.ts";
import { readBody } from "../../src/audit/store/stored-body.ts";
import { SigningKey } from "../../src/tlog/signing-key.ts";
import { fieldAt, readAudit } from "../support/audit-reader.ts";
import { startConfiguredProxy } from "../support/proxy-process.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";

/** Runs of the test; `make test-crash` sets 100. */
const runs = Number(process.env["CRASH_RUNS"] ?? "12");
const clients = 16;
const logOrigin = "example.com/crash";

interface Origin extends AsyncDisposable {
  readonly port: number;
  /** Targets of all requests that arrived, as soon as their head was there. */
  readonly targets: Set<string>;
}

async function startCountingOrigin(): Promise<Origin> {
  const targets = new Set<string>();
  const server = http.createServer((incoming, outgoing) => {
    targets.add(incoming.url ?? "");
    incoming.resume().on("end", () => outgoing.end('{"took":1}'));
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    targets,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/**
 * Bodies on both sides of the inline limit, so that both ways of recording are under way at the
 * moment of the kill.
 */
function bodyOf(n: number): string {
  const pad = n % 14 === 0 ? randomBytes(150_000).toString("base64") : "x".repeat(40_000);
  return JSON.stringify({ n, pad: n % 7 === 0 ? pad : "x".repeat((n * 37) % 900) });
}

/** Sends requests until the proxy is gone. */
async function load(port: number, run: number, client: number): Promise<void> {
  const agent = new Agent({ connections: 1, pipelining: 1 });
  try {
    for (let n = 0; ; n += 1) {
      const body = bodyOf(n);
      const options = {
        method: "POST",
        body,
        headers: { "content-type": "application/json" },
        dispatcher: agent,
      } as const;
      const answer = await request(
        `http://127.0.0.1:${port}/crash-${run}/_doc/${client}-${n}`,
        options,
      );
      await answer.body.dump();
    }
  } catch {
    // The kill.
  } finally {
    await agent.destroy();
  }
}

async function wholeLines(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.endsWith(".ndjson")) continue;
    const text = await readFile(`${directory}/${name}`, "latin1");
    assert.ok(text === "" || text.endsWith("\n"), `${name} ends in a torn line`);
  }
}

/** Proof is on: tree and journal must agree after all that. */
function configure(folder: TempDir, originPort: number): string {
  const file = folder.file("es.yaml");
  writeFileSync(
    file,
    `listeners:
  - {name: es, bind: "127.0.0.1:0", routes: [{path: /, pool: es}]}
pools:
  es: {endpoints: ["http://127.0.0.1:${originPort}"]}
audit:
  directory: ${folder.file("audit")}
  rotate: {size: 4MiB}
  proof: {origin: ${logOrigin}, checkpoint_every: 100ms}
`,
  );
  return file;
}

test(`after kill -9 under load, ${runs} times, every request that reached the origin has its record, no exchange stays open, and the log proves all`, async () => {
  await using origin = await startCountingOrigin();
  await using folder = await makeTempDir("crash");
  const directory = folder.file("audit");
  const file = configure(folder, origin.port);
  for (let run = 0; run < runs; run += 1) {
    await using proxy = await startConfiguredProxy(file);
    const before = origin.targets.size;
    const loads = Array.from({ length: clients }, (_, client) => load(proxy.port, run, client));
    await waitFor(
      "load",
      () => (origin.targets.size > before + 40 + ((run * 53) % 200) ? true : undefined),
      20_000,
    );
    proxy.child.signal("SIGKILL");
    await proxy.child.exited();
    await Promise.all(loads);
  }
  await using last = await startConfiguredProxy(file);
  last.child.signal("SIGTERM");
  assert.equal((await last.child.exited(30_000)).code, 0);

  await wholeLines(directory);
  const lines = await readAudit(directory);
  const requests = new Map<string, string>();
  const responses = new Map<string, number>();
  let recovered = 0;
  let bodies = 0;
  for (const { record } of lines) {
    for (const name of ["request_body", "response_body"] as const) {
      const pointer = bodyPointerAt(record, name);
      if (pointer === undefined) continue;
      await readBody(directory, pointer, 1_000_000);
      bodies += 1;
    }
    const id = String(fieldAt(record, "event.id"));
    const kind = fieldAt(record, "es_proxy.record");
    if (kind === "request") requests.set(String(fieldAt(record, "url.original")), id);
    if (kind === "response") responses.set(id, (responses.get(id) ?? 0) + 1);
    if (fieldAt(record, "es_proxy.outcome") === "crash_recovered") recovered += 1;
  }
  const unrecorded = [...origin.targets].filter((target) => !requests.has(target));
  assert.deepEqual(unrecorded, [], "requests that reached the origin without a record");
  const notOnce = [...requests.values()].filter((id) => responses.get(id) !== 1);
  assert.deepEqual(notOnce, [], "exchanges without exactly one terminal record");
  // With sixteen clients at work each kill meets open exchanges: a recovery that finds none has not
  // looked.
  assert.ok(recovered >= runs, `${recovered} exchanges recovered after ${runs} kills`);
  assert.ok(bodies >= runs, `${bodies} bodies lie in packs, each with the hash of its record`);
  const seed = readFileSync(folder.file("audit", "proof.key"), "utf8");
  const trust = Trust.ofKeys([SigningKey.parse(seed, logOrigin, "ed25519").verifier]);
  const { findings, logs } = await verifyTrail({ directory, trust, held: [], jobs: 1 });
  assert.deepEqual(findings, []);
  assert.equal(logs[0]?.pass.result.size, lines.length, "every record is an entry of the log");
  process.stderr.write(
    `crash: ${runs} kills, ${origin.targets.size} requests at the origin, ${recovered} exchanges recovered, 0 without record\n`,
  );
});
