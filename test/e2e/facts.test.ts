import assert from "node:assert/strict";
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";

import { Client } from "@elastic/elasticsearch";

import { startMockEs, type MockEs } from "../../mock-es/index.ts";
import { startScript } from "../support/child-process.ts";
import { startAuditedProxy } from "../support/audited-proxy.ts";
import type { ProxyProcess } from "../support/proxy-process.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";

let mock: MockEs;

before(async () => {
  mock = await startMockEs();
});

after(() => mock.close());

interface Facts {
  readonly indices?: readonly string[];
  readonly documents?: number;
  readonly ids_returned?: readonly string[];
  readonly ids_written?: readonly string[];
  readonly items?: number;
  readonly failures?: number;
  readonly hits?: number;
  readonly took?: number;
  readonly fingerprint?: string;
  readonly watched?: readonly string[];
  readonly examined: Record<"request" | "response", { state: string; reason?: string }>;
}

/** All lines of facts, by the id of their exchange. */
function factsIn(directory: string): Map<string, Facts[]> {
  const found = new Map<string, Facts[]>();
  for (const name of readdirSync(directory).filter((file) => file.endsWith(".facts")))
    for (const line of readFileSync(`${directory}/${name}`, "utf8").split("\n").slice(0, -1)) {
      const { event, es_proxy } = JSON.parse(line) as {
        event: { id: string };
        es_proxy: { facts: Facts };
      };
      found.set(event.id, [...(found.get(event.id) ?? []), es_proxy.facts]);
    }
  return found;
}

/** Ids of the exchanges whose answer is recorded. */
function answeredIn(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith(".ndjson"))
    .flatMap((name) => readFileSync(`${directory}/${name}`, "utf8").split("\n"))
    .flatMap((line) => (line.includes('"record":"response"') ? [idOf(line)] : []));
}

function idOf(line: string): string {
  return /"id":"([0-9a-f-]{36})"/.exec(line)?.[1] ?? "";
}

/** All exchanges have facts, each once. */
function isDerived(directory: string): boolean {
  const facts = factsIn(directory);
  const ids = answeredIn(directory);
  return ids.length > 0 && ids.every((id) => facts.get(id)?.length === 1);
}

function start(folder: TempDir, audit: object = {}): Promise<ProxyProcess> {
  return startAuditedProxy(folder, {
    endpoint: mock.port,
    audit: { rotate: { size: "64KiB" }, body: { inline: "1KiB" }, facts: true, ...audit },
  });
}

async function call(
  port: number,
  method: string,
  path: string,
  body?: string | Buffer,
  headers: Record<string, string> = {},
): Promise<string> {
  const type = path.includes("_bulk") ? "application/x-ndjson" : "application/json";
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    body: body ?? null,
    headers: { ...(body === undefined ? {} : { "content-type": type }), ...headers },
  });
  return response.text();
}

/** `es-proxy audit …` with the directory of a folder. */
async function audit(folder: TempDir, ...args: readonly string[]) {
  const [command = "", ...rest] = args;
  await using child = startScript("src/cli/main.ts", [
    "audit",
    command,
    "--dir",
    folder.file("audit"),
    ...rest,
  ]);
  const { code } = await child.exited();
  return { code, stdout: child.stdout, stderr: child.stderr };
}

async function stop(proxy: ProxyProcess): Promise<void> {
  proxy.child.signal("SIGTERM");
  await proxy.child.exited();
}

function bulk(index: string, ids: readonly number[], text = "x"): string {
  return ids
    .map((id) => `{"index":{"_index":"${index}","_id":"${id}"}}\n{"a":"${text}"}\n`)
    .join("");
}

test("query, show and top know what the bodies said", async () => {
  await using folder = await makeTempDir();
  await using proxy = await start(folder);
  const ids = Array.from({ length: 30 }, (_, at) => at);
  const coded = { "content-encoding": "gzip" };
  await call(proxy.port, "POST", "/_bulk", gzipSync(bulk("people", ids)), coded);
  await call(proxy.port, "POST", "/people/_refresh");
  const search = await call(proxy.port, "POST", "/people/_search", '{"size":7}', {
    "accept-encoding": "gzip",
  });
  await call(proxy.port, "GET", "/people/_doc/3");
  await call(proxy.port, "GET", "/people/_doc/none");
  await stop(proxy);
  const list = async (filter: string): Promise<Record<string, unknown>[]> => {
    const columns = ["--columns", "index,docs,took,fingerprint,id", "--format", "json"];
    const { stdout, stderr } = await audit(folder, "query", filter, ...columns);
    assert.equal(stderr, "");
    return JSON.parse(stdout) as Record<string, unknown>[];
  };
  const [found] = await list("docs: 7 and index: people");
  const { took } = JSON.parse(search) as { took: number };
  assert.deepEqual([found?.["index"], found?.["took"]], [["people"], took]);
  assert.match(String(found?.["fingerprint"]), /^[0-9a-f]{16}$/);
  assert.equal((await list("es_proxy.facts.written: 30")).length, 1);
  assert.equal((await list("es_proxy.facts.ids_returned: 3 and action: get")).length, 1);
  assert.equal((await list("docs: 0 and action: get")).length, 1);
  const shown = await audit(folder, "show", String(found?.["id"]), "--no-pager");
  assert.match(shown.stdout, /\nresult +7 of 30 hits[^\n]*\nreturned +7 documents: /);
  const top = await audit(folder, "top", "--by", "action", "--format", "json");
  const rows = JSON.parse(top.stdout) as { action: string; docs: number }[];
  assert.equal(rows.find(({ action }) => action === "search")?.docs, 7);
});

test("every exchange has its facts once, over rotations, kills and a torn last line", async () => {
  await using folder = await makeTempDir();
  const directory = folder.file("audit");
  for (let round = 0; round < 3; round += 1) {
    await using proxy = await start(folder);
    for (let at = 0; at < 40; at += 1)
      await call(proxy.port, "POST", "/_bulk", bulk(`i${round}`, [at, at + 1], "y".repeat(900)));
    await waitFor("some facts", () => factsIn(directory).size > 40 * round + 5);
    await proxy.child.kill();
    const newest = readdirSync(directory)
      .filter((name) => name.endsWith(".facts"))
      .sort()
      .at(-1);
    appendFileSync(`${directory}/${newest}`, '{"event":{"id":"');
  }
  await using proxy = await start(folder);
  await waitFor("facts of all", () => isDerived(directory), 20_000);
  const facts = [...factsIn(directory).values()].flat();
  assert.equal(facts.filter(({ ids_written: ids }) => ids?.length === 2).length, 120);
  assert.ok(readdirSync(directory).filter((name) => name.endsWith(".facts")).length > 1);
  await stop(proxy);
});

test("facts that were lost, or are for other watched fields, are derived again", async () => {
  await using folder = await makeTempDir();
  const directory = folder.file("audit");
  {
    await using proxy = await start(folder);
    await call(proxy.port, "PUT", "/people/_doc/1?refresh=true", '{"name":"Ada","ssn":"1"}');
    await call(proxy.port, "GET", "/people/_doc/1");
    await stop(proxy);
  }
  assert.ok(isDerived(directory));
  assert.ok([...factsIn(directory).values()].flat().every(({ watched }) => watched === undefined));
  for (const name of readdirSync(directory))
    if (name.endsWith(".documents")) rmSync(`${directory}/${name}`);
  await using proxy = await start(folder, { watch: [{ indices: "people", fields: ["ssn"] }] });
  await waitFor("watched fields", () =>
    [...factsIn(directory).values()].flat().some(({ watched }) => watched?.[0] === "ssn"),
  );
  await stop(proxy);
  assert.ok(isDerived(directory));
  assert.ok(readdirSync(directory).some((name) => name.endsWith(".documents")));
});

test("a body that was not kept is said not to have been examined", async () => {
  await using folder = await makeTempDir();
  await using proxy = await start(folder, { level: "metadata" });
  await call(proxy.port, "PUT", "/people/_doc/7", '{"name":"Ada"}');
  await stop(proxy);
  const [facts] = [...factsIn(folder.file("audit")).values()].flat();
  assert.equal(facts?.examined.response.state, "none");
  assert.equal(facts?.examined.response.reason, "not_stored");
});

test("the client's ES|QL helper reads through the proxy, and facts name the indices", async () => {
  await using folder = await makeTempDir();
  await using proxy = await start(folder);
  await call(proxy.port, "PUT", "/staff-1/_doc/1?refresh=true", '{"name":"Ada","age":36}');
  await call(proxy.port, "PUT", "/staff-2/_doc/1?refresh=true", '{"name":"Alan","age":41}');
  const client = new Client({ node: `http://127.0.0.1:${proxy.port}` });
  const query = 'FROM "staff-*", /* FROM x */ staff-2 | SORT age DESC | KEEP name, age | LIMIT 5';
  const { records } = await client.helpers.esql({ query }).toRecords();
  await client.close();
  assert.deepEqual(records, [
    { name: "Alan", age: 41 },
    { name: "Ada", age: 36 },
  ]);
  await stop(proxy);
  const named = [...factsIn(folder.file("audit")).values()].flat().map(({ indices }) => indices);
  assert.deepEqual(named.at(-1), ["staff-*", "staff-2"]);
});

test("without the switch there are no files of facts", async () => {
  await using folder = await makeTempDir();
  await using proxy = await start(folder, { facts: false });
  await call(proxy.port, "GET", "/");
  await stop(proxy);
  const names = readdirSync(folder.file("audit"));
  assert.ok(names.includes("audit.ndjson"));
  assert.ok(
    names.every((name) => !/facts|documents/.test(name)),
    names.join(" "),
  );
});

test("facts that cannot be written stop neither traffic nor the log that is signed", async () => {
  await using folder = await makeTempDir();
  const directory = folder.file("audit");
  mkdirSync(directory);
  writeFileSync(`${directory}/facts`, "in the way");
  await using proxy = await start(folder, { proof: { origin: "example.com/facts" } });
  await proxy.child.stderrMatch(/no facts are derived: /);
  await call(proxy.port, "PUT", "/people/_doc/1", '{"name":"Ada"}');
  await stop(proxy);
  assert.equal(answeredIn(directory).length, 1);
  assert.match(
    readFileSync(`${directory}/tlog/audit/checkpoint`, "utf8"),
    /^example\.com\/facts\n/,
  );
});

test("with the level facts who and query find what was read, and no body is anywhere", async () => {
  await using folder = await makeTempDir();
  const directory = folder.file("audit");
  {
    await using proxy = await start(folder, { level: "facts" });
    await call(proxy.port, "PUT", "/levels/_doc/1?refresh=true", '{"name":"Grace Hopper"}');
    const coded = { "accept-encoding": "gzip" };
    await call(proxy.port, "POST", "/levels/_search", '{"query":{"match_all":{}}}', coded);
    await call(proxy.port, "GET", "/levels/_doc/none");
    await waitFor("facts of all", () => isDerived(directory));
    await stop(proxy);
  }
  const rows = async (...args: readonly string[]): Promise<Record<string, unknown>[]> =>
    JSON.parse((await audit(folder, ...args, "--format", "json")).stdout) as [];
  const found = await rows("query", "docs: 1 and index: levels", "--columns", "action,docs,took");
  assert.deepEqual(
    found.map(({ action, docs }) => [action, docs]),
    [["search", 1]],
  );
  const { stdout } = await audit(folder, "who", "--index", "levels", "--id", "1");
  assert.match(stdout, /index/);
  assert.match(stdout, /search/);
  for (const name of readdirSync(directory, { recursive: true }))
    if (/\.(?:ndjson|pack|facts|documents)$/.test(String(name))) {
      const bytes = readFileSync(`${directory}/${String(name)}`);
      assert.ok(!bytes.includes("Grace"), String(name));
    }
});
