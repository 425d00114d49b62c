import assert from "node:assert/strict";
import { test } from "node:test";

import { compileFilter } from "../../src/kql/filter.ts";
import { formatKqlWarning, KqlError } from "../../src/kql/kql-error.ts";
import { nowMs, smallFields } from "./arbitraries.ts";

function matches(text: string, record: Record<string, unknown>): boolean {
  return compileFilter(text, { nowMs, fields: smallFields }).matches(record);
}

function verdicts(cases: readonly (readonly [string, Record<string, unknown>, boolean])[]): void {
  for (const [text, record, expected] of cases)
    assert.equal(matches(text, record), expected, `${text} on ${JSON.stringify(record)}`);
}

test("compares keywords whole and by case, texts word by word without", () => {
  verdicts([
    ["name: alice", { name: "alice" }, true],
    ["name: alice", { name: "Alice" }, false],
    ["name: alice", { name: "alice bob" }, false],
    ["name.text: alice", { name: "Alice Bob" }, true],
    ["name.text: alice bob", { name: "bob" }, true],
    ['name.text: "alice bob"', { name: "bob alice" }, false],
    ['name.text: "alice bob"', { name: "x Alice, BOB!" }, true],
    ['name.text: "!"', { name: "!" }, false],
    ["name: al*", { name: "alice" }, true],
    ["name: *lic*", { name: "alice" }, true],
    ["name: a*i*e", { name: "alice" }, true],
    ["name: a?ice", { name: "alice" }, false],
    ['name: "al*"', { name: "alice" }, false],
    ["name.text: AL*", { name: "Alice Bob" }, true],
    ["name.text: *ce bo*", { name: "rubob boo" }, true],
    ["name: *a*a*", { name: "a" }, false],
  ]);
});

test("looks through lists, objects, keys with dots and flattened fields", () => {
  verdicts([
    ["tags: b", { tags: ["a", "b"] }, true],
    ["tags: b", { tags: [["a"], ["b"]] }, true],
    ["url.path: /a", { url: { path: "/a" } }, true],
    ["url.path: /a", { url: [{ path: "/b" }, { path: "/a" }] }, true],
    ["url.path: /a", { "url.path": "/a" }, true],
    ["headers: x", { headers: { host: "x" } }, true],
    ["headers.host: x", { headers: { host: "x" } }, true],
    ["headers.x.y: z", { headers: { "x.y": "z" } }, true],
    ["headers.host: x", { headers: { "x-id": "x" } }, false],
    ["name: *", { name: null }, false],
    ["name: *", { name: [] }, false],
    ["name: *", { name: "" }, true],
    ["url: *", { url: { path: "/" } }, true],
    ["url: *", { url: {} }, false],
    ["*: *", {}, true],
    ["not name: *", {}, true],
  ]);
});

test("compares numbers, units, booleans and addresses by their types", () => {
  verdicts([
    ["status: 500", { http: { status: 500 } }, true],
    ["status: 500.0", { http: { status: "500" } }, true],
    ["status: 500.5", { http: { status: 500 } }, false],
    ["status > 499.5 and status < 501", { http: { status: 500 } }, true],
    ["size >= 1KiB", { size: 1024 }, true],
    ["size > 1KiB", { size: 1024 }, false],
    ["size: 1kB", { size: 1000 }, true],
    ["isBad: true", { isBad: "true" }, true],
    ["not isBad: true", { isBad: false }, true],
    ["source.ip: 10.0.0.0/8", { source: { ip: "10.255.0.1" } }, true],
    ["source.ip: 10.0.0.0/8", { source: { ip: "11.0.0.0" } }, false],
    ["source.ip: 10.1.2.3", { source: { ip: "::ffff:10.1.2.3" } }, true],
    ["source.ip: 2001:DB8::/32", { source: { ip: "2001:db8:0:0::7" } }, true],
    ["source.ip > 10.1.2.3", { source: { ip: "10.1.2.4" } }, true],
    ["source.ip >= 10.1.2.3", { source: { ip: "9.9.9.9" } }, false],
    ["source.ip: *", { source: { ip: "no address" } }, false],
  ]);
});

test("reads dates as Elasticsearch does: left out times round, now moves", () => {
  const at = (time: string) => ({ "@timestamp": time });
  verdicts([
    ["@timestamp: 2026-11-30", at("2026-11-30T23:59:59.999999999Z"), true],
    ["@timestamp: 2026-11-30", at("2026-12-01T00:00:00Z"), false],
    ["@timestamp > 2026-11-30", at("2026-11-30T12:00:00Z"), false],
    ["@timestamp >= 2026-11-30", at("2026-11-30T00:00:00Z"), true],
    ["@timestamp <= 2026-11-30", at("2026-11-30T23:00:00Z"), true],
    ["@timestamp < 2026-11-30", at("2026-11-30T00:00:00Z"), false],
    ["@timestamp >= now-1h", at("2026-11-30T11:00:00Z"), true],
    ["@timestamp >= now-1h", at("2026-11-30T10:59:59.999Z"), false],
    ["@timestamp >= now-1d/d", at("2026-11-29T00:00:00Z"), true],
    ["@timestamp <= now/d", at("2026-11-30T23:59:59.999Z"), true],
    ["@timestamp >= now/w", at("2026-11-30T00:00:00Z"), true],
    ["@timestamp < now/w", at("2026-11-29T23:59:59Z"), true],
    ["@timestamp: 2026-12-31||-1M", at("2026-11-30T00:00:00Z"), true],
    ["@timestamp >= 2026-11-30T10:00+02:00", at("2026-11-30T08:00:00Z"), true],
    ["@timestamp < 1796000000000", at("2026-11-29T00:00:00Z"), true],
  ]);
});

test("judges each object of a nested field alone", () => {
  const record = {
    items: [
      { index: "a", status: 200 },
      { index: "b", status: 500 },
    ],
  };
  verdicts([
    ["items: { index: a and status: 200 }", record, true],
    ["items: { index: a and status: 500 }", record, false],
    ["items: { index: a } and items: { status: 500 }", record, true],
    ["items: { not index: a }", record, true],
    ["not items: { index: a }", record, false],
    ["items: { i*x: b }", record, true],
    ["items: { index: a }", { items: { index: "a" } }, true],
    ["items: { index: a }", {}, false],
  ]);
});

test("short names ask all their fields and pass over those that cannot hold the value", () => {
  verdicts([
    ["from: 10.0.0.0/8", { client: { ip: "10.0.0.1" } }, true],
    ["who: x", { headers: { "x-id": "x" } }, true],
    ["n*: alice", { name: "alice" }, true],
    ["*: 500", { http: { status: 500 } }, true],
    ["500", { http: { status: 500 } }, true],
    ["alice", { headers: { host: "alice" } }, true],
    ["alice", { name: "Alice Bob" }, true],
    ["ali*", { url: { path: "ALICE" } }, true],
  ]);
});

test("refuses a value that its field cannot hold, at the value", () => {
  for (const [text, column, message] of [
    ["status: abc", 9, /whole numbers/],
    ["status: 5*", 9, /wildcards work on texts only/],
    ["size > 1 parsec", 8, /64KiB/],
    ["isBad: yes", 8, /true and false/],
    ["isBad > true", 9, /no order/],
    ["@timestamp: yesterday", 13, /dates/],
    ["@timestamp >= now-1x", 15, /dates/],
    ["@timestamp: 2026-02-30", 13, /dates/],
    ["@timestamp: now+999999999y", 13, /dates/],
    ["source.ip: localhost", 12, /addresses/],
    ["source.ip > 10.0.0.0/8", 13, /no place in an order/],
    ["from: localhost", 7, /addresses/],
    ["url: x", 1, /group of fields/],
    ["items.index: a", 1, /judged alone/],
    ["name: { x: 1 }", 1, /no list of objects/],
  ] as const) {
    assert.throws(
      () => matches(text, {}),
      (error: unknown) => {
        assert.ok(error instanceof KqlError, String(error));
        assert.match(error.message, message, text);
        assert.equal(error.column, column, text);
        return true;
      },
    );
  }
});

test("a field that no record has matches nothing and is a warning with a suggestion", () => {
  const filter = compileFilter("nmae: alice or tags: x", { nowMs, fields: smallFields });
  assert.equal(filter.matches({ nmae: "alice" }), false);
  assert.equal(filter.matches({ tags: "x" }), true);
  assert.deepEqual(
    filter.warnings.map(({ span, suggestion }) => [span, suggestion]),
    [[{ start: 0, end: 4 }, "did you mean name?"]],
  );
  const [warning] = filter.warnings;
  assert.ok(warning);
  assert.equal(
    formatKqlWarning("filter", filter.text, warning),
    [
      'filter:1: warning: no record has a field "nmae", so this matches nothing',
      "  nmae: alice or tags: x",
      "  ^^^^",
      "  did you mean name?",
    ].join("\n"),
  );
});

test("tells what time a match lies within", () => {
  const bounds = (text: string) => compileFilter(text, { nowMs, fields: smallFields }).timeBounds;
  const hour = 3_600_000;
  assert.deepEqual(bounds("@timestamp >= now-1h and name: x"), {
    fromMs: nowMs - hour,
    toMs: Infinity,
  });
  assert.deepEqual(bounds("@timestamp >= now-2h and @timestamp < now-1h"), {
    fromMs: nowMs - 2 * hour,
    toMs: nowMs - hour,
  });
  assert.deepEqual(bounds("@timestamp < now or name: x"), { fromMs: -Infinity, toMs: Infinity });
  assert.deepEqual(bounds("not @timestamp < now"), { fromMs: -Infinity, toMs: Infinity });
});

test("passes one value to Elasticsearch as Kibana does", () => {
  const query = (text: string) => compileFilter(text, { nowMs, fields: smallFields }).query();
  assert.deepEqual(query(""), { match_all: {} });
  assert.deepEqual(query("name: a and status >= 500"), {
    bool: {
      filter: [{ term: { name: { value: "a" } } }, { range: { "http.status": { gte: 500 } } }],
    },
  });
  assert.deepEqual(query("not tags: (a or b*?)"), {
    bool: {
      must_not: [
        {
          bool: {
            should: [
              { term: { tags: { value: "a" } } },
              { wildcard: { tags: { value: "b*\\?" } } },
            ],
            minimum_should_match: 1,
          },
        },
      ],
    },
  });
  assert.deepEqual(query("@timestamp: now/d"), {
    range: { "@timestamp": { gte: "now/d", lte: "now/d" } },
  });
  assert.deepEqual(query("items: { index: a }"), {
    nested: {
      path: "items",
      query: { term: { "items.index": { value: "a" } } },
      score_mode: "none",
      ignore_unmapped: true,
    },
  });
  assert.deepEqual(query('"quick fox"'), {
    multi_match: { type: "phrase", query: "quick fox", lenient: true },
  });
  assert.deepEqual(query("a-b*"), { query_string: { query: "a\\-b*" } });
});
