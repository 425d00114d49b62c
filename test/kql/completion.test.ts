import assert from "node:assert/strict";
import { test } from "node:test";

import { completeKql } from "../../src/kql/completion.ts";
import { smallFields } from "./arbitraries.ts";

/** The proposals where `|` stands, and the text with the first one taken. */
function proposals(marked: string): { texts: string[]; taken: string } {
  const cursor = marked.indexOf("|");
  const text = marked.replace("|", "");
  const { from, to, items } = completeKql(text, cursor, {
    fields: smallFields,
    valuesOf: ({ name }) => (name === "name" ? ["alice", "bob smith", 'x"y'] : []),
  });
  const texts = items.map((item) => item.text);
  return { texts, taken: text.slice(0, from) + (texts[0] ?? "") + text.slice(to) };
}

test("offers fields and not where an expression begins", () => {
  for (const marked of ["|", "name: x and |", "(|", "not |", "name: x or (|"]) {
    const { texts } = proposals(marked);
    assert.ok(texts.includes("name") && texts.includes("who") && texts.includes("not "), marked);
  }
  assert.deepEqual(proposals("url.|").texts, ["url.path", "url.path.text"]);
  assert.deepEqual(proposals("stat|").texts, ["status", "http.status"]);
  assert.equal(proposals("name: x and url.| or tags: y").taken, "name: x and url.path or tags: y");
});

test("offers operators behind a field, ordering ones where the type has an order", () => {
  assert.deepEqual(proposals("tags |").texts, [": ", ": *", "and ", "or "]);
  assert.ok(proposals("status |").texts.includes(">= "));
  assert.equal(proposals("status|").taken, "status: ");
  assert.ok(proposals("items |").texts.includes(": { "));
});

test("offers values of the field, in quotes where they need them", () => {
  assert.deepEqual(proposals("name: |").texts, ["alice", '"bob smith"', '"x\\"y"']);
  assert.deepEqual(proposals("name: (alice or |").texts, [
    "alice",
    '"bob smith"',
    '"x\\"y"',
    "not ",
  ]);
  assert.equal(proposals('name: "b|').taken, 'name: "bob smith"');
  assert.equal(proposals("name: al| and x").taken, "name: alice and x");
  assert.deepEqual(proposals("isBad: |").texts, ["true", "false"]);
  assert.ok(proposals("@timestamp >= |").texts.includes("now-1h"));
});

test("offers and, or and the closing bracket behind an expression", () => {
  assert.deepEqual(proposals("name: x |").texts, ["and ", "or "]);
  assert.deepEqual(proposals("(name: x |").texts, ["and ", "or ", ")"]);
  assert.deepEqual(proposals("name: (x |").texts, ["and ", "or ", ")"]);
  assert.deepEqual(proposals("items: { index: x |").texts, ["and ", "or ", "}"]);
  assert.equal(proposals("name: x a|").taken, "name: x and ");
  assert.equal(proposals("name: x and|").taken, "name: x and ");
});

test("offers the fields of a nested one inside its braces", () => {
  assert.deepEqual(proposals("items: { |").texts, ["index", "status", "not "]);
  assert.deepEqual(proposals("items: { st|").texts, ["status"]);
});

test("offers nothing behind what cannot be read", () => {
  for (const marked of ["a) |", "a: b: |", "a: \\x|"])
    assert.deepEqual(proposals(marked).texts, [], marked);
});
