import type { CorpusGroup } from "./corpus.ts";

const documents = [
  '{"a": bad}',
  '{"a":1,"b": }',
  '{"a":1 "b":2}',
  '{"a":[1,2}',
  '{"a":[1,',
  '{"a":"unterminated',
  '{"a":"x\\q"}',
  '{"a":"\\u12x"}',
  '{"a":tru}',
  '{"a":01}',
  '{"a":1}}',
  '{"a":1}]',
  '{"a":1}{"b":2}',
  '{"a":1} 5',
  '{"a":1} nope',
  "null",
  '{"a" 1}',
  "{",
  '{"a":1',
  '{"a":1,"b"',
  '{"a":1,}',
  '{"a":[1,]}',
  '{"a":-}',
  '{"a":1.}',
  '{"a":+1}',
  '{"a":NaN}',
  '{"a":"x\ty"}',
  '{"x":{"y":nope}}',
  '{"a":1,\n "é":"ü" x}',
  `{"a":"${"y".repeat(600)}", bad}`,
];

const searches = [
  "{",
  '{"size"',
  '{"size":',
  '{"size":1',
  '{"size":1}}',
  '{"size":1} x',
  '{"query":tru',
  "x",
  "{'size':1}",
];

/** Texts that are not JSON, as documents, search bodies and bulk lines. */
export const brokenJson: CorpusGroup = {
  name: "broken-json",
  steps: [
    { ask: "PUT /j" },
    ...documents.map((body) => ({ ask: "PUT /j/_doc/1", body })),
    ...searches.map((body) => ({ ask: "POST /j/_search", body })),
    { ask: "POST /_bulk", body: "{bad\n{}\n" },
    { ask: "POST /_bulk", body: '{"index":{"_index":"j"}\n{}\n' },
    { ask: "POST /_bulk", body: "5\n{}\n" },
    { ask: "POST /_bulk", body: "[]\n{}\n" },
  ],
};
