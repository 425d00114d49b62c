import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import test, { after } from "node:test";
import type { TLSSocket } from "node:tls";
import { readAudit } from "../support/audit-reader.ts";
import {
  makeAuthority,
  makeSelfSigned,
  writeIdentity,
  type Identity,
} from "../support/certificates.ts";
import { type ProxyProcess, startConfiguredProxy, startProxy } from "../support/proxy-process.ts";
import { connectRaw, type RawClient } from "../support/raw-client.ts";
import { type RecordingOrigin, startOrigin } from "../support/recording-origin.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { testVariants } from "../support/test-variants.ts";
import { waitFor } from "../support/wait-for.ts";

const folder = await makeTempDir("tls");
const authority = await makeAuthority("Trusted CA");
const stranger = await makeAuthority("Other CA");
const clientFiles = await writeIdentity(
  folder.path,
  "client",
  await authority.client({ name: "es-proxy" }),
);
await writeFile(folder.file("ca.pem"), authority.certPem);

const identities: Readonly<Record<string, Identity>> = {
  good: await authority.server(),
  "self-signed": await makeSelfSigned(),
  "wrong-name": await authority.server({ name: "other.test", altNames: ["other.test"] }),
  expired: await authority.server({ isExpired: true }),
  "wrong-ca": await stranger.server(),
};
const origins: Record<string, RecordingOrigin> = {};
for (const [name, identity] of Object.entries(identities))
  origins[name] = await startOrigin({ tls: { cert: identity.certPem, key: identity.keyPem } });
origins["mutual"] = await startOrigin({
  tls: {
    cert: identities["good"]?.certPem,
    key: identities["good"]?.keyPem,
    ca: authority.certPem,
    requestCert: true,
    rejectUnauthorized: true,
  },
});

const serverFiles = await writeIdentity(
  folder.path,
  "server",
  await authority.server({ name: "first" }),
);
const pools = Object.entries(origins).map(([name, origin]) => {
  const client = name === "mutual" ? `, cert: ${clientFiles.cert}, key: ${clientFiles.key}` : "";
  return `  ${name}: {endpoints: ["https://127.0.0.1:${origin.port}"], tls: {ca: ${folder.file("ca.pem")}${client}}}
  ${name}-unnamed: {endpoints: ["https://127.0.0.1:${origin.port}"], tls: {ca: ${folder.file("ca.pem")}}}
  ${name}-unverified: {endpoints: ["https://127.0.0.1:${origin.port}"], tls: {verify: false}}`;
});
const routes = Object.keys(origins).flatMap((name) => [
  name,
  `${name}-unnamed`,
  `${name}-unverified`,
]);
await writeFile(
  folder.file("es-proxy.yaml"),
  `listeners:
  - name: es
    bind: 127.0.0.1:0
    tls: {cert: ${serverFiles.cert}, key: ${serverFiles.key}, client_ca: ${folder.file("ca.pem")}, client_auth: request}
    routes:
${routes.map((name) => `      - {path: /${name}, pool: ${name}}`).join("\n")}
pools:
${pools.join("\n")}
audit: {directory: ${folder.file("audit")}, format: ecs}
`,
);
const proxy = await startConfiguredProxy(folder.file("es-proxy.yaml"));
after(async () => {
  await proxy[Symbol.asyncDispose]();
  for (const origin of Object.values(origins)) await origin.close();
  await folder.remove();
});

function connect(
  to: ProxyProcess = proxy,
  identity?: Identity,
  more: object = {},
): Promise<RawClient> {
  const own = identity === undefined ? {} : { cert: identity.certPem, key: identity.keyPem };
  return connectRaw({
    port: to.port,
    tls: { ca: authority.certPem, servername: "localhost", ...own, ...more },
  });
}

async function get(target: string): Promise<{ status: number; body: string }> {
  using client = await connect();
  client.send(`GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`, "GET");
  const answer = await client.response();
  return { status: answer.head.status, body: answer.body.toString() };
}

test("speaks TLS on both sides and verifies a good endpoint", async () => {
  assert.equal((await get("/good/a")).status, 200);
  assert.equal(origins["good"]?.requestsFor("/good/a").length, 1);
});

testVariants(
  "answers 502 for an endpoint that cannot prove who it is, and sends it nothing",
  {
    "self-signed": "self-signed",
    "wrong name": "wrong-name",
    expired: "expired",
    "wrong authority": "wrong-ca",
  },
  async (name) => {
    const { status, body } = await get(`/${name}/a`);
    assert.equal(status, 502);
    assert.match(body, /upstream_tls/);
    assert.equal(origins[name]?.requests.length, 0);
    assert.equal(
      origins[name]?.connections.reduce((sum, one) => sum + one.byteCount, 0),
      0,
    );
  },
);

test("forwards to such an endpoint where verification is off", async () => {
  assert.equal((await get("/expired-unverified/a")).status, 200);
});

test("shows its client certificate to an endpoint that asks for one, and only for the pool that has it", async () => {
  assert.equal((await get("/mutual/a")).status, 200);
  const carrier = origins["mutual"]?.connections.find((one) => one.requests.length > 0);
  assert.ok(carrier !== undefined);
  assert.equal((carrier.socket as TLSSocket).getPeerCertificate().subject.CN, "es-proxy");
  assert.equal((await get("/mutual-unnamed/a")).status, 502);
  assert.equal(origins["mutual"]?.requestsFor("/mutual-unnamed/a").length, 0);
});

test("records the subject of a client certificate", async () => {
  using client = await connect(proxy, await authority.client({ name: "alice" }));
  client.send("GET /good/named HTTP/1.1\r\nHost: x\r\n\r\n", "GET");
  assert.equal((await client.response()).head.status, 200);
  const records = await waitFor("two records", async () => {
    const lines = (await readAudit(folder.file("audit"), { allowTornTail: true })).map(
      ({ record }) => JSON.stringify(record),
    );
    const own = lines.filter((line) => line.includes("/good/named"));
    return own.length >= 2 ? own : undefined;
  });
  assert.match(records[0] ?? "", /alice/);
});

test("refuses TLS below 1.2", async () => {
  const old = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" };
  // The alert comes from the proxy; a client that could not speak it itself would fail in another
  // way.
  await assert.rejects(connect(proxy, undefined, old), {
    code: "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION",
  });
});

for (const ciphers of ["ECDHE-ECDSA-AES128-SHA256", "AES128-GCM-SHA256", "ECDHE-RSA-AES256-SHA"])
  test(`does not offer ${ciphers}: no CBC, no key exchange without forward secrecy`, async () => {
    const weak = { maxVersion: "TLSv1.2", ciphers: `${ciphers}:@SECLEVEL=0` } as const;
    await assert.rejects(connect(proxy, undefined, weak), {
      code: "ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE",
    });
  });

test("refuses a renegotiation that a client asks for", async () => {
  using client = await connect(proxy, undefined, { maxVersion: "TLSv1.2" });
  const socket = client.socket as TLSSocket;
  assert.equal(socket.getProtocol(), "TLSv1.2");
  const answered = await new Promise<Error | null>((resolve) => {
    socket.on("error", resolve);
    socket.renegotiate({ rejectUnauthorized: false }, resolve);
  });
  assert.ok(answered !== null, "the renegotiation went through");
});

test("picks up a changed certificate without a restart, and connections go on", async () => {
  using old = await connect();
  const second = await authority.server({ name: "second" });
  await writeIdentity(folder.path, "server", second);
  const shown = await waitFor(
    "the new certificate",
    async () => {
      using client = await connect();
      const { fingerprint256 } = (client.socket as TLSSocket).getPeerCertificate();
      return fingerprint256 === second.fingerprint256 ? fingerprint256 : undefined;
    },
    15_000,
  );
  assert.equal(shown, second.fingerprint256);
  old.send("GET /good/old HTTP/1.1\r\nHost: x\r\n\r\n", "GET");
  assert.equal((await old.response()).head.status, 200);
});

test("keeps the old certificate when a broken file takes its place", async () => {
  using before = await connect();
  const { fingerprint256 } = (before.socket as TLSSocket).getPeerCertificate();
  const said = proxy.child.stderr.length;
  await writeFile(
    serverFiles.cert,
    "-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----\n",
  );
  await waitFor(
    "a message about it",
    () => /tls|certificate/i.test(proxy.child.stderr.slice(said)),
    15_000,
  );
  using client = await connect();
  assert.equal((client.socket as TLSSocket).getPeerCertificate().fingerprint256, fingerprint256);
});

test("takes certificates in the ancestor's form and refuses clients without one where they are required", async () => {
  const files = await writeIdentity(folder.path, "ancestor", await authority.server());
  const args = [
    "--cert",
    files.cert,
    "--key",
    files.key,
    "--ca",
    folder.file("ca.pem"),
    "--audit",
    folder.file("audit-2"),
  ];
  await using ancestor = await startProxy({ remotePort: origins["good"]?.port ?? 0, args });
  assert.equal(ancestor.scheme, "https");
  using client = await connect(ancestor);
  client.send("GET /ancestor HTTP/1.1\r\nHost: x\r\n\r\n", "GET");
  assert.equal((await client.response()).head.status, 200);
  await writeFile(
    folder.file("required.yaml"),
    `listeners:
  - {name: es, bind: "127.0.0.1:0", tls: {cert: ${files.cert}, key: ${files.key}, client_ca: ${folder.file("ca.pem")}}, routes: [{path: /, pool: good}]}
pools:
  good: {endpoints: ["https://127.0.0.1:${origins["good"]?.port}"], tls: {ca: ${folder.file("ca.pem")}}}
audit: {directory: ${folder.file("audit-3")}}
`,
  );
  await using strict = await startConfiguredProxy(folder.file("required.yaml"));
  for (const identity of [undefined, await stranger.client()]) {
    const refused = await connect(strict, identity).catch(() => undefined);
    refused?.send("GET /required HTTP/1.1\r\nHost: x\r\n\r\n", "GET");
    assert.notEqual(await refused?.closed(), "open");
    assert.equal(refused?.finals.length ?? 0, 0);
    refused?.destroy();
  }
  using named = await connect(strict, await authority.client());
  named.send("GET /required HTTP/1.1\r\nHost: x\r\n\r\n", "GET");
  assert.equal((await named.response()).head.status, 200);
  assert.equal(origins["good"]?.requestsFor("/required").length, 1);
});
