import assert from "node:assert/strict";
import { test } from "node:test";
import { clientFor, errorOf, send, startFor } from "./running-mock.ts";

test("an asynchronous search is answered at once, and kept when that is asked for", async (t) => {
  const { client } = await clientFor(t);
  await client.index({ index: "a", document: { n: 1 } });
  const plain = await client.asyncSearch.submit({ index: "a", query: { match_all: {} } });
  assert.equal(plain.id, undefined);
  assert.equal(plain.is_running, false);
  assert.equal(plain.response.hits.hits.length, 1);
  const kept = await client.asyncSearch.submit({
    index: "a",
    size: 0,
    aggs: { most: { max: { field: "n" } } },
    keep_on_completion: true,
    keep_alive: "1m",
  });
  const id = kept.id ?? "";
  await client.index({ index: "a", document: { n: 7 } });
  const again = await client.asyncSearch.get({ id });
  assert.deepEqual(again.response.aggregations, { most: { value: 1 } });
  const status = await client.asyncSearch.status({ id });
  assert.equal(status.completion_status, 200);
  assert.equal(status._shards.successful, 1);
  await client.asyncSearch.delete({ id });
  await assert.rejects(client.asyncSearch.get({ id }), /resource_not_found_exception/);
});

test("lifecycle policies are stored, shown with what they leave out, and deleted", async (t) => {
  const mock = await startFor(t);
  const policy = {
    phases: {
      delete: { min_age: "30d", actions: { delete: {} } },
      hot: { actions: { rollover: { max_age: "1d" } } },
    },
  };
  assert.equal((await send(mock, "PUT", "/_ilm/policy/p", { body: { policy } })).status, 200);
  await send(mock, "PUT", "/_ilm/policy/p", { body: { policy } });
  const shown = (await send(mock, "GET", "/_ilm/policy/p")).json["p"] as Record<string, unknown>;
  assert.equal(shown["version"], 2);
  assert.deepEqual(shown["policy"], {
    phases: {
      hot: { min_age: "0ms", actions: { rollover: { max_age: "1d" } } },
      delete: { min_age: "30d", actions: { delete: { delete_searchable_snapshot: true } } },
    },
  });
  const body = { policy: { phases: { hot: { actions: { delete: {} } } } } };
  const wrong = await send(mock, "PUT", "/_ilm/policy/q", { body });
  assert.equal(errorOf(wrong).reason, "invalid action [delete] defined in phase [hot]");
  await send(mock, "PUT", "/a", { body: { settings: { "index.lifecycle.name": "p" } } });
  assert.match(String(errorOf(await send(mock, "DELETE", "/_ilm/policy/p")).reason), /in use by/);
  await send(mock, "DELETE", "/a");
  assert.equal((await send(mock, "DELETE", "/_ilm/policy/p")).status, 200);
  assert.equal((await send(mock, "GET", "/_ilm/policy/p")).status, 404);
});
