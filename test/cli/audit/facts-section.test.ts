import assert from "node:assert/strict";
import { test } from "node:test";

import { RecordLine, TrailEntry } from "../../../src/audit/read/trail-entry.ts";
import type { Segment } from "../../../src/audit/read/segment.ts";
import { putFacts } from "../../../src/cli/audit/facts-section.ts";
import { Output } from "../../../src/cli/audit/output.ts";
import { PageText } from "../../../src/cli/audit/page-text.ts";

/** The rows of a page with these facts, each as its label and its value. */
function rowsOf(facts: object): Record<string, string> {
  const line = Buffer.from(JSON.stringify({ es_proxy: { record: "request" } }));
  const entry = new TrailEntry(new RecordLine({} as Segment, 0, line), undefined);
  entry.factsLine = Buffer.from(JSON.stringify({ es_proxy: { facts } }));
  const page = new PageText(new Output(false));
  putFacts(page, entry);
  const rows = page.text.split("\n").filter((row) => row !== "");
  return Object.fromEntries(rows.map((row) => [row.slice(0, 12).trim(), row.slice(12)]));
}

test("facts of a search are rows of words and numbers", () => {
  const facts = {
    at: 0,
    examined: { request: { state: "whole", bytes: 9 }, response: { state: "whole", bytes: 9 } },
    indices: ["patients"],
    names: ["read index patients", "change pipeline p1"],
    documents: 12,
    with_content: 12,
    ids_returned: ["1", "2"],
    hits: 10_000,
    hits_relation: "gte",
    took: 9,
    shards: { total: 5, successful: 4, skipped: 0, failed: 1 },
    fingerprint: "823a",
    query: "{query}",
    watched: ["ssn"],
    watched_documents: [{ index: "patients", field: "ssn", documents: 3 }],
  };
  assert.deepEqual(rowsOf(facts), {
    indices: "patients",
    names: "change pipeline p1",
    result: "12 of 10000 or more hits, 1 of 5 shards failed, took 9 ms",
    returned: "12 documents: 1, 2 and 10 more",
    watched: "ssn (3)",
    query: "{query}",
    shape: "823a",
  });
});

test("facts of a bulk say what failed, and what they do not rest on", () => {
  const facts = {
    examined: {
      request: { state: "whole", bytes: 9 },
      response: { state: "partial", reason: "not_stored", at: 70, bytes: 70 },
    },
    actions: [{ action: "index", index: "logs", count: 3 }],
    items: 3,
    failures: 1,
    written: 2,
    ids_written: ["a", "b", "c"],
    errors: [{ where: "item", type: "version_conflict_engine_exception", count: 1 }],
  };
  assert.deepEqual(rowsOf(facts), {
    actions: "index logs (3)",
    result: "3 items, 1 failed",
    written: "2 of 3 documents: a, b, c",
    errors: "version_conflict_engine_exception",
    "not seen": "body of the answer from byte 70 on: not stored",
  });
});

test("an entry without facts has no rows of them", () => {
  assert.deepEqual(rowsOf({}), {});
});
