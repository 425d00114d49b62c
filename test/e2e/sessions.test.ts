import assert from "node:assert/strict";
import { readdirSync, rmSync } from "node:fs";
import { test } from "node:test";

import { startMockEs } from "../../mock-es/index.ts";
import { startScript } from "../support/child-process.ts";
import { startAuditedProxy } from "../support/audited-proxy.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";

interface Answer {
  readonly _scroll_id?: string;
  readonly id?: string;
  readonly pit_id?: string;
  readonly hits: { readonly hits: readonly { readonly sort?: readonly unknown[] }[] };
}

interface Totals {
  calls: number;
  docs: number;
}

type Client = (user: string, method: string, path: string, body?: unknown) => Promise<Answer>;

function clientOf(port: number): Client {
  return async (user, method, path, body) => {
    const isLines = typeof body === "string";
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      body: body === undefined ? null : isLines ? body : JSON.stringify(body),
      headers: {
        authorization: `Basic ${Buffer.from(`${user}:x`).toString("base64")}`,
        "content-type": isLines ? "application/x-ndjson" : "application/json",
        // Other connections reach other workers.
        connection: "close",
      },
    });
    return (await response.json()) as Answer;
  };
}

/** Reads all of an index with a scroll. */
async function scroll(call: Client, user: string, index: string, size: number): Promise<Totals> {
  const totals = { calls: 0, docs: 0 };
  let page = await call(user, "POST", `/${index}/_search?scroll=1m`, { size });
  for (;;) {
    totals.calls += 1;
    totals.docs += page.hits.hits.length;
    if (page.hits.hits.length === 0) return totals;
    const body = { scroll: "1m", scroll_id: page._scroll_id };
    page = await call(user, "POST", "/_search/scroll", body);
  }
}

/** Reads all of an index with a point in time. */
async function pointInTime(
  call: Client,
  user: string,
  index: string,
  size: number,
): Promise<Totals> {
  const totals = { calls: 0, docs: 0 };
  let { id } = await call(user, "POST", `/${index}/_pit?keep_alive=1m`);
  let after: readonly unknown[] | undefined;
  for (;;) {
    const body = {
      size,
      pit: { id, keep_alive: "1m" },
      sort: [{ n: "asc" }],
      ...(after === undefined ? {} : { search_after: after }),
    };
    const page = await call(user, "POST", "/_search", body);
    totals.calls += 1;
    totals.docs += page.hits.hits.length;
    after = page.hits.hits.at(-1)?.sort;
    id = page.pit_id ?? id;
    if (after !== undefined) continue;
    await call(user, "DELETE", "/_pit", { id });
    return totals;
  }
}

function sessions(folder: TempDir, ...more: readonly string[]) {
  return command(folder, "sessions", ...more);
}

async function command(folder: TempDir, name: string, ...more: readonly string[]) {
  const args = ["audit", name, "--dir", folder.file("audit"), ...more];
  await using child = startScript("src/cli/main.ts", args, {
    env: { ...process.env, COLUMNS: "120", NO_COLOR: "1" },
  });
  const { code } = await child.exited();
  return { code, stdout: child.stdout, stderr: child.stderr };
}

test("sessions joins interleaved reads of two workers, in two runs, with exact totals", async () => {
  await using folder = await makeTempDir();
  const mock = await startMockEs();
  const truth = new Map<string, Totals>();
  for (let round = 0; round < 2; round += 1) {
    await using proxy = await startAuditedProxy(folder, {
      endpoint: mock.port,
      workers: 2,
      audit: { facts: true, rotate: { size: "64KiB" } },
    });
    const call = clientOf(proxy.port);
    if (round === 0)
      for (const index of ["people", "logs"]) {
        const lines = Array.from(
          { length: 60 },
          (_, n) => `{"index":{"_index":"${index}","_id":"${n}"}}\n{"n":${n}}\n`,
        );
        await call("ingest", "POST", "/_bulk?refresh=true", lines.join(""));
      }
    const reads = [3, 7, 11].flatMap((size) => [
      ["scroll", scroll, size] as const,
      ["point_in_time", pointInTime, size] as const,
    ]);
    await Promise.all(
      reads.map(async ([kind, read, size]) => {
        const user = `${kind}-${size}-${round}`;
        truth.set(user, await read(call, user, size === 7 ? "logs" : "people", size));
      }),
    );
    await call("single", "POST", "/people/_search", { size: 5 });
    proxy.child.signal("SIGTERM");
    await proxy.child.exited();
  }
  await mock.close();
  const json = await sessions(folder, "--format", "json", "-n", "100");
  assert.deepEqual([json.code, json.stderr], [0, ""]);
  const rows = JSON.parse(json.stdout) as {
    users: string[];
    kind: string;
    indices: string[];
    calls: number;
    docs: number;
    distinct: number;
    end: string;
    id: string;
  }[];
  assert.equal(rows.length, truth.size);
  for (const { users, kind, indices, calls, docs, distinct, end } of rows) {
    const [user = ""] = users;
    assert.deepEqual({ user, calls, docs }, { user, ...truth.get(user) });
    assert.deepEqual([users.length, distinct, user.startsWith(kind)], [1, 60, true]);
    assert.deepEqual(indices, [user.includes("-7-") ? "logs" : "people"]);
    assert.ok(["closed", "exhausted"].includes(end), end);
  }
  for (const [user, place] of [
    ["scroll-3-1", "call 1 of 21 of one read (scroll)"],
    ["point_in_time-11-0", "belongs to 7 calls of one read (point in time)"],
  ] as const) {
    const { id = "" } = rows.find(({ users }) => users[0] === user) ?? {};
    const shown = await command(folder, "show", id);
    const words = shown.stdout.replaceAll(/\s+/g, " ");
    const told = `${place} by ${user}: 60 documents, 60 different, in `;
    assert.ok(words.includes(told), words);
    assert.ok(words.includes(`; the first call is ${id.slice(-8)}`), words);
  }
  const table = await sessions(folder, "--sort", "calls", "-n", "1");
  assert.match(table.stdout, /^began +user .*\n.* UTC\n.* (?:scroll|point_in_time)-3-\d /);
  const one = await sessions(folder, "--user", "scroll-3-0", "--format", "csv");
  assert.equal(one.stdout.split("\r\n").length, 3);
  for (const name of readdirSync(folder.file("audit")))
    if (name.endsWith(".facts")) rmSync(folder.file("audit", name));
  // What has no facts is examined on the way.
  const bare = await sessions(folder, "--format", "json", "-n", "100");
  assert.equal(bare.code, 0);
  const totals = (json: string): string[] =>
    (JSON.parse(json) as typeof rows)
      .map(({ id, calls, docs, distinct }) => JSON.stringify({ id, calls, docs, distinct }))
      .sort();
  assert.deepEqual(totals(bare.stdout), totals(json.stdout));
});
