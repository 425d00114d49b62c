import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { before, test } from "node:test";

import { createHttpClient } from "../../src/attestation/http-client.ts";
import { requestTimestamp } from "../../src/attestation/timestamp-client.ts";
import type { TimestampResult } from "../../src/attestation/timestamp-client.ts";
import { readCertificates, verifyTimestamp } from "../../src/attestation/timestamp-token.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { makeAuthorityIdentity } from "./authority-identity.ts";
import type { AuthorityIdentity } from "./authority-identity.ts";
import { OpensslAuthority, opensslMissing } from "./openssl-authority.ts";
import { grantedResponse, makeToken, refusedResponse } from "./own-authority.ts";

const imprint = createHash("sha256").update("a checkpoint\n").digest();
let identity: AuthorityIdentity;

before(async () => {
  identity = await makeAuthorityIdentity();
});

/** Asks a server that answers with what the test says. */
async function ask(
  answer: (response: ServerResponse, request: Buffer) => void,
): Promise<TimestampResult> {
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      assert.equal(request.headers["content-type"], "application/timestamp-query");
      answer(response, Buffer.concat(pieces));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tsa`;
  const http = createHttpClient({ timeoutMs: 2000 });
  try {
    const trusted = readCertificates(identity.chainPem.join(""));
    return await requestTimestamp({ url, trusted }, imprint, http);
  } finally {
    server.closeAllConnections();
    server.close();
    await http.close();
  }
}

function reply(response: ServerResponse, body: Uint8Array): void {
  response.writeHead(200, { "content-type": "application/timestamp-reply" }).end(body);
}

/** The nonce stands before `certReq TRUE`, which has three bytes, behind the imprint of 32. */
function nonceOf(request: Buffer): Buffer {
  const at = request.indexOf(imprint) + imprint.length;
  return request.subarray(at + 2, at + 2 + (request[at + 1] ?? 0));
}

test(
  "gets a token from openssl over HTTP, which can be checked again later",
  { skip: opensslMissing },
  async () => {
    await using folder = await makeTempDir("tsa");
    const openssl = new OpensslAuthority(folder, identity);
    const result = await ask((response, request) => reply(response, openssl.answer(request)));
    assert.ok(result.kind === "stamped", JSON.stringify(result));
    const trusted = readCertificates(identity.chainPem.join(""));
    const again = verifyTimestamp(result.token, imprint, trusted);
    assert.equal(again.time, result.timestamp.time);
    assert.equal(again.nonce?.length, result.timestamp.nonce?.length);
  },
);

test("the nonce of each request is another one, and must come back", async () => {
  const nonces: string[] = [];
  for (let i = 0; i < 3; i += 1) {
    const result = await ask((response, request) => {
      nonces.push(nonceOf(request).toString("hex"));
      reply(response, grantedResponse(makeToken(identity, { imprint, nonce: nonceOf(request) })));
    });
    assert.equal(result.kind, "stamped", JSON.stringify(result));
  }
  assert.equal(new Set(nonces).size, 3);
  const replayed = await ask((response) => {
    const nonce = Buffer.from(nonces[0] ?? "", "hex");
    reply(response, grantedResponse(makeToken(identity, { imprint, nonce })));
  });
  assert.deepEqual(replayed, {
    kind: "refused",
    reason: "the token is the answer to another request",
  });
});

test("answers that prove nothing are refused, with the reason", async () => {
  const refused = await ask((response) => reply(response, refusedResponse(2, "not today")));
  assert.deepEqual(refused, { kind: "refused", reason: "the authority refuses (2): not today" });
  const answers: readonly ((response: ServerResponse) => void)[] = [
    (response) => reply(response, Buffer.from("garbage")),
    (response) => void response.end("<html>"),
    (response) => void response.writeHead(404).end(),
    (response) => void response.writeHead(302, { location: "/" }).end(),
  ];
  for (const answer of answers) assert.equal((await ask(answer)).kind, "refused");
});

test("no answer and an overloaded authority may be asked again", async () => {
  for (const answer of [
    (response: ServerResponse) => void response.destroy(),
    (response: ServerResponse) => void response.writeHead(503).end(),
    (response: ServerResponse) => void response.writeHead(429).end(),
  ])
    assert.equal((await ask(answer)).kind, "unavailable");
});
