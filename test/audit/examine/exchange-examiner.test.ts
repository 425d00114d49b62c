import assert from "node:assert/strict";
import { test } from "node:test";

import type { DocumentUse, UsedDocuments } from "../../../src/audit/examine/document-uses.ts";
import {
  ExchangeExaminer,
  examinerSettings,
} from "../../../src/audit/examine/exchange-examiner.ts";
import { matchApiEndpoint } from "../../../src/elasticsearch/api/api-endpoint.ts";

const settings = examinerSettings(Buffer.alloc(32), []);

type Uses = Partial<Record<DocumentUse, readonly string[]>>;

/** Documents of one exchange by what was done with them, `index/id`, in the order of the parts. */
function usesOf(
  [method, target]: readonly [string, string],
  asked: string,
  answered: string,
  { status = 200, isCut = false } = {},
): Uses {
  const parts: UsedDocuments[] = [];
  const match = matchApiEndpoint(method, target);
  const examiner = new ExchangeExaminer(settings, match, (part) => parts.push(part));
  const request = examiner.request(undefined, 0);
  const body = Buffer.from(asked);
  request.write(body, 0, body.length);
  const facts = request.finish();
  const response = examiner.response(status, undefined, facts[0]);
  const answer = Buffer.from(answered);
  response.write(answer, 0, answer.length);
  const read = response.finish(isCut ? "end" : undefined);
  examiner.facts(status, { facts, lost: undefined }, { facts: read, lost: undefined });
  const found: Record<string, string[]> = {};
  for (const { uses } of parts)
    for (const [use, byIndex] of Object.entries(uses))
      for (const [index, ids] of byIndex)
        (found[use] ??= []).push(...ids.map((id) => `${index}/${id}`));
  return found;
}

const bulk = ["POST", "/_bulk"] as const;

function actions(...ids: readonly string[]): string {
  return ids.map((id) => `{"index":{"_index":"a","_id":"${id}"}}\n{"x":1}\n`).join("");
}

function item(id: string | undefined, rest: Readonly<Record<string, unknown>>): unknown {
  return { index: { _index: "a", ...(id === undefined ? {} : { _id: id }), ...rest } };
}

const done = { status: 201, result: "created" };
const failed = { status: 429, error: { type: "rejected" } };

test("each document of a bulk is written or failed by its own item", () => {
  const items = [item("1", done), item("2", failed), item("3", { status: 200, result: "noop" })];
  assert.deepEqual(usesOf(bulk, actions("1", "2", "3"), JSON.stringify({ errors: true, items })), {
    wrote: ["a/1", "a/3"],
    tried: ["a/2"],
  });
});

test("ids that the server made are those of the answer", () => {
  const answer = JSON.stringify({ errors: false, items: [item("made", done)] });
  assert.deepEqual(usesOf(bulk, '{"index":{"_index":"a"}}\n{"x":1}\n', answer), {
    wrote: ["a/made"],
  });
});

test("what an answer leaves out is known from the request, as far as it says how all of it went", () => {
  const asked = actions("1", "2");
  const cases: readonly (readonly [answer: unknown, expected: Uses])[] = [
    [{ errors: false }, { wrote: ["a/1", "a/2"] }],
    [{ errors: false, items: [item("1", {}), item("2", {})] }, { wrote: ["a/1", "a/2"] }],
    [{ errors: true }, { tried: ["a/1", "a/2"] }],
    [{ took: 3 }, { tried: ["a/1", "a/2"] }],
    [{ items: [item("1", {}), item("2", {})] }, { tried: ["a/1", "a/2"] }],
    [{ items: [item(undefined, failed)] }, { tried: ["a/1", "a/2"] }],
    [
      { errors: true, items: [item("1", done)] },
      { wrote: ["a/1"], tried: ["a/1", "a/2"] },
    ],
  ];
  for (const [answer, expected] of cases)
    assert.deepEqual(usesOf(bulk, asked, JSON.stringify(answer)), expected, JSON.stringify(answer));
});

test("a write that was refused, and one whose answer was cut, was tried", () => {
  const refused = '{"error":{"type":"es_rejected_execution_exception"},"status":429}';
  assert.deepEqual(usesOf(bulk, actions("1"), refused, { status: 429 }), { tried: ["a/1"] });
  const half = JSON.stringify({ errors: false, items: [item("1", done), item("2", done)] });
  assert.deepEqual(
    usesOf(bulk, actions("1", "2"), half.slice(0, half.indexOf('"_id":"2"')), { isCut: true }),
    {
      wrote: ["a/1"],
      tried: ["a/1", "a/2"],
    },
  );
  const put = ["PUT", "/a/_doc/7"] as const;
  assert.deepEqual(usesOf(put, "{}", '{"error":{"type":"x"}}', { status: 409 }), {
    tried: ["a/7"],
  });
  assert.deepEqual(
    usesOf(put, "{}", '{"_index":"a-1","_id":"7","result":"updated"}', { status: 200 }),
    { wrote: ["a-1/7"] },
  );
});

test("an answer without the ids of what was asked for by id holds these documents", () => {
  const get = ["GET", "/a/_doc/7?filter_path=_source"] as const;
  assert.deepEqual(usesOf(get, "", '{"_source":{"x":1}}'), { read: ["a/7"] });
  const mget = ["POST", "/a/_mget?filter_path=docs._source"] as const;
  const two = '{"docs":[{"_source":{"x":1}},{"_source":{"x":2}}]}';
  assert.deepEqual(usesOf(mget, '{"ids":["1","2"]}', two), { read: ["a/1", "a/2"] });
  const oneOfThem = '{"docs":[{"_index":"a","_id":"1","_source":{}},{"_source":{"x":2}}]}';
  assert.deepEqual(usesOf(mget, '{"ids":["1","2"]}', oneOfThem), {
    read: ["a/1"],
    asked: ["a/1", "a/2"],
  });
  const missing =
    '{"docs":[{"_index":"a","_id":"1","found":true},{"_index":"a","_id":"2","found":false}]}';
  assert.deepEqual(usesOf(["POST", "/a/_mget"], '{"ids":["1","2"]}', missing), { read: ["a/1"] });
  const exists = ["GET", "/a/_doc/7?filter_path=found"] as const;
  assert.deepEqual(usesOf(exists, "", '{"found":true}'), { asked: ["a/7"] });
  assert.deepEqual(usesOf(exists, "", '{"found":false}', { status: 404 }), {});
});

test("documents of which neither body tells the ids are known to be missing", () => {
  const content = '{"hits":{"hits":[{"_source":{"x":1}}]}}';
  const columns = '{"columns":[{"name":"x","type":"long"}],"values":[[1],[2]]}';
  const ids = '{"columns":[{"name":"_id","type":"keyword"}],"values":[["1"]]}';
  const completion = '{"suggest":{"s":[{"options":[{"text":"x","_source":{"x":1}}]}]}}';
  const line = '{"index":{"_index":"a"}}\n{"x":1}\n';
  const cases: readonly (readonly [string, string, asked: string, answered: string, Uses])[] = [
    ["GET", "/a,b-*/_search?filter_path=hits.hits._source", "", content, { untold: ["a,b-*/"] }],
    ["POST", "/_msearch", '{}\n{"size":9}\n', `{"responses":[${content}]}`, { untold: ["/"] }],
    ["POST", "/_query", '{"query":"FROM a"}', columns, { untold: ["/"] }],
    ["POST", "/_query", '{"query":"FROM a METADATA _id"}', ids, { read: ["/1"] }],
    ["POST", "/_query?format=csv", '{"query":"FROM a"}', "x\r\n1\r\n", { untold: ["/"] }],
    ["POST", "/_bulk?filter_path=errors", line, '{"errors":false}', { untold: ["/"] }],
    ["POST", "/a/_doc?filter_path=result", '{"x":1}', '{"result":"created"}', { untold: ["a/"] }],
    ["GET", "/a/_search", "", '{"hits":{"hits":[{"_index":"a","_id":"1"}]}}', { read: ["a/1"] }],
    ["GET", "/a/_count", "", '{"count":3}', {}],
    ["POST", "/a/_search?filter_path=suggest", "", completion, { untold: ["a/"] }],
    ["POST", "/a/_delete_by_query", "{}", '{"total":1,"deleted":1}', { untold: ["a/"] }],
    ["POST", "/a/_delete_by_query", "{}", '{"total":0,"deleted":0}', {}],
    ["POST", "/_reindex?wait_for_completion=false", "{}", '{"task":"n:1"}', { untold: ["/"] }],
  ];
  for (const [method, target, asked, answered, uses] of cases)
    assert.deepEqual(usesOf([method, target], asked, answered), uses, target);
});

test("of an answer that is not whole it is known that it may hold more", () => {
  const half = '{"hits":{"hits":[{"_index":"a","_id":"1"},{"_index":"a",';
  const cases: readonly (readonly [string, string, asked: string, answered: string, Uses])[] = [
    ["GET", "/a/_search", "", half, { read: ["a/1"], untold: ["a/"] }],
    ["GET", "/a/_doc/7", "", "", { asked: ["a/7"] }],
    ["GET", "/a/_count", "", "", {}],
    ["PUT", "/a/_doc/7", "{}", "", { wrote: ["a/7"] }],
    ["DELETE", "/a/_doc/7", "", "", { wrote: ["a/7"] }],
    // It may have left the document as it was.
    ["POST", "/a/_update/7", '{"doc":{}}', "", { tried: ["a/7"] }],
    ["POST", "/a/_doc", "{}", "", { untold: ["a/"] }],
    ["POST", "/a/_update_by_query", "{}", "", { untold: ["a/"] }],
    ["POST", "/_bulk", actions("1"), "", { tried: ["a/1"] }],
    ["POST", "/_bulk", '{"index":{"_index":"a"}}\n{"x":1}\n', "", { untold: ["/"] }],
  ];
  for (const [method, target, asked, answered, uses] of cases)
    assert.deepEqual(usesOf([method, target], asked, answered, { isCut: true }), uses, target);
  for (const status of [0, 404, 503])
    assert.deepEqual(usesOf(["GET", "/a/_search"], "", "", { isCut: true, status }), {});
});

test("a bulk of more documents than are held tells each of them, in several parts", () => {
  const ids = Array.from({ length: 120_000 }, (_, at) => `d${at}`);
  const items = ids.map((id, at) => item(id, at % 1000 === 0 ? failed : done));
  const found = usesOf(bulk, actions(...ids), JSON.stringify({ errors: true, items }));
  assert.equal(found.wrote?.length, 119_880);
  assert.equal(found.tried?.length, 120);
  // So many wait for the answer; then they are told as asked for, too.
  assert.ok((found.asked?.length ?? 0) >= 100_000);
});
