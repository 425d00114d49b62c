import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { truncateSync, writeFileSync } from "node:fs";
import test from "node:test";
import { readWholeFile } from "../../src/core/read-file.ts";
import { makeTempDir } from "../support/temp-dir.ts";

test("a file is read whole", async () => {
  await using folder = await makeTempDir();
  const content = Buffer.alloc(200_000, "abc");
  writeFileSync(folder.file("a"), content);
  assert.ok(readWholeFile(folder.file("a")).equals(content));
  writeFileSync(folder.file("empty"), "");
  assert.equal(readWholeFile(folder.file("empty")).length, 0);
  assert.match(readWholeFile("/proc/self/status").toString(), /^Name:/);
  for (const size of [16_384, 16_385, 65_537]) {
    const bytes = Buffer.alloc(size, "abc");
    writeFileSync(folder.file("b"), bytes);
    assert.ok(readWholeFile(folder.file("b"), size).equals(bytes));
    assert.throws(() => readWholeFile(folder.file("b"), size - 1), { code: "EFBIG" });
  }
});

test("what has no end, or never begins, is refused, and so is what is missing or far too large", async () => {
  await using folder = await makeTempDir();
  execFileSync("mkfifo", [folder.file("fifo")]);
  writeFileSync(folder.file("large"), "");
  truncateSync(folder.file("large"), 16_777_217);
  for (const [path, code] of [
    [folder.file("fifo"), "ENOTFILE"],
    ["/dev/zero", "ENOTFILE"],
    // It calls itself an empty file, has no end, and takes no odd number of bytes.
    ["/proc/self/pagemap", "EINVAL"],
    [folder.file("large"), "EFBIG"],
    [folder.file("none"), "ENOENT"],
    [folder.path, "EISDIR"],
  ] as const)
    assert.throws(() => readWholeFile(path), { code }, path);
});
