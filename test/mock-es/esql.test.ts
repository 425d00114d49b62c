import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseQuery } from "../../mock-es/esql/syntax/command-parser.ts";
import { readParameters } from "../../mock-es/esql/syntax/parameters.ts";
import { esqlSources } from "../../src/elasticsearch/esql/esql-sources.ts";
import { nodeRefusals, nodeVectors } from "./esql-node-vectors.ts";
import { esqlVectors } from "./esql-vectors.ts";
import { clientFor, send, startFor } from "./running-mock.ts";
import { ask, bookShop, reasonOf, shown } from "./esql-fixture.ts";

test("ES|QL rows of constants are computed as the server computes them", async (t) => {
  const mock = await startFor(t);
  for (const [query, columns, values, warnings = []] of [...esqlVectors, ...nodeVectors]) {
    const received = await ask(mock, query);
    assert.equal(received.status, 200, `${query}: ${received.text}`);
    assert.deepEqual(shown(received), [columns, [values], warnings], query);
  }
  for (const [query, reason] of Object.entries(nodeRefusals))
    assert.equal(reasonOf(await ask(mock, query)), reason, query);
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
    "row a = st_envelope(null)",
    "400 illegal_argument_exception: line 1:9: the function [st_envelope] is not supported by mock-es",
  ],
  [
    'from books | eval a = match(title, "snow")',
    "400 verification_exception: Found 1 problem\nline 1:23: [MATCH] function is only supported in WHERE and STATS commands or in EVAL within score(.) function",
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
  assert.equal(csv.headers["content-type"], "text/csv; charset=utf-8; header=present");
  const none = await ask(mock, "from books | limit 0 | keep pages", { columnar: true });
  assert.deepEqual(none.json["values"], []);
  const wrong = await ask(mock, "row a = 1", { columnar: "x" });
  assert.match(reasonOf(wrong), /^400 .*\[x\] for \[columnar\]/);
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

test("ES|QL takes parameters and a filter, and the client's helper reads records", async (t) => {
  const { mock, client } = await clientFor(t);
  await bookShop(mock);
  const received = await ask(
    mock,
    "from books | where pages > ?least and author == ?who | keep ?name",
    {
      params: [{ least: 400 }, { who: "Neal Stephenson" }, { name: { identifier: "title" } }],
      filter: { range: { out: { gte: "1999-01-01" } } },
    },
  );
  assert.deepEqual(shown(received), ["title:text", [["Cryptonomicon"]], []]);
  const { records } = await client.helpers
    .esql({ query: "FROM books | WHERE pages == 470 | KEEP author, pages | LIMIT 1" })
    .toRecords();
  assert.deepEqual(records, [{ author: "Neal Stephenson", pages: 470 }]);
});

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
