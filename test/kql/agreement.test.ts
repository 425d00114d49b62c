import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { compileQuery } from "../../mock-es/search/queries/query.ts";
import type { SearchDocument } from "../../mock-es/search/fields/document.ts";
import type { RecordDocument } from "../../src/kql/document-values.ts";
import type { FieldTable } from "../../src/kql/field-table.ts";
import { compileFilter, type Filter } from "../../src/kql/filter.ts";
import { jsonLines } from "../../src/kql/json-lines.ts";
import { KqlError } from "../../src/kql/kql-error.ts";
import { mayMatch } from "../../src/kql/prefilter.ts";
import { document, filterText, lineOf, nowMs, smallFields } from "./arbitraries.ts";

const lines = jsonLines(false);

/** The mapping that the table describes; a flattened field as an object of keywords. */
function mappingsOf(table: FieldTable) {
  const keywords = ["headers.host", "headers.x-id"];
  return {
    find: (name: string) => {
      const type = table.get(name)?.type;
      if (type === undefined) return undefined;
      return { type: type === "flattened" ? "object" : type, parameters: {} };
    },
    fieldNames: () => [...Array.from(table.leaves(), ({ name }) => name), ...keywords],
  };
}

const mappings = mappingsOf(smallFields);

/** Documents that do not have sizes as records do; the mock has no flattened fields. */
const form = {
  places: {},
  unsure: { size: { match_all: {} }, headers: { match_all: {} } },
  elsewhere: {},
};

function milliseconds(record: RecordDocument): RecordDocument {
  const time = record["@timestamp"];
  const cut = (text: unknown): unknown =>
    typeof text === "string" && Number.isFinite(Date.parse(text))
      ? new Date(Date.parse(text)).toISOString()
      : text;
  return time === undefined
    ? {}
    : { "@timestamp": Array.isArray(time) ? time.map(cut) : cut(time) };
}

function stored(source: unknown): SearchDocument {
  return { index: "audit", id: "1", source, seqNo: 0, version: 1, primaryTerm: 1 };
}

function compiled(text: string): Filter | undefined {
  try {
    return compileFilter(text, { nowMs, fields: smallFields });
  } catch (error) {
    assert.ok(error instanceof KqlError, `${text}: ${String(error)}`);
    return undefined;
  }
}

test("predicate, prefilter and query agree on random records", () => {
  let matches = 0;
  let skipped = 0;
  fc.assert(
    fc.property(filterText, fc.array(document, { minLength: 1, maxLength: 8 }), (text, records) => {
      const filter = compiled(text);
      fc.pre(filter !== undefined);
      const score = compileQuery(filter.query(), mappings, { index: "audit", nowMs });
      const wide = compileQuery(filter.wideQuery(form), mappings, { index: "audit", nowMs });
      const prefilter = filter.prefilter(lines);
      for (const record of records) {
        const isMatch = filter.matches(record);
        const shown = [text, JSON.stringify(record), JSON.stringify(filter.query())].join("\n");
        assert.equal(score(stored(record)) >= 0, isMatch, `query against predicate: ${shown}`);
        // Documents have whole milliseconds, and do not say how large anything is.
        const held = { ...record, ...milliseconds(record), size: undefined };
        assert.ok(!isMatch || wide(stored(held)) >= 0, `the wide query misses a match: ${shown}`);
        const isRead = mayMatch(prefilter, lineOf(record));
        assert.ok(isRead || !isMatch, `prefilter skips a match: ${shown}`);
        if (isMatch) matches += 1;
        if (!isRead) skipped += 1;
      }
    }),
    { numRuns: 4000, seed: 20_261_130 },
  );
  assert.ok(matches > 1000, `only ${matches} matches: the test says little`);
  assert.ok(skipped > 1000, `only ${skipped} lines skipped: the prefilter does little`);
});

test("two records of an exchange match as one document with the values of both", () => {
  fc.assert(
    fc.property(filterText, document, document, (text, one, other) => {
      const filter = compiled(text);
      fc.pre(filter !== undefined);
      const both = merged(one, other);
      assert.equal(filter.matches(one, other), filter.matches(both), text);
      assert.equal(filter.matches(other, one), filter.matches(one, other), text);
      const isRead = filter
        .prefilter(lines)
        .every((part) => [one, other].some((record) => mayMatch([part], lineOf(record))));
      assert.ok(isRead || !filter.matches(one, other), text);
    }),
    { numRuns: 1000, seed: 7 },
  );
});

/** One document whose fields hold the values of both. */
function merged(one: object, other: object): Record<string, unknown> {
  const all: Record<string, unknown> = { ...one };
  for (const [name, value] of Object.entries(other))
    all[name] = name in all ? [all[name], value].flat() : value;
  return all;
}

test("the shortest proof that the comparison can fail: another filter's query disagrees", () => {
  const filter = compiled("name: alice");
  const score = compileQuery(compiled("name: bob")?.query(), mappings, { index: "audit", nowMs });
  assert.equal(filter?.matches({ name: "alice" }), true);
  assert.equal(score(stored({ name: "alice" })) >= 0, false);
});
