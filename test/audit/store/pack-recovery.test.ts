import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { copyFileSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import test from "node:test";

import { recoverPacks } from "../../../src/audit/store/pack-recovery.ts";
import { readBody } from "../../../src/audit/store/stored-body.ts";
import { makeTempDir } from "../../support/temp-dir.ts";
import { exchangeId, openStore, packName, sha256, storeBody } from "./pack-fixture.ts";

const traits = { direction: "request", isCoded: false, isRedacted: false } as const;

test("after a crash in any byte of a pack the whole frames are kept, the rest is cut off, and what had passed is known", async () => {
  await using directory = await makeTempDir();
  const store = openStore(directory.path);
  const pieces = [randomBytes(50), Buffer.alloc(6000, "abc"), randomBytes(70)];
  const others = [randomBytes(30), randomBytes(40)];
  const one = store.begin({ ...traits, id: exchangeId(1) });
  const two = store.begin({ ...traits, id: exchangeId(2), direction: "response" });
  /** Sizes of the pack after which each frame of the first body is there. */
  const ends: number[] = [];
  for (const [n, piece] of pieces.entries()) {
    one?.write(piece, 0, piece.length);
    one?.flush();
    ends.push(store.size);
    const other = others[n];
    if (other !== undefined) two?.write(other, 0, other.length);
    two?.flush();
  }
  const body = Buffer.concat(pieces);
  one?.finish(sha256(body), true);
  const size = store.size;
  two?.finish(sha256(Buffer.concat(others)), false);
  store.close();
  const whole = directory.file("whole");
  const pack = directory.file(packName);
  copyFileSync(pack, whole);
  const ids = new Set([exchangeId(1), exchangeId(2)]);
  for (let cut = 0; cut <= size; cut += 1) {
    copyFileSync(whole, pack);
    truncateSync(pack, cut);
    const { bodies, tornBytes } = recoverPacks(directory.path, [packName], ids);
    assert.equal(statSync(pack).size, cut - tornBytes);
    const again = recoverPacks(directory.path, [packName], ids);
    assert.equal(again.tornBytes, 0, "what is left is whole");
    const found = bodies.get(`${exchangeId(1)}.request`);
    const frames = ends.filter((end) => end <= cut).length;
    const passed = Buffer.concat(pieces.slice(0, frames));
    assert.equal(found?.pointer.bytes ?? 0, passed.length, `cut at ${cut}`);
    if (found === undefined) continue;
    assert.equal(found.isComplete, cut >= size);
    assert.ok((await readBody(directory.path, found.pointer, 10_000)).equals(passed));
  }
});

test("bodies of exchanges that are over are not asked for", async () => {
  await using directory = await makeTempDir();
  const store = openStore(directory.path);
  storeBody(store, 1, randomBytes(5000));
  storeBody(store, 2, randomBytes(5000));
  store.close();
  const { bodies } = recoverPacks(
    directory.path,
    [packName, "gone.pack"],
    new Set([exchangeId(2)]),
  );
  assert.deepEqual([...bodies.keys()], [`${exchangeId(2)}.request`]);
});

test("damage in the middle costs the frames that it struck and nothing behind them", async () => {
  await using directory = await makeTempDir();
  const store = openStore(directory.path);
  const bodies = [1, 2, 3].map(() => randomBytes(40_000));
  const pointers = bodies.map((body, n) => storeBody(store, n, body));
  store.close();
  const bytes = readFileSync(directory.file(packName));
  bytes.fill(0, pointers[1]?.offset, (pointers[1]?.offset ?? 0) + 20);
  writeFileSync(directory.file(packName), bytes);
  const ids = new Set([0, 1, 2].map(exchangeId));
  const recovery = recoverPacks(directory.path, [packName], ids);
  assert.equal(recovery.tornBytes, 0);
  assert.deepEqual(
    [...recovery.bodies.keys()],
    [`${exchangeId(0)}.request`, `${exchangeId(2)}.request`],
  );
});

test("frames that a client has written into its body are never taken for frames of the pack", async () => {
  await using directory = await makeTempDir();
  const store = openStore(directory.path);
  storeBody(store, 1, randomBytes(5000));
  store.close();
  const forged = readFileSync(directory.file(packName)).subarray(16);
  const next = openStore(directory.path);
  const body = Buffer.concat([randomBytes(64), forged, randomBytes(64)]);
  const packed = next.begin({ ...traits, id: exchangeId(2), isCoded: true });
  packed?.write(body, 0, body.length);
  packed?.flush();
  next.close();
  const { size } = statSync(directory.file(packName));
  truncateSync(directory.file(packName), size - 10);
  const { bodies } = recoverPacks(directory.path, [packName], new Set([exchangeId(1)]));
  assert.equal(bodies.get(`${exchangeId(1)}.request`)?.pointer.offset, 16);
  assert.ok(statSync(directory.file(packName)).size < size - body.length);
});
