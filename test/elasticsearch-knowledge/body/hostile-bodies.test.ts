import assert from "node:assert/strict";
import { test } from "node:test";
import { matchApiEndpoint } from "../../../src/elasticsearch/api/api-endpoint.ts";
import { CursorDigest } from "../../../src/elasticsearch/body/cursor-digest.ts";
import { requestFacts } from "../../../src/elasticsearch/body/request/request-reader.ts";
import { responseFacts } from "../../../src/elasticsearch/body/response/response-reader.ts";
import { WatchRules } from "../../../src/elasticsearch/body/watch/watch-rules.ts";

const digest = new CursorDigest(Buffer.alloc(32));
const watch = new WatchRules([{ indices: "*", fields: ["*"] }], 0);
/** More than any list holds. */
const many = 5000;
/** Facts of one body, as JSON: the lists' bounds times what an entry may be long. */
const maxFactsBytes = 2_000_000;

const numbers = Array.from({ length: many }, (_, at) => at);
const long = "n".repeat(1500);

function factsOfAnswer(call: string, body: string | Buffer): Record<string, unknown> {
  const [method = "", target = ""] = call.split(" ");
  const match = matchApiEndpoint(method, target);
  const reader = responseFacts(match, { status: 200, contentType: undefined }, { digest, watch });
  return finished(reader, body);
}

function factsOfRequest(call: string, body: string | Buffer): Record<string, unknown> {
  const [method = "", target = ""] = call.split(" ");
  const head = { contentType: undefined, startedMs: 0 };
  return finished(requestFacts(matchApiEndpoint(method, target), head, { digest }), body);
}

interface Reader {
  write(piece: Buffer, start: number, end: number): void;
  finish(): object;
}

function finished(reader: Reader, body: string | Buffer): Record<string, unknown> {
  const bytes = Buffer.from(body);
  for (let at = 0; at < bytes.length; at += 65_536)
    reader.write(bytes, at, Math.min(bytes.length, at + 65_536));
  const facts = { ...reader.finish() };
  const { length } = JSON.stringify(facts);
  assert.ok(length < maxFactsBytes, `${length} bytes of facts`);
  return facts;
}

const json = JSON.stringify;

/** `open` and `close` 150 times around `core`. */
function nested(start: string, open: string, core: string, close: string, end: string): string {
  return `${start}${open.repeat(150)}${core}${close.repeat(150)}${end}`;
}

const answers: Readonly<Record<string, readonly [call: string, body: string]>> = {
  "many indices": [
    "POST /_search",
    json({
      hits: { hits: numbers.map((at) => ({ _index: `${at}${long}`.slice(0, 300), _id: long })) },
    }),
  ],
  "many fields": [
    "POST /_search",
    json({
      hits: { hits: numbers.map((at) => ({ _index: "i", _id: "1", _source: { [`f${at}`]: 1 } })) },
    }),
  ],
  "long names of fields": [
    "POST /_search",
    json({
      hits: { hits: [{ _index: "i", _id: "1", _source: { [long]: { [long]: { [long]: 1 } } } }] },
    }),
  ],
  "many aggregations": [
    "POST /_search",
    json({ aggregations: Object.fromEntries(numbers.map((at) => [`a${at}`, { value: at }])) }),
  ],
  "deep aggregations": [
    "POST /_search",
    nested(
      '{"aggregations":',
      `{"${"a".repeat(100)}":{"doc_count":1,"b":`,
      '{"value":1}',
      "}}",
      "}",
    ),
  ],
  "many errors": [
    "POST /_bulk",
    json({
      errors: true,
      items: numbers.map((at) => ({
        index: { _index: `i${at}`, status: at % 1000, error: { type: `${at}${long}` } },
      })),
    }),
  ],
  "many cursors": ["POST /_search", `{${numbers.map((at) => `"_scroll_id":"${at}"`).join()}}`],
  "many columns": [
    "POST /_query",
    json({
      columns: numbers.map((at) => ({ name: `${at}${long}`.slice(0, 300) })),
      values: [numbers],
    }),
  ],
  "documents in documents": [
    "POST /_search",
    nested(
      '{"hits":{"hits":[',
      '{"_index":"i","_id":"1","inner_hits":{"a":{"hits":{"hits":[',
      "",
      "]}}}}",
      "]}}",
    ),
  ],
  "many terms": ["POST /_terms_enum", json({ terms: numbers.map(String) })],
};

const requests: Readonly<Record<string, readonly [call: string, body: string]>> = {
  "many indices in a bulk": [
    "POST /_bulk",
    numbers
      .map((at) => `{"delete":{"_index":"i${at}","_id":"${long}","pipeline":"p${at}"}}\n`)
      .join(""),
  ],
  "many indices in a list": ["POST /_msearch", `{"index":"${numbers.join()}"}\n{}\n`],
  "many lookups": [
    "POST /a/_search",
    json({
      query: numbers.map((at) => ({
        terms: { f: { index: `i${at}${long}`, id: long, path: "p" } },
      })),
    }),
  ],
  "many outputs": [
    "POST /a/_search",
    json({ aggs: Object.fromEntries(numbers.map((at) => [`a${at}`, { terms: { field: long } }])) }),
  ],
  "deep outputs": [
    "POST /a/_search",
    nested('{"aggs":', `{"${"a".repeat(200)}":{"terms":{"field":"f"},"aggs":`, "{}", "}}", "}"),
  ],
  "a long query": ["POST /_query", json({ query: `FROM ${numbers.join()} // ${long.repeat(50)}` })],
  "many queries": ["POST /_query", `{${numbers.map((at) => `"query":"FROM i${at}"`).join()}}`],
  "many cursors": ["DELETE /_search/scroll", json({ scroll_id: numbers.map(String) })],
  "many documents": [
    "POST /a/_mget",
    json({ docs: numbers.map((at) => ({ _index: `i${at}`, _id: long })) }),
  ],
  "long names": [
    "POST /_aliases",
    json({ actions: numbers.slice(0, 100).map(() => ({ remove_index: { index: long } })) }),
  ],
};

for (const [name, [call, body]] of Object.entries(answers))
  test(`answers: the facts of ${name} are bounded`, () => void factsOfAnswer(call, body));

for (const [name, [call, body]] of Object.entries(requests))
  test(`requests: the facts of ${name} are bounded`, () => void factsOfRequest(call, body));

test("what has no room in a list is counted", () => {
  const facts = factsOfAnswer(...(answers["many indices"] ?? ["", ""])) as {
    documents: {
      count: number;
      first: unknown[];
      byIndex: { count: number }[];
      moreIndices: number;
    };
  };
  const { count, first, byIndex, moreIndices } = facts.documents;
  assert.deepEqual(
    [count, first.length, byIndex.length, moreIndices],
    [many, 100, 1000, many - 1000],
  );
  const bulk = factsOfRequest(...(requests["many indices in a bulk"] ?? ["", ""])) as {
    actions: unknown[];
    moreActions: number;
    moreNames: number;
  };
  assert.deepEqual([bulk.actions.length, bulk.moreActions], [1000, many - 1000]);
  assert.equal(bulk.moreNames, many - 1000);
  const errors = factsOfAnswer(...(answers["many errors"] ?? ["", ""])) as {
    errors: unknown[];
    moreErrors: number;
    items: { count: number; groups: { count: number }[]; more: number };
  };
  assert.deepEqual([errors.errors.length, errors.moreErrors], [1000, many - 1000]);
  const grouped = errors.items.groups.reduce((sum, group) => sum + group.count, 0);
  assert.equal(grouped + errors.items.more, errors.items.count);
});

test("a body that is not UTF-8, and one of other bytes, is read up to its fault", () => {
  const broken = Buffer.from('{"hits":{"hits":[{"_index":"a\xff","_id":"\xc3"}]}}', "latin1");
  const facts = factsOfAnswer("POST /_search", broken) as {
    documents: { first: unknown[] };
    body: unknown;
  };
  assert.deepEqual(facts.documents.first, [{ index: "a\ufffd", id: "\ufffd" }]);
  const random = Buffer.from(Array.from({ length: 1000 }, (_, at) => (at * 7919) & 0xff));
  for (const call of ["POST /_search", "POST /_bulk", "POST /_query"]) {
    factsOfAnswer(call, random);
    factsOfRequest(call, random);
  }
});
