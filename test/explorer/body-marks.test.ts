import assert from "node:assert/strict";
import { test } from "node:test";

import { layOutJson, layOutJsonLines } from "../../src/audit/export/json-layout.ts";
import { bodyMarks, type MarkContext } from "../../src/explorer/page/body-marks.ts";

/** What is marked: the text, what it is, and the index of an id. */
function marked(value: unknown, watched: readonly string[] = [], index?: string) {
  const context: MarkContext = { watched: new Set(watched), index };
  const text = layOutJson(JSON.stringify(value)) ?? "";
  return bodyMarks(text, context).map(({ from, to, kind, name, index: of }) =>
    [text.slice(from, to), kind, name, of].filter((part) => part !== undefined).join(" "),
  );
}

test("ids of an answer know their index, their own or that of the exchange", () => {
  const hits = [
    { _index: "a", _id: "1", _source: { _id: "inner" } },
    { _id: "2" },
    { _id: 'q"\\', _index: "late" },
  ];
  assert.deepEqual(marked({ hits: { hits } }, [], "asked"), [
    '"1" id 1 a',
    '"inner" id inner asked',
    '"2" id 2 asked',
    String.raw`"q\"\\" id q"\ asked`,
  ]);
  assert.deepEqual(marked({ _id: "1" }), ['"1" id 1']);
});

test("the elements of ids are ids, those of other lists are not", () => {
  assert.deepEqual(marked({ ids: ["1", "2"], names: ["3"] }, [], "i"), [
    '"1" id 1 i',
    '"2" id 2 i',
  ]);
});

test("watched fields are marked where they have a value, nested, dotted, in lists", () => {
  const _source = {
    name: "Ada",
    other: "x",
    diagnosis: { code: ["I10", "J45"], note: null },
    "address.city": "Bath",
    list: [{ ssn: 1 }, { ssn: 2 }],
  };
  const fields = ["name", "diagnosis.code", "diagnosis.note", "address.city", "list.ssn"];
  assert.deepEqual(marked({ hits: { hits: [{ _source }] } }, fields), [
    '"Ada" watched name',
    '"I10" watched diagnosis.code',
    '"J45" watched diagnosis.code',
    '"Bath" watched address.city',
    "1 watched list.ssn",
    "2 watched list.ssn",
  ]);
  assert.deepEqual(marked(_source, ["name"]), ['"Ada" watched name']);
  assert.deepEqual(marked({ name: { first: "Ada" } }, ["name"]), []);
});

test("the lines of a bulk are values of their own", () => {
  const text = '{"index":{"_index":"a","_id":"1"}}\n{"_id":"x"}\n{"delete":{"_id":"2"}}\n';
  const laidOut = layOutJsonLines(text) ?? "";
  const marks = bodyMarks(laidOut, { watched: new Set(), index: "b" });
  assert.deepEqual(
    marks.map(({ name, index }) => `${index} ${name}`),
    ["a 1", "b x", "b 2"],
  );
  assert.equal(layOutJsonLines("{}\nno"), undefined);
  assert.equal(layOutJsonLines("\n"), undefined);
  assert.equal(layOutJsonLines('{"a":1}\n{"b":"cut', true), '{\n  "a": 1\n}\n{\n  "b": "cut');
});

test("text that is no layout gets no marks and does no harm", () => {
  const texts = ["", "}\n}\n}", '  "a": ', `${" ".repeat(5000)}"_id": "1"`, '"_id": "\\u12"'];
  for (const text of texts) bodyMarks(text, { watched: new Set(["a"]), index: "i" });
  const many = layOutJson(JSON.stringify({ ids: Array.from({ length: 9000 }, String) })) ?? "";
  assert.equal(bodyMarks(many, { watched: new Set(), index: "i" }).length, 2000);
});
