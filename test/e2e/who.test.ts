import assert from "node:assert/strict";
import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";

import { startMockEs, type MockEs } from "../../mock-es/index.ts";
import { startScript } from "../support/child-process.ts";
import { startAuditedProxy } from "../support/audited-proxy.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";

let folder: TempDir;
let mock: MockEs;
/** Who read or wrote a document, by index and id; every call has a user of its own. */
const truth = new Map<string, Set<string>>();
let calls = 0;

interface Hit {
  readonly _index: string;
  readonly _id: string;
  readonly found?: boolean;
}

function note(use: "read" | "wrote", user: string, { _index: index, _id: id }: Hit): void {
  const key = `${index} ${id}`;
  const known = truth.get(key) ?? new Set();
  truth.set(key, known.add(`${use} ${user}`));
}

async function call(
  port: number,
  method: string,
  path: string,
  body?: string | Buffer,
  headers: Record<string, string> = {},
): Promise<{ user: string; answer: Record<string, never> }> {
  calls += 1;
  const user = `user${calls}`;
  const type = path.startsWith("/_bulk") ? "application/x-ndjson" : "application/json";
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    body: body ?? null,
    headers: {
      authorization: `Basic ${Buffer.from(`${user}:x`).toString("base64")}`,
      "accept-encoding": calls % 2 === 0 ? "gzip" : "identity",
      ...(body === undefined ? {} : { "content-type": type }),
      ...headers,
    },
  });
  return { user, answer: (await response.json()) as Record<string, never> };
}

function noteHits(user: string, answer: unknown): void {
  for (const hit of (answer as { hits: { hits: Hit[] } }).hits.hits) note("read", user, hit);
}

/** What the mock has sent and taken is what the client has seen of it. */
async function traffic(port: number): Promise<void> {
  for (const index of ["patients-1", "patients-2", "other"]) {
    const ids = Array.from({ length: 120 }, (_, at) => at);
    const lines = ids.map(
      (id) =>
        `{"index":{"_index":"${index}","_id":"${id}"}}\n` +
        `{"name":"n${id}","ssn":"s${id}","text":"${"x".repeat(200)}"}\n`,
    );
    const body = gzipSync(lines.join(""));
    const coded = { "content-encoding": "gzip" };
    const { user, answer } = await call(port, "POST", "/_bulk?refresh=true", body, coded);
    for (const { index: item } of (answer as unknown as { items: { index: Hit }[] }).items)
      note("wrote", user, item);
  }
  for (const size of [1, 10, 30, 40, 50, 55, 100]) {
    const path = `/patients-*/_search?size=${size}`;
    const { user, answer } = await call(port, "POST", path, '{"_source":["name"]}');
    noteHits(user, answer);
  }
  let page = await call(port, "POST", "/patients-1/_search?scroll=1m", '{"size":50}');
  for (;;) {
    noteHits(page.user, page.answer);
    if ((page.answer as unknown as { hits: { hits: Hit[] } }).hits.hits.length === 0) break;
    const scroll = { scroll: "1m", scroll_id: page.answer["_scroll_id"] };
    page = await call(port, "POST", "/_search/scroll", JSON.stringify(scroll));
  }
  for (const id of [4, 5, 1000]) {
    const { user, answer } = await call(port, "GET", `/patients-1/_doc/${id}`);
    const hit = answer as unknown as Hit;
    if (hit.found === true) note("read", user, hit);
  }
  const docs = [3, 4, 999].map((id) => ({ _index: "patients-2", _id: String(id) }));
  const many = await call(port, "POST", "/_mget", JSON.stringify({ docs }));
  for (const hit of (many.answer as unknown as { docs: Hit[] }).docs)
    if (hit.found === true) note("read", many.user, hit);
  const put = await call(port, "PUT", "/patients-1/_doc/4", '{"name":"new"}');
  note("wrote", put.user, put.answer as unknown as Hit);
  const gone = await call(port, "DELETE", "/patients-2/_doc/5");
  note("wrote", gone.user, gone.answer as unknown as Hit);
}

async function who(directory: string, index: string, id: string, ...more: readonly string[]) {
  const args = ["audit", "who", "--dir", directory, "--index", index, "--id", id, ...more];
  await using child = startScript("src/cli/main.ts", args, {
    env: { ...process.env, COLUMNS: "100", NO_COLOR: "1" },
  });
  const { code } = await child.exited();
  return { code, stdout: child.stdout, stderr: child.stderr };
}

/** Uses and users, as the truth has them. */
async function answer(directory: string, index: string, id: string): Promise<string[]> {
  const { code, stdout, stderr } = await who(directory, index, id, "--format", "json");
  assert.equal(code, 0);
  const rows = JSON.parse(stdout) as { user: string; use: string[]; index: string[] }[];
  // Where nobody is found, it says what was searched.
  assert.match(stderr, rows.length === 0 ? /^es-proxy audit who: nobody in / : /^$/);
  return rows.flatMap(({ user, use }) => use.map((one) => `${one} ${user}`)).sort();
}

function known(...keys: readonly string[]): string[] {
  return [...new Set(keys.flatMap((key) => [...(truth.get(key) ?? [])]))].sort();
}

function startWatched() {
  return startAuditedProxy(folder, {
    endpoint: mock.port,
    audit: {
      rotate: { size: "64KiB" },
      body: { inline: "20KiB" },
      watch: [{ indices: "patients-*", fields: ["ssn"] }],
    },
  });
}

before(async () => {
  folder = await makeTempDir();
  mock = await startMockEs();
  await using proxy = await startWatched();
  await traffic(proxy.port);
  proxy.child.signal("SIGTERM");
  await proxy.child.exited();
  assert.equal(mock.requests.all().length, calls);
});

after(async () => {
  await mock.close();
  await folder.remove();
});

test("who names everybody who was sent the document or wrote it, and nobody else", async () => {
  const directory = folder.file("audit");
  for (const id of ["4", "5", "119", "1000"])
    for (const index of ["patients-1", "patients-2"])
      assert.deepEqual(
        await answer(directory, index, id),
        known(`${index} ${id}`),
        `${index} ${id}`,
      );
  const both = known("patients-1 4", "patients-2 4");
  assert.ok(both.length >= 8, `${both.length} calls`);
  assert.deepEqual(await answer(directory, "patients-*", "4"), both);
});

test("who says which watched fields of the document were sent", async () => {
  const directory = folder.file("audit");
  const { stdout } = await who(directory, "patients-1", "4", "--format", "json");
  const rows = JSON.parse(stdout) as { action: string; use: string[]; fields: string[] }[];
  const fieldsOf = (action: string) =>
    rows
      .filter((row) => row.action === action && row.use[0] === "read")
      .map(({ fields }) => fields);
  assert.ok(fieldsOf("search").some((fields) => fields.length === 0));
  assert.deepEqual(fieldsOf("get"), [["ssn"]]);
  const table = await who(directory, "patients-1", "4");
  assert.match(table.stdout, /^time +user +source +use +index +fields +action +status +ref *\n/);
});

test("who finds the same without facts, and with facts of a part only", async () => {
  const bare = folder.file("bare");
  cpSync(folder.file("audit"), bare, { recursive: true });
  rmSync(`${bare}/facts`, { recursive: true });
  const derived = readdirSync(bare).filter((name) => /\.(facts|documents)$/.test(name));
  assert.ok(derived.length >= 4, "the trail has several segments");
  for (const name of derived.filter((file) => file.endsWith(".facts")).slice(-2)) {
    const lines = readFileSync(`${bare}/${name}`, "utf8").split("\n").slice(0, -1);
    truncateSync(`${bare}/${name}`, Buffer.byteLength(lines.slice(0, 1).join("\n")) + 1);
  }
  assert.deepEqual(await answer(bare, "patients-1", "4"), known("patients-1 4"));
  for (const name of derived) rmSync(`${bare}/${name}`);
  const before = readdirSync(bare);
  assert.deepEqual(await answer(bare, "patients-1", "4"), known("patients-1 4"));
  assert.deepEqual(readdirSync(bare), before);
});

test("who keeps to a time and a filter, and needs an index and an id", async () => {
  const directory = folder.file("audit");
  const until = await who(
    directory,
    "patients-1",
    "4",
    "--until",
    "2001-01-01",
    "--format",
    "json",
  );
  assert.equal(until.stdout, "[]\n");
  const gets = await who(directory, "patients-1", "4", "-f", "action: get", "--format", "csv");
  assert.equal(gets.stdout.split("\r\n").length, 3);
  const missing = await who(directory, "patients-1", "");
  assert.deepEqual([missing.code, missing.stdout], [2, ""]);
});

test("index derives the facts of a trail anew, and who finds the same with them", async () => {
  const copy = folder.file("copy");
  cpSync(folder.file("audit"), copy, { recursive: true });
  const lines = (directory: string) =>
    readdirSync(directory)
      .filter((name) => /\.(facts|documents)$/.test(name))
      .sort()
      .map((name) => [name, readFileSync(`${directory}/${name}`, "utf8")]);
  const index = async (...more: readonly string[]) => {
    await using child = startScript("src/cli/main.ts", ["audit", "index", "--dir", copy, ...more]);
    const { code } = await child.exited();
    return { code, stdout: child.stdout, stderr: child.stderr };
  };
  const watch = ["--watch", "patients-*=ssn"];
  const rebuilt = await index("--rebuild", ...watch);
  assert.deepEqual([rebuilt.code, rebuilt.stderr], [0, ""]);
  assert.match(rebuilt.stdout, new RegExp(`^${calls} exchanges in \\d+ segments?; 1 segment`));
  assert.deepEqual(lines(copy), lines(folder.file("audit")));
  assert.match((await index(...watch)).stdout, /^0 exchanges in 0 segments; 0 segments indexed\n$/);
  const segment = readdirSync(copy).find((name) => /^audit-.*\.ndjson$/.test(name)) ?? "";
  writeFileSync(`${copy}/${segment}.zst`, zstdCompressSync(readFileSync(`${copy}/${segment}`)));
  rmSync(`${copy}/${segment}`);
  await index("--rebuild", ...watch);
  assert.deepEqual(lines(copy), lines(folder.file("audit")));
  assert.deepEqual(await answer(copy, "patients-1", "4"), known("patients-1 4"));
});

test("a proxy goes on behind what index has derived, and index waits for no proxy", async () => {
  const directory = folder.file("audit");
  const main = ["src/cli/main.ts", ["audit", "index", "--dir", directory, "--rebuild"]] as const;
  const ended = async () => {
    await using child = startScript(...main);
    const { code } = await child.exited();
    return { code, stderr: child.stderr };
  };
  assert.equal((await ended()).code, 0);
  await using proxy = await startWatched();
  const busy = await ended();
  assert.equal(busy.code, 1);
  assert.match(busy.stderr, /in use by another es-proxy/);
  const { user, answer: found } = await call(proxy.port, "GET", "/patients-1/_doc/4");
  note("read", user, found as unknown as Hit);
  proxy.child.signal("SIGTERM");
  await proxy.child.exited();
  // The proxy watches fields, so that it has derived all facts again.
  await using index = startScript("src/cli/main.ts", ["audit", "index", "--dir", directory]);
  await index.exited(60_000);
  assert.match(index.stdout, /; 1 segment indexed\n$/);
  assert.deepEqual(await answer(directory, "patients-1", "4"), known("patients-1 4"));
  const ids = readdirSync(directory)
    .filter((name) => name.endsWith(".facts"))
    .flatMap((name) => readFileSync(`${directory}/${name}`, "utf8").split("\n").slice(0, -1))
    .map((line) => line.slice(0, 52));
  assert.equal(new Set(ids).size, ids.length);
  assert.equal(ids.length, calls);
});
