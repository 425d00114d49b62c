import assert from "node:assert/strict";
import { test } from "node:test";

import { RecurringLog } from "../../../src/audit/store/recurring-log.ts";
import { recordingLog, type LogLine } from "../trail-fixture.ts";

const minute = 60_000;
const hour = 60 * minute;

/** A log of troubles under a clock that the test sets, and what it has said when. */
function troubles() {
  const lines: LogLine[] = [];
  let nowMs = 0;
  const said: string[] = [];
  const log = new RecurringLog(recordingLog(lines), () => nowMs);
  const at = (ms: number, what: (recurring: RecurringLog) => void): void => {
    nowMs = ms;
    what(log);
    for (const { fields, message } of lines.splice(0)) {
      const { times } = fields;
      said.push(`${ms} ${message}${typeof times === "number" ? ` ${times}` : ""}`);
    }
  };
  return { at, said };
}

test("a trouble of each write is said once, then at distances that double", () => {
  const { at, said } = troubles();
  for (let ms = 0; ms <= 8000; ms += 250) at(ms, (log) => log.error({}, "full"));
  // How often it came back since it was said.
  assert.deepEqual(said, ["0 full", "1000 full 4", "3000 full 8", "7000 full 16"]);
});

test("a trouble that lasts for days is said every hour", () => {
  const { at, said } = troubles();
  for (let ms = 0; ms <= 72 * hour; ms += minute / 2) at(ms, (log) => log.error({}, "full"));
  const times = said.slice(-3).map((line) => Number(line.split(" ")[0]));
  const [first = 0, second = 0, third = 0] = times;
  assert.deepEqual([second - first, third - second], [hour, hour]);
  assert.ok(said.length < 90, `${said.length} lines`);
});

test("a trouble that is over, or was not seen for a minute, is said at once again", () => {
  const { at, said } = troubles();
  at(0, (log) => log.error({}, "full"));
  at(10, (log) => log.error({}, "full"));
  at(20, (log) => log.over("full"));
  at(30, (log) => log.error({}, "full"));
  at(30 + minute, (log) => log.error({}, "full"));
  at(31 + 2 * minute, (log) => log.error({}, "full"));
  assert.deepEqual(said, ["0 full", "30 full", "60030 full 1", "120031 full"]);
});

test("each trouble has distances of its own", () => {
  const { at, said } = troubles();
  at(0, (log) => log.error({}, "full"));
  at(500, (log) => log.error({}, "broken"));
  at(600, (log) => log.error({}, "full"));
  at(1400, (log) => log.error({}, "broken"));
  at(1500, (log) => log.error({}, "broken"));
  assert.deepEqual(said, ["0 full", "500 broken", "1500 broken 2"]);
});
