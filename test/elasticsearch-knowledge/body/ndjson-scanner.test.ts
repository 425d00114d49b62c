import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { JsonScanner } from "../../../src/elasticsearch/body/json-scanner.ts";
import { NdjsonScanner } from "../../../src/elasticsearch/body/ndjson-scanner.ts";
import { cut, mutated, pieceSizes, runs, wholeText } from "./arbitraries.ts";
import { parseWhole } from "./reference-json.ts";

/** One entry a line: what became of it, and the names and values at its first level. */
function linesOf(body: Buffer, sizes: readonly number[]): { lines: unknown[]; isCut: boolean } {
  const lines: unknown[] = [];
  let words: string[] = [];
  let isRead = false;
  const json: JsonScanner = new JsonScanner({
    key: (bytes, start, end) => {
      words.push(bytes.toString("latin1", start, end));
      return true;
    },
    open: () => json.depth === 1,
    close: () => undefined,
    scalar: () => words.push(Buffer.from(json.text()).toString("latin1")) > 0,
  });
  const scanner: NdjsonScanner = new NdjsonScanner(json, {
    line: () => (isRead = scanner.lineNumber % 3 !== 0),
    lineEnd: () => {
      const { lineNumber, lineBytes } = scanner;
      lines.push({ lineNumber, lineBytes, fault: isRead ? json.fault : "not read", words });
      words = [];
    },
    emptyLine: () => {
      const { lineNumber, lineBytes } = scanner;
      const fault = lineNumber % 3 === 0 ? "not read" : undefined;
      lines.push({ lineNumber, lineBytes, fault, words: [] });
    },
  });
  for (const { piece, start, end } of cut(body, sizes)) scanner.write(piece, start, end);
  scanner.finish();
  return { lines, isCut: scanner.isUnterminated };
}

function linesOfWhole(body: Buffer): { lines: unknown[]; isCut: boolean } {
  const texts = body.toString("latin1").split("\n");
  const isCut = texts.at(-1) !== "";
  if (!isCut) texts.pop();
  const lines = texts.map((text, at) => {
    const lineNumber = at + 1;
    const line = { lineNumber, lineBytes: text.length };
    if (lineNumber % 3 === 0) return { ...line, fault: "not read", words: [] };
    const { root, fault } = parseWhole(Buffer.from(text, "latin1"));
    return { ...line, fault, words: wordsOf(root) };
  });
  return { lines, isCut };
}

type Root = ReturnType<typeof parseWhole>["root"];

function wordsOf(root: Root): string[] {
  const text = (node: Root): string[] =>
    node === undefined || node.kind === "object" || node.kind === "array"
      ? []
      : [latin1Of(node.text)];
  if (root?.kind === "object")
    return root.members.flatMap(({ name, value }) => [name, ...text(value)]);
  return root?.kind === "array" ? root.elements.flatMap(text) : text(root);
}

/** As a text that was read as UTF-8 and written again. */
function latin1Of(text: string): string {
  return Buffer.from(Buffer.from(text, "latin1").toString("utf8")).toString("latin1");
}

const body = fc
  .array(fc.tuple(wholeText, fc.constantFrom("\n", "\n", "\r\n", "\n\n")), { maxLength: 6 })
  .map((lines) =>
    Buffer.concat(lines.map(([text, end]) => Buffer.concat([text, Buffer.from(end, "latin1")]))),
  );

test("reads every line as if it stood alone, in pieces cut anywhere", () => {
  fc.assert(
    fc.property(fc.oneof(body, mutated(body)), pieceSizes, (bytes, sizes) => {
      const expected = linesOfWhole(bytes);
      // A key whose value is at fault is told by the scanner, and is not in the tree.
      const told = linesOf(bytes, sizes);
      for (const [at, line] of told.lines.entries()) {
        const { words, fault } = line as { words: string[]; fault: unknown };
        const { words: others } = (expected.lines[at] ?? { words: [] }) as { words: string[] };
        if (fault !== undefined && words.length === others.length + 1) words.pop();
      }
      assert.deepEqual(told, expected);
    }),
    { numRuns: runs(2000) },
  );
});

test("an empty body has no line, and a newline alone is one", () => {
  assert.deepEqual(linesOf(Buffer.alloc(0), [1]), { lines: [], isCut: false });
  const { lines } = linesOf(Buffer.from("\n"), [1]);
  assert.deepEqual(lines, [{ lineNumber: 1, lineBytes: 0, fault: undefined, words: [] }]);
});

test("keeps nothing of a line that is longer than memory may be", () => {
  const json = new JsonScanner({
    key: () => true,
    open: () => true,
    close: () => undefined,
    scalar: () => false,
  });
  let lines = 0;
  const scanner = new NdjsonScanner(json, {
    line: () => true,
    lineEnd: () => (lines += 1),
    emptyLine: () => undefined,
  });
  scanner.write(Buffer.from('{"a":"'));
  const piece = Buffer.alloc(1_048_576, "x");
  const before = process.memoryUsage().arrayBuffers;
  for (let at = 0; at < 64; at += 1) scanner.write(piece);
  assert.ok(process.memoryUsage().arrayBuffers - before < 4_194_304);
  scanner.write(Buffer.from('"}\n'));
  assert.equal(lines, 1);
  assert.equal(json.fault, undefined);
});
