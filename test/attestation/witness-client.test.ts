import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";

import { createHttpClient } from "../../src/attestation/http-client.ts";
import { WitnessClient } from "../../src/attestation/witness-client.ts";
import type { CosignResult } from "../../src/attestation/witness-client.ts";
import { formatNote, formatSignature, parseNote, parseSignatures } from "../../src/tlog/note.ts";
import { parsePolicy } from "../../src/tlog/policy-file.ts";
import { verifyByPolicy } from "../../src/tlog/policy.ts";
import { TlogError } from "../../src/tlog/tlog-error.ts";
import { VerifierKey } from "../../src/tlog/verifier-key.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { seededKey } from "../tlog/keys.ts";
import { GrowingLog } from "../witness/growing-log.ts";
import { startLocalWitness, witnessOptions } from "../witness/local-witness.ts";

const log = new GrowingLog();
const key = seededKey("witness.example/w1", 3, "ed25519-cosignature");

interface FakeWitness extends AsyncDisposable {
  readonly client: WitnessClient;
  /** First lines of the bodies that came. */
  readonly asked: readonly string[];
}

/** A server that answers with what the test says, and a client of it with a short timeout. */
async function fakeWitness(
  answer: (response: ServerResponse, asked: readonly string[]) => void,
  path = "",
): Promise<FakeWitness> {
  const asked: string[] = [];
  const server: Server = createServer((request: IncomingMessage, response: ServerResponse) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("end", () => {
      asked.push(`${request.url} ${body.split("\n", 1)[0]}`);
      answer(response, asked);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  const http = createHttpClient({ timeoutMs: 300 });
  return {
    client: new WitnessClient({ url, keys: [key.verifier] }, http),
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await http.close();
    },
  };
}

function ask(client: WitnessClient, size: number, from = log): Promise<CosignResult> {
  return client.cosign(from.checkpoint(size), (oldSize) => from.prove(oldSize, size));
}

/** The lines of an honest witness. */
function lines(size: number, time = 1_700_000_000): string {
  return formatSignature(key.sign(parseNote(log.checkpoint(size)).text, time));
}

test("learns the witness's size from a 409, and then asks once for each checkpoint", async () => {
  await using folder = await makeTempDir("witness");
  await using witness = await startLocalWitness(witnessOptions(folder.path, [log]));
  await witness.post(log.request(0, 50));
  const http = createHttpClient();
  const keys = witness.running.vkeys.map((vkey) => VerifierKey.parse(vkey));
  const client = new WitnessClient({ url: `${witness.running.url}/`, keys }, http);
  const proved: number[] = [];
  for (const size of [60, 61, 399, 399]) {
    const result = await client.cosign(log.checkpoint(size), (oldSize) => {
      proved.push(oldSize);
      return log.prove(oldSize, size);
    });
    assert.ok(result.kind === "cosigned", JSON.stringify(result));
    assert.equal(parseSignatures(result.lines)[0]?.name, "witness.example/w1");
    assert.ok(Math.abs(result.time - Date.now() / 1000) < 60);
  }
  assert.deepEqual(proved, [0, 50, 60, 61, 399]);
  await http.close();
});

test("two hosts cosign each other's logs, and a policy accepts what comes out", async () => {
  await using folder = await makeTempDir("witness");
  const logs = [new GrowingLog("a.example/log", 1), new GrowingLog("b.example/log", 2)] as const;
  await using ofA = await startLocalWitness(witnessOptions(folder.file("a"), [logs[1]]));
  await using ofB = await startLocalWitness(witnessOptions(folder.file("b"), [logs[0]]));
  for (const [each, witness] of [
    [logs[0], ofB],
    [logs[1], ofA],
  ] as const) {
    const http = createHttpClient();
    const [vkey = ""] = witness.running.vkeys;
    const keys = [VerifierKey.parse(vkey)];
    const client = new WitnessClient({ url: witness.running.url, keys }, http);
    const result = await ask(client, 20, each);
    assert.ok(result.kind === "cosigned");
    const { text, signatures } = parseNote(each.checkpoint(20));
    const cosigned = [...signatures, ...parseSignatures(result.lines)];
    const policy = `log ${each.key.verifier.toString()}\nwitness W ${vkey}\nquorum W\n`;
    const parsed = parsePolicy(Buffer.from(policy));
    assert.ok("policy" in parsed);
    const note = Buffer.from(formatNote({ text, signatures: cosigned }));
    assert.equal(verifyByPolicy(note, parsed.policy).cosignatures[0]?.time, result.time);
    await http.close();
  }
});

test("a witness that knows a larger or another tree is a conflict", async () => {
  await using folder = await makeTempDir("witness");
  await using witness = await startLocalWitness(witnessOptions(folder.path, [log]));
  await witness.post(log.request(0, 50));
  const http = createHttpClient();
  const keys = witness.running.vkeys.map((vkey) => VerifierKey.parse(vkey));
  const client = new WitnessClient({ url: witness.running.url, keys }, http);
  const behind = await ask(client, 40);
  assert.ok(behind.kind === "conflict");
  assert.equal(behind.witnessSize, 50);
  const fork = new GrowingLog(log.origin, 1);
  for (const size of [50, 60]) assert.equal((await ask(client, size, fork)).kind, "conflict");
  assert.equal((await ask(client, 60)).kind, "cosigned");
  await http.close();
});

test("the URL may have a path, with or without a slash behind it", async () => {
  for (const path of ["/w", "/w/"]) {
    await using witness = await fakeWitness((response) => response.end(lines(5)), path);
    assert.equal((await ask(witness.client, 5)).kind, "cosigned");
    assert.deepEqual(witness.asked, ["/w/add-checkpoint old 0"]);
  }
});

test("lines of unknown keys are left out; without a valid one nothing is cosigned", async () => {
  const stranger = seededKey("witness.example/w2", 9, "ed25519-cosignature");
  const { text } = parseNote(log.checkpoint(5));
  const strange = formatSignature(stranger.sign(text, 5));
  const answers: readonly (readonly [string, string])[] = [
    [`${strange}${lines(5)}`, "cosigned"],
    [strange, "refused"],
    [lines(6), "refused"],
    [lines(5, 0), "refused"],
    ["", "refused"],
    ["garbage\n", "refused"],
  ];
  for (const [body, kind] of answers) {
    await using witness = await fakeWitness((response) => response.end(body));
    const result = await ask(witness.client, 5);
    assert.equal(result.kind, kind, JSON.stringify(result));
    if (result.kind === "cosigned") assert.equal(result.lines, lines(5));
  }
});

test("statuses tell what to try again and what not", async () => {
  const statuses: readonly (readonly [number, CosignResult["kind"]])[] = [
    [400, "refused"],
    [403, "refused"],
    [404, "refused"],
    [301, "refused"],
    [409, "conflict"],
    [422, "conflict"],
    [429, "unavailable"],
    [500, "unavailable"],
    [503, "unavailable"],
  ];
  for (const [status, kind] of statuses) {
    await using witness = await fakeWitness((response) =>
      response.writeHead(status, { location: "http://127.0.0.1:1/" }).end("why\u001b[31m not\n…"),
    );
    const result = await ask(witness.client, 5);
    assert.equal(result.kind, kind, `${status}: ${JSON.stringify(result)}`);
    assert.ok(result.kind !== "cosigned");
    assert.equal(result.reason, `${status}: why?[31m not`);
  }
});

test("a size is only read from an answer of its type", async () => {
  await using witness = await fakeWitness((response) =>
    response.writeHead(409, { "content-type": "text/plain" }).end("4\n"),
  );
  assert.equal((await ask(witness.client, 5)).kind, "conflict");
  assert.equal(witness.asked.length, 1);
});

test("a witness whose size changes with every answer is given up", async () => {
  await using witness = await fakeWitness((response, asked) =>
    response
      .writeHead(409, { "content-type": "text/x.tlog.size; charset=utf-8" })
      .end(`${asked.length}\n`),
  );
  assert.equal((await ask(witness.client, 50)).kind, "unavailable");
  assert.deepEqual(
    witness.asked.map((line) => line.slice("/add-checkpoint ".length)),
    ["old 0", "old 1", "old 2"],
  );
});

test("with no answer, a slow or an endless one the witness is unavailable", async () => {
  const answers: readonly ((response: ServerResponse) => void)[] = [
    (response) => void response.destroy(),
    () => {},
    (response) => void response.write("— "),
    (response) => void response.end("x".repeat(300_000)),
  ];
  for (const answer of answers) {
    await using witness = await fakeWitness(answer);
    const result = await ask(witness.client, 5);
    assert.equal(result.kind, "unavailable", JSON.stringify(result));
  }
  const http = createHttpClient();
  const nowhere = new WitnessClient({ url: "http://127.0.0.1:1", keys: [key.verifier] }, http);
  assert.deepEqual(await ask(nowhere, 5), { kind: "unavailable", reason: "ECONNREFUSED" });
  await http.close();
});

test("what is wrong with our own log is an error, not a result", async () => {
  await using witness = await fakeWitness((response) => response.end(lines(5)));
  const failing = (): Uint8Array[] => {
    throw new TlogError("tile", "tile/0/000 is missing");
  };
  await assert.rejects(witness.client.cosign(log.checkpoint(5), failing), { code: "tile" });
  await assert.rejects(
    witness.client.cosign(Buffer.from("x"), () => []),
    { code: "syntax" },
  );
  assert.deepEqual(witness.asked, []);
});
