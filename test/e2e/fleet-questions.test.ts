import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { once } from "node:events";
import { request } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";

import { startMockEs, type MockEs } from "../../mock-es/index.ts";
import { makeAuthority, type Authority } from "../support/certificates.ts";
import { startScript } from "../support/child-process.ts";
import { startConfiguredProxy } from "../support/proxy-process.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";

let folder: TempDir;
let cluster: MockEs;
let ids: readonly string[] = [];

function audit(...args: readonly string[]) {
  return auditAs({}, ...args);
}

async function auditAs(credentials: NodeJS.ProcessEnv, ...args: readonly string[]) {
  await using child = startScript("src/cli/main.ts", ["audit", ...args], {
    env: { ...process.env, COLUMNS: "100", NO_COLOR: "1", ...credentials },
  });
  const { code } = await child.exited();
  return { code, stdout: child.stdout, stderr: child.stderr };
}

/** Traffic of several users through a proxy that ships with bodies, into the mock behind it. */
before(async () => {
  folder = await makeTempDir();
  const traffic = await startMockEs({ instantRefresh: true });
  cluster = await startMockEs({ instantRefresh: true });
  await audit("setup", "--to", cluster.url, "--replicas", "0");
  const file = folder.file("es.yaml");
  writeFileSync(
    file,
    `listeners:
  - {name: es, bind: "127.0.0.1:0", routes: [{path: /, pool: es}]}
pools: {es: {endpoints: ["${traffic.url}"]}}
audit:
  directory: ${folder.file("audit")}
  facts: true
  ship: [{elasticsearch: "${cluster.url}", every: 50ms, bodies: 64KiB}]
`,
  );
  await using proxy = await startConfiguredProxy(file);
  const call = async (user: string, method: string, path: string, body?: unknown) => {
    const response = await fetch(`http://127.0.0.1:${proxy.port}${path}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`${user}:x`).toString("base64")}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return (await response.json()) as { _scroll_id?: string };
  };
  for (let n = 0; n < 12; n += 1) await call("ingest", "PUT", `/patients/_doc/${n}`, { n });
  await call("bob", "GET", "/patients/_doc/7");
  let page = await call("alice", "POST", "/patients/_search?scroll=1m", { size: 5 });
  for (let n = 0; n < 3; n += 1)
    page = await call("alice", "POST", "/_search/scroll", {
      scroll: "1m",
      scroll_id: page._scroll_id,
    });
  await call("alice", "DELETE", "/_search/scroll", { scroll_id: page._scroll_id });
  await call("carol", "PUT", "/blobs/_doc/1", { text: `pear ${"x ".repeat(20_000)}` });
  const coded = { "content-type": "application/json", "content-encoding": "gzip" };
  await fetch(`http://127.0.0.1:${proxy.port}/blobs/_doc/2`, {
    method: "PUT",
    headers: { ...coded, authorization: `Basic ${Buffer.from("dave:x").toString("base64")}` },
    body: gzipSync('{"text":"pear"}'),
  });
  proxy.child.signal("SIGTERM");
  assert.equal((await proxy.child.exited()).code, 0);
  await traffic.close();
  const listed = await audit("query", "--dir", folder.file("audit"), "--format", "ndjson");
  ids = listed.stdout
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { id: string }).id);
});

after(async () => {
  await cluster.close();
  await folder.remove();
});

test("who has seen a document, and who has read much, is the same for the fleet", async () => {
  for (const question of [
    ["who", "--index", "patients", "--id", "7"],
    ["who", "--index", "pat*", "--id", "3", "--format", "csv"],
    ["who", "--index", "other", "--id", "7", "--format", "csv"],
    ["sessions"],
    ["sessions", "--user", "alice", "--format", "json"],
  ]) {
    const local = await audit(...question, "--dir", folder.file("audit"));
    const fleet = await audit(...question, "--elasticsearch", cluster.url);
    assert.equal(fleet.stdout, local.stdout, question.join(" "));
    assert.equal(fleet.code, local.code, `${fleet.stderr}${local.stderr}`);
  }
  const who = await audit(
    "who",
    "--index",
    "patients",
    "--id",
    "7",
    "--elasticsearch",
    cluster.url,
  );
  assert.match(who.stdout, /ingest .* wrote /);
  assert.match(who.stdout, /bob .* read /);
  assert.match(who.stdout, /alice .* read /);
});

test("a filter finds shipped bodies in their coding, and says which were not shipped", async () => {
  const question = ["query", "body: pear", "--columns", "user", "--format", "csv"];
  const local = await audit(...question, "--dir", folder.file("audit"));
  assert.deepEqual([local.code, local.stdout], [0, "user\r\ncarol\r\ndave\r\n"]);
  const fleet = await audit(...question, "--elasticsearch", cluster.url);
  assert.deepEqual([fleet.code, fleet.stdout], [1, "user\r\ndave\r\n"]);
  assert.match(fleet.stderr, /^the request body of \S+ was not searched: it was not shipped$/m);
});

test("an exchange is shown by the end of its id, and its lines are those of the trail", async () => {
  const id = ids[3] ?? "";
  const local = await audit("show", id, "--raw", "--dir", folder.file("audit"));
  const fleet = await audit("show", id.slice(-8), "--raw", "--elasticsearch", cluster.url);
  assert.equal(fleet.stdout, local.stdout);
  const page = await audit("show", id, "--elasticsearch", cluster.url);
  assert.match(page.stdout, /PUT \/patients\/_doc\/3/);
  // Where lines stand in their files is not shipped, and the proof, at the end, neither.
  const whole = await audit("show", id, "--dir", folder.file("audit"));
  const text = ({ stdout }: { readonly stdout: string }): string =>
    stdout.replaceAll(/ at \d+,/g, " at,").trimEnd();
  assert.equal(text(page), text(whole).slice(0, text(page).length));
  const body = await audit("show", id, "--body", "request", "--elasticsearch", cluster.url);
  assert.equal(body.stdout, '{"n":3}');
  const none = await audit("show", "00000000", "--elasticsearch", cluster.url);
  assert.equal(none.code, 1);
  assert.match(none.stderr, /nothing in logs-es_proxy.audit-default has the id 00000000/);
});

test("tail gives the last exchanges, of the fleet as of the directory", async () => {
  const lastLines = async (...where: readonly string[]): Promise<unknown[]> => {
    const args = ["audit", "tail", "-n", "4", "--format", "ndjson", ...where];
    await using child = startScript("src/cli/main.ts", args, {});
    await waitFor("four lines", () => child.stdout.split("\n").length > 4);
    child.signal("SIGINT");
    assert.equal((await child.exited()).code, 0);
    const lines = child.stdout.trimEnd().split("\n");
    return lines.map((line) => JSON.parse(line) as unknown);
  };
  const fleet = await lastLines("--elasticsearch", cluster.url);
  assert.deepEqual(fleet, await lastLines("--dir", folder.file("audit")));
  assert.deepEqual(
    fleet.map((line) => (line as { id: string }).id),
    ids.slice(-4),
  );
});

/** The same cluster behind TLS, for those with this API key. */
async function startSecured(authority: Authority, key: string) {
  const { certPem: cert, keyPem } = await authority.server();
  const server = createServer({ cert, key: keyPem }, (asked, response) => {
    const { method, headers } = asked;
    if (headers.authorization !== `ApiKey ${key}`) {
      asked.resume().on("end", () => {
        const error = { type: "security_exception", reason: "unable to authenticate" };
        response.writeHead(401, { "x-elastic-product": "Elasticsearch" });
        response.end(JSON.stringify({ error, status: 401 }));
      });
      return;
    }
    const on = request(new URL(asked.url ?? "/", cluster.url), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    asked.pipe(on);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.dispose]: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

test("the fleet is asked, and shipped to, through TLS and with an API key", async () => {
  const key = Buffer.from("id:secret").toString("base64");
  const authority = await makeAuthority();
  using secured = await startSecured(authority, key);
  const ca = folder.file("ca.pem");
  writeFileSync(ca, authority.certPem);
  const where = ["--elasticsearch", secured.url];
  const asked = (apiKey: string, ...args: readonly string[]) =>
    auditAs({ ES_API_KEY: apiKey }, "query", "user: alice", ...where, ...args);
  const local = await audit("query", "user: alice", "--dir", folder.file("audit"));
  for (const apiKey of [key, "id:secret"]) {
    const fleet = await asked(apiKey, "--ca", ca);
    assert.equal(fleet.stdout, local.stdout, fleet.stderr);
    assert.equal(fleet.code, 0);
  }
  const stranger = await asked("other", "--ca", ca);
  assert.equal(stranger.code, 1);
  assert.match(stranger.stderr, /answered 401: security_exception: unable to authenticate/);
  const unknown = await asked(key);
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /cannot be reached: .*certificate/);
  const keyFile = folder.file("ship.key");
  writeFileSync(keyFile, `${key}\n`);
  const file = folder.file("secured.yaml");
  writeFileSync(
    file,
    `listeners: [{name: es, bind: "127.0.0.1:0", routes: [{path: /, pool: es}]}]
pools: {es: {endpoints: ["${cluster.url}"]}}
audit:
  directory: ${folder.file("secured")}
  ship:
    - {elasticsearch: "${secured.url}", api_key_file: ${keyFile}, ca: ${ca}, every: 50ms}
`,
  );
  await using proxy = await startConfiguredProxy(file);
  const answer = await fetch(`http://127.0.0.1:${proxy.port}/_cluster/health?secured`);
  await answer.arrayBuffer();
  const counted = async (): Promise<boolean> => {
    const query = "q=url.original:*secured";
    const path = `/logs-es_proxy.audit-default/_count?${query}`;
    const { count } = (await (await fetch(cluster.url + path)).json()) as { count: number };
    return count === 1;
  };
  await waitFor("the document", counted, 60_000);
});
