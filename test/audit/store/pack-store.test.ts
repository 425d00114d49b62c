import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import fs, { mkdirSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { buffer } from "node:stream/consumers";
import test from "node:test";
import { zstdCompressSync } from "node:zlib";
import * as fc from "fast-check";

import {
  packMagic,
  putFrameHeader,
  readFrameHeader,
} from "../../../src/audit/store/pack-format.ts";
import { BodyError } from "../../../src/audit/store/pack-reader.ts";
import { openBody, readBody } from "../../../src/audit/store/stored-body.ts";
import { descriptorsBelow } from "../../support/descriptors-below.ts";
import { makeTempDir } from "../../support/temp-dir.ts";
import type { LogLine } from "../trail-fixture.ts";
import { exchangeId, openStore, packName, sha256, storeBody } from "./pack-fixture.ts";

const maxBytes = 1 << 26;

test("what a frame's header says is what is read of it, and a changed bit is noticed", () => {
  fc.assert(
    fc.property(
      fc.record({
        coding: fc.nat({ max: 255 }),
        direction: fc.constantFrom("request", "response"),
        isEnd: fc.boolean(),
        isComplete: fc.boolean(),
        isRedacted: fc.boolean(),
        isErased: fc.boolean(),
        id: fc.uuid(),
        storedBytes: fc.nat({ max: 2 ** 31 - 1 }),
        bytes: fc.nat({ max: 2 ** 31 - 1 }),
        previous: fc.nat({ max: 2 ** 31 - 1 }).map((n) => n * 60_000),
        total: fc.nat({ max: 2 ** 31 - 1 }).map((n) => n * 60_000),
      }),
      fc.nat({ max: 72 * 8 - 1 }),
      (header, bit) => {
        const bytes = Buffer.alloc(80, 0xff);
        putFrameHeader(bytes, 4, header);
        assert.deepEqual(readFrameHeader(bytes, 4), { ...header });
        const at = 4 + (bit >> 3);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
        assert.equal(readFrameHeader(bytes, 4), undefined);
      },
    ),
  );
});

test("gives every body back, whatever came in between, at sizes around every limit", async () => {
  await using directory = await makeTempDir();
  const store = openStore(directory.path);
  const bodies = [0, 1, 4095, 4096, 65_536, 524_287, 524_288, 524_289, 1_600_000].flatMap(
    (size) => [randomBytes(size), Buffer.alloc(size, `{"size":${size}},`)],
  );
  const packed = bodies.map((_, n) =>
    store.begin({ id: exchangeId(n), direction: "response", isCoded: false, isRedacted: false }),
  );
  for (let at = 0; at < 1_600_000; at += 60_000)
    for (const [n, body] of bodies.entries())
      if (at < body.length) packed[n]?.write(body, at, Math.min(at + 60_000, body.length));
  const pointers = bodies.map((body, n) => packed[n]?.finish(sha256(body), true));
  for (const [n, pointer] of pointers.entries()) {
    assert.ok(pointer !== undefined);
    assert.equal(pointer.bytes, bodies[n]?.length);
    assert.ok(
      (await readBody(directory.path, pointer, maxBytes)).equals(bodies[n] ?? Buffer.alloc(0)),
    );
  }
  store.close();
});

for (const [what, body] of [
  ["gathered", randomBytes(30_000)],
  ["written piece by piece", randomBytes(300_000)],
  ["compressed piece by piece", Buffer.alloc(300_000, `{"id":4711},`)],
] as const)
  test(`an equal body of the same pack is pointed to, of an earlier pack it is stored again: ${what}`, async () => {
    await using directory = await makeTempDir();
    const store = openStore(directory.path);
    const first = storeBody(store, 1, body, 100_000);
    const { size } = store;
    assert.deepEqual(storeBody(store, 2, body, 100_000), first);
    assert.equal(store.size, size);
    assert.equal(statSync(directory.file(packName)).size, size);
    const other = storeBody(store, 3, Buffer.from(body).fill("x", 0, 1), 100_000);
    store.beginSegment("audit-2.pack");
    assert.equal(storeBody(store, 4, body, 100_000)?.pack, "audit-2.pack");
    store.close();
    assert.ok(first !== undefined && other !== undefined);
    assert.ok((await readBody(directory.path, first, maxBytes)).equals(body));
    assert.equal((await readBody(directory.path, other, maxBytes))[0], 120);
  });

test("an equal body with another one between its pieces, or a very large one, is stored again", async () => {
  await using directory = await makeTempDir();
  const store = openStore(directory.path);
  const body = randomBytes(200_000);
  const first = storeBody(store, 1, body, 100_000);
  const [one, other] = [2, 3].map((n) =>
    store.begin({ id: exchangeId(n), direction: "request", isCoded: false, isRedacted: false }),
  );
  one?.write(body, 0, 100_000);
  other?.write(Buffer.from("other"), 0, 5);
  one?.write(body, 100_000, 200_000);
  const again = one?.finish(sha256(body), true);
  const between = other?.finish(sha256(Buffer.from("other")), true);
  const large = randomBytes(600_000);
  const pointers = [4, 5].map((n) => storeBody(store, n, large, 150_000));
  store.close();
  assert.notEqual(again?.offset, first?.offset);
  assert.notEqual(pointers[0]?.offset, pointers[1]?.offset);
  for (const [pointer, content] of [
    [again, body],
    [between, Buffer.from("other")],
    [pointers[1], large],
  ] as const) {
    assert.ok(pointer !== undefined);
    assert.ok((await readBody(directory.path, pointer, maxBytes)).equals(content));
  }
});

test("what was given is not looked at again: sockets read into the same memory", async () => {
  await using directory = await makeTempDir();
  const store = openStore(directory.path);
  const contents = [
    randomBytes(400_000),
    Buffer.from(Array.from({ length: 40_000 }, (_, n) => `{"n":${n}},`).join("")),
  ];
  const shared = Buffer.alloc(147_456);
  const pointers = contents.map((content, n) => {
    const packed = store.begin({
      id: exchangeId(n),
      direction: "response",
      isCoded: false,
      isRedacted: false,
    });
    for (let at = 0; at < content.length; at += shared.length) {
      const length = content.copy(shared, 0, at);
      packed?.write(shared, 0, length);
      shared.fill(0);
    }
    return packed?.finish(sha256(content), true);
  });
  store.close();
  for (const [n, pointer] of pointers.entries()) {
    assert.ok(pointer !== undefined);
    assert.ok(
      (await readBody(directory.path, pointer, maxBytes)).equals(contents[n] ?? Buffer.alloc(0)),
    );
  }
});

test("a body that has ended costs no file descriptor once its segment is over", async () => {
  await using directory = await makeTempDir();
  const store = openStore(directory.path);
  const open = store.begin({
    id: exchangeId(0),
    direction: "request",
    isCoded: false,
    isRedacted: false,
  });
  open?.write(Buffer.from("abc"), 0, 3);
  for (let n = 1; n < 10; n += 1) {
    storeBody(store, n, randomBytes(5000));
    store.beginSegment(`audit-${n}.pack`);
  }
  assert.equal(descriptorsBelow(directory.path), 1, "one pack is still written to");
  const pointer = open?.finish(sha256(Buffer.from("abc")), true);
  assert.equal(pointer?.pack, packName);
  assert.equal(descriptorsBelow(directory.path), 0);
  store.close();
});

test("what was stored is on the device when sync calls back, also of a segment that is over", async () => {
  await using directory = await makeTempDir();
  const store = openStore(directory.path, { isDurable: true });
  const sync = (): Promise<string> => new Promise((resolve) => store.sync(resolve));
  assert.equal(await sync(), "", "nothing to do");
  const open = store.begin({
    id: exchangeId(0),
    direction: "request",
    isCoded: false,
    isRedacted: false,
  });
  open?.write(Buffer.alloc(70_000), 0, 70_000);
  assert.equal(open?.flush(), true);
  store.beginSegment("audit-2.pack");
  storeBody(store, 1, randomBytes(5000));
  const synced = sync();
  store.close();
  assert.equal(await synced, "");
});

test("a body that cannot be written is lost, later ones are not, and the log is not filled", async () => {
  await using directory = await makeTempDir();
  const log: LogLine[] = [];
  const store = openStore(directory.path, {}, log);
  mkdirSync(directory.file(packName));
  for (let n = 0; n < 5; n += 1) assert.equal(storeBody(store, n, randomBytes(5000)), undefined);
  assert.equal(store.failures, 5);
  assert.equal(log.length, 3, "one line per power of two");
  rmdirSync(directory.file(packName));
  assert.notEqual(storeBody(store, 6, randomBytes(5000)), undefined);
  store.close();
  assert.equal(storeBody(store, 7, randomBytes(5000)), undefined, "nothing is stored any more");
});

/** Lets the disk be full after `room` bytes, while `work` is done. */
function withRoom(room: number, work: () => void): void {
  const { writeSync, writevSync } = fs;
  let left = room;
  type Write = (fd: number, bytes: Uint8Array, at: number, length: number, to: number) => number;
  const limited: Write = (fd, bytes, at, length, to) => {
    if (left === 0) throw Object.assign(new Error("no space"), { code: "ENOSPC" });
    const take = Math.min(left, length);
    left -= take;
    return writeSync(fd, bytes, at, take, to);
  };
  const limitedAll = (fd: number, parts: readonly Uint8Array[], position: number): number => {
    const bytes = Buffer.concat(parts);
    return limited(fd, bytes, 0, bytes.length, position);
  };
  // The functions of the module are overloaded.
  Object.assign(fs as object, { writeSync: limited, writevSync: limitedAll });
  syncBuiltinESMExports();
  try {
    work();
  } finally {
    Object.assign(fs, { writeSync, writevSync });
    syncBuiltinESMExports();
  }
}

for (const room of [0, 1, 72, 3000])
  test(`a body whose last frame has room for ${room} bytes is lost, and nothing of it is left in the pack`, async () => {
    await using directory = await makeTempDir();
    const store = openStore(directory.path);
    const before = randomBytes(5000);
    const first = storeBody(store, 1, before);
    const { size } = store;
    let lost: unknown = first;
    withRoom(room, () => (lost = storeBody(store, 2, randomBytes(5000))));
    assert.equal(lost, undefined);
    assert.equal(store.failures, 1);
    assert.equal(statSync(directory.file(packName)).size, size);
    const after = randomBytes(5000);
    const last = storeBody(store, 3, after);
    store.close();
    assert.ok(first !== undefined && last !== undefined);
    assert.ok((await readBody(directory.path, first, maxBytes)).equals(before));
    assert.ok((await readBody(directory.path, last, maxBytes)).equals(after));
  });

for (const room of [0, 1, 72, 73, 70_000])
  test(`a body of which a whole piece has room for ${room} bytes is lost, and nothing of it is left`, async () => {
    await using directory = await makeTempDir();
    const store = openStore(directory.path);
    const before = randomBytes(5000);
    const first = storeBody(store, 1, before);
    const { size } = store;
    let lost: unknown = first;
    withRoom(room, () => (lost = storeBody(store, 2, randomBytes(100_000), 100_000)));
    assert.equal(lost, undefined);
    assert.equal(store.failures, 1);
    assert.equal(statSync(directory.file(packName)).size, size);
    const after = randomBytes(100_000);
    const last = storeBody(store, 3, after, 100_000);
    store.close();
    assert.ok(first !== undefined && last !== undefined);
    assert.ok((await readBody(directory.path, first, maxBytes)).equals(before));
    assert.ok((await readBody(directory.path, last, maxBytes)).equals(after));
  });

test("a write that takes a part only is followed by one of the rest", async () => {
  await using directory = await makeTempDir();
  const store = openStore(directory.path);
  const { writevSync } = fs;
  const body = randomBytes(300_000);
  let pointer: ReturnType<typeof storeBody>;
  for (const part of [1, 71, 72, 80, 90_000]) {
    const parts = (fd: number, all: readonly Uint8Array[], position: number): number =>
      fs.writeSync(fd, Buffer.concat(all), 0, part, position);
    Object.assign(fs as object, { writevSync: parts });
    syncBuiltinESMExports();
    try {
      body.writeUInt32LE(part);
      pointer = storeBody(store, part, body, 100_000);
    } finally {
      Object.assign(fs, { writevSync });
      syncBuiltinESMExports();
    }
    assert.ok(pointer !== undefined);
    assert.ok((await readBody(directory.path, pointer, maxBytes)).equals(body), String(part));
  }
  store.close();
});

test("one write that fails loses every body of which it had frames, and no other", async () => {
  await using directory = await makeTempDir();
  const store = openStore(directory.path);
  const bodies = [1, 2, 3].map((n) =>
    store.begin({ id: exchangeId(n), direction: "request", isCoded: false, isRedacted: false }),
  );
  const [one, two, three] = bodies;
  one?.write(randomBytes(100), 0, 100);
  two?.write(randomBytes(100), 0, 100);
  withRoom(50, () => store.flush());
  assert.deepEqual(
    bodies.map((body) => body?.isLost),
    [true, true, false],
  );
  const bytes = randomBytes(100);
  three?.write(bytes, 0, 100);
  assert.equal(one?.finish("", true), undefined);
  assert.equal(two?.flush(), false);
  const pointer = three?.finish(sha256(bytes), true);
  store.close();
  assert.ok(pointer !== undefined);
  assert.ok((await readBody(directory.path, pointer, maxBytes)).equals(bytes));
});

test("refuses pointers that lead nowhere, elsewhere or to another body, and says why", async () => {
  await using directory = await makeTempDir();
  const store = openStore(directory.path);
  const body = randomBytes(10_000);
  const pointer = storeBody(store, 1, body);
  const other = storeBody(store, 2, randomBytes(10_000));
  store.close();
  assert.ok(pointer !== undefined && other !== undefined);
  writeFileSync(directory.file("none.pack"), "something else");
  const read = (changes: object): Promise<Buffer> =>
    readBody(directory.path, { ...pointer, ...changes }, maxBytes);
  assert.ok((await read({})).equals(body));
  for (const [changes, reason] of [
    [{ pack: "gone.pack" }, /the pack is not there/],
    [{ pack: "none.pack" }, /no pack of this version/],
    [{ pack: "../secret" }, /no name of a pack/],
    [{ pack: "/etc/passwd" }, /no name of a pack/],
    [{ offset: pointer.offset + 1 }, /no frame of it begins at/],
    [{ offset: 1e15 }, /no frame of it begins at/],
    [{ offset: -1 }, /no frame of it begins at/],
    [{ offset: 0.5 }, /no frame of it begins at/],
    [{ bytes: 9999 }, /it has 10000 bytes, the record says 9999/],
    [{ offset: other.offset }, /its SHA-256 is not the one in the record/],
    [{ sha256: "00" }, /its SHA-256 is not the one in the record/],
  ] as const)
    await assert.rejects(read(changes), (error) => {
      assert.ok(error instanceof BodyError);
      assert.match(error.message, reason);
      return true;
    });
  await assert.rejects(readBody(directory.path, pointer, 9999), /more than 9999 bytes/);
});

test("bodies that earlier versions stored in files of their own stay readable, plain and compressed", async () => {
  await using directory = await makeTempDir();
  for (const [content, isCompressed] of [
    [Buffer.from("plain"), false],
    [Buffer.alloc(100_000, "compressed"), true],
  ] as const) {
    const hash = sha256(content);
    const file = `bodies/${hash.slice(0, 2)}/${hash}`;
    mkdirSync(directory.file(`bodies/${hash.slice(0, 2)}`), { recursive: true });
    if (isCompressed) writeFileSync(directory.file(`${file}.zst`), zstdCompressSync(content));
    else writeFileSync(directory.file(file), content);
    assert.ok((await buffer(openBody(directory.path, { file }))).equals(content));
    writeFileSync(directory.file(file), "forged");
    await assert.rejects(buffer(openBody(directory.path, { file })), /another body than its name/);
  }
  await assert.rejects(
    buffer(openBody(directory.path, { file: "bodies/../../etc/passwd" })),
    /no name of a stored body/,
  );
});

test("a pack goes on where the last process left it, and one without a beginning begins anew", async () => {
  await using directory = await makeTempDir();
  const bodies = [randomBytes(5000), randomBytes(6000)] as const;
  const first = openStore(directory.path);
  const one = storeBody(first, 1, bodies[0]);
  first.close();
  const second = openStore(directory.path);
  const two = storeBody(second, 2, bodies[1]);
  second.close();
  assert.ok(one !== undefined && two !== undefined);
  assert.ok((await readBody(directory.path, one, maxBytes)).equals(bodies[0]));
  assert.ok((await readBody(directory.path, two, maxBytes)).equals(bodies[1]));
  writeFileSync(directory.file(packName), packMagic.subarray(0, 5));
  const third = openStore(directory.path);
  const three = storeBody(third, 3, bodies[0]);
  third.close();
  assert.ok(three !== undefined);
  assert.ok((await readBody(directory.path, three, maxBytes)).equals(bodies[0]));
  assert.equal(statSync(directory.file(packName)).size, 16 + 72 + 5000);
});
