import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { test } from "node:test";

import { createFile, makeFolder, replaceFile } from "../../src/core/durable-file.ts";
import { makeTempDir } from "../support/temp-dir.ts";

test("replaces a file whole, with its mode, and leaves nothing beside it", async () => {
  await using folder = await makeTempDir("durable");
  const path = folder.file("state");
  writeFileSync(`${path}.new`, "left by a crash", { mode: 0o666 });
  for (const content of ["one", "", "three"]) {
    replaceFile(path, Buffer.from(content), 0o600);
    assert.equal(readFileSync(path, "utf8"), content);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(folder.path), ["state"]);
  }
});

test("a reader that has the old file open keeps the old content", async () => {
  await using folder = await makeTempDir("durable");
  const path = folder.file("state");
  replaceFile(path, Buffer.from("old"), 0o600);
  const { ino } = statSync(path);
  replaceFile(path, Buffer.from("new"), 0o600);
  assert.notEqual(statSync(path).ino, ino, "another file, not the same one written again");
});

test("makes a file once, and never over another one", async () => {
  await using folder = await makeTempDir("durable");
  const path = folder.file("key");
  assert.equal(createFile(path, Buffer.from("first"), 0o600), true);
  assert.equal(createFile(path, Buffer.from("second"), 0o600), false);
  assert.equal(readFileSync(path, "utf8"), "first");
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const link = folder.file("link");
  symlinkSync(folder.file("nowhere"), link);
  assert.equal(createFile(link, Buffer.from("x"), 0o600), false, "a link is a name that exists");
  assert.deepEqual(readdirSync(folder.path).toSorted(), ["key", "link"]);
});

test("makes the folders that are missing, and fails where it cannot", async () => {
  await using folder = await makeTempDir("durable");
  const path = folder.file("a", "b", "c");
  makeFolder(path, 0o700);
  makeFolder(path, 0o700);
  assert.equal(statSync(path).mode & 0o777, 0o700);
  writeFileSync(folder.file("file"), "");
  assert.throws(() => makeFolder(folder.file("file", "x"), 0o700), { code: "ENOTDIR" });
  assert.throws(() => makeFolder("/proc/x/y", 0o700), { code: "ENOENT" });
  assert.throws(() => replaceFile(folder.file("none", "x"), Buffer.from("x"), 0o600), {
    code: "ENOENT",
  });
});
