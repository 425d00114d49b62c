import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "../..");
const maxLines = 400;
const maxColumns = 100;
/** Written by `make endpoints`: one line an entry, however long. */
const generated = /endpoint-table-[am]-to-[lz]\.ts$/;

const sources = globSync("{src,mock-es,test,stress,leak,scripts}/**/*.{ts,tsx}", {
  cwd: root,
}).filter((file) => !file.includes("node_modules"));

function linesOf(file: string): string[] {
  return readFileSync(join(root, file), "utf8").split("\n");
}

function isComment(line: string): boolean {
  return /^\s*(?:\/\/|\/\*|\*)/.test(line);
}

/** A regular expression that cannot be split. */
function isPattern(line: string): boolean {
  return /^\s*\/.*\/[a-z]*[,;)]*$/.test(line);
}

/**
 * Lines of a file that are too long. The formatter holds everything but comments and what is longer
 * than a line by itself: strings, templates, patterns. In `src` strings and templates are split;
 * elsewhere they may be titles of tests, which people search for, and data.
 */
function tooLong(file: string, lines: readonly string[]): string[] {
  if (generated.test(file)) return [];
  return lines.flatMap((line, index) =>
    line.length > maxColumns && (isComment(line) || (file.startsWith("src/") && !isPattern(line)))
      ? [`${file}:${index + 1}`]
      : [],
  );
}

/** Whether a file says what it is for before its first declaration. */
function isDescribed(text: string): boolean {
  if (/^(?:#![^\n]*\n)?\/\*\*/.test(text)) return true;
  const behindImports = text.replace(/^(?:import\s[^;]*?;\s*|#![^\n]*\n|\/\/[^\n]*\n)*/, "");
  return behindImports.startsWith("/**");
}

test("every file of src begins with what it is for", () => {
  const files = sources.filter((file) => file.startsWith("src/"));
  assert.deepEqual(
    files.filter((file) => !isDescribed(readFileSync(join(root, file), "utf8"))),
    [],
  );
  assert.equal(
    isDescribed('import { a } from "b";\n\nconst x = 1;\n/** Y. */\nclass Y {}\n'),
    false,
  );
  assert.equal(isDescribed('import { a } from "b";\n\n/** Y. */\nexport class Y {}\n'), true);
  assert.equal(isDescribed('/** Y. */\nimport { a } from "b";\nconst x = 1;\n'), true);
});

test("no file has more than 400 lines", () => {
  assert.ok(sources.length > 1500, `only ${sources.length} files found`);
  assert.deepEqual(
    sources.filter((file) => linesOf(file).length > maxLines + 1),
    [],
  );
});

test("no line of code or comment has more than 100 columns", () => {
  assert.deepEqual(
    sources.flatMap((file) => tooLong(file, linesOf(file))),
    [],
  );
});

test("a line that is too long is found", () => {
  const long = "x".repeat(maxColumns);
  assert.deepEqual(tooLong("src/a.ts", [`"${long}"`, "x", `// ${long}`, `/${long}/u;`]), [
    "src/a.ts:1",
    "src/a.ts:3",
  ]);
  assert.deepEqual(tooLong("test/a.ts", [`test("${long}", () => {`, ` * ${long}`]), [
    "test/a.ts:2",
  ]);
  assert.deepEqual(tooLong("src/a.ts", ["é".repeat(maxColumns)]), []);
});
