import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";

import { parseIndexExpressions } from "../../../src/elasticsearch/names/index-expression.ts";
import { coversIndex, mayOverlap } from "../../../src/elasticsearch/names/index-matcher.ts";

const noon = Date.parse("2024-03-22T12:00:00Z");
const covers = (list: string, index: string): string =>
  coversIndex(parseIndexExpressions(list, noon), index);
const overlap = (one: string, other: string): boolean =>
  mayOverlap(parseIndexExpressions(one, noon), parseIndexExpressions(other, noon));

test("covers names, patterns and everything", () => {
  for (const [list, index, expected] of [
    ["", "logs", "yes"],
    ["_all", "logs", "yes"],
    ["logs", "logs", "yes"],
    ["logs", "logs-1", "no"],
    ["logs-*", "logs-1", "yes"],
    ["a,b*,c", "bcd", "yes"],
    ["<logs-{now/d}>", "logs-2024.03.22", "yes"],
    ["<logs-{now/d}>", "logs-2024.03.21", "no"],
    ["<logs-{2024||/d}>", "logs-2024.03.21", "maybe"],
    ["_search", "_search", "no"],
  ] as const) {
    assert.equal(covers(list, index), expected, `${list} ${index}`);
  }
});

test("lets a wildcard reach hidden names only when it begins with a dot", () => {
  assert.equal(covers("*", ".kibana"), "maybe");
  assert.equal(covers("", ".kibana"), "maybe");
  assert.equal(covers(".kib*", ".kibana"), "yes");
  assert.equal(covers(".kibana", ".kibana"), "yes");
});

test("applies exclusions in order", () => {
  assert.equal(covers("logs*,-logs-x", "logs-x"), "no");
  assert.equal(covers("logs*,-logs-x", "logs-y"), "yes");
  assert.equal(covers("logs*,-logs-*,logs-x", "logs-x"), "yes");
  assert.equal(covers("logs-x,l*,-logs-*", "logs-x"), "no");
  assert.equal(covers("logs,-logs", "logs"), "yes");
  assert.equal(covers("l*,-<logs-{2024||/d}>", "logs-2"), "maybe");
  assert.equal(covers(".k*,-*", ".kibana"), "maybe");
});

test("keeps clusters apart", () => {
  assert.equal(covers("logs", "eu:logs"), "no");
  assert.equal(covers("*", "eu:logs"), "no");
  assert.equal(covers("*:logs,a", "logs"), "no");
  assert.equal(covers("*:logs", "eu:logs"), "yes");
  assert.equal(covers("e*:l*,-eu:*", "eu:logs"), "no");
  assert.equal(covers("-eu:*,e*:l*", "eu:logs"), "no");
  assert.equal(covers("e*:l*,-eu:*", "ez:logs"), "yes");
  assert.equal(covers("*:l*,eu:-logs", "eu:logs"), "no");
  assert.equal(covers("*:l*,eu:-logs", "us:logs"), "yes");
});

test("a list of clusters, of which none may match, may be all that is local", () => {
  for (const list of ["*:logs", "nowhere*:x,other*:y", "c*:-x", "-eu:*,c*:x"]) {
    assert.equal(covers(list, "patients"), "maybe", list);
    assert.ok(overlap(list, "patients"), list);
  }
  for (const list of ["c:x", "c*:x,logs", "c*:x,c:y"]) {
    assert.equal(covers(list, "patients"), "no", list);
    assert.ok(!overlap(list, "patients"), list);
  }
});

test("finds a data stream behind its backing indices", () => {
  const data = ".ds-logs-app-2024.03.22-000001";
  const failures = ".fs-logs-app-2024.03.22-000001";
  for (const [list, index, expected] of [
    ["logs-app", data, "yes"],
    ["logs-*", data, "yes"],
    ["*", data, "yes"],
    ["logs-app::data", data, "yes"],
    ["logs-app::failures", data, "no"],
    ["logs-app", failures, "no"],
    ["logs-app::failures", failures, "yes"],
    ["logs-app::*", failures, "yes"],
    ["logs-*,-logs-app", data, "no"],
    ["logs-other", data, "no"],
    [data, data, "yes"],
    [".ds-logs-*", data, "yes"],
    ["eu:logs-*", `eu:${data}`, "yes"],
    ["*::failures", "logs", "no"],
  ] as const) {
    assert.equal(covers(list, index), expected, `${list} ${index}`);
  }
});

test("answers maybe instead of no when the list was cut", () => {
  const list = parseIndexExpressions("a,b,c", noon, 2);
  assert.equal(coversIndex(list, "a"), "yes");
  assert.equal(coversIndex(list, "c"), "maybe");
  assert.equal(mayOverlap(list, parseIndexExpressions("z", noon)), true);
});

test("excludes in a cluster only behind a wildcard in that cluster", () => {
  const list = parseIndexExpressions("e*:*,*:b,*:-b", noon);
  assert.equal(coversIndex(list, "us:b"), "yes");
  assert.equal(coversIndex(list, "eu:b"), "no");
});

test("says whether two lists may name the same index", () => {
  for (const [one, other, expected] of [
    ["logs-*", "logs-app", true],
    ["logs-*", "metrics-*", false],
    ["logs-*", "*-app", true],
    ["a,b", "c,b", true],
    ["a,b", "c,d", false],
    ["", "anything", true],
    ["eu:logs", "logs", false],
    ["*:logs", "eu:l*", true],
    ["logs-*,-logs-app*", "logs-app-1", true],
    ["logs-app*,-logs-*", "logs-app-1", false],
    ["l*,-logs-*,logs-app", "logs-app", true],
    ["*:logs,-eu:*", "eu:logs", true],
    ["eu:logs,-eu:*", "eu:logs", false],
    ["eu:logs,us:x,-e*:*", "eu:logs", false],
    ["logs::failures", "logs", false],
    ["logs::failures", "logs::*", true],
    ["logs", ".ds-logs-2024.03.22-000001", true],
    ["logs", ".fs-logs-2024.03.22-000001", false],
    ["logs::failures", ".fs-logs-*", true],
    ["logs::failures", ".ds-logs-*", false],
    ["logs", "*-000001", true],
    ["*", "logs::failures", true],
    ["<logs-{2024||/d}>", "logs-1", true],
    ["_invalid", "*", false],
  ] as const) {
    assert.equal(overlap(one, other), expected, `${one} and ${other}`);
    assert.equal(overlap(other, one), expected, `${other} and ${one}`);
  }
});

const indexNames = ["a", "b", "ab", "ba", "abc"];
const clusters = ["eu", "us"];
const universe = [...indexNames, ...clusters.flatMap((it) => indexNames.map((n) => `${it}:${n}`))];

/** Resolves a list over the universe step by step, as groupClusterIndices and the resolver do. */
function resolvedOver(list: readonly string[]): Set<string> {
  const glob = (pattern: string): RegExp => new RegExp(`^${pattern.replaceAll("*", ".*")}$`);
  const lists = new Map<string, string[]>();
  const excluded = new Set<string>();
  for (const item of list) {
    const [cluster = "", name] = item.includes(":") ? item.split(":") : ["", item];
    const isNegative = cluster.startsWith("-");
    const pattern = glob(isNegative ? cluster.slice(1) : cluster);
    for (const one of cluster === "" ? [""] : clusters.filter((it) => pattern.test(it))) {
      if (isNegative) excluded.add(one);
      else lists.set(one, [...(lists.get(one) ?? []), name ?? ""]);
    }
  }
  const found = new Set<string>();
  for (const [cluster, items] of lists) {
    if (excluded.has(cluster)) continue;
    let wildcardSeen = false;
    for (const item of items) {
      const isExclusion: boolean = wildcardSeen && item.startsWith("-");
      const pattern: string = isExclusion ? item.slice(1) : item;
      wildcardSeen ||= pattern.includes("*");
      for (const name of indexNames.filter((it) => glob(pattern).test(it))) {
        const full = cluster === "" ? name : `${cluster}:${name}`;
        if (isExclusion) found.delete(full);
        else found.add(full);
      }
    }
  }
  return found;
}

const item = fc.stringMatching(/^(-?(e\*|eu|\*):\*|((e\*|eu|\*):)?-?[ab*]{1,3})$/);

test("covers exactly what a resolution over all names of a cluster finds", () => {
  fc.assert(
    fc.property(fc.array(item, { minLength: 1, maxLength: 5 }), (list) => {
      const found = resolvedOver(list);
      const expressions = parseIndexExpressions(list, noon);
      const named = list.filter((it) => !/^-.*:/.test(it));
      const mayFindNone = named.length > 0 && named.every((it) => /\*.*:/.test(it));
      for (const name of universe) {
        const isMaybe = mayFindNone && !name.includes(":");
        const expected = found.has(name) ? "yes" : isMaybe ? "maybe" : "no";
        assert.equal(coversIndex(expressions, name), expected, `${list.join()} ${name}`);
      }
    }),
    { numRuns: 3000 },
  );
});

test("never denies an overlap that exists", () => {
  const list = fc.array(item, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(list, list, (one, other) => {
      const [left, right] = [resolvedOver(one), resolvedOver(other)];
      if ([...left].some((name) => right.has(name))) {
        assert.ok(overlap(one.join(), other.join()), `${one.join()} and ${other.join()}`);
      }
    }),
    { numRuns: 3000 },
  );
});
