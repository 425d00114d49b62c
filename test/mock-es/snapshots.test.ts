import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { MockEs } from "../../mock-es/index.ts";
import { nextCronTime } from "../../mock-es/values/cron.ts";
import { errorOf, send, startFor } from "./running-mock.ts";

/** A mock with two indices and a snapshot `s` of them in the repository `r`. */
async function withSnapshot(t: TestContext, body: object = {}): Promise<MockEs> {
  const mock = await startFor(t);
  await send(mock, "PUT", "/a", {
    body: { aliases: { al: {} }, settings: { number_of_shards: 2 } },
  });
  for (const id of ["1", "2", "3"]) await send(mock, "PUT", `/a/_doc/${id}`, { body: { n: +id } });
  await send(mock, "PUT", "/b/_doc/1", { body: { n: 1 } });
  const repository = { type: "fs", settings: { location: "l" } };
  await send(mock, "PUT", "/_snapshot/r", { body: repository });
  const made = await send(mock, "PUT", "/_snapshot/r/s?wait_for_completion=true", { body });
  assert.equal(made.status, 200, made.text);
  return mock;
}

test("a snapshot keeps what was there, whatever happens to the indices", async (t) => {
  const mock = await withSnapshot(t);
  await send(mock, "PUT", "/a/_doc/1", { body: { n: 10 } });
  await send(mock, "DELETE", "/a/_doc/2");
  await send(mock, "DELETE", "/b");
  await send(mock, "POST", "/a/_close");
  const restored = await send(mock, "POST", "/_snapshot/r/s/_restore?wait_for_completion=true");
  assert.deepEqual(restored.json, {
    snapshot: {
      snapshot: "s",
      indices: ["a", "b"],
      shards: { total: 3, failed: 0, successful: 3 },
    },
  });
  assert.equal((await send(mock, "GET", "/a/_source/1")).text, '{"n":1}');
  assert.equal((await send(mock, "GET", "/al/_count")).json["count"], 3);
  assert.equal((await send(mock, "GET", "/b/_count")).json["count"], 1);
});

test("a restored index has the name, aliases and settings that the request wants", async (t) => {
  const mock = await withSnapshot(t);
  const body = {
    indices: "a",
    rename_pattern: "(.)",
    rename_replacement: "old-$1",
    index_settings: { "index.refresh_interval": "9s" },
  };
  await send(mock, "POST", "/_snapshot/r/s/_restore", { body });
  const index = mock.store.indices.get("old-a");
  assert.equal(index?.settings.text("index.refresh_interval"), "9s");
  assert.deepEqual([...(index?.aliases.keys() ?? [])], ["al"]);
  const recovery = await send(mock, "GET", "/old-a/_recovery?filter_path=*.shards.source.index");
  assert.deepEqual(recovery.json, {
    "old-a": { shards: [{ source: { index: "a" } }, { source: { index: "a" } }] },
  });
});

test("the state of the cluster comes back only when it is asked for", async (t) => {
  const mock = await startFor(t);
  await send(mock, "PUT", "/_index_template/t", { body: { index_patterns: ["x*"] } });
  await send(mock, "PUT", "/_snapshot/r", { body: { type: "fs", settings: { location: "l" } } });
  await send(mock, "PUT", "/_snapshot/r/s?wait_for_completion=true");
  await send(mock, "DELETE", "/_index_template/t");
  await send(mock, "POST", "/_snapshot/r/s/_restore", { body: {} });
  assert.equal((await send(mock, "GET", "/_index_template/t")).status, 404);
  await send(mock, "POST", "/_snapshot/r/s/_restore", { body: { include_global_state: true } });
  assert.equal((await send(mock, "GET", "/_index_template/t")).status, 200);
});

test("repositories of one location see the same snapshots, which outlive them", async (t) => {
  const mock = await withSnapshot(t);
  const body = { type: "fs", settings: { location: "l", readonly: true } };
  await send(mock, "PUT", "/_snapshot/ro", { body });
  const namesIn = async (repository: string): Promise<string[]> => {
    const { json } = await send(mock, "GET", `/_snapshot/${repository}/_all`);
    return (json["snapshots"] as { snapshot: string }[]).map(({ snapshot }) => snapshot);
  };
  assert.deepEqual(await namesIn("ro"), ["s"]);
  assert.equal((await send(mock, "DELETE", "/_snapshot/ro/s")).status, 400);
  await send(mock, "PUT", "/_snapshot/r/s/_clone/s2", { body: { indices: "b" } });
  await send(mock, "DELETE", "/_snapshot/r");
  assert.deepEqual(await namesIn("ro"), ["s", "s2"]);
  await send(mock, "PUT", "/_snapshot/r", { body: { type: "fs", settings: { location: "l" } } });
  await send(mock, "DELETE", "/_snapshot/r/s*");
  assert.deepEqual(await namesIn("ro"), []);
});

test("snapshots hold no more than the mock may keep", async (t) => {
  const mock = await startFor(t, { maxDocuments: 3 });
  for (const id of ["1", "2"]) await send(mock, "PUT", `/a/_doc/${id}`, { body: {} });
  await send(mock, "PUT", "/_snapshot/r", { body: { type: "fs", settings: { location: "l" } } });
  assert.equal((await send(mock, "PUT", "/_snapshot/r/s1?wait_for_completion=true")).status, 200);
  const full = await send(mock, "PUT", "/_snapshot/r/s2?wait_for_completion=true");
  assert.deepEqual([full.status, errorOf(full).type], [429, "circuit_breaking_exception"]);
  await send(mock, "DELETE", "/_snapshot/r/s1");
  assert.equal((await send(mock, "PUT", "/_snapshot/r/s2?wait_for_completion=true")).status, 200);
});

for (const [method, target, body, status, type] of [
  ["PUT", "/_snapshot/r/Big", {}, 400, "invalid_snapshot_name_exception"],
  ["PUT", "/_snapshot/r/s", {}, 400, "snapshot_name_already_in_use_exception"],
  ["PUT", "/_snapshot/none/s", {}, 404, "repository_missing_exception"],
  ["GET", "/_snapshot/r/none", undefined, 404, "snapshot_missing_exception"],
  ["POST", "/_snapshot/r/s/_restore", {}, 500, "snapshot_restore_exception"],
  ["PUT", "/_snapshot/u", { type: "url" }, 400, "illegal_argument_exception"],
  ["PUT", "/_snapshot/u", { type: "nope" }, 500, "repository_exception"],
] as const) {
  test(`snapshots: ${method} ${target} ${JSON.stringify(body)} is refused`, async (t) => {
    const mock = await withSnapshot(t);
    const answer = await send(mock, method, target, body === undefined ? {} : { body });
    assert.deepEqual([answer.status, errorOf(answer).type], [status, type]);
  });
}

test("policies of snapshots are stored, shown, carried out and deleted", async (t) => {
  let nowMs = Date.parse("2026-01-01T12:00:00Z");
  const mock = await startFor(t, { nowMs: () => nowMs });
  const policy = {
    name: "<nightly-{now/d}>",
    schedule: "0 30 1 * * ?",
    repository: "r",
    config: { indices: "a", ignore_unavailable: true },
    retention: { expire_after: "30d" },
  };
  const early = await send(mock, "PUT", "/_slm/policy/p", { body: policy });
  assert.equal(errorOf(early).reason, "no such repository [r]");
  await send(mock, "PUT", "/_snapshot/r", { body: { type: "fs", settings: { location: "l" } } });
  const put = await send(mock, "PUT", "/_slm/policy/p", { body: policy });
  assert.deepEqual(put.json, { acknowledged: true });
  assert.deepEqual((await send(mock, "GET", "/_slm/policy/p")).json, {
    p: {
      version: 1,
      modified_date_millis: nowMs,
      policy,
      next_execution_millis: Date.parse("2026-01-02T01:30:00Z"),
      stats: {
        policy: "p",
        snapshots_taken: 0,
        snapshots_failed: 0,
        snapshots_deleted: 0,
        snapshot_deletion_failures: 0,
      },
    },
  });
  nowMs += 1000;
  const name = (await send(mock, "POST", "/_slm/policy/p/_execute")).json["snapshot_name"];
  assert.match(String(name), /^nightly-2026\.01\.01-[a-z0-9_-]{22}$/);
  const { json } = await send(mock, "GET", `/_snapshot/r/${String(name)}`);
  assert.deepEqual((json["snapshots"] as { metadata: unknown }[])[0]?.metadata, { policy: "p" });
  const often = { ...policy, schedule: "0 * * * * ?" };
  assert.match(
    String(errorOf(await send(mock, "PUT", "/_slm/policy/q", { body: often })).reason),
    /schedule would be too frequent/,
  );
  assert.deepEqual((await send(mock, "GET", "/_slm/status")).json, { operation_mode: "STOPPED" });
  assert.equal((await send(mock, "DELETE", "/_slm/policy/p")).status, 200);
  assert.equal((await send(mock, "GET", "/_slm/policy/p")).status, 404);
});

test("lifecycle management is stopped, and tells which indices have a policy", async (t) => {
  let nowMs = Date.parse("2026-01-01");
  const mock = await startFor(t, { nowMs: () => nowMs });
  await send(mock, "PUT", "/a", { body: { settings: { "index.lifecycle.name": "p" } } });
  await send(mock, "PUT", "/b");
  nowMs += 90_000;
  const managed = {
    index: "a",
    managed: true,
    policy: "p",
    index_creation_date_millis: Date.parse("2026-01-01"),
    time_since_index_creation: "1.5m",
    skip: false,
  };
  assert.deepEqual((await send(mock, "GET", "/*/_ilm/explain")).json, {
    indices: { a: managed, b: { index: "b", managed: false } },
  });
  assert.deepEqual((await send(mock, "GET", "/*/_ilm/explain?only_errors=true")).json, {
    indices: { a: managed },
  });
  assert.deepEqual((await send(mock, "GET", "/_ilm/status")).json, { operation_mode: "STOPPED" });
  assert.equal((await send(mock, "POST", "/_ilm/start")).status, 400);
  assert.deepEqual((await send(mock, "POST", "/a/_ilm/remove")).json, {
    has_failures: false,
    failed_indexes: [],
  });
  assert.deepEqual((await send(mock, "GET", "/*/_ilm/explain?only_managed")).json, {
    indices: {},
  });
});

for (const [expression, after, next] of [
  ["0 30 1 * * ?", "2026-01-01T01:29:59Z", "2026-01-01T01:30:00Z"],
  ["0 30 1 * * ?", "2026-01-01T01:30:00Z", "2026-01-02T01:30:00Z"],
  ["0 0/15 9-17 ? * MON-FRI", "2026-01-02T17:50:00Z", "2026-01-05T09:00:00Z"],
  ["0 0 0 29 2 ?", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"],
  ["0 0 0 1 JAN ? 2030", "2026-01-01T00:00:00Z", "2030-01-01T00:00:00Z"],
  ["0 0 0 1 1 ? 2020", "2026-01-01T00:00:00Z", undefined],
] as const) {
  test(`the cron expression ${expression} after ${after}`, () => {
    const expected = next === undefined ? undefined : Date.parse(next);
    assert.equal(nextCronTime(expression, Date.parse(after)), expected);
  });
}

test("retention removes what is too old, beyond the most, and keeps the fewest", async (t) => {
  let nowMs = Date.parse("2026-01-01T12:00:00Z");
  const mock = await startFor(t, { nowMs: () => nowMs });
  await send(mock, "PUT", "/_snapshot/r", { body: { type: "fs", settings: { location: "l" } } });
  const keep = async (retention: object): Promise<void> => {
    const body = { name: "n", schedule: "1d", repository: "r", retention };
    await send(mock, "PUT", "/_slm/policy/p", { body });
  };
  const left = async (): Promise<number> => {
    await send(mock, "POST", "/_slm/_execute_retention");
    return ((await send(mock, "GET", "/_snapshot/r/n-*")).json["snapshots"] as unknown[]).length;
  };
  await keep({ expire_after: "30d" });
  for (let day = 0; day < 5; day++) {
    await send(mock, "POST", "/_slm/policy/p/_execute");
    nowMs += 86_400_000;
  }
  await send(mock, "PUT", "/_snapshot/r/n-other");
  assert.equal(await left(), 6);
  await keep({ expire_after: "1h", min_count: 4 });
  assert.equal(await left(), 5);
  await keep({ max_count: 3 });
  assert.equal(await left(), 4);
  await keep({ expire_after: "1h" });
  assert.equal(await left(), 1);
  const { json } = await send(mock, "GET", "/_slm/policy/p");
  const { stats } = json["p"] as { readonly stats: { readonly snapshots_deleted: number } };
  assert.equal(stats.snapshots_deleted, 5);
});
