import assert from "node:assert/strict";
import test from "node:test";
import { assert as assertProperty, integer, property } from "fast-check";
import { formatDuration, formatSize, parseDuration, parseSize } from "../../src/config/units.ts";

const durations: readonly (readonly [string, number | undefined])[] = [
  ["250ms", 250],
  ["10s", 10_000],
  ["1.5s", 1500],
  ["2m", 120_000],
  ["1h", 3_600_000],
  ["7d", 604_800_000],
  ["0s", 0],
  ["10", undefined],
  ["10 s", undefined],
  ["s", undefined],
  ["-1s", undefined],
  ["1e3s", undefined],
  ["10S", undefined],
  ["0x10s", undefined],
  ["1.2345s", undefined],
  ["10s ", undefined],
  ["10s\n", undefined],
  ["", undefined],
];

const sizes: readonly (readonly [string, number | undefined])[] = [
  ["512B", 512],
  ["16KiB", 16_384],
  ["100MB", 100_000_000],
  ["1kB", 1000],
  ["1KB", 1000],
  ["1.5MiB", 1_572_864],
  ["2GiB", 2_147_483_648],
  ["3GB", 3_000_000_000],
  ["16K", undefined],
  ["16kib", undefined],
  ["16384", undefined],
  ["999999999999GiB", undefined],
  ["B", undefined],
];

test("durations are read with their unit and never without one", () => {
  for (const [text, ms] of durations) assert.equal(parseDuration(text), ms, JSON.stringify(text));
});

test("sizes are read with their unit and never without one", () => {
  for (const [text, bytes] of sizes) assert.equal(parseSize(text), bytes, JSON.stringify(text));
});

test("a formatted duration or size reads back as the same number", () => {
  assertProperty(
    property(integer({ min: 1, max: 999_999_999 }), (value) => {
      assert.equal(parseDuration(formatDuration(value)), value);
      assert.equal(parseSize(formatSize(value)), value);
    }),
  );
});

test("formatting picks the spelling that people write", () => {
  assert.deepEqual(
    [
      formatDuration(50),
      formatDuration(10_000),
      formatDuration(3_600_000),
      formatSize(16_384),
      formatSize(100_000_000),
      formatSize(0),
    ],
    ["50ms", "10s", "1h", "16KiB", "100MB", "0"],
  );
});
