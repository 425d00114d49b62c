import assert from "node:assert/strict";
import { closeSync, openSync, readFileSync } from "node:fs";
import test from "node:test";
import { createLog, isLogLevel, terminalLine } from "../../src/cli/operational-log.ts";
import { makeTempDir } from "../support/temp-dir.ts";

test("a log that is not read by a person is one JSON object a line, written at once", async () => {
  await using folder = await makeTempDir();
  const fd = openSync(folder.file("log"), "w");
  const log = await createLog("info", { fd, isTerminal: false, write: () => assert.fail() });
  log.debug({}, "hidden");
  log.info({ port: 9200, name: "a\nb" }, "started");
  log.error({ code: "E" }, "failed");
  const lines = readFileSync(folder.file("log"), "utf8").trimEnd().split("\n");
  closeSync(fd);
  const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(
    records.map(({ level, msg }) => [level, msg]),
    [
      ["info", "started"],
      ["error", "failed"],
    ],
  );
  assert.deepEqual(
    [records[0]?.["port"], records[0]?.["name"], records[0]?.["pid"]],
    [9200, "a\nb", process.pid],
  );
  assert.match(String(records[0]?.["time"]), /^\d{4}-\d\d-\d\dT/);
});

test("a terminal gets short lines, from the level that was asked for", async () => {
  const lines: string[] = [];
  const log = await createLog("warn", {
    fd: -1,
    isTerminal: true,
    write: (line) => void lines.push(line),
  });
  log.info({}, "hidden");
  log.warn({ pool: "es", reason: "two words", nothing: undefined }, "ejected");
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? "", /^\d\d:\d\d:\d\d warn {2}ejected pool=es reason="two words"\n$/);
});

test("no value can drive the terminal or begin a line of its own", () => {
  const line = terminalLine("error", { name: "\u001b[31m\r\nx" }, "a\u009bb", new Date(0));
  // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
  assert.doesNotMatch(line.slice(0, -1), /[\u0000-\u001f\u007f-\u009f]/);
  assert.ok(line.endsWith("\n"));
});

test("a level is one of the four names", () => {
  assert.deepEqual(["debug", "info", "warn", "error", "trace", "INFO", ""].map(isLogLevel), [
    true,
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});
