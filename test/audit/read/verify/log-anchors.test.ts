import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";

import { gatherAnchors } from "../../../../src/audit/read/verify/log-anchors.ts";
import { LogFolder } from "../../../../src/audit/read/verify/log-folder.ts";
import { Trust } from "../../../../src/audit/read/verify/trust.ts";
import { knownKeys, MadeLog } from "./made-log.ts";

test("a history that is cut off anywhere is a remark, and one that was changed a finding", async () => {
  await using log = await MadeLog.make();
  await log.exchanges(2);
  log.sign();
  log.cosign();
  await log.exchanges(1);
  await log.end();
  const path = log.folder.file("tlog", "audit", "checkpoints");
  const whole = readFileSync(path);
  const trust = Trust.ofKeys(knownKeys(log.folder));
  const gather = (history: Buffer): ReturnType<typeof gatherAnchors> => {
    writeFileSync(path, history);
    const folder = new LogFolder(log.folder.path, "audit");
    const found = gatherAnchors(folder, trust, [], () => true);
    // What `checkpoint` has need not be in a history that was cut.
    const findings = found.findings.filter(({ message }) => !message.includes("none of the"));
    return { ...found, findings };
  };
  assert.deepEqual(gather(whole).findings, []);
  assert.deepEqual(gather(whole).remarks, []);
  for (let length = 1; length < whole.length; length += 1) {
    const { findings, remarks } = gather(whole.subarray(0, length));
    assert.deepEqual(findings, [], `cut at ${length}`);
    const isBetween = whole.subarray(0, length).toString().endsWith("\n\n");
    if (!isBetween) assert.equal(remarks.length, 1, `cut at ${length}`);
  }
  const last = whole.lastIndexOf("\n\n", whole.length - 3);
  for (let at = last; at < whole.length; at += 1)
    for (let bit = 0; bit < 8; bit += 1) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ (1 << bit);
      assert.ok(gather(changed).findings.length > 0, `bit ${bit} of byte ${at}`);
    }
});
