// As a real Elasticsearch 7.10.2 with Painless and Mustache answers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { numberFormat } from "../../mock-es/values/decimal-format.ts";
import { send, startFor } from "./running-mock.ts";

for (const [search, reason] of [
  [{ query: { script: { script: "doc['n'].value" } } }, "cannot cast def [long] to boolean"],
  [
    { sort: { _script: { type: "number", script: "'x'" } } },
    "Cannot cast from [java.lang.String] to [double].",
  ],
] as const) {
  test(`a search is refused with ${JSON.stringify(search)}`, async (t) => {
    const mock = await startFor(t);
    await send(mock, "PUT", "/a/_doc/1?refresh=true", { body: { n: 1 } });
    const answer = await send(mock, "POST", "/a/_search", { body: search });
    assert.equal(answer.status, 400, answer.text);
    assert.ok(answer.text.includes(reason), answer.text);
  });
}

test("fractions of parameters keep their point in templates", async (t) => {
  const mock = await startFor(t);
  const body = '{"source":"{\\"a\\":[{{x}},{{y}},{{z}}]}","params":{"x":1.0,"y":1.50,"z":12}}';
  const answer = await send(mock, "POST", "/_render/template", { body });
  assert.equal(answer.text, '{"template_output":{"a":[1.0,1.5,12]}}');
});

test("halves are rounded to the even neighbour only where the binary number is a half", () => {
  const format = numberFormat("0.0");
  assert.deepEqual([20.85, 13.75, 0.25, 0.35, 0.05, 2.5].map(format), [
    "20.9",
    "13.8",
    "0.2",
    "0.3",
    "0.1",
    "2.5",
  ]);
  assert.deepEqual([0.5, 1.5, 2.5].map(numberFormat("0")), ["0", "2", "2"]);
});
