import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { MockEs } from "../../mock-es/index.ts";
import { ndjson, type Received } from "./running-mock.ts";
import { type Ask, newUser, reasonOf, secured } from "./security-fixture.ts";

const now = "2026-01-01T00:00:00Z";

/** A mock with the data stream `logs-a`, as a real 9.5.3 made it when these answers were seen. */
async function withStream(t: TestContext): Promise<MockEs> {
  const { mock, admin } = await secured(t);
  const template = { index_patterns: ["logs-*"], data_stream: {} };
  await admin("PUT", "/_index_template/logs", template);
  const made = await admin("PUT", "/logs-a/_create/1?refresh=true", { "@timestamp": now });
  assert.equal(made.status, 201, made.text);
  return mock;
}

test("who may only create documents brings no new fields into a data stream", async (t) => {
  const mock = await withStream(t);
  const role = { indices: [{ names: ["logs-a"], privileges: ["create_doc"] }] };
  const creator = await newUser(mock, "creator", role);
  const known = await creator("PUT", "/logs-a/_create/2", { "@timestamp": now });
  assert.equal(known.status, 201);
  const unknown = await creator("PUT", "/logs-a/_create/3", { "@timestamp": now, more: 1 });
  assert.equal(unknown.status, 403);
  assert.equal(
    reasonOf(unknown),
    "action [indices:admin/mapping/auto_put] is unauthorized for user [creator] with effective roles [creator], this action is granted by the index privileges [auto_configure,manage,write,all]",
  );
  const bulk = await creator(
    "POST",
    "/_bulk?filter_path=items.*._index,items.*.status",
    ndjson({ create: { _index: "logs-a" } }, { "@timestamp": now, more: 1 }),
  );
  const { items } = bulk.json as { items: [{ create: { _index: string; status: number } }] };
  assert.match(items[0].create._index, /^\.ds-logs-a-/);
  assert.equal(items[0].create.status, 403);
});

test("privileges of writing change mappings of indices, and not of data streams", async (t) => {
  const mock = await withStream(t);
  const role = { indices: [{ names: ["logs-a", "plain"], privileges: ["write", "create_index"] }] };
  const writer = await newUser(mock, "writer", role);
  await writer("PUT", "/plain");
  const mapping = { properties: { more: { type: "keyword" } } };
  assert.equal((await writer("PUT", "/plain/_mapping", mapping)).status, 200);
  const refused = await writer("PUT", "/logs-a/_mapping", mapping);
  assert.equal(refused.status, 403);
  assert.match(
    String(reasonOf(refused)),
    /^action \[indices:admin\/mapping\/put\] is unauthorized/,
  );
});

test("what data streams do not take is refused before privileges are asked for", async (t) => {
  const mock = await withStream(t);
  const role = { indices: [{ names: ["logs-a"], privileges: ["create_doc"] }] };
  const creator = await newUser(mock, "creator", role);
  const lines = ndjson({ index: { _index: "logs-a", _id: "8" } }, { "@timestamp": now });
  const bulk = await creator("POST", "/_bulk?filter_path=items.*.status,items.*.error", lines);
  const { items } = bulk.json as { items: [{ index: { error: { reason: string } } }] };
  assert.equal(
    items[0].index.error.reason,
    "only write ops with an op_type of create are allowed in data streams",
  );
});

test("data streams are told where their indices are, which have no aliases to list", async (t) => {
  const { admin } = await secured(t);
  const template = { index_patterns: ["logs-*"], data_stream: {} };
  await admin("PUT", "/_index_template/logs", template);
  await admin("PUT", "/logs-a/_create/1?refresh=true", { "@timestamp": now });
  const found = (await admin("GET", "/logs-a?filter_path=*.data_stream")).json as object;
  assert.deepEqual(Object.values(found), [{ data_stream: "logs-a" }]);
  const resolved = (await admin("GET", "/_resolve/index/.ds-*")).json as { indices: object[] };
  const [{ name, ...rest } = { name: "" }] = resolved.indices as { name: string }[];
  assert.match(name, /^\.ds-logs-a-/);
  assert.deepEqual(rest, {
    attributes: ["hidden", "open"],
    data_stream: "logs-a",
    mode: "standard",
  });
  assert.deepEqual((await admin("GET", "/logs-a/_alias")).json, {});
});

test("ES|QL needs more than the action itself to read an index, and a policy", async (t) => {
  const { mock, admin } = await secured(t);
  await admin("PUT", "/books/_doc/1?refresh=true", { n: 1 });
  const query = async (ask: Ask, text: string): Promise<Received> =>
    await ask("POST", "/_query", { query: text });
  const privileges = ["indices:data/read/esql"];
  const bare = await newUser(mock, "bare", { indices: [{ names: ["books"], privileges }] });
  assert.match(
    String(reasonOf(await query(bare, "FROM books"))),
    /^action \[indices:data\/read\/field_caps\[n\]\] is unauthorized .* on indices \[books\]/,
  );
  assert.equal((await query(bare, "ROW a = 1")).status, 200);
  const indices = [{ names: ["books"], privileges: ["read"] }];
  const reader = await newUser(mock, "reader", { indices });
  assert.equal((await query(reader, "FROM books")).status, 200);
  assert.match(
    String(reasonOf(await query(reader, "FROM books | ENRICH absent"))),
    /^action \[cluster:monitor\/xpack\/enrich\/esql\/resolve_policy\] is unauthorized/,
  );
  const enricher = await newUser(mock, "enricher", { cluster: ["monitor_enrich"], indices });
  assert.match(
    String(reasonOf(await query(enricher, "FROM books | ENRICH absent"))),
    /cannot find enrich policy \[absent\]/,
  );
});
