import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";

import { parseIndexExpressions } from "../../../src/elasticsearch/names/index-expression.ts";

const noon = Date.parse("2024-03-22T12:00:00Z");

/** `kind [-][cluster:]name[::selector]` of each item. */
function parsed(list: string | readonly string[]): string[] {
  return parseIndexExpressions(list, noon).items.map((item) => {
    const cluster = item.cluster === undefined ? "" : `${item.cluster}:`;
    const selector = item.selector === undefined ? "" : `::${item.selector}`;
    return `${item.kind} ${item.isExclusion ? "-" : ""}${cluster}${item.name}${selector}`;
  });
}

test("reads names, patterns, all, exclusions, clusters and selectors", () => {
  for (const [list, ...expected] of [
    ["", "all *"],
    [",", "all *"],
    ["_all", "all *"],
    ["*", "all *"],
    ["_all::failures", "all *::failures"],
    ["logs", "name logs"],
    ["logs*,-logs-x", "pattern logs*", "name -logs-x"],
    ["*,-logs-*", "all *", "pattern -logs-*"],
    ["logs::data", "name logs::data"],
    ["logs*,-logs-x::failures", "pattern logs*", "name -logs-x::failures"],
    ["logs::*", "name logs::*"],
    ["eu:logs", "name eu:logs"],
    ["*:logs-*", "pattern *:logs-*"],
    ["eu:logs::failures", "name eu:logs::failures"],
    ["*:logs,-eu:*", "name *:logs", "cluster -eu:*"],
    ["eu:logs*,eu:-logs-x", "pattern eu:logs*", "name -eu:logs-x"],
    ["*:logs*,eu:-logs-x", "pattern *:logs*", "name -eu:logs-x"],
    ["<logs-{now/d}>", "name logs-2024.03.22"],
    ["<logs-{now/d}*>::failures", "pattern logs-2024.03.22*::failures"],
    ["eu:<logs-{now/d{HH:mm|+01:00}}>", "invalid eu:logs-00:00"],
    ["l*,-<logs-{now/d{yyyy-MM}}>", "pattern l*", "name -logs-2024-03"],
    ["<x,logs,y>", "invalid <x", "name logs", "invalid y>"],
    ["<logs-{now/d{GGGG}}>", "unresolved logs-*"],
    ["Alias", "name Alias"],
  ] as const) {
    assert.deepEqual(parsed(list), expected, list);
  }
});

test("excludes only after a wildcard of the same cluster", () => {
  assert.deepEqual(parsed("logs,-logs"), ["name logs", "invalid -logs"]);
  assert.deepEqual(parsed("-logs"), ["invalid -logs"]);
  assert.deepEqual(parsed("logs*,eu:-logs"), ["pattern logs*", "invalid eu:-logs"]);
  assert.deepEqual(parsed("us:l*,eu:-logs"), ["pattern us:l*", "invalid eu:-logs"]);
});

test("calls invalid what Elasticsearch refuses", () => {
  for (const item of [
    "_search",
    "+x",
    "a?b",
    "a b",
    "a/b",
    'a"b',
    "a#b",
    "a:b:c",
    ":x",
    "::data",
    "logs::other",
    "-eu:logs",
    "-:*",
    "eu:",
    "<a}>",
    "<>",
    ".",
    "..",
    "a".repeat(256),
    "é".repeat(128),
  ]) {
    assert.match(parsed([item])[0] ?? "", /^invalid /, item);
  }
});

test("says what an item means in full where that is static", () => {
  const resolved = (list: string): (string | undefined)[] =>
    parseIndexExpressions(list, noon).items.map((item) => item.resolved);
  assert.deepEqual(resolved("eu:<l-{now/d}*>::failures,eu:-<l-{now/y{yyyy}}>"), [
    "eu:l-2024.03.22*::failures",
    "eu:-l-2024",
  ]);
  assert.deepEqual(resolved("_all,-eu:*"), ["*", "-eu:*"]);
  assert.deepEqual(resolved("<l-{2024||/d}>,_x"), [undefined, undefined]);
});

test("takes strings of a JSON array, keeps the first items and counts all", () => {
  assert.deepEqual(parsed(["a,b", "<c-{now/y{yyyy}}>"]), ["name a", "name b", "name c-2024"]);
  const list = Array.from({ length: 3000 }, (_, at) => `a${at},b${at}`);
  const { items, total } = parseIndexExpressions(list, noon);
  assert.deepEqual([items.length, total], [1000, 6000]);
  assert.deepEqual([parseIndexExpressions([], noon).total, parsed([])], [0, ["all *"]]);
});

test("never throws, and keeps every item as asked", () => {
  const unit = fc.constantFrom(...'ab*-:<>{}now/d|,"._'.split(""));
  fc.assert(
    fc.property(fc.array(fc.string({ unit, maxLength: 30 })), (list) => {
      const { items } = parseIndexExpressions(list, noon);
      for (const { raw } of items) assert.ok(raw === "" || list.some((text) => text.includes(raw)));
    }),
    { numRuns: 3000 },
  );
});
