import assert from "node:assert/strict";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";

import { createHttpClient } from "../../src/attestation/http-client.ts";
import { WitnessClient } from "../../src/attestation/witness-client.ts";
import { parseNote, parseSignatures, verifyNote } from "../../src/tlog/note.ts";
import type { VerifiedSignature } from "../../src/tlog/note.ts";
import { verifyCheckpoint } from "../../src/tlog/signed-checkpoint.ts";
import { VerifierKey } from "../../src/tlog/verifier-key.ts";
import { originId } from "../../src/witness/checkpoint-files.ts";
import { makeAuthority, writeIdentity } from "../support/certificates.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { GrowingLog } from "./growing-log.ts";
import { startLocalWitness, witnessOptions } from "./local-witness.ts";

const log = new GrowingLog();

/** Signatures of the witness in the body of a 200, verified. */
async function cosignatures(
  answer: Response,
  checkpoint: Uint8Array,
  vkeys: readonly string[],
): Promise<VerifiedSignature[]> {
  assert.equal(answer.status, 200);
  const { text } = parseNote(checkpoint);
  const signatures = parseSignatures(await answer.text());
  return verifyNote(
    { text, signatures },
    vkeys.map((vkey) => VerifierKey.parse(vkey)),
  );
}

test("cosigns a growing log, and serves the newest checkpoint with both signatures", async () => {
  await using folder = await makeTempDir("witness");
  await using witness = await startLocalWitness(witnessOptions(folder.path, [log]));
  const { vkeys, url } = witness.running;
  const before = Math.floor(Date.now() / 1000);
  let oldSize = 0;
  for (const size of [5, 5, 8, 300]) {
    const answer = await witness.post(log.request(oldSize, size));
    const [cosignature, ...others] = await cosignatures(answer, log.checkpoint(size), vkeys);
    assert.deepEqual(others, []);
    assert.ok((cosignature?.time ?? 0) >= before);
    oldSize = size;
  }
  const latest = await fetch(`${url}/${originId(log.origin)}/checkpoint`);
  assert.equal(latest.headers.get("content-type"), "text/plain; charset=utf-8");
  const note = Buffer.from(await latest.arrayBuffer());
  const keys = [log.key.verifier, ...vkeys.map((vkey) => VerifierKey.parse(vkey))];
  const { checkpoint, signatures } = verifyCheckpoint(note, keys);
  assert.deepEqual([checkpoint.size, checkpoint.root], [300, log.root(300)]);
  assert.deepEqual(
    signatures.map(({ key }) => key.name),
    [log.origin, "witness.example/w1"],
  );
  const head = await fetch(`${url}/${originId(log.origin)}/checkpoint`, { method: "HEAD" });
  assert.equal(head.headers.get("content-length"), String(note.length));
});

test("tells its size when the old size is another, in the protocol's type", async () => {
  await using folder = await makeTempDir("witness");
  await using witness = await startLocalWitness(witnessOptions(folder.path, [log]));
  await witness.post(log.request(0, 7));
  const answer = await witness.post(log.request(0, 9));
  assert.equal(answer.status, 409);
  assert.equal(answer.headers.get("content-type"), "text/x.tlog.size");
  assert.equal(await answer.text(), "7\n");
});

test("each refusal has the status of the protocol, and changes nothing", async () => {
  await using folder = await makeTempDir("witness");
  await using witness = await startLocalWitness(witnessOptions(folder.path, [log]));
  await witness.post(log.request(0, 7));
  const unknown = new GrowingLog("example.com/unknown");
  const fork = new GrowingLog(log.origin, 1);
  const good = log.request(7, 9).toString();
  const refusals: readonly (readonly [Uint8Array | string, number])[] = [
    ["garbage", 400],
    [log.request(9, 8), 400],
    [unknown.request(0, 7), 404],
    [good.replace(/^— .*\n/mu, "— someone.else AAAAAAA=\n"), 403],
    [good.replace("\n9\n", "\n10\n"), 403],
    [fork.request(7, 9), 422],
    [fork.request(7, 7), 422],
  ];
  for (const [body, status] of refusals) {
    const answer = await witness.post(body);
    assert.equal(answer.status, status, Buffer.from(body).toString().slice(0, 60));
    assert.match(await answer.text(), /^[^\n]+\n$/);
  }
  assert.equal((await witness.post(log.request(7, 7))).status, 200);
});

test("keeps the second tree of a log that has signed two of one size", async () => {
  await using folder = await makeTempDir("witness");
  await using witness = await startLocalWitness(witnessOptions(folder.path, [log]));
  const fork = new GrowingLog(log.origin, 1);
  await witness.post(log.request(0, 7));
  for (let i = 0; i < 3; i += 1) assert.equal((await witness.post(fork.request(7, 7))).status, 422);
  const place = join(folder.path, originId(log.origin));
  const conflicts = readdirSync(place).filter((name) => name.startsWith("conflict-"));
  assert.equal(conflicts.length, 1);
  assert.deepEqual(readFileSync(join(place, conflicts[0] ?? "")), fork.checkpoint(7));
  const told = witness.lines.filter((line) => line.startsWith("error a log has signed two trees"));
  assert.equal(told.length, 1, "once in ten seconds");
});

test("serves many logs apart from each other", async () => {
  await using folder = await makeTempDir("witness");
  const logs = Array.from({ length: 20 }, (_, i) => new GrowingLog(`example.com/${i}`, i));
  await using witness = await startLocalWitness(witnessOptions(folder.path, logs));
  await Promise.all(
    logs.map(async (each, i) => {
      assert.equal((await witness.post(each.request(0, i))).status, 200);
      assert.equal((await witness.post(each.request(i, i + 30))).status, 200);
    }),
  );
  for (const [i, each] of logs.entries()) {
    const answer = await fetch(`${witness.running.url}/${originId(each.origin)}/checkpoint`);
    const note = Buffer.from(await answer.arrayBuffer());
    assert.equal(verifyCheckpoint(note, [each.key.verifier]).checkpoint.size, i + 30);
  }
});

test("of requests that race from one size only one is cosigned", async () => {
  await using folder = await makeTempDir("witness");
  await using witness = await startLocalWitness(witnessOptions(folder.path, [log]));
  let oldSize = 0;
  for (let round = 0; round < 5; round += 1) {
    const from = oldSize;
    const sizes = Array.from({ length: 8 }, (_, i) => from + 1 + ((i * 5 + round) % 8));
    const statuses = await Promise.all(
      sizes.map(async (size) => (await witness.post(log.request(from, size))).status),
    );
    // It moves the size, so that every other one starts from a wrong one.
    assert.equal(statuses.filter((status) => status === 200).length, 1, String(statuses));
    assert.equal(statuses.filter((status) => status === 409).length, 7, String(statuses));
    oldSize = sizes[statuses.indexOf(200)] ?? 0;
    assert.equal(await (await witness.post(log.request(399, 399))).text(), `${oldSize}\n`);
  }
});

test("goes on after a restart with the same key and the same memory", async () => {
  await using folder = await makeTempDir("witness");
  const options = witnessOptions(folder.path, [log]);
  const first = await startLocalWitness(options);
  await first.post(log.request(0, 7));
  await first.running.close();
  assert.ok(first.lines.some((line) => line.startsWith("info a new key was made")));
  await using second = await startLocalWitness(options);
  assert.deepEqual(second.running.vkeys, first.running.vkeys);
  assert.equal(await (await second.post(log.request(0, 9))).text(), "7\n");
  assert.equal((await second.post(log.request(7, 9))).status, 200);
});

test("makes its keys with mode 0600, and warns when others can read one", async () => {
  await using folder = await makeTempDir("witness");
  const options = witnessOptions(join(folder.path, "a", "b"), [log]);
  const first = await startLocalWitness(options);
  await first.running.close();
  const file = folder.file("a", "b", "ed25519.key");
  assert.equal(statSync(file).mode & 0o777, 0o600);
  chmodSync(file, 0o644);
  await using second = await startLocalWitness(options);
  assert.ok(second.lines.some((line) => line.startsWith("warn others than the owner may read")));
});

test("signs with Ed25519 and ML-DSA-44 side by side", async () => {
  await using folder = await makeTempDir("witness");
  const options = witnessOptions(
    folder.path,
    [log],
    [
      { type: "ed25519-cosignature", file: folder.file("one.key") },
      { type: "ml-dsa-44-cosignature", file: folder.file("two.key") },
    ],
  );
  await using witness = await startLocalWitness(options);
  const answer = await witness.post(log.request(0, 7));
  const verified = await cosignatures(answer, log.checkpoint(7), witness.running.vkeys);
  assert.deepEqual(
    verified.map(({ key }) => key.type),
    ["ed25519-cosignature", "ml-dsa-44-cosignature"],
  );
});

test("cosigns nothing of a log whose stored checkpoint is damaged", async () => {
  await using folder = await makeTempDir("witness");
  await using witness = await startLocalWitness(witnessOptions(folder.path, [log]));
  await witness.post(log.request(0, 7));
  const path = join(folder.path, originId(log.origin), "checkpoint");
  const stored = readFileSync(path);
  // The last one is whole, but of another log, as after a mistake with a backup.
  const strange = new GrowingLog("example.com/other").checkpoint(7);
  for (const damaged of ["", "garbage", stored.subarray(0, 40), strange]) {
    writeFileSync(path, damaged);
    assert.equal((await witness.post(log.request(0, 9))).status, 500);
    assert.equal((await witness.post(log.request(7, 9))).status, 500);
  }
  assert.ok(witness.lines.some((line) => line.includes("nothing was cosigned")));
  writeFileSync(path, stored);
  assert.equal((await witness.post(log.request(7, 9))).status, 200);
});

test("a running witness does not forget with its files", async () => {
  await using folder = await makeTempDir("witness");
  await using witness = await startLocalWitness(witnessOptions(folder.path, [log]));
  const place = join(folder.path, originId(log.origin));
  const file = join(place, "checkpoint");
  await witness.post(log.request(0, 5));
  const old = readFileSync(file);
  await witness.post(log.request(5, 7));
  const newest = readFileSync(file);
  const fork = new GrowingLog(log.origin, 1);
  for (const attack of [
    () => rmSync(place, { recursive: true }),
    () => (mkdirSync(place), writeFileSync(file, old)),
    () => writeFileSync(file, fork.checkpoint(7)),
  ]) {
    attack();
    for (const request of [fork.request(0, 9), log.request(5, 9), fork.request(7, 9)])
      assert.equal((await witness.post(request)).status, 500);
  }
  writeFileSync(file, newest);
  assert.equal((await witness.post(log.request(7, 9))).status, 200);
});

test("a witness whose directory another one has taken cosigns nothing", async () => {
  await using folder = await makeTempDir("witness");
  await using first = await startLocalWitness(witnessOptions(folder.path, [log]));
  await first.post(log.request(0, 5));
  rmSync(join(folder.path, "witness.lock"));
  await using second = await startLocalWitness(witnessOptions(folder.path, [log]));
  assert.equal((await first.post(log.request(5, 7))).status, 500);
  assert.equal((await second.post(log.request(5, 8))).status, 200);
});

test("what a crash has left of an unfinished write is not looked at", async () => {
  await using folder = await makeTempDir("witness");
  await using witness = await startLocalWitness(witnessOptions(folder.path, [log]));
  await witness.post(log.request(0, 7));
  writeFileSync(join(folder.path, originId(log.origin), "checkpoint.new"), "half a chec");
  assert.equal((await witness.post(log.request(7, 9))).status, 200);
  assert.equal(await (await witness.post(log.request(0, 10))).text(), "9\n");
});

test("a second witness over the same folder is refused", async () => {
  await using folder = await makeTempDir("witness");
  await using witness = await startLocalWitness(witnessOptions(folder.path, [log]));
  assert.ok(witness.running.url.startsWith("http://127.0.0.1:"));
  await assert.rejects(startLocalWitness(witnessOptions(folder.path, [log])), {
    code: "ESP_ERR_CONFIG",
    message: /another witness uses it \(process \d+\)/,
  });
});

test("a key file with something else in it is named", async () => {
  await using folder = await makeTempDir("witness");
  const file = folder.file("w.key");
  writeFileSync(file, "secret");
  const options = witnessOptions(folder.path, [log], [{ type: "ed25519-cosignature", file }]);
  await assert.rejects(startLocalWitness(options), (error: Error) => {
    assert.match(error.message, new RegExp(`${file}: the private key`));
    assert.ok(!error.message.includes("secret"));
    return true;
  });
});

test("other paths, methods and bodies are refused", async () => {
  await using folder = await makeTempDir("witness");
  await using witness = await startLocalWitness(witnessOptions(folder.path, [log]));
  const { url } = witness.running;
  const id = originId(log.origin);
  const status = async (path: string, init: RequestInit = {}): Promise<number> =>
    (await fetch(`${url}${path}`, init)).status;
  assert.equal(await status("/"), 404);
  assert.equal(await status(`/${id}/checkpoint`), 404, "nothing has been cosigned yet");
  assert.equal(await status(`/${"0".repeat(64)}/checkpoint`), 404);
  assert.equal(await status(`/${id}/../ed25519.key`), 404);
  assert.equal(await status("/add-checkpoint"), 405);
  assert.equal(await status(`/${id}/checkpoint`, { method: "POST", body: "x" }), 405);
  assert.equal((await witness.post(Buffer.alloc(262_145, "a"))).status, 413);
  assert.equal((await witness.post(Buffer.alloc(262_144, "a"))).status, 400);
});

test("speaks TLS where it is asked to, and the client checks who it is", async () => {
  await using folder = await makeTempDir("witness");
  const authority = await makeAuthority();
  const files = await writeIdentity(folder.path, "witness", await authority.server());
  const tls = {
    certFile: files.cert,
    keyFile: files.key,
    clientCaFile: undefined,
    clientCrlFile: undefined,
    clientAuth: "require",
    minVersion: "TLSv1.2",
    ciphers: "DEFAULT",
  } as const;
  await using witness = await startLocalWitness({ ...witnessOptions(folder.path, [log]), tls });
  const { url, vkeys } = witness.running;
  assert.match(url, /^https:\/\/127\.0\.0\.1:/);
  const keys = vkeys.map((vkey) => VerifierKey.parse(vkey));
  for (const [ca, kind] of [
    [authority.certPem, "cosigned"],
    [(await makeAuthority()).certPem, "unavailable"],
  ] as const) {
    const http = createHttpClient({ ca });
    const client = new WitnessClient({ url, keys }, http);
    const result = await client.cosign(log.checkpoint(7), (oldSize) => log.prove(oldSize, 7));
    assert.equal(result.kind, kind, JSON.stringify(result));
    await http.close();
  }
});

test("a client that leaves in the middle of its request disturbs nobody", async () => {
  await using folder = await makeTempDir("witness");
  await using witness = await startLocalWitness(witnessOptions(folder.path, [log]));
  const socket = connect(Number(new URL(witness.running.url).port), "127.0.0.1");
  let isClosed = false;
  socket.on("close", () => (isClosed = true)).on("error", () => {});
  socket.write("POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: 500\r\n\r\nold 0\n");
  socket.destroySoon();
  await waitFor("the connection to end", () => isClosed);
  assert.equal((await witness.post(log.request(0, 7))).status, 200);
});
