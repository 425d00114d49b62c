import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";

import { generateIdentity, identityToRecipient } from "age-encryption";

import { listJournals } from "../../../src/audit/read/catalog.ts";
import { FileCompression } from "../../../src/audit/retention/file-compression.ts";
import { encryptFile } from "../../../src/audit/retention/file-encryption.ts";
import { makeTempDir } from "../../support/temp-dir.ts";
import { smallTrail } from "../../audit/index/generated-trail.ts";

test("--identity reads encrypted segments; without it they are named, and the exit code is 1", async () => {
  await using folder = await makeTempDir();
  const { exchanges } = await smallTrail(folder.path, { exchanges: 300, rotateBytes: 100_000 });
  const identity = await generateIdentity();
  const recipients = [await identityToRecipient(identity)];
  const [journal] = listJournals(folder.path);
  const sealed = journal?.segments.filter(({ isSealed }) => isSealed) ?? [];
  assert.ok(sealed.length >= 1);
  for (const { name } of sealed) {
    const compression = new FileCompression(folder.path, name);
    while (!compression.step());
    await encryptFile(folder.path, `${name}.zst`, recipients);
    rmSync(folder.file(`${name}.zst`));
  }
  await using keys = await makeTempDir();
  writeFileSync(keys.file("key.txt"), `# made for a test\n${identity}\n`);
  const count = (...more: readonly string[]): ReturnType<typeof spawnSync> => {
    const args = ["audit", "query", "--count", "--dir", folder.path, ...more];
    return spawnSync(process.execPath, ["src/cli/main.ts", ...args], { encoding: "utf8" });
  };
  const open = count();
  assert.equal(open.status, 1);
  assert.match(String(open.stderr), /segments? (?:were|was) not read.*--identity FILE/);
  assert.ok(Number(open.stdout) < exchanges);
  const all = count("--identity", keys.file("key.txt"));
  assert.deepEqual([all.status, all.stderr, Number(all.stdout)], [0, "", exchanges]);
  const none = count("--identity", "package.json");
  assert.equal(none.status, 2);
  assert.match(String(none.stderr), /is no file of age identities: line 1 is no AGE-SECRET-KEY/);
});
