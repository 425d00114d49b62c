import assert from "node:assert/strict";
import test from "node:test";
import { CoverageTally } from "../../../src/audit/export/report/coverage-tally.ts";
import { RecordLine, TrailEntry } from "../../../src/audit/read/trail-entry.ts";
import type { Segment } from "../../../src/audit/read/segment.ts";

function eventOf(action: string, fields: object): TrailEntry {
  const record = { event: { action }, es_proxy: { record: "event", event: fields } };
  const line = new RecordLine({} as Segment, 0, Buffer.from(JSON.stringify(record)));
  return new TrailEntry(line, undefined);
}

test("sums what the nodes' counters said, and rounds down", () => {
  const tally = new CoverageTally();
  assert.match(tally.text, /^not known/);
  tally.offer(eventOf("audit.coverage", { recorded: 9_990, unrecorded: 0, bypassed: 1 }));
  tally.offer(eventOf("audit.reload", { recorded: 5, bypassed: 5 }));
  tally.offer(eventOf("audit.coverage", { recorded: 9, unrecorded: 0, bypassed: 0 }));
  assert.equal(
    tally.text,
    "99.99 % of 10000 requests that the nodes counted while they were asked: " +
      "1 past the proxy, 0 through it without a record",
  );
  tally.offer(eventOf("audit.coverage", { recorded: 0, unrecorded: 2, lost_connections: 3 }));
  assert.match(tally.text, /2 through it without a record, and 3 connections of which/);
});

test("a time without requests has no percentage", () => {
  const tally = new CoverageTally();
  tally.offer(eventOf("audit.coverage", { recorded: 0, unrecorded: 0, bypassed: 0 }));
  assert.match(tally.text, /^– of 0 requests/);
});
