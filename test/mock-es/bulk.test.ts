import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { clientFor, errorOf, ndjson, send, startFor } from "./running-mock.ts";

const ndjsonType = { "content-type": "application/x-ndjson" };

interface Item {
  readonly _index: string;
  readonly _id: string | null;
  readonly status: number;
  readonly result?: string;
  readonly error?: { readonly type: string; readonly reason: string };
}

function itemsOf(json: Record<string, unknown>): [string, Item][] {
  return (json["items"] as Record<string, Item>[]).map(
    (entry) => Object.entries(entry)[0] as [string, Item],
  );
}

test("answers one item per action in order; a deletion has no source line", async (t) => {
  const mock = await startFor(t);
  const body = ndjson(
    { index: { _index: "a", _id: "1" } },
    { n: 1 },
    { delete: { _index: "a", _id: "9" } },
    { create: { _index: "b", _id: "2" } },
    { n: 2 },
    { update: { _index: "a", _id: "1" } },
    { doc: { n: 3 } },
    { delete: { _index: "b", _id: "2" } },
    { index: { _index: "a", _id: "1", op_type: "create" } },
    { n: 4 },
  );
  const answer = await send(mock, "POST", "/_bulk", { body, headers: ndjsonType });
  assert.equal(answer.status, 200);
  assert.equal(answer.json["errors"], true);
  assert.equal(typeof answer.json["took"], "number");
  assert.deepEqual(
    itemsOf(answer.json).map(([kind, item]) => [
      kind,
      item._index,
      item._id,
      item.status,
      item.result ?? item.error?.type,
    ]),
    [
      ["index", "a", "1", 201, "created"],
      ["delete", "a", "9", 404, "not_found"],
      ["create", "b", "2", 201, "created"],
      ["update", "a", "1", 200, "updated"],
      ["delete", "b", "2", 200, "deleted"],
      ["create", "a", "1", 409, "version_conflict_engine_exception"],
    ],
  );
});

test("does not call the deletion of a missing document an error", async (t) => {
  const mock = await startFor(t);
  await send(mock, "PUT", "/a");
  const answer = await send(mock, "POST", "/_bulk", {
    body: ndjson({ delete: { _index: "a", _id: "1" } }),
  });
  assert.equal(answer.json["errors"], false);
  assert.equal(itemsOf(answer.json)[0]?.[1].status, 404);
});

test("makes no index for deletions alone", async (t) => {
  const mock = await startFor(t);
  const answer = await send(mock, "POST", "/_bulk", {
    body: ndjson({ delete: { _index: "a", _id: "1" } }),
  });
  assert.equal(answer.json["errors"], true);
  assert.equal(itemsOf(answer.json)[0]?.[1].error?.type, "index_not_found_exception");
  assert.equal((await send(mock, "HEAD", "/a")).status, 404);
});

test("takes the index of the path for actions that name none, PUT as well as POST, CRLF and blank lines", async (t) => {
  const mock = await startFor(t);
  const body =
    '{"index":{"_id":"1"}}\r\n{"n":1}\r\n\r\n{"index":{"_index":"b","_id":"2"}}\r\n{"n":2}\r\n';
  const answer = await send(mock, "PUT", "/a/_bulk", { body });
  assert.deepEqual(
    itemsOf(answer.json).map(([, item]) => [item._index, item._id]),
    [
      ["a", "1"],
      ["b", "2"],
    ],
  );
  assert.equal((await send(mock, "GET", "/a/_source/1")).text, '{"n":1}');
});

test("refuses a malformed request as a whole and executes none of it", async (t) => {
  const mock = await startFor(t);
  const good = ndjson({ index: { _index: "a", _id: "1" } }, {});
  const cases: readonly (readonly [body: string, type: string, reason: RegExp])[] = [
    [
      good.trimEnd(),
      "illegal_argument_exception",
      /^The bulk request must be terminated by a newline \[\\n\]$/,
    ],
    [
      `${good}{}\n`,
      "illegal_argument_exception",
      /^Malformed action\/metadata line \[3\], expected FIELD_NAME but found \[END_OBJECT\]$/,
    ],
    [
      `${good}{"upsert":{}}\n{}\n`,
      "illegal_argument_exception",
      /^Malformed action\/metadata line \[3\]/,
    ],
    [
      `${good}{"index":{"_index":"a","_idd":"1"}}\n{}\n`,
      "illegal_argument_exception",
      /^Action\/metadata line \[3\] contains an unknown parameter \[_idd\]$/,
    ],
    [
      `${good}{"index":{"_id":"1"}}\n{}\n`,
      "action_request_validation_exception",
      /^Validation Failed: 1: index is missing;$/,
    ],
    [`${good}{"index":\n{}\n`, "x_content_e_o_f_exception", /^\[1:10\] Unexpected end of file$/],
    [`${good}{"index":x}\n{}\n`, "x_content_parse_exception", /^\[1:12\] Unrecognized token 'x'/],
    ["\n", "action_request_validation_exception", /no requests added/],
  ];
  for (const [body, type, reason] of cases) {
    const answer = await send(mock, "POST", "/_bulk", { body });
    assert.equal(answer.status, 400, body);
    assert.equal(errorOf(answer).type, type, body);
    assert.match(String(errorOf(answer).reason), reason);
  }
  assert.equal(mock.store.indices.size, 0);
});

test("fails single items and executes the others", async (t) => {
  const mock = await startFor(t, { autoCreateIndices: false });
  await send(mock, "PUT", "/a", { body: { mappings: { properties: { n: { type: "long" } } } } });
  const body = ndjson(
    { index: { _index: "a", _id: "1" } },
    { n: "many" },
    { index: { _index: "a", _id: "" } },
    {},
    { index: { _index: "new", _id: "1" } },
    {},
    { index: { _index: "a", _id: "2", require_alias: true } },
    {},
    { index: { _index: "a", _id: "3" } },
    "{broken",
    { index: { _index: "a", _id: "4", if_seq_no: 5, if_primary_term: 1 } },
    {},
    { index: { _index: "a", _id: "5" } },
    { n: 5 },
  );
  const answer = await send(mock, "POST", "/_bulk", { body });
  assert.deepEqual(
    itemsOf(answer.json).map(([, item]) => [item.status, item.error?.type]),
    [
      [400, "document_parsing_exception"],
      [400, "illegal_argument_exception"],
      [404, "index_not_found_exception"],
      [404, "index_not_found_exception"],
      [400, "document_parsing_exception"],
      [409, "version_conflict_engine_exception"],
      [201, undefined],
    ],
  );
  const reasons = itemsOf(answer.json).map(([, item]) => item.error?.reason);
  assert.equal(reasons[1], "if _id is specified it must not be empty");
  assert.equal(
    reasons[3],
    "no such index [a] and [require_alias] request flag is [true] and [a] is not an alias",
  );
  assert.equal((await send(mock, "GET", "/a/_count")).json["count"], 1);
});

test("writes through an alias to its write index and refuses one without", async (t) => {
  const mock = await startFor(t);
  await send(mock, "PUT", "/a", {
    body: { aliases: { both: {}, chosen: { is_write_index: true } } },
  });
  await send(mock, "PUT", "/b", { body: { aliases: { both: {}, chosen: {} } } });
  const body = ndjson(
    { index: { _index: "both", _id: "1" } },
    {},
    { index: { _index: "chosen", _id: "1" } },
    {},
  );
  const items = itemsOf((await send(mock, "POST", "/_bulk", { body })).json);
  assert.match(
    items[0]?.[1].error?.reason ?? "",
    /^no write index is defined for alias \[both\]\./,
  );
  assert.equal(items[1]?.[1]._index, "a");
});

test("lets the client's bulk helper load 5,000 documents", async (t) => {
  const { client, mock } = await clientFor(t);
  const result = await client.helpers.bulk({
    datasource: Array.from({ length: 5000 }, (_unused, n) => ({ n })),
    onDocument: (document) => ({ index: { _index: "many", _id: String(document.n) } }),
    refreshOnCompletion: true,
  });
  assert.equal(result.successful, 5000);
  assert.equal(result.failed, 0);
  assert.equal((await client.count({ index: "many" })).count, 5000);
  assert.ok(mock.requests.all("POST", "/_bulk").every((exchange) => exchange.status === 200));
});

test("answers items by position for any mixture of actions", async (t) => {
  const mock = await startFor(t);
  const action = fc.record({
    kind: fc.constantFrom(
      "index" as const,
      "create" as const,
      "delete" as const,
      "update" as const,
    ),
    id: fc.constantFrom("1", "2", "3"),
    n: fc.nat(9),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 20 }), async (actions) => {
      const lines = actions.flatMap(({ kind, id, n }) => [
        { [kind]: { _index: "a", _id: id } },
        ...(kind === "delete" ? [] : [kind === "update" ? { doc: { n } } : { n }]),
      ]);
      const answer = await send(mock, "POST", "/_bulk", { body: ndjson(...lines) });
      const items = itemsOf(answer.json);
      assert.deepEqual(
        items.map(([kind, item]) => [kind, item._id]),
        actions.map(({ kind, id }) => [kind, id]),
      );
      const hasErrors = items.some(([, item]) => item.error !== undefined);
      assert.equal(answer.json["errors"], hasErrors);
    }),
    { numRuns: 40 },
  );
});
