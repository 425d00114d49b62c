import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { completeKql } from "../../src/kql/completion.ts";
import { compileFilter } from "../../src/kql/filter.ts";
import { jsonLines } from "../../src/kql/json-lines.ts";
import { formatKqlError, KqlError } from "../../src/kql/kql-error.ts";
import { maxFilterLength } from "../../src/kql/parser.ts";
import { quoteValue } from "../../src/kql/quote-value.ts";
import { document, filterText, nowMs, smallFields } from "./arbitraries.ts";

const fragments = fc.constantFrom(
  ...'and or not ( ) { } : < > <= >= " * \\ \\u \\n name status items @timestamp now-1d/d'.split(
    " ",
  ),
  ..."10.0.0.0/8 ::1 2026-11-30 null é \ud83d".split(" "),
  " ",
  "\n",
  "x".repeat(300),
);
const soup = fc.array(fragments, { maxLength: 30 }).map((parts) => parts.join(""));
const spacedSoup = fc.array(fragments, { maxLength: 30 }).map((parts) => parts.join(" "));
const mutated = fc.tuple(filterText, fc.nat(), fragments).map(([text, at, piece]) => {
  const place = at % (text.length + 1);
  return text.slice(0, place) + piece + text.slice(place + (at % 3));
});
const anyInput = fc.oneof(soup, spacedSoup, mutated, fc.string({ unit: "binary", maxLength: 60 }));

test("no input throws anything but an error with a place inside the text", () => {
  let read = 0;
  fc.assert(
    fc.property(anyInput, document, (text, record) => {
      try {
        const filter = compileFilter(text, { nowMs, fields: smallFields });
        filter.matches(record);
        JSON.stringify(filter.query());
        filter.prefilter(jsonLines(true));
        read += 1;
      } catch (error) {
        assert.ok(error instanceof KqlError, `${JSON.stringify(text)}: ${String(error)}`);
        const { start, end } = error.span;
        assert.ok(start >= 0 && start <= end && end <= text.length, JSON.stringify(text));
        assert.ok(error.line >= 1 && error.column >= 1);
        formatKqlError("filter", text, error);
      }
    }),
    { numRuns: 10_000, seed: 1 },
  );
  assert.ok(read > 500, `only ${read} inputs were filters`);
});

test("completion never throws and never replaces what stands behind the cursor", () => {
  fc.assert(
    fc.property(anyInput, fc.nat(80), (text, cursor) => {
      const { from, to } = completeKql(text, cursor, { fields: smallFields });
      assert.ok(from >= 0 && from <= to && to <= text.length);
    }),
    { numRuns: 5000, seed: 2 },
  );
});

test("any value comes back from its quoted form", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 40 }), (value) => {
      const filter = compileFilter(`name: ${quoteValue(value)}`, { nowMs, fields: smallFields });
      assert.ok(filter.matches({ name: value }), quoteValue(value));
    }),
    { numRuns: 2000, seed: 3 },
  );
});

/** What would take hours with a reader that looks back or tries again. */
const hostile: Readonly<Record<string, string>> = {
  blanks: `a${" ".repeat(maxFilterLength - 2)}b`,
  words: "a ".repeat(maxFilterLength / 2),
  wildcards: `name: ${"a*".repeat(maxFilterLength / 4)}`,
  conjunctions: "a or ".repeat(maxFilterLength / 5 - 1) + "b",
  values: `name: (${"a or ".repeat(maxFilterLength / 5 - 10)}b)`,
  escapes: String.raw`\*`.repeat(maxFilterLength / 2),
  colons: "1:".repeat(maxFilterLength / 2),
  quotes: `"${'\\"'.repeat(maxFilterLength / 2 - 1)}"`,
  freePattern: "*a ".repeat(500),
};

test("the longest filters are read, compiled and asked without going back", () => {
  const record = { name: "a".repeat(20_000), url: { path: "ab".repeat(5000) } };
  for (const [name, text] of Object.entries(hostile)) {
    try {
      compileFilter(text, { nowMs, fields: smallFields }).matches(record);
    } catch (error) {
      assert.ok(error instanceof KqlError, `${name}: ${String(error)}`);
    }
  }
});
