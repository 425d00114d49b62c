import assert from "node:assert/strict";
import { test } from "node:test";
import type { MockEs } from "../../mock-es/index.ts";
import { send, startFor } from "./running-mock.ts";
import { ask, bookShop, reasonOf, shown } from "./esql-fixture.ts";

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
