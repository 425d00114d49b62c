import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseQuery } from "../../mock-es/esql/syntax/command-parser.ts";
import { readParameters } from "../../mock-es/esql/syntax/parameters.ts";
import type { MockEs } from "../../mock-es/index.ts";
import { esqlSources } from "../../src/elasticsearch/esql/esql-sources.ts";
import { esqlVectors } from "./esql-vectors.ts";
import { clientFor, type Received, send, startFor } from "./running-mock.ts";

const books = [
  {
    title: "Snow Crash",
    author: "Neal Stephenson",
    pages: 470,
    out: "1992-06-01",
    tags: ["b", "a"],
  },
  { title: "Revelation Space", author: "Alastair Reynolds", pages: 585, out: "2000-03-15" },
  { title: "Cryptonomicon", author: "Neal Stephenson", pages: 918, out: "1999-05-01", tags: "a" },
  { title: "Untitled", pages: null },
];

async function bookShop(mock: MockEs): Promise<void> {
  const properties = {
    title: { type: "text", fields: { raw: { type: "keyword" } } },
    author: { type: "keyword" },
    pages: { type: "integer" },
    out: { type: "date" },
    tags: { type: "keyword" },
    price: { type: "scaled_float", scaling_factor: 100 },
    shape: { type: "geo_shape" },
  };
  await send(mock, "PUT", "/books", { body: { mappings: { properties } } });
  const lines = books.flatMap((book, at) => [
    JSON.stringify({ index: { _id: String(at) } }),
    JSON.stringify(book),
  ]);
  await send(mock, "POST", "/books/_bulk", { body: `${lines.join("\n")}\n` });
}

async function ask(
  mock: MockEs,
  query: string,
  rest: object = {},
  target = "/_query",
): Promise<Received> {
  return await send(mock, "POST", target, { body: { query, ...rest } });
}

/** Columns as `name:type`, rows, and the texts of the warnings but the one about the limit. */
function shown({ json, rawHeaders }: Received): readonly unknown[] {
  const columns = (json["columns"] as { name: string; type: string }[]).map(
    ({ name, type }) => `${name}:${type}`,
  );
  const warnings = rawHeaders.flatMap((value, at) =>
    rawHeaders[at - 1]?.toLowerCase() === "warning" && !value.includes("No limit defined")
      ? [value.replace(/^299 \S+ "(.*)"$/, "$1")]
      : [],
  );
  return [columns.join(" "), json["values"], warnings];
}

function reasonOf({ status, json }: Received): string {
  const error = json["error"] as { type: string; reason: string };
  return `${status} ${error.type}: ${error.reason}`;
}

test("ES|QL rows of constants are computed as the server computes them", async (t) => {
  const mock = await startFor(t);
  for (const [query, columns, values, warnings = []] of esqlVectors) {
    const received = await ask(mock, query);
    assert.equal(received.status, 200, `${query}: ${received.text}`);
    assert.deepEqual(shown(received), [columns, [values], warnings], query);
  }
});

const found: readonly (readonly [query: string, columns: string, values: unknown])[] = [
  [
    "FROM books | WHERE pages > 400 | STATS n = COUNT(*), AVG(pages) BY author | SORT n DESC | LIMIT 5",
    "n:long AVG(pages):double author:keyword",
    [
      [2, 694, "Neal Stephenson"],
      [1, 585, "Alastair Reynolds"],
    ],
  ],
  [
    "from books metadata _id, _index, _version | sort pages desc nulls last | keep _*, title* | limit 1",
    "_id:keyword _index:keyword _version:long title:text title.raw:keyword",
    [["2", "books", 1, "Cryptonomicon", "Cryptonomicon"]],
  ],
  [
    'from books | where title : "space" or qstr("title:snow") | keep tags, title | sort title',
    "tags:keyword title:text",
    [
      [null, "Revelation Space"],
      [["a", "b"], "Snow Crash"],
    ],
  ],
  [
    'from books | where out >= "1999-01-01" and author is not null | eval y = date_extract("year", out), out = null | drop pr*, sh*, tags, title*, pages | sort y',
    "author:keyword y:long out:null",
    [
      ["Neal Stephenson", 1999, null],
      ["Alastair Reynolds", 2000, null],
    ],
  ],
  [
    "from books | stats m = max(pages), median(pages), c = count(tags) where pages < 900 by t = mv_first(tags) | sort t nulls first",
    "m:integer median(pages):double c:long t:keyword",
    [
      [585, 585, 0, null],
      [918, 694, 2, "a"],
    ],
  ],
  [
    "from books | mv_expand tags | stats values = values(title.raw) by tags | sort tags | limit 2",
    "values:keyword tags:keyword",
    [
      [["Snow Crash", "Cryptonomicon"], "a"],
      ["Snow Crash", "b"],
    ],
  ],
  [
    'from books | stats by b = bucket(out, 10, "1990-01-01", "2000-01-01") | sort b',
    "b:date",
    [
      ["1992-01-01T00:00:00.000Z"],
      ["1999-01-01T00:00:00.000Z"],
      ["2000-01-01T00:00:00.000Z"],
      [null],
    ],
  ],
  [
    "from books | rename author as who, pages as author | keep who, author | sort author | limit 1",
    "who:keyword author:integer",
    [["Neal Stephenson", 470]],
  ],
  ["from books | where pages in (470, null, 918) | stats c = count(*)", "c:long", [[2]]],
  [
    'from books | dissect title "%{one} %{two}" | grok title "%{WORD:first}" | keep one, two, first | sort one | limit 1',
    "one:keyword two:keyword first:keyword",
    [["Revelation", "Space", "Revelation"]],
  ],
  [
    'from books | where author like "Neal*" and title.raw rlike "S.+" | keep author',
    "author:keyword",
    [["Neal Stephenson"]],
  ],
];

test("ES|QL finds, groups and shapes the documents of indices", async (t) => {
  const mock = await startFor(t);
  await bookShop(mock);
  for (const [query, columns, values] of found) {
    const received = await ask(mock, query);
    assert.equal(received.status, 200, `${query}: ${received.text}`);
    assert.deepEqual(shown(received), [columns, values, []], query);
  }
});

const refused: readonly (readonly [query: string, reason: string])[] = [
  ["from nope", "400 verification_exception: Found 1 problem\nline 1:1: Unknown index [nope]"],
  [
    "from books\n| where page == 1 and authr == 2",
    "400 verification_exception: Found 2 problems\nline 2:9: Unknown column [page], did you mean any of [pages, tags]?\nline 2:23: Unknown column [authr], did you mean [author]?",
  ],
  [
    'row a = "x" | eval b = abs(a)',
    "400 verification_exception: Found 1 problem\nline 1:24: argument of [abs(a)] must be [numeric], found value [a] type [keyword]",
  ],
  [
    "row a = 1 | where a",
    "400 verification_exception: Found 1 problem\nline 1:19: Condition expression needs to be boolean, found [INTEGER]",
  ],
  [
    "row a = abs(1, 2)",
    "400 parsing_exception: line 1:9: error building [abs]: expects exactly one argument",
  ],
  [
    "row a = st_x(null)",
    "400 illegal_argument_exception: line 1:9: the function [st_x] is not supported by mock-es",
  ],
  [
    "row a = 1 | completion b",
    "400 illegal_argument_exception: line 1:13: the command [COMPLETION] is not supported by mock-es",
  ],
  [
    "from books | keep title, shape",
    "400 illegal_argument_exception: line 1:1: the field [shape] of the type [geo_shape] in an answer (DROP or KEEP can leave it out) is not supported by mock-es",
  ],
];

test("ES|QL queries that are wrong, or not imitated, are refused with their place", async (t) => {
  const mock = await startFor(t);
  await bookShop(mock);
  for (const [query, reason] of refused)
    assert.equal(reasonOf(await ask(mock, query)), reason, query);
});

test("ES|QL answers in the form that is asked for", async (t) => {
  const mock = await startFor(t);
  await bookShop(mock);
  const query = "from books | sort pages | keep author, pages, tags | limit 2";
  const columnar = await ask(mock, query, { columnar: true }, "/_query?drop_null_columns");
  assert.deepEqual(columnar.json["values"], [
    ["Neal Stephenson", "Alastair Reynolds"],
    [470, 585],
    [["a", "b"], null],
  ]);
  const csv = await ask(mock, query, {}, "/_query?format=csv&delimiter=%3B");
  assert.equal(csv.headers["content-type"], "text/csv; charset=UTF-8; header=present");
  assert.equal(
    csv.text,
    "author;pages;tags\r\nNeal Stephenson;470;[a, b]\r\nAlastair Reynolds;585;\r\n",
  );
  const accept = { accept: "text/plain", "content-type": "application/json" };
  const txt = await send(mock, "POST", "/_query", { body: { query }, headers: accept });
  assert.equal(
    txt.text,
    [
      "     author      |     pages     |     tags      ",
      "-----------------+---------------+---------------",
      "Neal Stephenson  |470            |[a, b]         ",
      "Alastair Reynolds|585            |null           ",
      "",
    ].join("\n"),
  );
});

const word = fc.constantFrom(
  "a",
  "logs-*",
  "-old",
  ".x",
  "<l-{now/d}>",
  '"a,b*"',
  '"""q"""',
  "x.y",
  "from",
);
const blank = fc.constantFrom(" ", "\n", "  ", " /* FROM z | */ ", " // FROM y\n");
const rest = fc.constantFrom(
  'WHERE a == "FROM q | x"',
  'EVAL x = """a | FROM b""", y = [1, 2]',
  "WHERE `FROM` > 1 AND b IN (1, 2)",
  "KEEP a, b*",
  "STATS c = COUNT(*) BY `x | y`",
  "LOOKUP JOIN l-1 ON k, j",
  'LOOKUP JOIN "lq" ON k',
  'DISSECT a "%{x} | FROM b"',
  "RENAME a AS `from`",
  "SORT a DESC NULLS LAST",
);
const generated = fc
  .tuple(
    fc.array(word, { minLength: 1, maxLength: 4 }),
    fc.boolean(),
    fc.array(fc.tuple(blank, rest)),
  )
  .map(([names, hasMetadata, commands]) => {
    const source = `FROM ${names.join(" ,")}${hasMetadata ? " METADATA _id, _index" : ""}`;
    return source + commands.map(([space, command]) => `${space}|${space}${command}`).join("");
  });

test("the mock and the proxy find the same indices in a query", () => {
  fc.assert(
    fc.property(generated, (query) => {
      const acted = parseQuery(query, readParameters([])).flatMap((command) => {
        if (command.kind === "from") return command.indices.split(",");
        return command.kind === "lookup" ? [command.index.name] : [];
      });
      const told = esqlSources(query);
      assert.equal(told.isWhole, true);
      assert.deepEqual(
        told.sources.map(({ expression }) => expression),
        acted,
      );
    }),
    { seed: 20261129, numRuns: 300 },
  );
});

async function languages(mock: MockEs): Promise<void> {
  await send(mock, "PUT", "/languages", {
    body: {
      settings: { "index.mode": "lookup" },
      mappings: {
        properties: {
          code: { type: "integer" },
          name: { type: "keyword" },
          area: { type: "keyword" },
          note: { type: "text" },
        },
      },
    },
  });
  const rows = [
    { code: 1, name: ["english", "anglais"], area: "eu", note: "x" },
    { code: 2, name: "french", area: "eu" },
    { code: 1, name: "old english", area: "uk" },
    { code: [7, 8], name: "several" },
    { name: "none" },
  ];
  const lines = rows.flatMap((row) => ['{"index":{}}', JSON.stringify(row)]);
  await send(mock, "POST", "/languages/_bulk?refresh=true", { body: `${lines.join("\n")}\n` });
  const match = {
    indices: "languages",
    match_field: "code",
    enrich_fields: ["name", "area"],
  };
  await send(mock, "PUT", "/_enrich/policy/langs", { body: { match } });
  await send(mock, "PUT", "/_enrich/policy/later", { body: { match } });
  await send(mock, "PUT", "/_enrich/policy/langs/_execute");
}

const joined: readonly (readonly [query: string, columns: string, values: unknown])[] = [
  [
    "row code = 1, area = 5 | enrich _any:langs on code",
    "code:integer name:keyword area:keyword",
    [[1, ["anglais", "english", "old english"], ["eu", "uk"]]],
  ],
  [
    'row code = ["2", "8"] | enrich langs with n = name, area | keep n, area',
    "n:keyword area:keyword",
    [[["french", "several"], "eu"]],
  ],
  [
    'row x = 9 | enrich "langs" on x with name | eval y = name is null',
    "x:integer name:keyword y:boolean",
    [[9, null, true]],
  ],
  [
    "row code = [3, 1, 2] | mv_expand code | lookup join languages on code | keep code, name, area",
    "code:integer name:keyword area:keyword",
    [
      [3, null, null],
      [1, ["anglais", "english"], "eu"],
      [1, "old english", "uk"],
      [2, "french", "eu"],
    ],
  ],
  [
    'row code = 1.0, area = "uk", name = 5 | lookup join languages on code, area | drop note*',
    "code:double area:keyword name:keyword",
    [[1, "uk", "old english"]],
  ],
  [
    "row code = null | eval code = code::long | lookup join languages on code | keep name",
    "name:keyword",
    [[null]],
  ],
];

test("ENRICH and LOOKUP JOIN add columns by the values of a row", async (t) => {
  const mock = await startFor(t);
  await languages(mock);
  for (const [query, columns, values] of joined) {
    const received = await ask(mock, query);
    assert.equal(received.status, 200, `${query}: ${received.text}`);
    assert.deepEqual(shown(received), [columns, values, []], query);
  }
  const several = "row code = [1, 2] | LOOKUP JOIN languages ON code | keep code, name";
  assert.deepEqual(shown(await ask(mock, several)), [
    "code:integer name:keyword",
    [[[1, 2], null]],
    [
      "Line 1:21: evaluation of [LOOKUP JOIN languages ON code] failed, treating result as null. Only first 20 failures recorded.",
      "Line 1:21: java.lang.IllegalArgumentException: LOOKUP JOIN encountered multi-value",
    ],
  ]);
  await send(mock, "PUT", "/languages/_doc/new?refresh=true", { body: { code: 5, name: "new" } });
  const copied = await ask(mock, "row code = 5 | enrich langs | keep name");
  assert.deepEqual(copied.json["values"], [[null]]);
});

const unjoined: readonly (readonly [query: string, reason: string])[] = [
  [
    "row code = 1 | enrich lang",
    "verification_exception: Found 1 problem\nline 1:23: cannot find enrich policy [lang], did you mean [langs]?",
  ],
  [
    "row code = 1 | enrich later",
    "illegal_argument_exception: line 1:23: an enrich policy that was not executed is not supported by mock-es",
  ],
  [
    "row a = 1 | enrich langs on b with names",
    "verification_exception: Found 2 problems\nline 1:29: Unknown column [b]\nline 1:13: Enrich field [names] not found in enrich policy [langs], did you mean [name]?",
  ],
  [
    "row a = true | enrich langs on a",
    "verification_exception: Found 1 problem\nline 1:32: Unsupported type [boolean] for enrich matching field [a]; only [keyword, text, ip, long, integer, float, double, datetime] allowed for type [match]",
  ],
  [
    "row a = 1 | enrich some:langs on a",
    "parsing_exception: line 1:20: Unrecognized value [some], ENRICH policy qualifier needs to be one of [_ANY, _COORDINATOR, _REMOTE]",
  ],
  [
    "row a = 1 | enrich _remote:langs on a",
    "illegal_argument_exception: line 1:20: the mode [_remote] is not supported by mock-es",
  ],
  [
    "row a = 1 | enrich langs on a with n*",
    "parsing_exception: line 1:36: Using wildcards [*] in ENRICH WITH projections is not allowed, found [n*]",
  ],
  [
    "row code = 1 | lookup join nothing on code",
    "verification_exception: Found 1 problem\nline 1:28: Unknown index [nothing]",
  ],
  [
    "row code = 1 | lookup join books on pages",
    "verification_exception: Lookup Join requires a single lookup mode index; [books] resolves to [books] in [standard] mode",
  ],
  [
    "row code = 1 | lookup join languages on cod",
    "verification_exception: Found 2 problems\nline 1:41: Unknown column [cod] in left side of join\nline 1:41: Unknown column [cod] in right side of join",
  ],
  [
    'row code = "1", note = "x" | lookup join languages on code, note',
    "verification_exception: Found 2 problems\nline 1:55: JOIN left field [code] of type [KEYWORD] is incompatible with right field [code] of type [INTEGER]\nline 1:61: JOIN with right field [note] of type [TEXT] is not supported",
  ],
  [
    "row code = 1 | lookup join lang* on code",
    "parsing_exception: line 1:28: invalid index pattern [lang*], * is not allowed in LOOKUP JOIN",
  ],
  [
    "row code = 1 | lookup join languages on code == code",
    "illegal_argument_exception: line 1:41: LOOKUP JOIN on an expression is not supported by mock-es",
  ],
];

test("joins that are wrong, or not imitated, are refused with their place", async (t) => {
  const mock = await startFor(t);
  await bookShop(mock);
  await languages(mock);
  for (const [query, reason] of unjoined)
    assert.equal(reasonOf(await ask(mock, query)), `400 ${reason}`, query);
  const settings = { mode: "lookup", number_of_shards: 2 };
  const wide = await send(mock, "PUT", "/wide", { body: { settings } });
  assert.equal(
    reasonOf(wide),
    "400 illegal_argument_exception: index with [lookup] mode must have [index.number_of_shards] set to 1 or unset; provided 2",
  );
});

test("ES|QL takes parameters and a filter, and the client's helper reads records", async (t) => {
  const { mock, client } = await clientFor(t);
  await bookShop(mock);
  const received = await ask(mock, "from books | where pages > ? and author == ?2 | keep ?name", {
    params: [{ least: 400 }, { who: "Neal Stephenson" }, { name: { identifier: "title" } }],
    filter: { range: { out: { gte: "1999-01-01" } } },
  });
  assert.deepEqual(shown(received), ["title:text", [["Cryptonomicon"]], []]);
  const { records } = await client.helpers
    .esql({ query: "FROM books | WHERE pages == 470 | KEEP author, pages | LIMIT 1" })
    .toRecords();
  assert.deepEqual(records, [{ author: "Neal Stephenson", pages: 470 }]);
});

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
];

test("asynchronous ES|QL has ended at once, and is kept for as long as it is asked for", async (t) => {
  let nowMs = Date.UTC(2026, 0, 1);
  const mock = await startFor(t, { nowMs: () => nowMs });
  const query = "row a = 1, b = null";
  const once = await ask(mock, query, { wait_for_completion_timeout: "1s" }, "/_query/async");
  assert.deepEqual(
    [once.json["id"], once.json["is_running"], once.json["values"]],
    [undefined, false, [[1, null]]],
  );
  const keeping = { keep_on_completion: true, keep_alive: "2m", columnar: true };
  const kept = await ask(mock, query, keeping, "/_query/async");
  const id = String(kept.json["id"]);
  assert.equal(kept.json["expiration_time_in_millis"], nowMs + 120_000);
  const path = `/_query/async/${id}`;
  const again = await send(mock, "GET", `${path}?drop_null_columns=true&keep_alive=5m`);
  assert.deepEqual(
    [again.json["id"], again.json["is_running"], again.json["columns"], again.json["values"]],
    [id, false, [{ name: "a", type: "integer" }], [[1]]],
  );
  assert.ok(again.rawHeaders.join().includes(`X-Elasticsearch-Async-Id,${id}`));
  nowMs += 290_000;
  const stopped = await send(mock, "POST", `${path}/stop`);
  assert.deepEqual(stopped.json["values"], [[1], [null]]);
  nowMs += 10_000;
  assert.equal(reasonOf(await send(mock, "GET", path)), `404 resource_not_found_exception: ${id}`);
  const other = await ask(mock, query, { keep_on_completion: true }, "/_query/async?format=csv");
  const at = other.rawHeaders.indexOf("X-Elasticsearch-Async-Id");
  const second = `/_query/async/${other.rawHeaders[at + 1]}`;
  assert.equal((await send(mock, "GET", `${second}?format=tsv`)).text, "a\tb\n1\t\n");
  assert.deepEqual((await send(mock, "DELETE", second)).json, { acknowledged: true });
  assert.equal((await send(mock, "DELETE", second)).status, 404);
});

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
    "SELECT title FROM books ORDER BY title",
    "400 illegal_argument_exception: line 1:34: the text [title] in ORDER BY is not supported by mock-es",
  ],
  [
    "SELECT ABS(pages) FROM books",
    "400 illegal_argument_exception: line 1:11: [(] at this place of an SQL query is not supported by mock-es",
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
    "SHOW TABLES",
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
