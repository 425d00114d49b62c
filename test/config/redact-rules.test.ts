import assert from "node:assert/strict";
import test from "node:test";

import { formatDiagnostic } from "../../src/config/diagnostic.ts";
import { loadConfig } from "../../src/config/load.ts";

const start = `listeners: [{name: es, protocol: http, bind: "127.0.0.1:9200", routes: [{path: /, pool: a}]}]
pools: {a: {endpoints: ["http://127.0.0.1:1"]}}
audit: {directory: "-", redact: `;

test("rules of redaction are read with their defaults", async () => {
  const text = `${start}[{names: [ssn, card_number], indices: ["patients-*"]}, {paths: ["$.a[*].b"], endpoints: ["indices.*"], with: remove}]}\n`;
  const result = await loadConfig("es.yaml", { text });
  assert.ok("config" in result, JSON.stringify(result));
  const none = { names: [], paths: [], parameters: [], patterns: [], indices: [], endpoints: [] };
  assert.deepEqual(result.config.audit?.redact, [
    { ...none, names: ["ssn", "card_number"], indices: ["patients-*"], keepsToken: true },
    { ...none, paths: ["$.a[*].b"], endpoints: ["indices.*"], keepsToken: false },
  ]);
});

const refused: readonly (readonly [string, RegExp])[] = [
  ["[{indices: [a]}]", /a rule removes something/],
  ["[{names: [ssn], with: removed}]", /expected one of token, remove; .*did you mean "remove"/],
  ["[{names: [ssn], endpoints: [serach]}]", /no API endpoint is called "serach"; .*"search"/],
  ['[{patterns: ["("]}]', /is no regular expression: /],
  ['[{patterns: ["x*"]}]', /matches the empty string/],
  ["[{paths: [a..b]}]", /a path is names with dots between/],
  ["[{names: ['-_']}]", /a name has letters or digits/],
];

test("rules that cannot work are refused with a reason", async () => {
  for (const [rules, message] of refused) {
    const result = await loadConfig("es.yaml", { text: `${start}${rules}}\n` });
    assert.ok("problems" in result, rules);
    assert.match(result.problems.map(formatDiagnostic).join("\n"), message);
  }
});
