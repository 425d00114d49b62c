import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluateDate, parseDate, printDate } from "../../../mock-es/values/date.ts";
import { addUnits, floorTo } from "../../../mock-es/values/date-units.ts";
import { type TimeZone, timeZone, utc } from "../../../mock-es/values/time-zone.ts";
import { NOW, refusalOf } from "./documents.ts";

function zoneOf(name: string): TimeZone {
  const zone = timeZone(name);
  if (zone === undefined) throw new Error(`no zone ${name}`);
  return zone;
}

const FORMAT = "strict_date_optional_time||epoch_millis";

function evaluate(expression: unknown, roundUp = false, format = FORMAT, zone = utc): string {
  return new Date(evaluateDate(expression, { format, nowMs: NOW, zone, roundUp })).toISOString();
}

// NOW is Monday 2024-05-20T12:34:56.789Z. The third column is the value for gt and lte.
const EXPRESSIONS: readonly (readonly [unknown, string, string])[] = [
  ["2024", "2024-01-01T00:00:00.000Z", "2024-01-01T23:59:59.999Z"],
  ["2024-02", "2024-02-01T00:00:00.000Z", "2024-02-01T23:59:59.999Z"],
  ["2024-02-29", "2024-02-29T00:00:00.000Z", "2024-02-29T23:59:59.999Z"],
  ["2024-02-29T10", "2024-02-29T10:00:00.000Z", "2024-02-29T10:59:59.999Z"],
  ["2024-02-29T10:11:12.5", "2024-02-29T10:11:12.500Z", "2024-02-29T10:11:12.500Z"],
  ["2024-02-29T10:11:12.123456789Z", "2024-02-29T10:11:12.123Z", "2024-02-29T10:11:12.123Z"],
  ["2024-02-29T10:11:12+02:00", "2024-02-29T08:11:12.000Z", "2024-02-29T08:11:12.999Z"],
  [0, "1970-01-01T00:00:00.000Z", "1970-01-01T00:00:00.000Z"],
  ["1700000000000", "2023-11-14T22:13:20.000Z", "2023-11-14T22:13:20.000Z"],
  [-1, "1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"],
  ["now", "2024-05-20T12:34:56.789Z", "2024-05-20T12:34:56.789Z"],
  ["now/d", "2024-05-20T00:00:00.000Z", "2024-05-20T23:59:59.999Z"],
  ["now-1d/d", "2024-05-19T00:00:00.000Z", "2024-05-19T23:59:59.999Z"],
  ["now/w", "2024-05-20T00:00:00.000Z", "2024-05-26T23:59:59.999Z"],
  ["now-1h+30m", "2024-05-20T12:04:56.789Z", "2024-05-20T12:04:56.789Z"],
  ["now/M", "2024-05-01T00:00:00.000Z", "2024-05-31T23:59:59.999Z"],
  ["now-1y/y", "2023-01-01T00:00:00.000Z", "2023-12-31T23:59:59.999Z"],
  ["2024-01-31||+1M", "2024-02-29T00:00:00.000Z", "2024-02-29T00:00:00.000Z"],
  ["2024-05-20||/M", "2024-05-01T00:00:00.000Z", "2024-05-31T23:59:59.999Z"],
];

for (const [expression, down, up] of EXPRESSIONS) {
  test(`reads ${JSON.stringify(expression)} as ${down}, or ${up} when rounding up`, () => {
    assert.equal(evaluate(expression), down);
    assert.equal(evaluate(expression, true), up);
  });
}

test("rounds days and reads dates in the zone that was asked for", () => {
  assert.equal(evaluate("now/d", false, FORMAT, zoneOf("+13:00")), "2024-05-20T11:00:00.000Z");
  assert.equal(evaluate("2024-05-20", false, FORMAT, zoneOf("-01:00")), "2024-05-20T01:00:00.000Z");
});

const REFUSED: Readonly<Record<string, string>> = {
  tomorrow: `failed to parse date field [tomorrow] with format [${FORMAT}]: [failed to parse date field [tomorrow] with format [${FORMAT}]]`,
  "2024-13-01": `failed to parse date field [2024-13-01] with format [${FORMAT}]: [failed to parse date field [2024-13-01] with format [${FORMAT}]]`,
  "2023-02-29": `failed to parse date field [2023-02-29] with format [${FORMAT}]: [failed to parse date field [2023-02-29] with format [${FORMAT}]]`,
  "now+1x": "unit [x] not supported for date math [+1x]",
  "now-1": "truncated date math [-1]",
  "now*2": "operator not supported for date math [*2]",
  "now/2d": "rounding `/` can only be used on single unit types [/2d]",
};

for (const [expression, reason] of Object.entries(REFUSED)) {
  test(`refuses the date ${expression} in Elasticsearch's words`, () => {
    assert.deepEqual(
      refusalOf(() => evaluate(expression)),
      { status: 400, type: "parse_exception", reason },
    );
  });
}

test("reads the quick ISO form exactly as Date.parse does", () => {
  for (
    let epochMs = Date.UTC(1999, 11, 25);
    epochMs < Date.UTC(2004, 2, 5);
    epochMs += 7 * 3_600_017
  ) {
    assert.equal(parseDate(new Date(epochMs).toISOString(), FORMAT), epochMs);
  }
  assert.equal(parseDate("2023-02-29T00:00:00.000Z", FORMAT), undefined);
  assert.equal(parseDate("2023-02-2xT00:00:00.000Z", FORMAT), undefined);
});

test("reads and writes patterns of java.time letters", () => {
  assert.equal(parseDate("20/05/2024 07:08", "dd/MM/yyyy HH:mm"), Date.UTC(2024, 4, 20, 7, 8));
  assert.equal(parseDate("1234", "epoch_second"), 1_234_000);
  assert.equal(parseDate("20240520", "basic_date||yyyy"), Date.UTC(2024, 4, 20));
  assert.equal(printDate(NOW, "yyyy-MM-dd'T'HH:mm:ss.SSSXXX"), "2024-05-20T12:34:56.789Z");
  assert.equal(
    printDate(NOW, "EEE, d MMMM yy 'o''clock' HHmm Z", zoneOf("+02:00")),
    "Mon, 20 May 24 o'clock 1434 +0200",
  );
  assert.equal(printDate(NOW, "epoch_millis"), String(NOW));
  assert.equal(printDate(NOW, FORMAT, zoneOf("-01:30")), "2024-05-20T11:04:56.789-01:30");
});

test("refuses pattern letters that it does not know", () => {
  assert.match(
    refusalOf(() => parseDate("1", "BB")).reason,
    /the letter \[B\] of the date format \[BB\]/,
  );
  assert.equal(
    refusalOf(() => parseDate("1", "nope")).reason,
    "Invalid format: [nope]: Unknown pattern letter: o",
  );
});

test("floors to calendar units and steps to the next one", () => {
  const at = Date.UTC(2024, 1, 29, 23, 30);
  const floors: Readonly<Record<string, string>> = {
    m: "2024-02-29T23:30",
    h: "2024-02-29T23:00",
    d: "2024-02-29T00:00",
    w: "2024-02-26T00:00",
    M: "2024-02-01T00:00",
    q: "2024-01-01T00:00",
    y: "2024-01-01T00:00",
  };
  for (const [unit, text] of Object.entries(floors)) {
    const floor = floorTo(at, unit);
    assert.equal(new Date(floor).toISOString().slice(0, 16), text);
    assert.equal(floorTo(addUnits(floor, 1, unit), unit), addUnits(floor, 1, unit));
    assert.ok(addUnits(floor, 1, unit) > at);
  }
  assert.equal(
    new Date(floorTo(at, "d", zoneOf("+01:00"))).toISOString(),
    "2024-02-29T23:00:00.000Z",
  );
});
