import assert from "node:assert/strict";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import test from "node:test";

import { followerSlot } from "../../../src/audit/follow/follower-messages.ts";
import { FailingDevice } from "../../support/failing-device.ts";
import { makeTempDir } from "../../support/temp-dir.ts";
import { append, checkpointOf, followerOf, rootOf, rotate } from "./follow-fixture.ts";

test("a log whose files cannot be written for a while goes on, which is said once each", async () => {
  await using folder = await makeTempDir();
  using device = new FailingDevice(folder.path);
  append(folder, 20);
  const { follower, slots, messages } = followerOf(folder);
  follower.step(0);
  append(folder, 300);
  // No room: neither for the history nor for the checkpoint, and no descriptors.
  device.fails = (call, name) =>
    call !== "closeSync" && name.startsWith("tlog") ? "ENOSPC" : undefined;
  for (let at = 1; at < 100; at += 1) follower.step(60_000 + at * 100);
  assert.equal(slots[followerSlot.brokenLogs], 1);
  device.fails = () => undefined;
  append(folder, 7);
  follower.step(200_000);
  assert.equal(checkpointOf(folder).checkpoint.size, 327);
  assert.deepEqual(
    Buffer.from(checkpointOf(folder).checkpoint.root),
    rootOf(folder, "audit.ndjson"),
  );
  assert.equal(slots[followerSlot.brokenLogs], 0);
  await follower.finish();
  assert.deepEqual(
    messages.flatMap((message) =>
      message.kind === "event" && message.action.startsWith("audit.proof_") ? [message.action] : [],
    ),
    ["audit.proof_stopped", "audit.proof_resumed"],
  );
});

for (const [what, isIt] of [
  ["tiles", (path: string) => path.includes("/tile/")],
  ["checkpoint", (path: string) => path.endsWith("/checkpoint")],
] as const)
  for (const code of ["EMFILE", "EIO", "EACCES", "ESTALE"])
    test(`a log whose ${what} cannot be read for a while (${code}) is the same afterwards`, async () => {
      await using folder = await makeTempDir();
      append(folder, 300);
      const earlier = followerOf(folder);
      earlier.follower.step(0);
      await earlier.follower.finish();
      append(folder, 20);
      const { openSync } = fs;
      let isBroken = true;
      fs.openSync = (path, ...rest) => {
        if (isBroken && isIt(String(path)))
          throw Object.assign(new Error(code), { code, errno: -1, syscall: "open" });
        return openSync(path, ...rest);
      };
      syncBuiltinESMExports();
      const { follower, slots, messages } = followerOf(folder);
      try {
        for (let at = 0; at < 6; at += 1) follower.step(at * 20_000);
        assert.equal(slots[followerSlot.brokenLogs], 1);
        isBroken = false;
        assert.equal(checkpointOf(folder).checkpoint.size, 300, "nothing else was signed");
        follower.step(400_000);
      } finally {
        Object.assign(fs, { openSync });
        syncBuiltinESMExports();
      }
      assert.equal(slots[followerSlot.brokenLogs], 0);
      await follower.finish();
      const { size, root } = checkpointOf(folder).checkpoint;
      assert.equal(size, 320);
      assert.deepEqual(Buffer.from(root), rootOf(folder, "audit.ndjson"));
      assert.deepEqual(
        messages.flatMap((message) =>
          message.kind === "event" && message.action.startsWith("audit.proof_")
            ? [message.action]
            : [],
        ),
        ["audit.proof_stopped", "audit.proof_resumed"],
      );
    });

for (const moment of [1, 2, 3, 4])
  test(`a segment that ends when its journal is opened for time ${moment} is followed whole`, async () => {
    await using folder = await makeTempDir();
    append(folder, 20);
    const { follower } = followerOf(folder);
    const { openSync } = fs;
    let opened = 0;
    let sealed = "";
    fs.openSync = (path, ...rest) => {
      if (String(path).endsWith("audit.ndjson")) opened += 1;
      if (opened === moment && sealed === "") {
        sealed = rotate(folder);
        append(folder, 3);
      }
      return openSync(path, ...rest);
    };
    syncBuiltinESMExports();
    try {
      for (let at = 0; at < 6; at += 1) follower.step(at * 1000);
    } finally {
      Object.assign(fs, { openSync });
      syncBuiltinESMExports();
    }
    await follower.finish();
    const files = [...(sealed === "" ? [] : [sealed]), "audit.ndjson"];
    assert.deepEqual(Buffer.from(checkpointOf(folder).checkpoint.root), rootOf(folder, ...files));
  });
