import assert from "node:assert/strict";
import { globSync, readFileSync, statSync } from "node:fs";
import { test } from "node:test";

/** A page with some of them loads in a moment. Bytes. */
const mostBytes = 150_000;

test("pictures of the documents are small, and each is on a page", () => {
  const pictures = globSync("docs/*.png");
  assert.ok(pictures.length > 0);
  assert.deepEqual(
    pictures.filter((picture) => statSync(picture).size >= mostBytes),
    [],
  );
  const text = globSync("docs/*.md")
    .map((page) => readFileSync(page, "utf8"))
    .join("\n");
  assert.deepEqual(
    pictures.filter((picture) => !text.includes(picture.replace("docs/", ""))),
    [],
  );
});
