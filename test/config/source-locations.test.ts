import assert from "node:assert/strict";
import test from "node:test";
import { LineCounter, parseDocument } from "yaml";
import { formatPath, SourceLocations } from "../../src/config/source-locations.ts";
import { formatDiagnostic, sortDiagnostics } from "../../src/config/diagnostic.ts";

const text = `# comment
a:
  - {x: 1, "y z": [p, q]}
  - &anchor
    deep: value
b: *anchor
c:
`;

function placeOf(path: readonly PropertyKey[], at: "value" | "key" = "value"): string {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const { line, column } = new SourceLocations("f", document, lines).problem(path, "m", at);
  return `${line}:${column}`;
}

test("the place of a value is where it starts, in every style of YAML", () => {
  assert.equal(placeOf(["a", 0, "x"]), "3:9");
  assert.equal(placeOf(["a", 0, "x"], "key"), "3:6");
  assert.equal(placeOf(["a", 0, "y z", 1]), "3:23");
  assert.equal(placeOf(["a", 1, "deep"]), "5:11");
});

test("a value behind an alias has its place where it is written", () => {
  assert.equal(placeOf(["b", "deep"]), "5:11");
  assert.equal(placeOf(["b"]), "6:4");
});

test("what does not exist has the place of what is around it", () => {
  assert.equal(placeOf(["a", 0, "missing"]), "3:5");
  assert.equal(placeOf(["a", 9, "x"]), "3:3");
  assert.equal(placeOf(["missing"]), "2:1");
  assert.equal(placeOf(["c"]), "7:1");
  assert.equal(placeOf(["a", 0, "x", "deeper"]), "3:9");
});

test("a path is written the way it is read", () => {
  assert.equal(formatPath(["listeners", 0, "tls", "cert"]), "listeners[0].tls.cert");
  assert.equal(formatPath([]), "");
});

test("problems come in the order of the file, those without a place first", () => {
  const at = (line: number | undefined, column: number | undefined) => ({
    file: "f",
    line,
    column,
    message: "m",
  });
  const sorted = sortDiagnostics([at(2, 1), at(1, 9), at(undefined, undefined), at(1, 2)]).map(
    formatDiagnostic,
  );
  assert.deepEqual(sorted, ["f: m", "f:1:2: m", "f:1:9: m", "f:2:1: m"]);
});
