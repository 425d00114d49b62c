import assert from "node:assert/strict";
import test from "node:test";
import { Ledger } from "../../stress/harness/ledger.ts";
import { anySearch, bulk, get, search } from "../../stress/harness/calls.ts";
import type { SentFact } from "../../stress/harness/messages.ts";
import { type AuditFact, type EndpointFact, Reconciler } from "../../stress/harness/reconciler.ts";

const rules = { mostAttempts: 1, losesMocks: false, hasNoAudit: false };
const sent: SentFact = {
  serial: 7,
  method: "POST",
  path: "/i/_search",
  bodySha256: "b",
  status: 200,
  answerSha256: "a",
  answerBytes: 2,
};
const request: AuditFact = { phase: "request", id: "x", serial: 7, bodySha256: "b" };
const response: AuditFact = {
  phase: "response",
  id: "x",
  status: 200,
  answerSha256: "a",
  lateBodySha256: undefined,
  isEndpointsAnswer: true,
};
const arrived: EndpointFact = {
  serial: 7,
  bodySha256: "b",
  bodyBytes: 2,
  status: 200,
  answerSha256: "a",
  isWhole: true,
};

interface Told {
  readonly sent?: SentFact;
  readonly audit?: readonly AuditFact[];
  readonly arrived?: readonly EndpointFact[];
}

function problemsOf(told: Told, own = rules): readonly string[] {
  const reconciler = new Reconciler(own);
  for (const fact of told.audit ?? [request, response]) reconciler.audit(fact);
  for (const fact of told.arrived ?? [arrived]) reconciler.endpoint(fact);
  reconciler.sent(told.sent ?? sent);
  reconciler.finish();
  assert.equal(reconciler.agreed, reconciler.problemCount === 0 ? 1 : reconciler.agreed);
  return reconciler.problems;
}

void test("agrees when load, audit and endpoint tell the same, in whatever order the records come", () => {
  assert.deepEqual(problemsOf({}), []);
  assert.deepEqual(problemsOf({ audit: [response, request] }), []);
});

const disagreements: Readonly<Record<string, readonly [Told, RegExp]>> = {
  "has no records": [{ audit: [] }, /has no request record/u],
  "has no terminal record": [{ audit: [request] }, /has no response record/u],
  "has two request records": [
    { audit: [request, { ...request, id: "y" }, response] },
    /two request records/u,
  ],
  "has a terminal record alone": [{ audit: [response] }, /no request record/u],
  "was recorded with another body": [
    { audit: [{ ...request, bodySha256: "c" }, response] },
    /recorded with another body/u,
  ],
  "was recorded with another status": [
    { audit: [request, { ...response, status: 500 }] },
    /recorded with 500/u,
  ],
  "was recorded with another answer": [
    { audit: [request, { ...response, answerSha256: "c" }] },
    /another answer in its record/u,
  ],
  "never arrived": [{ arrived: [] }, /never reached the endpoint/u],
  "arrived twice": [{ arrived: [arrived, arrived] }, /reached an endpoint 2 times|once more/u],
  "arrived with another body": [
    { arrived: [{ ...arrived, bodySha256: "c" }] },
    /reached the endpoint with another body/u,
  ],
  "was answered otherwise than the client saw": [
    { arrived: [{ ...arrived, answerSha256: "c" }] },
    /no endpoint gave/u,
  ],
};
for (const [name, [told, message]] of Object.entries(disagreements)) {
  void test(`tells of a request that ${name}`, () => {
    assert.match(problemsOf(told).join("\n"), message);
  });
}

void test("tells of a record of a request that nobody sent", () => {
  const reconciler = new Reconciler(rules);
  reconciler.audit(request);
  reconciler.finish();
  assert.match(reconciler.problems.join("\n"), /never sent/u);
});

void test("lets a read arrive as often as the scenario says, and a write once", () => {
  const attempts = { ...rules, mostAttempts: 2 };
  const failed = { ...arrived, status: 503, answerSha256: "e" };
  assert.deepEqual(problemsOf({ arrived: [failed, arrived] }, attempts), []);
  assert.match(problemsOf({ arrived: [failed, failed, arrived] }, attempts).join(), /3 times/u);
  assert.match(
    problemsOf(
      { sent: { ...sent, path: "/i/_bulk" }, arrived: [failed, arrived] },
      attempts,
    ).join(),
    /is a write/u,
  );
});

void test("holds nothing of a request that was given up against anybody, but that it arrived unrecorded", () => {
  const gone: SentFact = { ...sent, status: 0, answerSha256: "" };
  assert.deepEqual(problemsOf({ sent: gone, audit: [], arrived: [] }), []);
  assert.deepEqual(
    problemsOf({
      sent: gone,
      audit: [request, { ...response, status: 0, isEndpointsAnswer: false }],
      arrived: [],
    }),
    [],
  );
  assert.match(problemsOf({ sent: gone, audit: [] }).join(), /has no request record/u);
});

void test("counts an answer with other hits, ids, items or status as wrong", () => {
  const hits = (ids: readonly string[]): string =>
    JSON.stringify({ hits: { total: { value: 100 }, hits: ids.map((_id) => ({ _id })) } });
  const call = search(3, 0, 2);
  assert.equal(call.check(200, hits(["3", "13"])), undefined);
  assert.match(call.check(200, hits(["3"])) ?? "", /hits 3/u);
  assert.match(call.check(200, hits(["3", "23"])) ?? "", /hits 3,23/u);
  assert.match(call.check(503, "{}") ?? "", /status 503/u);
  assert.match(call.check(200, "not json") ?? "", /not the expected JSON/u);
  const item = (_id: string, status = 201): object => ({ index: { _id, status } });
  const items = (...list: readonly object[]): string =>
    JSON.stringify({ errors: false, items: list });
  assert.equal(bulk(5, 2, 1).check(200, items(item("b5"), item("b6"))), undefined);
  assert.match(bulk(5, 2, 1).check(200, items(item("b5"))) ?? "", /1 items/u);
  assert.match(bulk(5, 2, 1).check(200, items(item("b5"), item("b5"))) ?? "", /item 1/u);
  assert.match(bulk(5, 2, 1).check(200, items(item("b5"), item("b6", 429))) ?? "", /item 1/u);
  assert.match(
    get(4).check(200, '{"_id":"5","found":true,"_source":{"n":5}}') ?? "",
    /another document/u,
  );
});

void test("searches differ in 30 pairs of from and size", () => {
  const kinds = new Set(
    Array.from({ length: 600 }, (_, n) => {
      const { from, size } = JSON.parse(anySearch(n * 7919).body ?? "") as {
        from: number;
        size: number;
      };
      return `${from}/${size}`;
    }),
  );
  assert.equal(kinds.size, 30);
});

void test("the ledger gives each request a serial and a fact, and tells of wrong answers", () => {
  const ledger = new Ledger();
  const first = ledger.begin(search(1, 0, 1));
  const second = ledger.begin(get(1));
  const third = ledger.begin(get(2));
  assert.deepEqual([first, second, third], [1, 2, 3]);
  ledger.end(second, 404, "{}");
  ledger.giveUp(third);
  ledger.giveUpRest(1);
  assert.equal(ledger.problemCount, 1);
  assert.match(ledger.problems[0] ?? "", /GET \/stress\/_doc\/1 \(2\): status 404/u);
  assert.deepEqual(
    ledger.takeFacts().map(({ serial, status }) => [serial, status]),
    [
      [2, 404],
      [3, 0],
      [1, 0],
    ],
  );
});

void test("the ledger tells of requests that got no answer, but for one on each connection when the load ends", () => {
  const ledger = new Ledger();
  for (let n = 0; n < 5; n += 1) ledger.begin(get(n));
  ledger.giveUpRest(3);
  assert.match(ledger.problems.join(), /2 requests got no answer, such as 1/u);
});
