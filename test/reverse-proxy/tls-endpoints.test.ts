import assert from "node:assert/strict";
import test, { after } from "node:test";
import type { TLSSocket } from "node:tls";
import { fieldAt } from "../support/audit-reader.ts";
import { type Identity, makeAuthority, writeIdentity } from "../support/certificates.ts";
import { respond } from "../support/origin-scripts.ts";
import type { OriginConnection, OriginOptions } from "../support/recording-origin.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { type Answer, load, startFixture, tally } from "./fixture.ts";

const folder = await makeTempDir("tls-endpoints");
const authority = await makeAuthority("Trusted CA");
const stranger = await makeAuthority("Other CA");
const good = await authority.server();
const expired = await authority.server({ isExpired: true });
const clients = {
  alice: await writeIdentity(folder.path, "alice", await authority.client({ name: "alice" })),
  bob: await writeIdentity(folder.path, "bob", await authority.client({ name: "bob" })),
  renewed: await writeIdentity(folder.path, "renewed", await authority.client({ name: "before" })),
};
const ca = await writeIdentity(folder.path, "ca", authority);
const otherCa = await writeIdentity(folder.path, "other-ca", stranger);

function speaking(identity: Identity, more: object = {}): OriginOptions {
  return {
    tls: { cert: identity.certPem, key: identity.keyPem, ...more },
    onRequest: respond({ body: "{}" }),
  };
}
const asksForCertificate = { ca: authority.certPem, requestCert: true, rejectUnauthorized: true };

/** Port of each, by position, in the configuration. */
const origins = {
  good: speaking(good),
  strange: speaking(await stranger.server()),
  expired: speaking(expired),
  named: speaking(await authority.server({ name: "es.test", altNames: ["es.test"] })),
  mutual: speaking(good, asksForCertificate),
  renewed: speaking(good, asksForCertificate),
  old: speaking(good, { maxVersion: "TLSv1.2" }),
  clear: {
    onConnection: ({ socket }) =>
      void socket.end("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
  },
} satisfies Record<string, OriginOptions>;
const names = Object.keys(origins);

const at = (name: keyof typeof origins): number => names.indexOf(name);
const trusted = `ca: ${ca.cert}`;
/** `{}` in it is replaced by the endpoint's address. */
const pools: Record<
  string,
  (url: (name: keyof typeof origins, host?: string) => string) => string
> = {
  ejecting: (url) =>
    `endpoints: [${url("strange")}, ${url("good")}], tls: {${trusted}}, retry: {attempts: 1}, outlier: {failures: 2, eject_for: 600s}`,
  retried: (url) =>
    `endpoints: [${url("strange")}, ${url("good")}], tls: {${trusted}}, retry: {attempts: 2, backoff: 1ms}, outlier: false`,
  untrusted: (url) => `endpoints: [${url("good")}]`,
  "other-ca": (url) => `endpoints: [${url("strange")}], tls: {ca: ${otherCa.cert}}`,
  host: (url) => `endpoints: [${url("good", "localhost")}], tls: {${trusted}}`,
  named: (url) => `endpoints: [${url("named")}], tls: {${trusted}, server_name: es.test}`,
  unnamed: (url) => `endpoints: [${url("named")}], tls: {${trusted}}`,
  misnamed: (url) => `endpoints: [${url("named")}], tls: {${trusted}, server_name: other.test}`,
  alice: (url) =>
    `endpoints: [${url("mutual")}], tls: {${trusted}, cert: ${clients.alice.cert}, key: ${clients.alice.key}}`,
  bob: (url) =>
    `endpoints: [${url("mutual")}], tls: {${trusted}, cert: ${clients.bob.cert}, key: ${clients.bob.key}}`,
  nameless: (url) => `endpoints: [${url("mutual")}], tls: {${trusted}}`,
  renewed: (url) =>
    `endpoints: [${url("renewed")}], tls: {${trusted}, cert: ${clients.renewed.cert}, key: ${clients.renewed.key}}`,
  old: (url) => `endpoints: [${url("old")}], tls: {${trusted}}`,
  modern: (url) => `endpoints: [${url("old")}], tls: {${trusted}, min_version: "1.3"}`,
  clear: (url) => `endpoints: [${url("clear")}], tls: {${trusted}}`,
  probed: (url) =>
    `endpoints: [${url("expired")}, ${url("good")}], tls: {${trusted}}, retry: {attempts: 1}, outlier: false, health: {path: /_cluster/health, interval: 500ms, timeout: 500ms, unhealthy_after: 1}`,
};

const fixture = await startFixture({
  origins: Object.values(origins),
  config: (ports) => {
    const url = (name: keyof typeof origins, host = "127.0.0.1"): string =>
      `"https://${host}:${ports[at(name)]}"`;
    const routes = Object.keys(pools).map((name) => `{path: /${name}, pool: ${name}}`);
    const sections = Object.entries(pools).map(([name, pool]) => `  ${name}: {${pool(url)}}`);
    return `listeners: [{name: es, bind: "127.0.0.1:0", routes: [${routes.join(", ")}]}]\npools:\n${sections.join("\n")}\n`;
  },
});
after(async () => {
  await fixture[Symbol.asyncDispose]();
  await folder.remove();
});

/** The connection that has carried a request. */
function carrierOf(
  name: keyof typeof origins,
  target: string,
): OriginConnection & { readonly socket: TLSSocket } {
  const found = fixture.origins[at(name)]?.connections.find((one) =>
    one.requests.some(({ head }) => head.target === target),
  );
  assert.ok(found !== undefined, `${target} did not arrive`);
  return found as OriginConnection & { readonly socket: TLSSocket };
}

function clientNameOf(name: keyof typeof origins, target: string): unknown {
  return carrierOf(name, target).socket.getPeerCertificate().subject.CN;
}

function errorOf({ body }: Answer): unknown {
  return (JSON.parse(body) as { error: { type: string } }).error.type;
}

test("an endpoint whose certificate is refused gets nothing, is told to the client as such, and is ejected", async () => {
  const answers: Answer[] = [];
  await waitFor("the ejection", async () => {
    answers.push(await fixture.send({ method: "POST", path: "/ejecting/_bulk", body: "{}\n" }));
    return fixture.log
      .split("\n")
      .some((line) => line.includes("endpoint ejected") && line.includes('"ejecting"'));
  });
  const refused = answers.filter(({ status }) => status !== 200);
  assert.equal(refused.length, 2, "as many as `failures` says");
  assert.deepEqual([...tally(refused.map(({ status }) => status)).keys()], [502]);
  assert.deepEqual([...tally(refused.map(errorOf)).keys()], ["es_proxy_upstream_tls"]);
  const later = await load(
    fixture,
    2,
    (sent) => sent >= 20,
    () => ({ path: "/ejecting/_doc/1" }),
  );
  assert.deepEqual([...tally(later).keys()], [200]);
  assert.equal(
    fixture.origins[at("strange")]?.connections.some(({ byteCount }) => byteCount > 0),
    false,
  );
  const codes = (await fixture.audit()).flatMap(
    ({ record }) => fieldAt(record, "error.code") ?? [],
  );
  assert.equal(tally(codes).get("ESP_ERR_UPSTREAM_TLS"), 2);
});

test("a refused certificate means that nothing was sent: a write goes to another endpoint", async () => {
  const statuses = await load(
    fixture,
    1,
    (sent) => sent >= 6,
    (index) => ({ method: "POST", path: `/retried/_bulk?n=${index}`, body: "{}\n" }),
  );
  assert.deepEqual([...tally(statuses).keys()], [200]);
});

for (const [pool, why] of Object.entries({
  untrusted: "an authority that Node.js does not know",
  unnamed: "an address that the certificate does not have",
  misnamed: "a server_name that the certificate does not have",
  modern: "a version of TLS that is too old",
  clear: "an endpoint that does not speak TLS",
}))
  test(`a request is refused with upstream_tls because of ${why}, and the log says why, once`, async () => {
    for (let time = 0; time < 3; time += 1) {
      const answer = await fixture.send({ path: `/${pool}/a` });
      assert.deepEqual([answer.status, errorOf(answer)], [502, "es_proxy_upstream_tls"]);
    }
    const said = fixture.log.split("\n").filter((line) => line.includes(`"pool":"${pool}"`));
    assert.equal(said.length, 1, said.join("\n"));
    assert.match(said[0] ?? "", /"reason":"[A-Z0-9_]+".*no connection to the endpoint/);
  });

test("ca is what is trusted, instead of what Node.js trusts", async () => {
  assert.equal((await fixture.send({ path: "/other-ca/a" })).status, 200);
});

test("a host name is sent as server name and verified; server_name stands in for it; an address is not sent", async () => {
  for (const [path, origin, wanted] of [
    ["/host/a", "good", "localhost"],
    ["/named/a", "named", "es.test"],
    ["/ejecting/named", "good", false],
  ] as const) {
    // The pool with two endpoints may ask the other one first.
    await waitFor("an answer", async () => (await fixture.send({ path })).status === 200);
    assert.equal(carrierOf(origin, path).socket.servername, wanted);
  }
});

test("two pools with the same endpoint and different client certificates never share a connection", async () => {
  for (let round = 0; round < 3; round += 1)
    for (const name of ["alice", "bob"]) {
      const path = `/${name}/${round}`;
      assert.equal((await fixture.send({ path })).status, 200);
      assert.equal(clientNameOf("mutual", path), name);
    }
  assert.equal(
    fixture.origins[at("mutual")]?.connections.length,
    2,
    "each has a connection that it keeps",
  );
});

test("an endpoint that refuses the client certificate ends the connection after the handshake, and the log says why", async () => {
  await waitFor("the endpoint's alert", async () => {
    const answer = await fixture.send({ path: "/nameless/a" });
    assert.deepEqual([answer.status, errorOf(answer)], [502, "es_proxy_upstream_reset"]);
    return /"pool":"nameless".*"reason":"ERR_SSL_\w*CERTIFICATE_REQUIRED"/.test(fixture.log);
  });
  assert.equal(fixture.origins[at("mutual")]?.requestsFor("/nameless/a").length, 0);
});

test("a changed client certificate is shown on the next connection, and the idle one with the old is not used", async () => {
  assert.equal((await fixture.send({ path: "/renewed/before" })).status, 200);
  assert.equal(clientNameOf("renewed", "/renewed/before"), "before");
  await writeIdentity(folder.path, "renewed", await authority.client({ name: "after" }));
  let last = "";
  let sent = 0;
  await waitFor(
    "the new certificate",
    async () => {
      last = `/renewed/${(sent += 1)}`;
      assert.equal(
        (await fixture.send({ path: last })).status,
        200,
        "no request is lost by the change",
      );
      return clientNameOf("renewed", last) === "after";
    },
    15_000,
  );
  assert.equal((await fixture.send({ path: "/renewed/again" })).status, 200);
  assert.equal(
    carrierOf("renewed", "/renewed/again"),
    carrierOf("renewed", last),
    "the new connection is kept",
  );
  await waitFor(
    "the end of the old connection",
    () => carrierOf("renewed", "/renewed/before").end !== "open",
  );
});

test("TLS 1.2 is spoken where the endpoint has nothing newer", async () => {
  assert.equal((await fixture.send({ path: "/old/a" })).status, 200);
  assert.equal(carrierOf("old", "/old/a").socket.getProtocol(), "TLSv1.2");
});

test("a health check speaks TLS: who cannot prove who it is gets no request until it can", async () => {
  const said = (words: string): boolean =>
    fixture.log
      .split("\n")
      .some((line) => line.includes(words) && line.includes('"pool":"probed"'));
  await waitFor("the first probe", () => said("endpoint is unhealthy"));
  assert.match(fixture.log, /"reason":"CERT_HAS_EXPIRED".*endpoint is unhealthy/);
  const answers = await load(
    fixture,
    2,
    (sent) => sent >= 20,
    () => ({ path: "/probed/a" }),
  );
  assert.deepEqual([...tally(answers).keys()], [200], "without retries");
  assert.ok((fixture.origins[at("good")]?.requestsFor("/_cluster/health").length ?? 0) > 0);
  await fixture.stop(at("expired"));
  Object.assign(origins.expired.tls ?? {}, { cert: good.certPem, key: good.keyPem });
  await fixture.restart(at("expired"));
  await waitFor("its return", () => said("endpoint is healthy"), 10_000);
  await waitFor("a request there", async () => {
    await fixture.send({ path: "/probed/b" });
    return fixture.origins[at("expired")]?.requestsFor("/probed/b").length;
  });
});
