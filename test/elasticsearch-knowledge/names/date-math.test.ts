import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";

import { resolveDateMath } from "../../../src/elasticsearch/names/date-math.ts";

/** The time that Elasticsearch's documentation takes for its examples. */
const noon = Date.parse("2024-03-22T12:00:00Z");

function resolved(expression: string, now: number | string = noon): string {
  const result = resolveDateMath(expression, typeof now === "string" ? Date.parse(now) : now);
  return result.kind === "resolved" ? result.name : result.kind;
}

test("resolves the examples of the documentation", () => {
  for (const [expression, name] of [
    ["<logstash-{now/d}>", "logstash-2024.03.22"],
    ["<logstash-{now/M}>", "logstash-2024.03.01"],
    ["<logstash-{now/M{yyyy.MM}}>", "logstash-2024.03"],
    ["<logstash-{now/M-1M{yyyy.MM}}>", "logstash-2024.02"],
    ["<logstash-{now/d{yyyy.MM.dd|+12:00}}>", "logstash-2024.03.23"],
    ["<elastic\\{ON\\}-{now/M}>", "elastic{ON}-2024.03.01"],
    ["<logstash-{now/d-2d}>", "logstash-2024.03.20"],
    ["<my-index-{now/d}-{now/y{yyyy}}>", "my-index-2024.03.22-2024"],
    ["<static>", "static"],
  ] as const) {
    assert.equal(resolved(expression), name, expression);
  }
});

test("adds and rounds every unit", () => {
  const now = "2024-02-29T23:59:58.765Z";
  const at = (math: string): string => resolved(`<x{${math}{uuuuMMddHHmmssSSS}}>`, now).slice(1);
  assert.equal(at("now"), "20240229235958765");
  assert.equal(at("now+1y"), "20250228235958765");
  assert.equal(at("now-1y/y"), "20230101000000000");
  assert.equal(at("now+1M"), "20240329235958765");
  assert.equal(at("now-13M"), "20230129235958765");
  assert.equal(at("now/M"), "20240201000000000");
  assert.equal(at("now+1w"), "20240307235958765");
  assert.equal(at("now/w"), "20240226000000000");
  assert.equal(at("now+1d"), "20240301235958765");
  assert.equal(at("now/d"), "20240229000000000");
  assert.equal(at("now+1h"), "20240301005958765");
  assert.equal(at("now/H"), "20240229230000000");
  assert.equal(at("now+d"), "20240301235958765");
  assert.equal(at("now+90m"), "20240301012958765");
  assert.equal(at("now/m"), "20240229235900000");
  assert.equal(at("now-58s"), "20240229235900765");
  assert.equal(at("now/s"), "20240229235958000");
  assert.equal(at("now/1d"), "20240229000000000");
});

test("rounds a Sunday to the Monday before", () => {
  assert.equal(resolved("<x{now/w}>", "2024-03-24T10:00:00Z"), "x2024.03.18");
  assert.equal(resolved("<x{now/w}>", "2024-03-18T00:00:00Z"), "x2024.03.18");
});

test("computes in the zone: offsets, prefixes, regions with daylight saving", () => {
  const late = "2024-03-30T23:30:00Z";
  for (const [zone, date] of [
    ["UTC", "30T23"],
    ["Z", "30T23"],
    ["+1", "31T00"],
    ["+0100", "31T00"],
    ["-05:30", "30T18"],
    ["+02:00:30", "31T01"],
    ["GMT+3", "31T02"],
    ["UTC-01:00", "30T22"],
    ["Europe/Berlin", "31T00"],
    ["America/New_York", "30T19"],
  ] as const) {
    assert.equal(resolved(`<x{now{dd'T'HH|${zone}}}>`, late), `x${date}`, zone);
  }
  // Berlin skips 02:00 to 03:00 on this day, so its midnight is at 23:00 UTC of the day before.
  const spring = "2024-03-31T10:00:00Z";
  assert.equal(resolved("<x{now/d{epoch_millis|Europe/Berlin}}>", spring), "x1711839600000");
  assert.equal(resolved("<x{now/d+1d{epoch_second|Europe/Berlin}}>", spring), "x1711922400");
  // A day later than 02:30 would be a time that does not exist: it moves on by the gap.
  const before = "2024-03-30T01:30:00Z";
  assert.equal(resolved("<x{now+1d{HHmm|Europe/Berlin}}>", before), "x0330");
  // 02:30 exists twice in October; a sum of days keeps the summer offset that it comes from.
  const autumn = "2024-10-26T00:30:00Z";
  assert.equal(resolved("<x{now+1d{epoch_second|Europe/Berlin}}>", autumn), "x1729989000");
  // Rounding an hour within the second 02:xx stays in it.
  const second = "2024-10-27T01:30:00Z";
  assert.equal(resolved("<x{now/h{epoch_second|Europe/Berlin}}>", second), "x1729990800");
});

test("formats the fields that make sense in names", () => {
  const now = "2024-03-02T15:04:05.067Z";
  for (const [format, text] of [
    ["yyyy", "2024"],
    ["yy", "24"],
    ["u", "2024"],
    ["M-d", "3-2"],
    ["MMM", "Mar"],
    ["MMMM", "March"],
    ["EEE", "Sat"],
    ["EEEE", "Saturday"],
    ["D", "62"],
    ["DDD", "062"],
    ["h", "3"],
    ["hha", "03PM"],
    ["k", "15"],
    ["K", "3"],
    ["H:m:s", "15:4:5"],
    ["SS", "06"],
    ["SSSSSS", "067000"],
    ["q", "1"],
    ["'week'dd", "week02"],
    ["''dd", "'02"],
    ["'it''s'", "it's"],
    ["basic_date", "20240302"],
    ["strict_date", "2024-03-02"],
    ["year_month", "2024-03"],
    ["basic_ordinal_date", "2024062"],
  ] as const) {
    assert.equal(resolved(`<x{now{${format}}}>`, now), `x${text}`, format);
  }
});

test("writes week fields only where the calendars of all versions agree", () => {
  // 2024-03-22: week 12 both ways; 2023 began on a Sunday: ISO's week 1 starts a day later.
  assert.equal(resolved("<x{now{YYYY.ww}}>", "2024-03-22T00:00:00Z"), "x2024.12");
  assert.equal(resolved("<x{now{YYYY}}>", "2024-03-22T00:00:00Z"), "x2024");
  assert.equal(resolved("<x{now{YYYY}}>", "2023-01-01T00:00:00Z"), "unresolved");
  assert.equal(resolved("<x{now{ww}}>", "2023-06-04T00:00:00Z"), "unresolved");
});

test("treats escapes as Elasticsearch does", () => {
  for (const [expression, name] of [
    ["<x-{now/d{'\\{year\\}'yyyy}}>", "x-{year}2024"],
    ["<\\a\\\\b>", "a\\b"],
    ["<x{now{yyyy}}\\}>", "x2024}"],
    ["<x\\{now\\}>", "x{now}"],
  ] as const) {
    assert.equal(resolved(expression), name, expression);
  }
});

test("calls invalid what Elasticsearch refuses", () => {
  for (const expression of [
    "<>",
    "<x}>",
    "<x{now>",
    "<x{now/d{}}>",
    "<x{now/d{yyyy}>",
    "<x{now{yyyy}z}>",
    "<x{now{a{b}}}>",
  ]) {
    assert.equal(resolved(expression), "invalid", expression);
  }
});

test("puts a star where only the server knows the date", () => {
  for (const placeholder of [
    "{2024.05.01||/M{yyyy.MM}}",
    "{now{yyyy|Mars/Olympus}}",
    "{now{yyyy|europe/berlin}}",
    "{now{yyyy|+19}}",
    "{now{GGGG}}",
    "{now{ddd}}",
    "{now{[yyyy]}}",
    "{now+99999999999d}",
    "{now-2147483647y}",
    "{now+1x}",
    "{now/2d}",
    "{now+}",
    "{yesterday}",
    "{}",
  ]) {
    const result = resolveDateMath(`<logs-${placeholder}-x>`, noon);
    assert.deepEqual(result, { kind: "unresolved", name: "logs-*-x" }, placeholder);
  }
  assert.equal(resolved("<x{now}>", Number.NaN), "unresolved");
  assert.equal(resolved("<x{now{uuuu|Europe/Berlin}}>", 8.65e15), "unresolved");
});

test("never throws", () => {
  const unit = fc.constantFrom(..."now{}|\\/+-0129dMyw'EYS:<>,EuropeBerlin".split(""));
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 60 }), fc.double(), (text, now) => {
      const { kind } = resolveDateMath(`<${text}>`, now);
      assert.ok(["resolved", "unresolved", "invalid"].includes(kind));
    }),
    { numRuns: 5000 },
  );
});
