import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { matchApiEndpoint } from "../../../src/elasticsearch/api/api-endpoint.ts";
import type { QueryTextFact } from "../../../src/elasticsearch/body/request/request-facts.ts";
import type { ResponseFacts } from "../../../src/elasticsearch/body/response/response-facts.ts";
import {
  responseFacts,
  type ResponseHead,
} from "../../../src/elasticsearch/body/response/response-reader.ts";
import { WatchRules } from "../../../src/elasticsearch/body/watch/watch-rules.ts";
import { cut, pieceSizes, runs } from "./arbitraries.ts";
import { digest, sorted } from "./oracle-answer.ts";

const watch = new WatchRules([{ indices: "patients-*", fields: ["ssn", "address.*"] }], 0);

function factsOf(
  call: string,
  body: unknown,
  head: Partial<ResponseHead> = {},
  sizes: readonly number[] = [3],
): ResponseFacts & { told: unknown[] } {
  const [method = "", target = ""] = call.split(" ");
  const told: unknown[] = [];
  const reader = responseFacts(
    matchApiEndpoint(method, target),
    { status: 200, contentType: "application/json", ...head },
    {
      digest,
      watch,
      watched: { watched: (index, id, fields) => told.push({ index, id, fields }) },
    },
  );
  const bytes = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  for (const { piece, start, end } of cut(bytes, sizes)) reader.write(piece, start, end);
  return { ...reader.finish(), told };
}

const document = { _index: "patients-1", _id: "7", _source: { ssn: "1", address: { city: "x" } } };
const fields = ["ssn", "address.city"];
const watched = fields.map((field) => ({ index: "patients-1", field, documents: 1 }));

test("documents are found wherever an API puts them", () => {
  const search = { hits: { hits: [document] } };
  const answers: readonly (readonly [call: string, body: unknown])[] = [
    ["POST /_search/scroll", search],
    ["POST /a/_search/template", search],
    ["POST /_async_search", { id: "x", is_running: true, response: search }],
    ["GET /_async_search/x", { id: "x", response: search }],
    ["GET /_msearch", { responses: [search] }],
    ["GET /a/_doc/7", { ...document, found: true }],
    ["GET /a/_explain/7", { _index: "patients-1", _id: "7", matched: true, get: document }],
    ["POST /_mget", { docs: [{ ...document, found: true }] }],
    ["GET /a/_eql/search", { hits: { events: [document] } }],
    ["GET /a/_eql/search", { hits: { sequences: [{ join_keys: [1], events: [document] }] } }],
    ["POST /a/_search", { suggest: { s: [{ options: [{ text: "t", ...document }] }] } }],
    ["POST /_watcher/watch/_execute", { watch_record: { result: { input: { payload: search } } } }],
    ["POST /_unknown/plugin", search],
  ];
  for (const [call, body] of answers) {
    const { documents, watched: found, told } = factsOf(call, body);
    assert.deepEqual(documents.first, [{ index: "patients-1", id: "7" }], call);
    assert.equal(documents.withContent, 1, call);
    assert.deepEqual(found, watched, call);
    assert.deepEqual(told, [{ index: "patients-1", id: "7", fields }], call);
  }
});

test("the answer of a source call is a document, and an error in its place is none", () => {
  const source = factsOf("GET /patients-1/_source/7", document._source);
  assert.deepEqual(source.documents.first, [{ index: "patients-1", id: "7" }]);
  assert.equal(source.documents.withContent, 1);
  assert.deepEqual(source.told, [{ index: undefined, id: "7", fields }]);
  const missing = { error: { type: "resource_not_found_exception", reason: "x" }, status: 404 };
  for (const call of ["GET /a/_source/7", "GET /a/_doc/7", "GET /a/_termvectors/7"]) {
    const facts = factsOf(call, missing, { status: 404 });
    assert.equal(facts.documents.count, 0, call);
    assert.deepEqual(facts.errors, [
      { where: "request", type: "resource_not_found_exception", count: 1 },
    ]);
  }
  const { documents } = factsOf(
    "GET /a/_doc/7",
    { _index: "a", _id: "7", found: false },
    { status: 404 },
  );
  assert.deepEqual([documents.count, documents.missing], [0, 1]);
});

test("events of a sequence that must not occur are no documents", () => {
  const absent = { _index: "", _id: "", _source: null, missing: true };
  const body = {
    hits: { total: { value: 1, relation: "eq" }, sequences: [{ events: [absent, document] }] },
  };
  const { documents, hits } = factsOf("GET /a/_eql/search", body);
  assert.deepEqual([documents.count, documents.missing], [1, 1]);
  assert.deepEqual(hits, { total: 1, relation: "eq" });
});

test("values without documents are counted by where they come from", () => {
  const valuesOf = (call: string, body: unknown): unknown =>
    factsOf(call, body).values.map(({ kind, name, count }) => `${kind} ${name} ${count}`);
  assert.deepEqual(valuesOf("POST /a/_terms_enum", { terms: ["a", "b"], complete: true }), [
    "term  2",
  ]);
  const vertices = [
    { field: "user", term: "a", weight: 1 },
    { field: "user", term: "b" },
    { field: "ip", term: "c" },
  ];
  assert.deepEqual(valuesOf("POST /a/_graph/explore", { vertices }), [
    "vertex user 2",
    "vertex ip 1",
  ]);
  const vectors = {
    text: { field_statistics: { doc_count: 1 }, terms: { a: { term_freq: 1 }, b: {} } },
  };
  const termVectors = { _index: "a", _id: "1", found: true, term_vectors: vectors };
  assert.deepEqual(valuesOf("GET /a/_termvectors/1", termVectors), ["term_vector text 2"]);
  const typed = {
    aggregations: {
      "sterms#by_city": { buckets: [{ key: "a", doc_count: 1, "max#age": { value: 3 } }] },
    },
  };
  assert.deepEqual(valuesOf("POST /a/_search?typed_keys", typed), [
    "aggregation by_city 1",
    "aggregation by_city>age 1",
  ]);
  assert.deepEqual(valuesOf("POST /a/_search", typed), [
    "aggregation sterms#by_city 1",
    "aggregation sterms#by_city>max#age 1",
  ]);
  const options = [{ text: "a", score: 1 }, { text: "b" }];
  assert.deepEqual(valuesOf("POST /a/_search", { suggest: { mine: [{ text: "x", options }] } }), [
    "suggestion mine 2",
  ]);
});

test("totals of calls by query, and what failed in them", () => {
  const failure = {
    index: "a",
    id: "1",
    cause: { type: "version_conflict_engine_exception" },
    status: 409,
  };
  const body = {
    took: 9,
    timed_out: true,
    total: 5,
    updated: 3,
    deleted: 0,
    batches: 1,
    version_conflicts: 1,
    noops: 1,
    failures: [failure],
  };
  const facts = factsOf("POST /a/_update_by_query", body);
  assert.deepEqual(facts.byQuery, {
    total: 5,
    created: 0,
    updated: 3,
    deleted: 0,
    noops: 1,
    version_conflicts: 1,
  });
  assert.deepEqual(facts.errors, [
    { where: "failure", type: "version_conflict_engine_exception", count: 1 },
  ]);
  assert.deepEqual([facts.took, facts.timedOut], [9, true]);
  assert.equal(factsOf("POST /_reindex?wait_for_completion=false", { task: "n:1" }).task, "n:1");
});

test("a document that is written alone is an item", () => {
  const created = { _index: "i", _id: "1", _version: 1, result: "created", _shards: { total: 1 } };
  const facts = factsOf("PUT /i/_doc/1", created, { status: 201 });
  assert.deepEqual(facts.items?.groups, [
    { index: "i", action: "index", status: 201, result: "created", count: 1 },
  ]);
  const refused = factsOf(
    "PUT /i/_create/1",
    { error: { type: "version_conflict_engine_exception" }, status: 409 },
    { status: 409 },
  );
  assert.deepEqual([refused.items?.failed, refused.items?.groups[0]?.status], [1, 409]);
  const updated = factsOf("POST /i/_update/1?_source", {
    _index: "i",
    _id: "1",
    result: "updated",
    get: { _source: {} },
  });
  assert.equal(updated.items?.withContent, 1);
});

test("cursors are told as digests", () => {
  const cursorOf = (call: string, body: unknown): unknown => factsOf(call, body).cursors;
  const cases: readonly (readonly [string, unknown, string])[] = [
    ["POST /a/_search?scroll=1m", { _scroll_id: "x" }, "scroll"],
    ["POST /a/_pit?keep_alive=1m", { id: "x", _shards: {} }, "point_in_time"],
    ["POST /_search", { pit_id: "x" }, "point_in_time"],
    ["POST /_async_search", { id: "x", is_running: true }, "async_search"],
    ["POST /_query/async", { id: "x", is_running: true }, "async_esql"],
    ["POST /_sql", { cursor: "x", rows: [] }, "sql"],
  ];
  for (const [call, body, kind] of cases)
    assert.deepEqual(cursorOf(call, body), [{ kind, digest: digest.of("x") }], call);
});

test("formats that are not read are said to be so", () => {
  for (const contentType of [
    "application/vnd.mapbox-vector-tile",
    "application/cbor",
    "application/smile",
    "application/yaml",
    "application/vnd.apache.arrow.stream",
  ])
    assert.deepEqual(factsOf("POST /a/_search", "xyz", { contentType }).body, {
      state: "none",
      reason: "media_type",
      bytes: 3,
    });
  const vendor = "application/vnd.elasticsearch+json;compatible-with=9";
  assert.equal(factsOf("POST /a/_search", {}, { contentType: vendor }).body.state, "whole");
  assert.deepEqual(factsOf("POST /a/_search", "").body, { state: "empty", bytes: 0 });
  assert.equal(factsOf("POST /_some/plugin", {}).body.reason, "unknown_api");
});

// Rows.

const cell = fc.oneof(
  fc.constantFrom(null, "x", 1.5, true),
  fc.array(fc.constantFrom("a", 2), { maxLength: 2 }),
);
const columnName = fc.constantFrom("_id", "_index", "ssn", "address.city", "address", "a", "key");
const table = fc.uniqueArray(columnName, { minLength: 1, maxLength: 5 }).chain((names) =>
  fc.record({
    names: fc.constant(names),
    rows: fc.array(
      fc.tuple(
        ...names.map((name) =>
          name === "_index"
            ? fc.constantFrom("patients-1", "logs-1")
            : name === "_id" || name === "key"
              ? fc.constantFrom("1", "2", "3")
              : cell,
        ),
      ),
      { maxLength: 6 },
    ),
  }),
);

/** Oracle: what the rows of a table tell. */
function rowsOf(names: readonly string[], rows: readonly unknown[][], idName: string): unknown {
  const hasIds = names.includes(idName);
  const at = (row: readonly unknown[], name: string): unknown => row[names.indexOf(name)];
  const told: unknown[] = [];
  const first: unknown[] = [];
  for (const row of rows) {
    const index = at(row, "_index");
    const id = at(row, idName);
    if (hasIds) first.push({ index, id });
    const isCovered = index === undefined || index === "patients-1";
    const seen = names.filter((name, column) => {
      const value = row[column];
      const isWatched = name === "ssn" || name === "address.city";
      return isWatched && value !== null && !(Array.isArray(value) && value.length === 0);
    });
    if (isCovered && seen.length > 0) told.push({ index, id, fields: seen });
  }
  return { count: rows.length, first, told: sorted(told) };
}

function queryOf(idName: string): QueryTextFact {
  const [idColumns, indexColumns] = [[idName], ["_index"]];
  return { language: "esql", text: "", isCut: false, idColumns, indexColumns, isWhole: true };
}

function assertRows(
  names: readonly string[],
  rows: readonly unknown[][],
  sizes: readonly number[],
  isColumnar: boolean,
  call: string,
): void {
  const idName = names.includes("key") ? "key" : "_id";
  const columns = names.map((name) => ({ name, type: "keyword" }));
  const byColumn = names.map((_name, column) => rows.map((row) => row[column]));
  const isSql = call.includes("_sql");
  const body = {
    columns,
    [isSql && !isColumnar ? "rows" : "values"]: isColumnar ? byColumn : rows,
  };
  const facts = factsOf(call, body, { request: { isColumnar, queries: [queryOf(idName)] } }, sizes);
  assert.equal(facts.rows?.columns.length, names.length);
  const sortedTold = facts.told.map((one) => {
    const { index, id, fields: seen } = one as { index: unknown; id: unknown; fields: string[] };
    return { index, id, fields: names.filter((name) => seen.includes(name)) };
  });
  assert.deepEqual(
    { count: facts.rows?.count, first: facts.documents.first, told: sorted(sortedTold) },
    rowsOf(names, rows, idName),
  );
}

test("rows: documents and watched columns, row by row and column by column", () => {
  const call = fc.constantFrom("POST /_query", "POST /_sql");
  const property = fc.property(
    table,
    pieceSizes,
    fc.boolean(),
    call,
    ({ names, rows }, sizes, isColumnar, target) =>
      assertRows(names, rows, sizes, isColumnar, target),
  );
  fc.assert(property, { numRuns: runs(1500) });
});

test("rows in CSV and tab-separated text: documents and watched columns", () => {
  const csv =
    '_index,_id,"ssn",note\r\npatients-1,"a ""b"", c",078,"line\nline"\r\npatients-2,2,,x\r\n';
  const tsv = "_index\t_id\tssn\npatients-1\t1\t078\npatients-2\t2\t\nlogs-1\t3\t9";
  for (const size of [1, 5, 1000]) {
    const facts = factsOf(
      "POST /_query?format=csv",
      csv,
      { contentType: "text/csv; charset=utf-8" },
      [size],
    );
    assert.deepEqual(facts.rows, {
      count: 2,
      columns: ["_index", "_id", "ssn", "note"],
      moreColumns: 0,
      moreDocuments: 0,
    });
    assert.deepEqual(facts.documents.first, [
      { index: "patients-1", id: 'a "b", c' },
      { index: "patients-2", id: "2" },
    ]);
    assert.deepEqual(facts.watched, [{ index: "patients-1", field: "ssn", documents: 1 }]);
    assert.deepEqual(facts.body, { state: "whole", bytes: csv.length });
    const tabs = factsOf("POST /_query", tsv, { contentType: "text/tab-separated-values" }, [size]);
    assert.equal(tabs.rows?.count, 3);
    assert.deepEqual(tabs.watched, [{ index: "patients-1", field: "ssn", documents: 1 }]);
  }
  const other = factsOf("POST /_sql?format=csv&delimiter=%3B", "a;ssn\n1;2\n", {
    contentType: "text/csv",
  });
  assert.deepEqual(other.rows?.columns, ["a", "ssn"]);
  const headless = factsOf("POST /_sql", "1,2\n3,4\n", { contentType: "text/csv; header=absent" });
  assert.deepEqual([headless.rows?.count, headless.rows?.columns], [2, []]);
  const text = factsOf("POST /_sql", "a | b", { contentType: "text/plain" });
  assert.equal(text.body.reason, "media_type");
});

test("a text in the place of a search tells nothing, and ids of failed items survive any cut", () => {
  const { shards, searches } = factsOf("POST /_msearch", { responses: ["took"] });
  assert.deepEqual([shards, searches], [undefined, undefined]);
  const many = Array.from({ length: 150 }, (_, at) => ({
    index: { _index: "a", _id: `id-"${at}"`, status: at % 10 === 0 ? 429 : 201 },
  }));
  const whole = factsOf("POST /_bulk", { errors: true, items: many }, {}, [1 << 20]);
  const ids = whole.items?.failedDocuments.first.map(({ id }) => id);
  assert.deepEqual(ids?.slice(0, 2), ['id-"0"', 'id-"10"']);
  assert.equal(ids.length, 15);
  for (let size = 1; size < 90; size += 1)
    assert.deepEqual(factsOf("POST /_bulk", { errors: true, items: many }, {}, [size]), whole);
});
