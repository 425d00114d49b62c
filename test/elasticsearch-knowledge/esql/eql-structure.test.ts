import assert from "node:assert/strict";
import test from "node:test";

import { eqlStructure } from "../../../src/elasticsearch/esql/eql-structure.ts";

test("reads event queries with their categories", () => {
  for (const [query, category] of [
    ['process where process.name == "cmd.exe"', "process"],
    ["any where true", "any"],
    ['`my-event` where x : "a"', "my-event"],
    ['"my event" where true', "my event"],
    ["sequence where true", "sequence"],
    ["/* a */ file where b // c", "file"],
  ] as const) {
    const { kind, categories } = eqlStructure(query);
    assert.deepEqual([kind, categories], ["event", [category]], query);
  }
});

test("reads sequences, samples, missing events, until and pipes", () => {
  assert.deepEqual(
    eqlStructure(`sequence by user.id with maxspan=1h
      [process where a in~ ("x", "]")] by pid
      ![file where b[0] == 1]
      [network where true] with runs=3
      until [process where c]
      | head 5 | tail 2`),
    {
      kind: "sequence",
      categories: ["process", "file", "network"],
      missingSteps: 1,
      until: "process",
      maxSpan: "1h",
      pipes: ["head", "tail"],
      isWhole: true,
    },
  );
  const sample = eqlStructure("sample by host [any where a] [file where b]");
  assert.deepEqual([sample.kind, sample.categories], ["sample", ["any", "file"]]);
  assert.equal(eqlStructure("join [a where b] [c where d]").kind, "join");
});

test("never throws, and bounds what it lists", () => {
  const query =
    'sequence with maxspan=1m ["a b" where c == "d"] ![e where f] until [g where h] | head 1';
  for (let end = 0; end <= query.length; end += 1) {
    eqlStructure(query.slice(0, end));
    eqlStructure(query.slice(end));
  }
  const many = eqlStructure(`sequence ${"[a where b] ".repeat(5000)}${"| head 1 ".repeat(5000)}`);
  assert.deepEqual([many.categories.length, many.pipes.length], [100, 100]);
  assert.equal(eqlStructure('process where a == "b').isWhole, false);
});
