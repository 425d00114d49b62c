import assert from "node:assert/strict";
import { statSync, writeFileSync } from "node:fs";
import { test } from "node:test";

import { openSigningKey } from "../../src/attestation/signing-key-file.ts";
import { makeTempDir } from "../support/temp-dir.ts";

test("makes a key when there is none, and reads the same one afterwards", async () => {
  await using folder = await makeTempDir("key");
  for (const type of ["ed25519", "ml-dsa-44-cosignature"] as const) {
    const path = folder.file("keys", `${type}.pem`);
    const made = openSigningKey(path, "example.com/log", type);
    assert.deepEqual([made.isNew, made.isExposed], [true, false]);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const read = openSigningKey(path, "example.com/log", type);
    assert.deepEqual([read.isNew, read.isExposed], [false, false]);
    assert.equal(read.key.verifier.toString(), made.key.verifier.toString());
  }
});

test("a file that others may read is used and told of", async () => {
  await using folder = await makeTempDir("key");
  const path = folder.file("key");
  const skey = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
  writeFileSync(path, `${skey}\n`, { mode: 0o640 });
  assert.equal(openSigningKey(path, "PeterNeumann", "ed25519").isExposed, true);
});

test("a file with anything else is named, and what is in it is not shown", async () => {
  await using folder = await makeTempDir("key");
  const path = folder.file("key");
  for (const content of ["", "hunter2"]) {
    writeFileSync(path, content);
    assert.throws(
      () => openSigningKey(path, "example.com/log", "ed25519"),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, "key");
        assert.ok(error.message.startsWith(`${path}: `) && !error.message.includes("hunter2"));
        return true;
      },
    );
  }
  assert.throws(() => openSigningKey(folder.path, "a", "ed25519"), { code: "EISDIR" });
});
