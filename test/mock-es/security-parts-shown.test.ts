import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { ndjson } from "./running-mock.ts";
import { newUser, secured } from "./security-fixture.ts";

/** Two documents; the answers are those of 9.5.3 with a trial licence. */
async function library(t: TestContext): ReturnType<typeof secured> {
  const { mock, admin } = await secured(t, { documents: true });
  const properties = {
    team: { type: "keyword" },
    title: { type: "text", fields: { raw: { type: "keyword" } } },
    n: { type: "long" },
    number: { type: "alias", path: "n" },
    secret: { type: "keyword" },
    hidden: { type: "alias", path: "secret" },
  };
  await admin("PUT", "/books", { mappings: { properties } });
  const lines = ndjson(
    { index: { _id: "1" } },
    { team: "red", title: "one", n: 1, secret: "s", o: [{ y: 1 }, { x: 1 }], p: { y: 1 } },
    { index: { _id: "2" } },
    { team: "blue", title: "two", n: 2, secret: "t", o: { y: 1 } },
  );
  await admin("POST", "/books/_bulk?refresh=true", lines);
  return { mock, admin };
}

const ofBooks = (more: object, privileges = ["read", "view_index_metadata"]): object => ({
  indices: [{ names: ["books"], privileges, ...more }],
});
const redOnly = ofBooks({ query: { term: { team: "red" } } });
const someFields = ofBooks({ field_security: { grant: ["title", "n", "hidden", "o.x", "p.x"] } });

test("terms of hidden documents are not told with a count of 0", async (t) => {
  const { mock } = await library(t);
  const ask = await newUser(mock, "dls", redOnly);
  const aggs = { t: { terms: { field: "team", min_doc_count: 0 } } };
  const { json } = await ask("POST", "/books/_search?size=0&filter_path=**.key", { aggs });
  assert.deepEqual(json, { aggregations: { t: { buckets: [{ key: "red" }] } } });
});

test("terms are told where all documents may be seen, of fields that are granted", async (t) => {
  const { mock } = await library(t);
  const dls = await newUser(mock, "dls", redOnly);
  assert.deepEqual((await dls("POST", "/books/_terms_enum", { field: "team" })).json, {
    _shards: { total: 0, successful: 0, failed: 0 },
    terms: [],
    complete: true,
  });
  const fls = await newUser(mock, "fls", ofBooks({ field_security: { grant: ["team"] } }));
  const termsOf = async (field: string): Promise<unknown> =>
    (await fls("POST", "/books/_terms_enum", { field })).json["terms"];
  assert.deepEqual(await termsOf("team"), ["blue", "red"]);
  assert.deepEqual(await termsOf("secret"), []);
});

test("terms of another document are those that the caller sees of it", async (t) => {
  const { mock } = await library(t);
  const totalFor = async (name: string, role: object, field: string): Promise<unknown> => {
    const ask = await newUser(mock, name, role);
    const query = { terms: { [field]: { index: "books", id: "2", path: field } } };
    return (await ask("POST", "/books/_count", { query })).json["count"];
  };
  assert.equal(await totalFor("dls", redOnly, "team"), 0);
  assert.equal(await totalFor("fls", someFields, "secret"), 0);
  assert.equal(await totalFor("all", ofBooks({}), "team"), 1);
});

test("sources keep empty objects in lists only", async (t) => {
  const { mock } = await library(t);
  const ask = await newUser(mock, "fls", someFields);
  assert.deepEqual((await ask("GET", "/books/_source/1")).json, {
    title: "one",
    n: 1,
    o: [{}, { x: 1 }],
  });
  assert.deepEqual((await ask("GET", "/books/_source/2")).json, { title: "two", n: 2 });
});

test("[fields] shows what stands in granted parts of sources", async (t) => {
  const { mock } = await library(t);
  const ask = await newUser(mock, "fls", someFields);
  const body = { fields: ["*"], query: { ids: { values: ["2"] } } };
  const { json } = await ask("POST", "/books/_search?filter_path=hits.hits.fields", body);
  const fields = { title: ["two"], "title.raw": ["two"], n: [2], number: [2] };
  assert.deepEqual(json, { hits: { hits: [{ fields }] } });
});

test("an alias of a field has capabilities when its field is granted", async (t) => {
  const { mock } = await library(t);
  const ask = await newUser(mock, "fls", someFields);
  const target = "/books/_field_caps?fields=number,hidden&filter_path=fields.*.*.type";
  assert.deepEqual((await ask("GET", target)).json, {
    fields: { number: { long: { type: "long" } } },
  });
});

test("grants of the same names are one, whichever roles they are in", async (t) => {
  const { mock } = await library(t);
  const ask = await newUser(mock, "both", {
    indices: [
      { names: ["books"], privileges: ["read"], query: { term: { team: "red" } } },
      { names: ["books"], privileges: ["write"] },
    ],
  });
  assert.equal((await ask("GET", "/books/_count")).json["count"], 2);
});

test("no fields at all are no security of fields", async (t) => {
  const { admin } = await library(t);
  const refused = await admin("PUT", "/_security/role/none", ofBooks({ field_security: {} }));
  assert.match(refused.text, /\\"field_security\\" must not be empty\./);
});
