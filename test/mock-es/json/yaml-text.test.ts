/** YAML as a server of 9.5.3 has written it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseExactJson } from "../../../mock-es/json/exact-numbers.ts";
import { yamlText } from "../../../mock-es/json/yaml-text.ts";

function yamlOf(json: string): string {
  return yamlText(parseExactJson(json));
}

test("lists stand in line with their names, and nothing stands as it does in JSON", () => {
  assert.equal(
    yamlOf('{"a":[[1,[2]],{},[],{"q":[]}],"m":null,"x":50.0,"b":{"c":true}}'),
    "---\na:\n- - 1\n  - - 2\n- {}\n- []\n- q: []\nm: null\nx: 50.0\nb:\n  c: true\n",
  );
  assert.equal(yamlOf("{}"), "--- {}\n");
  assert.equal(yamlOf('[{"status":"green","m":"1"}]'), '---\n- status: "green"\n  m: "1"\n');
});

test("a long text goes on behind a space", () => {
  const start = "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod";
  assert.equal(
    yamlOf(`{"_source":{"Lorem":"${start} tempor  incididunt ut labore et dolore magna aliqua."}}`),
    `---\n_source:\n  Lorem: "${start}\\\n    \\ tempor  incididunt ut labore et dolore magna aliqua."\n`,
  );
});

test("texts keep what can be printed", () => {
  assert.equal(
    yamlOf(String.raw`{"s":"tab\t quote \" back\\ é ü \u2028 \u0001 😀 end"}`),
    '---\ns: "tab\\t quote \\" back\\\\ é ü \\L \\x01 😀 end"\n',
  );
});

test("names stand in quotes where a reader would take them for something else", () => {
  const shown: Readonly<Record<string, string>> = {
    "a b": "a b: 1",
    true: '"true": 1',
    yEs: "yEs: 1",
    "0x1": '"0x1": 1',
    "-x": '"-x": 1',
    ".a": '".a": 1',
    "*s": "'*s': 1",
    "a: b": "'a: b': 1",
    "a:b": "a:b: 1",
    "a:": "'a:': 1",
    "a#b": "a#b: 1",
    "a #b": "'a #b': 1",
    "?x": "?x: 1",
    "?": "'?': 1",
    "x ": "'x ': 1",
    "it's": "it's: 1",
    "": '? ""\n: 1',
    "a\nb": '? "a\\nb"\n: 1',
  };
  for (const [name, text] of Object.entries(shown))
    assert.equal(yamlText({ [name]: 1 }), `---\n${text}\n`);
  assert.equal(yamlText({ z: { "": { q: 1 } } }), '---\nz:\n  ? ""\n  : q: 1\n');
});
