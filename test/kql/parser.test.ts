import assert from "node:assert/strict";
import { test } from "node:test";

import { KqlError, formatKqlError } from "../../src/kql/kql-error.ts";
import { maxFilterDepth, maxFilterLength, parseKql } from "../../src/kql/parser.ts";
import { isExistence, type Literal, type SyntaxNode } from "../../src/kql/syntax.ts";

/** A tree in a notation with all brackets: `(and a=1 (not b>=2))`; quoted texts in quotes. */
function shown(node: SyntaxNode): string {
  switch (node.kind) {
    case "all":
      return "all";
    case "and":
    case "or":
      return `(${node.kind} ${node.nodes.map(shown).join(" ")})`;
    case "not":
      return `(not ${shown(node.node)})`;
    case "is":
      return `${node.field === undefined ? "" : literal(node.field)}=${literal(node.value)}`;
    case "range":
      return `${literal(node.field)} ${node.operator} ${literal(node.value)}`;
    case "nested":
      return `${literal(node.field)}{${shown(node.node)}}`;
  }
}

function literal(value: Literal): string {
  if (isExistence(value)) return "*";
  const text = value.parts.join("⁕");
  return value.isQuoted ? `"${text}"` : `[${text}]`;
}

const trees: readonly (readonly [text: string, tree: string])[] = [
  ["", "all"],
  ["  \n ", "all"],
  ["*", "=*"],
  ["alice", "=[alice]"],
  ["quick brown fox", "=[quick brown fox]"],
  ['"quick fox"', '="quick fox"'],
  ["user.name: alice", "[user.name]=[alice]"],
  ["user.name:alice", "[user.name]=[alice]"],
  [" user.name  :  alice bob  ", "[user.name]=[alice bob]"],
  ['"user name": x', '"user name"=[x]'],
  ["user.*: al*e", "[user.⁕]=[al⁕e]"],
  ["a: *", "[a]=*"],
  ["*: *", "*=*"],
  ['a: "*"', '[a]="*"'],
  ["a: 1 or b: 2 and c: 3", "(or [a]=[1] (and [b]=[2] [c]=[3]))"],
  ["a: 1 and b: 2 or c: 3", "(or (and [a]=[1] [b]=[2]) [c]=[3])"],
  ["(a: 1 or b: 2) and c: 3", "(and (or [a]=[1] [b]=[2]) [c]=[3])"],
  ["not a: 1 and b: 2", "(and (not [a]=[1]) [b]=[2])"],
  ["not (a: 1 and b: 2)", "(not (and [a]=[1] [b]=[2]))"],
  ["not not a: 1", "(not (not [a]=[1]))"],
  ["a: 1 AND b: 2 Or NOT c: 3", "(or (and [a]=[1] [b]=[2]) (not [c]=[3]))"],
  ["a: (x or y and not z)", "(or [a]=[x] (and [a]=[y] (not [a]=[z])))"],
  ["a: (x y or (z))", "(or [a]=[x y] [a]=[z])"],
  ["a: not_x", "[a]=[not_x]"],
  ["band: android", "[band]=[android]"],
  ["cannot or orders", "(or =[cannot] =[orders])"],
  ["a >= 1", "[a] gte [1]"],
  ["a<2 and a>-1", "(and [a] lt [2] [a] gt [-1])"],
  ['@timestamp <= "2026-11-30T10:00"', '[@timestamp] lte "2026-11-30T10:00"'],
  ["@timestamp <= 2026-11-30T10:00:00.5Z", "[@timestamp] lte [2026-11-30T10:00:00.5Z]"],
  ["@timestamp: 2026-11-30T10:00||-1d/d", "[@timestamp]=[2026-11-30T10:00||-1d/d]"],
  ["ip: (fe80::1 or ::/0)", "(or [ip]=[fe80::1] [ip]=[::/0])"],
  ["items: { a: 1 and b >= 2 }", "[items]{(and [a]=[1] [b] gte [2])}"],
  ["a: { b: { c: x } }", "[a]{[b]{[c]=[x]}}"],
  [String.raw`a: \(x\) \"y\" \: \<\>\{\}\*\\`, String.raw`[a]=[(x) "y" : <>{}*\]`],
  [String.raw`a: x \and y \or \not`, "[a]=[x and y or not]"],
  [String.raw`a: \tb\n`, "[a]=[\tb\n]"],
  [String.raw`a: \nothing`, "[a]=[\nothing]"],
  [String.raw`a: \u00e9\u4e2d`, "[a]=[é中]"],
  [String.raw`a: "q\"u\\o\te \d \u0041"`, '[a]="q"u\\o\te \\d A"'],
  ["a: \u00a0x\u00a0and\u00a0b: y", "(and [a]=[x] [b]=[y])"],
  ["a: true and b: false", "(and [a]=[true] [b]=[false])"],
  ['a: "null"', '[a]="null"'],
  ["a: nullable", "[a]=[nullable]"],
  ["a: 日本 語", "[a]=[日本 語]"],
];

test("reads filters with Kibana's precedence, escapes and wildcards", () => {
  for (const [text, tree] of trees) assert.equal(shown(parseKql(text)), tree, text);
});

test("places every node where it stands in the text", () => {
  const text = "  a: 1 and not (b >= 2)";
  const node = parseKql(text);
  assert.ok(node.kind === "and");
  const [first, second] = node.nodes;
  assert.equal(text.slice(first?.span.start, first?.span.end), "a: 1");
  assert.equal(text.slice(second?.span.start, second?.span.end), "not (b >= 2");
  assert.ok(first?.kind === "is");
  assert.equal(text.slice(first.value.span.start, first.value.span.end), "1");
});

const errors: readonly (readonly [text: string, column: number, message: RegExp, hint?: RegExp])[] =
  [
    ["a:", 3, /expected a value for a at the end/],
    ["a: and", 4, /expected a value for a before "and"/, /quotes/],
    ["a or", 5, /expected a field or a value at the end/],
    ["or a", 1, /expected a field or a value before "or"/],
    ["a and or b", 7, /before "or"/],
    ["a not b", 3, /expected "and" or "or" before "not"/, /and not/],
    ["(a", 1, /"\(" is never closed/, /add "\)"/],
    ["a: (b", 4, /"\(" is never closed/],
    ["a: { b: c", 4, /"\{" is never closed/],
    ["a)", 2, /"\)" closes nothing/],
    ["(a: 1))", 7, /"\)" closes nothing/],
    ["()", 2, /expected a field or a value before "\)"/],
    ["a: b:c", 5, /unexpected ":" inside a value/, /quotes/],
    ['a: "b', 4, /quoted text has no end/],
    ['a"b"', 2, /unexpected/],
    ["a: = 1", 4, /do not go together/, /a : value/],
    ["a :>= 1", 4, /do not go together/, />= value/],
    ["a > *", 5, /no wildcards/, /write a: \*/],
    ["a > 1*", 5, /no wildcards/],
    ["a: null", 4, /null is no value/, /not field: \*/],
    [String.raw`a: C\Windows`, 5, /\\W is no escape/, /quotes/],
    ["a: \\", 4, /backslash with nothing behind it/],
    ["a: 1\nand b: :", 13, /./],
  ];

test("names the place of what is wrong, and what to write instead", () => {
  for (const [text, column, message, hint] of errors) {
    const error = failureOf(text);
    assert.match(error.message, message, text);
    if (hint !== undefined) assert.match(error.suggestion ?? "", hint, text);
    if (!text.includes("\n")) assert.equal(error.column, column, text);
  }
  const { line, column } = failureOf("a: 1\nand b: :");
  assert.deepEqual([line, column], [2, 8]);
});

function failureOf(text: string): KqlError {
  try {
    parseKql(text);
  } catch (error) {
    assert.ok(error instanceof KqlError, text);
    return error;
  }
  throw new Error(`${text} was read`);
}

test("refuses what is too long or too deep", () => {
  assert.match(failureOf("x".repeat(maxFilterLength + 1)).message, /at most/);
  assert.ok(parseKql("(".repeat(maxFilterDepth) + "x" + ")".repeat(maxFilterDepth)));
  assert.match(failureOf("(".repeat(100_000)).message, /too long|at most/);
  assert.match(failureOf("(".repeat(maxFilterDepth + 1)).message, /nested at most/);
  assert.match(failureOf("not ".repeat(maxFilterDepth + 1) + "x").message, /nested at most/);
  assert.match(failureOf("a: {".repeat(maxFilterDepth + 1)).message, /nested at most/);
});

test("shows an error under its place, within 80 columns, whatever the filter holds", () => {
  const text = `${"x: 1 or ".repeat(40)}a: b\u001b[31m:c${" or x: 1".repeat(40)}`;
  const shownError = formatKqlError("filter", text, failureOf(text));
  const [head = "", line = "", marks = ""] = shownError.split("\n");
  assert.match(head, /^filter:\d+: unexpected ":"/);
  assert.ok(line.length <= 80 && marks.length <= 80);
  assert.equal(line.charAt(marks.indexOf("^")), ":");
  // oxlint-disable-next-line no-control-regex -- nothing of the filter may drive a terminal
  assert.doesNotMatch(shownError.replaceAll("\n", ""), /[\u0000-\u001f]/);
});
