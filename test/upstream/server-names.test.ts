import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import test, { before } from "node:test";
import * as tls from "node:tls";

import { tlsOptions } from "../../src/upstream/connector.ts";
import { makeAuthority, type Authority } from "../support/certificates.ts";

let authority: Authority;
before(async () => {
  authority = await makeAuthority();
});

interface Outcome {
  /** What the server was told; `false`: nothing. */
  readonly sent: string | false | null | undefined;
  /** Code of the error; `undefined`: the certificate is accepted. */
  readonly refused: string | undefined;
}

/** Speaks TLS as to an endpoint whose host is `host`. */
async function shake(
  host: string,
  serverName: string | undefined,
  certificate: { readonly certPem: string; readonly keyPem: string },
): Promise<Outcome> {
  let sent: Outcome["sent"] = undefined;
  const server = tls.createServer({ cert: certificate.certPem, key: certificate.keyPem });
  server.on("secureConnection", (socket) => {
    sent = socket.servername;
    socket.on("error", () => undefined);
    socket.end();
  });
  server.on("tlsClientError", () => undefined);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const secureContext = tls.createSecureContext({ ca: authority.certPem });
  const identity = { secureContext, serverName, isVerified: true };
  const address = { host, port, path: undefined, isTls: true, url: "", authority: "", weight: 1 };
  const socket = tls.connect({ ...tlsOptions(address, identity), host: "127.0.0.1", port });
  const refused = await new Promise<string | undefined>((resolve) => {
    socket.on("secureConnect", () => socket.on("end", () => resolve(undefined)).resume());
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code));
  });
  socket.destroy();
  server.close();
  await once(server, "close");
  return { sent, refused };
}

const wrongName = "ERR_TLS_CERT_ALTNAME_INVALID";

test("names are verified without their dot and in any case, addresses are never sent", async () => {
  const names = ["es.test", "*.wild.test", "127.0.0.1", "xn--mnchen-3ya.test"];
  const certificate = await authority.server({ name: "other", altNames: names });
  for (const [name, sent, refused] of [
    ["es.test", "es.test", undefined],
    ["es.test.", "es.test", undefined],
    ["ES.Test", "es.test", undefined],
    ["a.wild.test", "a.wild.test", undefined],
    ["a.wild.test.", "a.wild.test", undefined],
    ["münchen.test", "xn--mnchen-3ya.test", undefined],
    ["127.0.0.1", false, undefined],
    ["127.0.0.1.", false, undefined],
    ["a.b.wild.test", "a.b.wild.test", wrongName],
    ["wild.test", "wild.test", wrongName],
    ["es.test.evil.test", "es.test.evil.test", wrongName],
    ["xes.test", "xes.test", wrongName],
    ["other", "other", wrongName],
    ["127.0.0.2", false, wrongName],
    ["::1", false, wrongName],
    ["::ffff:127.0.0.1", false, wrongName],
  ] as const)
    for (const [host, serverName] of [
      [name, undefined],
      ["10.0.0.1", name],
    ] as const) {
      const outcome = await shake(host, serverName, certificate);
      assert.equal(outcome.refused, refused, `${name} as ${serverName ?? "host"}`);
      if (refused === undefined) assert.equal(outcome.sent, sent, name);
    }
});

test("a common name is none: neither without alternative names, nor beside an address", async () => {
  for (const altNames of [[], ["127.0.0.1"]]) {
    const certificate = await authority.server({ name: "es.test", altNames });
    assert.equal((await shake("es.test", undefined, certificate)).refused, wrongName);
  }
  const address = await authority.server({ name: "127.0.0.1", altNames: ["localhost"] });
  assert.equal((await shake("127.0.0.1", undefined, address)).refused, wrongName);
});

test("an expired certificate, and one of another authority, is refused whatever its name", async () => {
  const expired = await authority.server({ isExpired: true });
  assert.equal((await shake("localhost", undefined, expired)).refused, "CERT_HAS_EXPIRED");
  const other = await (await makeAuthority("Other CA")).server();
  const { refused } = await shake("localhost", undefined, other);
  assert.equal(refused, "UNABLE_TO_VERIFY_LEAF_SIGNATURE");
});
