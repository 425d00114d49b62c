import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, before, test } from "node:test";

import { startMockEs, type MockEs } from "../../mock-es/index.ts";
import { startScript } from "../support/child-process.ts";
import { startConfiguredProxy } from "../support/proxy-process.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";

let folder: TempDir;
let cluster: MockEs;
let ids: readonly string[] = [];

async function audit(...args: readonly string[]) {
  await using child = startScript("src/cli/main.ts", ["audit", ...args], {
    env: { ...process.env, COLUMNS: "100", NO_COLOR: "1" },
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
