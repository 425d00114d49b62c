import assert from "node:assert/strict";
import { test } from "node:test";
import { type Received, send, startFor } from "./running-mock.ts";
import { ask, bookShop, reasonOf } from "./esql-fixture.ts";

const selected: readonly (readonly [query: string, columns: string, rows: unknown])[] = [
  [
    "SELECT author AS who, pages FROM books WHERE pages BETWEEN 400 AND 600 ORDER BY pages DESC",
    "who:keyword pages:integer",
    [
      ["Alastair Reynolds", 585],
      ["Neal Stephenson", 470],
    ],
  ],
  [
    "select author, count(*) n, avg(pages), max(out) from books where author is not null group by author having count(*) > 0 order by n desc limit 5",
    "author:keyword n:long avg(pages):double max(out):datetime",
    [
      ["Neal Stephenson", 2, 694, "1999-05-01T00:00:00.000Z"],
      ["Alastair Reynolds", 1, 585, "2000-03-15T00:00:00.000Z"],
    ],
  ],
  [
    "SELECT title FROM \"books\" WHERE MATCH(title, 'snow') OR author LIKE 'Al_st%' AND NOT pages IN (1, 2) ORDER BY pages",
    "title:text",
    [["Snow Crash"], ["Revelation Space"]],
  ],
  [
    "SELECT TOP 1 DISTINCT author a FROM books WHERE author IS NOT NULL ORDER BY author DESC",
    "a:keyword",
    [["Neal Stephenson"]],
  ],
  [
    "SELECT COUNT(*), SUM(pages) FROM books WHERE out > '1999-01-01'",
    "COUNT(*):long SUM(pages):long",
    [[2, 1503]],
  ],
  [
    "SELECT UCASE(author) a, pages / 100 + 1, CASE WHEN pages > 900 THEN 'long' ELSE 'short' END, YEAR(out) FROM books WHERE ABS(pages) > 400 ORDER BY 2, out",
    "a:keyword pages / 100 + 1:integer CASE WHEN pages > 900 THEN 'long' ELSE 'short' END:keyword YEAR(out):integer",
    [
      ["NEAL STEPHENSON", 5, "short", 1992],
      ["ALASTAIR REYNOLDS", 6, "short", 2000],
      ["NEAL STEPHENSON", 10, "long", 1999],
    ],
  ],
  [
    "SELECT HISTOGRAM(out, INTERVAL 1 YEAR) AS y, COUNT(DISTINCT author), SUM(pages * 2) FROM books WHERE out IS NOT NULL AND (pages + 1) * 2 > 100 GROUP BY y",
    "y:datetime COUNT(DISTINCT author):long SUM(pages * 2):long",
    [
      ["1992-01-01T00:00:00.000Z", 1, 940],
      ["1999-01-01T00:00:00.000Z", 1, 1836],
      ["2000-01-01T00:00:00.000Z", 1, 1170],
    ],
  ],
  [
    "SELECT CONCAT(author, '!') c, LENGTH('a  '), CAST(pages AS DOUBLE), IFNULL(author, 'none'), DAY_OF_WEEK(out), DATE_DIFF('year', out, CAST('2001-01-01' AS DATETIME)), out + INTERVAL 1 DAY FROM books ORDER BY pages DESC NULLS LAST LIMIT 1",
    "c:keyword LENGTH('a  '):integer CAST(pages AS DOUBLE):double IFNULL(author, 'none'):keyword DAY_OF_WEEK(out):integer DATE_DIFF('year', out, CAST('2001-01-01' AS DATETIME)):integer out + INTERVAL 1 DAY:datetime",
    [["Neal Stephenson!", 1, 918, "Neal Stephenson", 7, 2, "1999-05-02T00:00:00.000Z"]],
  ],
];

test("SQL selects, groups and orders", async (t) => {
  const mock = await startFor(t);
  await bookShop(mock);
  for (const [query, columns, rows] of selected) {
    const { status, json, text } = await ask(mock, query, {}, "/_sql?format=json");
    assert.equal(status, 200, `${query}: ${text}`);
    const named = (json["columns"] as { name: string; type: string }[]).map(
      ({ name, type }) => `${name}:${type}`,
    );
    assert.deepEqual([named.join(" "), json["rows"]], [columns, rows], query);
  }
  const csv = await ask(
    mock,
    "SELECT pages FROM books WHERE pages > ?",
    { params: [600] },
    "/_sql?format=csv",
  );
  assert.equal(csv.text, "pages\r\n918\r\n");
});

test("SQL shows floats with their own digits", async (t) => {
  const mock = await startFor(t);
  const scaled = { type: "scaled_float", scaling_factor: 100 };
  const mappings = { properties: { f: { type: "float" }, s: scaled } };
  await send(mock, "PUT", "/floats", { body: { mappings } });
  await send(mock, "PUT", "/floats/_doc/1?refresh", { body: { f: 1.1, s: 1.234 } });
  const asked = (query: string): ReturnType<typeof ask> => ask(mock, query, {}, "/_sql");
  const { json } = await asked("SELECT * FROM floats WHERE f = 1.1 ORDER BY f");
  assert.deepEqual(json["columns"], [
    { name: "f", type: "float" },
    { name: "s", type: "scaled_float" },
  ]);
  assert.deepEqual(json["rows"], [[1.1, 1.23]]);
  for (const query of [
    "SELECT f * 2 FROM floats",
    "SELECT MAX(f) FROM floats",
    "SELECT f FROM floats GROUP BY f",
  ])
    assert.match((await asked(query)).text, /is not supported by mock-es/);
});

test("SQL gives a result page by page, and closes a cursor", async (t) => {
  let nowMs = Date.UTC(2026, 0, 1);
  const mock = await startFor(t, { nowMs: () => nowMs });
  await bookShop(mock);
  const page = async (body: object, target = "/_sql"): Promise<Received> =>
    await send(mock, "POST", target, { body });
  const query = "SELECT pages FROM books ORDER BY pages";
  const first = await page({ query, fetch_size: 2 });
  assert.deepEqual(first.json["rows"], [[470], [585]]);
  const second = await page({ cursor: first.json["cursor"], columnar: true });
  assert.deepEqual([second.json["columns"], second.json["values"]], [undefined, [[918, null]]]);
  const last = await page({ cursor: second.json["cursor"] });
  assert.deepEqual(last.json, { rows: [] });
  const gone = await page({ cursor: second.json["cursor"] });
  assert.match(reasonOf(gone), /^400 illegal_argument_exception: mock-es keeps no rows/);
  const limited = await page({ query: `${query} LIMIT 2`, fetch_size: 2 });
  assert.equal(limited.json["cursor"], undefined);
  const grouped = "SELECT author, COUNT(*) FROM books WHERE pages > 0 GROUP BY author";
  const sorted = await page({ query: `${grouped} ORDER BY COUNT(*)`, fetch_size: 1 });
  const tail = await page({ cursor: sorted.json["cursor"] });
  assert.deepEqual(tail.json, { rows: [["Neal Stephenson", 2]] });
  const csv = await page({ query: grouped, fetch_size: 1 }, "/_sql?format=csv");
  const cursor = csv.rawHeaders[csv.rawHeaders.indexOf("Cursor") + 1];
  const rest = await page({ cursor }, "/_sql?format=csv");
  assert.equal(rest.text, "Neal Stephenson,2\r\n");
  const txt = await page({ query, fetch_size: 1 }, "/_sql?format=txt");
  assert.match(reasonOf(txt), /a cursor with the format \[txt\] is not supported/);
  assert.deepEqual((await page({ cursor }, "/_sql/close")).json, { succeeded: true });
  assert.deepEqual((await page({ cursor }, "/_sql/close")).json, { succeeded: false });
  const old = await page({ query, fetch_size: 1, page_timeout: "10s" });
  nowMs += 10_000;
  assert.equal((await page({ cursor: old.json["cursor"] })).status, 400);
});

test("SQL describes the columns of a table", async (t) => {
  const mock = await startFor(t);
  const properties = {
    b: { properties: { n: { type: "long" }, d: { type: "date" } } },
    a: { type: "text", fields: { raw: { type: "keyword" } } },
    f: { type: "float" },
    g: { type: "geo_point" },
    h: { type: "half_float" },
    i: { type: "ip" },
    s: { type: "scaled_float", scaling_factor: 100 },
  };
  await send(mock, "PUT", "/t", { body: { mappings: { properties } } });
  const { json } = await ask(mock, "DESCRIBE t", {}, "/_sql");
  assert.deepEqual(json["columns"], [
    { name: "column", type: "keyword" },
    { name: "type", type: "keyword" },
    { name: "mapping", type: "keyword" },
  ]);
  assert.deepEqual(json["rows"], [
    ["a", "VARCHAR", "text"],
    ["a.raw", "VARCHAR", "keyword"],
    ["b", "STRUCT", "object"],
    ["b.d", "TIMESTAMP", "datetime"],
    ["b.n", "BIGINT", "long"],
    ["f", "REAL", "float"],
    ["g", "GEOMETRY", "geo_point"],
    ["h", "FLOAT", "half_float"],
    ["i", "VARCHAR", "ip"],
    ["s", "DOUBLE", "scaled_float"],
  ]);
  const none = await ask(mock, "show columns in nope", {}, "/_sql");
  assert.match(reasonOf(none), /line 1:17: describing no index, or several, is not supported/);
});

test("SQL of columns is translated into the body of a search", async (t) => {
  const mock = await startFor(t);
  await bookShop(mock);
  const translated = async (query: string): Promise<Received> =>
    await ask(mock, query, { fetch_size: 10 }, "/_sql/translate");
  const { json } = await translated("SELECT author, out o FROM books ORDER BY pages DESC, out");
  assert.deepEqual(json, {
    size: 10,
    _source: false,
    fields: [{ field: "author" }, { field: "out", format: "strict_date_optional_time_nanos" }],
    sort: [
      { pages: { order: "desc", missing: "_first", unmapped_type: "integer" } },
      { out: { order: "asc", missing: "_last", unmapped_type: "date" } },
    ],
    track_total_hits: -1,
  });
  const plain = await translated("SELECT title FROM books LIMIT 3");
  assert.deepEqual(plain.json, {
    size: 3,
    _source: false,
    fields: [{ field: "title" }],
    sort: [{ _doc: { order: "asc" } }],
    track_total_hits: -1,
  });
  for (const [rest, column] of [
    ["WHERE pages > 1", 31],
    ["ORDER BY MAX(pages)", 34],
  ] as const)
    assert.equal(
      reasonOf(await translated(`SELECT title FROM books ${rest}`)),
      `400 illegal_argument_exception: line 1:${column}: more than columns in a translation is not supported by mock-es`,
    );
  assert.match(reasonOf(await translated("SELECT nope FROM books")), /Unknown column \[nope\]/);
});

const unselected: readonly (readonly [query: string, reason: string])[] = [
  [
    "SELECT page FROM books",
    "400 verification_exception: Found 1 problem\nline 1:8: Unknown column [page], did you mean any of [pages, tags]?",
  ],
  [
    "SELECT a FROM nope",
    "400 verification_exception: Found 1 problem\nline 1:15: Unknown index [nope]",
  ],
  [
    "SELECT tags FROM books",
    "400 illegal_argument_exception: line 1:1: the field [tags] with several values in SQL is not supported by mock-es",
  ],
  [
    "SELECT prose FROM books ORDER BY prose",
    "400 illegal_argument_exception: line 1:34: the text [prose] in ORDER BY is not supported by mock-es",
  ],
  [
    "SELECT COUNT(*)",
    "400 illegal_argument_exception: line 1:8: a SELECT of this without FROM is not supported by mock-es",
  ],
  [
    "SELECT FIRST(pages) FROM books",
    "400 illegal_argument_exception: line 1:8: the function [FIRST] in SQL is not supported by mock-es",
  ],
  [
    "SELECT SCORE(pages) FROM books",
    "400 illegal_argument_exception: line 1:8: the function [SCORE] in SQL is not supported by mock-es",
  ],
  [
    "SELECT LENGTH(prose) FROM books",
    "400 illegal_argument_exception: line 1:15: the text [prose] in an expression is not supported by mock-es",
  ],
  [
    "SELECT SQRT(pages - 1000) FROM books",
    "400 illegal_argument_exception: line 1:1: this query (Line 1:23: evaluation of [sqrt((`pages` - 1000))] failed, treating result as null. Only first 20 failures recorded.) is not supported by mock-es",
  ],
  [
    "SELECT DISTINCT COUNT(*) FROM books",
    "400 illegal_argument_exception: line 1:8: [DISTINCT] of anything but columns is not supported by mock-es",
  ],
  [
    "SELECT TOP 1 pages FROM books LIMIT 1",
    "400 illegal_argument_exception: line 1:31: [LIMIT] at this place of an SQL query is not supported by mock-es",
  ],
  [
    "SHOW FUNCTIONS IN x",
    "400 illegal_argument_exception: line 1:1: [SHOW] at this place of an SQL query is not supported by mock-es",
  ],
];

test("SQL that is wrong, or not imitated, is refused with its place", async (t) => {
  const mock = await startFor(t);
  await bookShop(mock);
  for (const [query, reason] of unselected)
    assert.equal(reasonOf(await ask(mock, query, {}, "/_sql")), reason, query);
  const wrong = await send(mock, "GET", "/_query");
  assert.ok(wrong.status >= 400, wrong.text);
});

test("SQL shows tables and catalogs", async (t) => {
  const mock = await startFor(t);
  await bookShop(mock);
  await send(mock, "PUT", "/other", {});
  await send(mock, "PUT", "/.hidden", { body: { settings: { "index.hidden": true } } });
  await send(mock, "PUT", "/books/_alias/shelf", {});
  const shown = async (query: string): Promise<unknown> =>
    (await ask(mock, query, {}, "/_sql")).json["rows"];
  const index = (name: string): readonly string[] => ["mock-cluster", name, "TABLE", "INDEX"];
  const alias = ["mock-cluster", "shelf", "VIEW", "ALIAS"];
  assert.deepEqual(await shown("SHOW TABLES"), [index("books"), index("other"), alias]);
  assert.deepEqual(await shown("SHOW TABLES LIKE '_oo%';"), [index("books")]);
  assert.deepEqual(await shown('SHOW TABLES "s*"'), [alias]);
  assert.deepEqual(await shown("show catalogs"), [["mock-cluster", "local"]]);
  assert.deepEqual(await shown("SHOW FUNCTIONS LIKE 'A__'"), [
    ["AVG", "AGGREGATE"],
    ["ABS", "SCALAR"],
  ]);
  assert.equal(((await shown("SHOW FUNCTIONS")) as unknown[]).length, 160);
});

test("SQL keeps a result that is asked to be kept, until it is deleted", async (t) => {
  const mock = await startFor(t);
  await bookShop(mock);
  const query = "SELECT pages FROM books WHERE pages > 500 ORDER BY pages";
  const wanted = { keep_on_completion: true, wait_for_completion_timeout: "1s", keep_alive: "1m" };
  const kept = await ask(mock, query, wanted, "/_sql");
  assert.deepEqual(Object.keys(kept.json), ["id", "is_partial", "is_running", "columns", "rows"]);
  const id = String(kept.json["id"]);
  assert.equal((await send(mock, "GET", `/_sql/async/${id}`)).text, kept.text);
  const status = await send(mock, "GET", `/_sql/async/status/${id}`);
  assert.equal(status.json["completion_status"], 200);
  const gone = await send(mock, "DELETE", `/_sql/async/delete/${id}`);
  assert.deepEqual(gone.json, { acknowledged: true });
  assert.equal((await send(mock, "GET", `/_sql/async/${id}`)).status, 404);
  const plain = await ask(mock, query, { wait_for_completion_timeout: "1s" }, "/_sql");
  assert.equal(plain.json["id"], undefined);
});
