import assert from "node:assert/strict";
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import test from "node:test";

import * as fc from "fast-check";

import { followerSlot } from "../../../src/audit/follow/follower-messages.ts";
import { isConsistent } from "../../../src/tlog/tree-proof-check.ts";
import { proveConsistency } from "../../../src/tlog/tree-proof.ts";
import { TileReader } from "../../../src/tlog/tile-reader.ts";
import { TlogFiles } from "../../../src/audit/store/tlog-files.ts";
import { makeTempDir } from "../../support/temp-dir.ts";
import { append, checkpointOf, followerOf, origin, rootOf, rotate } from "./follow-fixture.ts";

test("a log whose files are removed says so, and goes on", async () => {
  await using folder = await makeTempDir();
  append(folder, 20);
  const { follower, slots, messages } = followerOf(folder);
  follower.step(0);
  for (const removed of [["tlog"], ["tlog", "audit", "checkpoint"]]) {
    const before = slots[followerSlot.incidents] ?? 0;
    rmSync(folder.file(...removed), { recursive: true });
    append(folder, 5);
    follower.step(60_000 * (before + 1));
    assert.equal(slots[followerSlot.incidents], before + 1);
    const incident = messages.findLast(
      (message) => message.kind === "event" && message.action === "audit.incident",
    );
    assert.ok(incident?.kind === "event");
    assert.deepEqual(
      [incident.fields["what"], incident.fields["index"]],
      ["checkpoints removed", 19 + 5 * before],
    );
    assert.equal(checkpointOf(folder).checkpoint.size, 25 + 5 * before);
    for (const name of ["policy", "audit/vkey"]) assert.ok(existsSync(folder.file("tlog", name)));
  }
  await follower.finish();
  assert.equal(slots[followerSlot.brokenLogs], 0);
});

test("each line is an entry, and a checkpoint signs all that was followed", async () => {
  await using folder = await makeTempDir();
  append(folder, 600);
  const { follower, slots } = followerOf(folder);
  follower.step(0);
  await follower.finish();
  const { checkpoint } = checkpointOf(folder);
  assert.deepEqual([checkpoint.origin, checkpoint.size], [origin, 600]);
  assert.deepEqual(Buffer.from(checkpoint.root), rootOf(folder, "audit.ndjson"));
  assert.equal(slots[followerSlot.records], 600);
  assert.equal(slots[followerSlot.bytesBehind], 0);
  assert.equal(statSync(folder.file("proof.key")).mode & 0o777, 0o600);
  const tiles = join(folder.path, "tlog/audit/tile");
  assert.ok(existsSync(join(tiles, "0/000")) && existsSync(join(tiles, "0/002.p/88")));
  assert.ok(!existsSync(join(tiles, "0/001.p")), "full tiles take their partial ones away");
});

test("a checkpoint is made when its time has come, and only where something is new", async () => {
  await using folder = await makeTempDir();
  append(folder, 3);
  const { follower } = followerOf(folder);
  const history = folder.file("tlog", "audit", "checkpoints");
  const signed = (): number => readFileSync(history, "utf8").split(`${origin}\n`).length - 1;
  follower.step(1_000_000);
  assert.equal(signed(), 1);
  append(folder, 1);
  follower.step(1_009_000);
  assert.equal(signed(), 1, "not yet");
  follower.step(1_010_000);
  assert.equal(signed(), 2);
  follower.step(1_030_000);
  assert.equal(signed(), 2, "nothing is new");
  await follower.finish();
});

test("at 1000 records a second no record is unsigned for longer than the interval and a second", async () => {
  await using folder = await makeTempDir();
  append(folder, 1);
  const { follower } = followerOf(folder, { checkpointMs: 2000 });
  /** When each record was written, by its number. */
  const writtenMs = [0];
  // The thread looks again after this time, when there was nothing to do.
  for (let nowMs = 0; nowMs < 10_000; nowMs += 50) {
    append(folder, 50);
    for (let at = 0; at < 50; at += 1) writtenMs.push(nowMs);
    while (follower.step(nowMs));
    const { size } = checkpointOf(folder).checkpoint;
    const oldest = writtenMs[size] ?? nowMs;
    assert.ok(nowMs - oldest <= 3000, `at ${nowMs} record ${size} of ${oldest} is not signed`);
  }
  await follower.finish();
});

test("segments are followed in their order, however often they were renamed meanwhile", async () => {
  await using folder = await makeTempDir();
  append(folder, 10);
  const { follower, messages } = followerOf(folder);
  follower.step(0);
  append(folder, 5);
  const first = rotate(folder);
  append(folder, 7);
  const second = rotate(folder);
  append(folder, 3);
  const third = rotate(folder);
  append(folder, 2);
  renameSync(folder.file("audit.ndjson"), folder.file("audit.ndjson.1"));
  append(folder, 4);
  for (let at = 0; at < 20; at += 1) follower.step(at);
  await follower.finish();
  const { checkpoint } = checkpointOf(folder);
  assert.equal(checkpoint.size, 31);
  const files = [first, second, third, "audit.ndjson.1", "audit.ndjson"];
  assert.deepEqual(Buffer.from(checkpoint.root), rootOf(folder, ...files));
  assert.deepEqual(
    messages
      .filter(({ kind }) => kind === "event")
      .map((event) => "action" in event && event.action),
    ["audit.key_made"],
  );
});

test("half a line is followed when its end is there", async () => {
  await using folder = await makeTempDir();
  append(folder, 1);
  appendFileSync(folder.file("audit.ndjson"), '{"@timestamp":"2026-11-01');
  const { follower, slots } = followerOf(folder);
  follower.step(0);
  assert.equal(slots[followerSlot.records], 1);
  appendFileSync(folder.file("audit.ndjson"), 'T00:00:00.000000000Z"}\n');
  follower.step(1);
  assert.equal(slots[followerSlot.records], 2);
  await follower.finish();
});

test("a restart at any moment goes on where it was: one tree, consistent checkpoints", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.boolean(), fc.boolean()), {
        minLength: 1,
        maxLength: 6,
      }),
      async (steps) => {
        await using folder = await makeTempDir();
        append(folder, 1);
        const files: string[] = [];
        let last: { readonly size: number; readonly root: Uint8Array } | undefined;
        for (const [at, [lines, rotates, ends]] of steps.entries()) {
          const { follower } = followerOf(folder);
          follower.step(at);
          append(folder, lines);
          if (rotates) files.push(rotate(folder));
          append(folder, 1);
          for (let round = 0; round < 4; round += 1) follower.step(at);
          // Without an end it is as after a crash: what was not saved is followed again.
          if (!ends) continue;
          await follower.finish();
          const { checkpoint } = checkpointOf(folder);
          const reader = new TileReader(
            checkpoint.size,
            new TlogFiles(folder.path, "audit.ndjson").readTile,
          );
          if (last !== undefined)
            assert.ok(
              isConsistent(
                {
                  oldSize: last.size,
                  oldRoot: last.root,
                  newSize: checkpoint.size,
                  newRoot: checkpoint.root,
                },
                proveConsistency(last.size, checkpoint.size, reader),
              ),
            );
          last = checkpoint;
        }
        await followerOf(folder).follower.finish();
        const { checkpoint } = checkpointOf(folder);
        assert.deepEqual(Buffer.from(checkpoint.root), rootOf(folder, ...files, "audit.ndjson"));
      },
    ),
    { numRuns: 30 },
  );
});

for (const [what, change, told] of [
  ["shrinks", (file: string) => truncateSync(file, 100), "shrunk"],
  [
    "is changed where it was followed last",
    (file: string) => {
      const text = readFileSync(file, "latin1");
      // The last digit of the number becomes another one.
      const other = (Number(text.at(-4)) + 1) % 10;
      writeFileSync(file, `${text.slice(0, -4)}${other}${text.slice(-3)}`, { flag: "r+" });
    },
    "changed",
  ],
] as const)
  test(`a journal that ${what} is an incident, and what was signed stays signed`, async () => {
    await using folder = await makeTempDir();
    append(folder, 20);
    const { follower, messages, slots } = followerOf(folder);
    follower.step(0);
    const before = checkpointOf(folder).checkpoint;
    change(folder.file("audit.ndjson"));
    append(folder, 5);
    for (let at = 1; at < 5; at += 1) follower.step(at);
    await follower.finish();
    assert.equal(slots[followerSlot.incidents], 1);
    const incident = messages.find(
      (message) => message.kind === "event" && message.action === "audit.incident",
    );
    assert.ok(incident?.kind === "event");
    assert.deepEqual([incident.fields["what"], incident.fields["index"]], [told, 19]);
    const { checkpoint } = checkpointOf(folder);
    // 20 that were followed, the 5 new ones, and where bytes are gone the rest of a line.
    assert.ok(checkpoint.size >= 25, `the log goes on: ${checkpoint.size}`);
    const reader = new TileReader(
      checkpoint.size,
      new TlogFiles(folder.path, "audit.ndjson").readTile,
    );
    assert.ok(
      isConsistent(
        {
          oldSize: before.size,
          oldRoot: before.root,
          newSize: checkpoint.size,
          newRoot: checkpoint.root,
        },
        proveConsistency(before.size, checkpoint.size, reader),
      ),
      "and contains what was signed before",
    );
  });

test("a directory that was restored from a copy is followed on, its journal rotated or not", async () => {
  for (const isRotated of [false, true]) {
    await using folder = await makeTempDir();
    append(folder, 5);
    const first = followerOf(folder);
    first.follower.step(0);
    await first.follower.finish();
    append(folder, 2);
    const old = statSync(folder.file("audit.ndjson")).ino;
    // The copy has another inode, which is what the position knows the file by.
    copyFileSync(folder.file("audit.ndjson"), folder.file("copied"));
    renameSync(folder.file("copied"), folder.file("audit.ndjson"));
    assert.notEqual(statSync(folder.file("audit.ndjson")).ino, old);
    const files = isRotated ? [rotate(folder), "audit.ndjson"] : ["audit.ndjson"];
    append(folder, 3);
    const { follower, messages } = followerOf(folder);
    while (follower.step(1_000_000));
    await follower.finish();
    const { checkpoint } = checkpointOf(folder);
    assert.equal(checkpoint.size, 10);
    assert.deepEqual(Buffer.from(checkpoint.root), rootOf(folder, ...files));
    assert.deepEqual(
      messages.filter((message) => message.kind === "log" && message.level === "error"),
      [],
    );
  }
});

test("a tree that contradicts what was signed is never signed over", async () => {
  await using folder = await makeTempDir();
  append(folder, 20);
  await followerOf(folder).follower.finish();
  const before = readFileSync(folder.file("tlog", "audit", "checkpoint"));
  // Somebody changes a record and rebuilds the log without its key.
  const text = readFileSync(folder.file("audit.ndjson"), "latin1");
  writeFileSync(folder.file("audit.ndjson"), text.replace('"sequence":', '"sequense":'));
  rmSync(folder.file("tlog", "audit", "position.json"));
  const { follower, messages, slots } = followerOf(folder);
  append(folder, 3);
  for (let at = 0; at < 3; at += 1) follower.step(at);
  await follower.finish();
  assert.deepEqual(readFileSync(folder.file("tlog", "audit", "checkpoint")), before);
  assert.equal(slots[followerSlot.brokenLogs], 1);
  assert.ok(
    messages.some(
      (message) => message.kind === "event" && message.action === "audit.proof_stopped",
    ),
  );
});

test("journals of several workers are logs of their own, bound by a signed manifest", async () => {
  await using folder = await makeTempDir();
  for (const file of ["audit.1.ndjson", "audit.2.ndjson"]) append(folder, 10, file);
  await followerOf(folder).follower.finish();
  for (const log of ["audit.1", "audit.2"]) {
    const { checkpoint } = checkpointOf(folder, log);
    assert.equal(checkpoint.origin, `${origin}/${log}`);
    assert.equal(checkpoint.size, 10);
  }
  const manifest = readFileSync(folder.file("tlog", "manifest"), "utf8").split("\n");
  assert.equal(manifest[0], "es-proxy-manifest/v1");
  assert.equal(manifest[1], origin);
  for (const [at, log] of ["audit.1", "audit.2"].entries())
    assert.equal(
      manifest[4 + at],
      `${log} 10 ${Buffer.from(checkpointOf(folder, log).checkpoint.root).toString("base64")}`,
    );
});

test("with a directory that is not there yet the follower waits", async () => {
  await using folder = await makeTempDir();
  const { follower } = followerOf(folder);
  follower.step(0);
  append(folder, 2);
  follower.step(2000);
  await follower.finish();
  assert.equal(checkpointOf(folder).checkpoint.size, 2);
  assert.deepEqual(readdirSync(folder.file("tlog")), ["audit", "policy"]);
});
