// As the source and documentation have it: no server at hand copies documents within itself.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import type { MockEs } from "../../mock-es/index.ts";
import { errorOf, type Received, send, startFor } from "./running-mock.ts";

async function startWithBirds(t: TestContext): Promise<MockEs> {
  const mock = await startFor(t);
  for (const [id, name] of ["wren", "rook"].entries())
    await send(mock, "PUT", `/birds/_doc/${id}`, { body: { name } });
  return mock;
}

async function copy(mock: MockEs, body: object, query = ""): Promise<Received> {
  const whole = { source: { index: "birds" }, dest: { index: "copy" }, ...body };
  return await send(mock, "POST", `/_reindex${query}`, { body: whole });
}

const refusal = (answer: Received): string => `${answer.status} ${String(errorOf(answer).reason)}`;

test("a reindex is refused that says two things, leaves the source out or waits in vain", async (t) => {
  const mock = await startWithBirds(t);
  assert.equal(
    refusal(await copy(mock, { size: 3, max_docs: 2 })),
    "400 [max_docs] set to two different values [3] and [2]",
  );
  assert.equal(
    refusal(await copy(mock, { source: { index: "birds", _source: false } })),
    "400 _source:false is not supported in this context",
  );
  for (const path of ["/_reindex", "/birds/_update_by_query"]) {
    const body = path === "/_reindex" ? { source: { index: "birds" }, dest: { index: "x" } } : {};
    const answer = await send(mock, "POST", `${path}?wait_for_active_shards=3`, { body });
    assert.match(refusal(answer), /^400 .*by mock-es$/);
  }
  assert.equal((await send(mock, "HEAD", "/copy")).status, 404);
});

test("a reindex does not read what it writes, whatever name it is written by", async (t) => {
  const mock = await startWithBirds(t);
  await send(mock, "PUT", "/birds/_alias/flock");
  const own =
    "400 Validation Failed: 1: reindex cannot write into an index its reading from [birds];";
  assert.equal(refusal(await copy(mock, { dest: { index: "flock" } })), own);
  const script = { source: "ctx._source.seen = true" };
  assert.equal(refusal(await copy(mock, { dest: { index: "birds" }, script })), own);
});

test("a script of a reindex takes the version away, and may not take the index", async (t) => {
  const mock = await startWithBirds(t);
  const dest = { index: "copy", version_type: "external" };
  assert.equal((await copy(mock, { dest })).json["created"], 2);
  assert.equal((await copy(mock, { dest })).json["version_conflicts"], 2);
  const forced = await copy(mock, { dest, script: { source: "ctx._version = null" } });
  assert.equal(forced.json["updated"], 2);
  const lost = await copy(mock, { script: { source: "ctx._index = null" } });
  assert.equal(lost.status, 400);
  assert.match(lost.text, /_index cannot be null/);
});

test("a task that has ended cannot be slowed down", async (t) => {
  const mock = await startWithBirds(t);
  const started = await copy(mock, {}, "?wait_for_completion=false");
  const task = String(started.json["task"]);
  for (const name of ["reindex", "update_by_query", "delete_by_query"]) {
    const path = `/_${name}/${task}/_rethrottle`;
    const answer = await send(mock, "POST", `${path}?requests_per_second=-1`);
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.json["nodes"], {});
    assert.ok(answer.text.includes(`task [${task}] is missing`), answer.text);
    assert.equal(
      refusal(await send(mock, "POST", path)),
      "400 requests_per_second is a required parameter",
    );
  }
});
