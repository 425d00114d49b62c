import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";

import { parseBundle } from "../../src/tlog/entry-bundle.ts";
import { leafHash, recordEntry } from "../../src/tlog/hashes.ts";
import { MerkleTree } from "../../src/tlog/merkle-tree.ts";
import { TileBuilder } from "../../src/tlog/tile-builder.ts";
import { TileReader } from "../../src/tlog/tile-reader.ts";
import { changedTiles, tilePath } from "../../src/tlog/tile.ts";
import { TlogError } from "../../src/tlog/tlog-error.ts";
import { isConsistent, isIncluded } from "../../src/tlog/tree-proof-check.ts";
import { proveConsistency, proveInclusion } from "../../src/tlog/tree-proof.ts";
import { MemoryFolder } from "./memory-folder.ts";
import { makeEntries } from "./naive-tree.ts";

const many = makeEntries(70_000);

/** Sizes around the edges of tiles, and others. */
const sizes = fc.oneof(
  fc.constantFrom(0, 1, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537),
  fc.nat({ max: 3000 }),
);

function build(size: number) {
  const builder = TileBuilder.create();
  for (const entry of many.slice(0, size)) builder.append(entry);
  const folder = new MemoryFolder();
  const files = builder.take();
  folder.write(files);
  return { folder, builder, files };
}

function rootAt(size: number): Buffer {
  const tree = new MerkleTree();
  for (const entry of many.slice(0, size)) tree.append(entry);
  return tree.root();
}

test("gives exactly the tiles that a tree of 70,000 leaves has", () => {
  const { folder, builder } = build(70_000);
  assert.deepEqual(
    [...folder.files.keys()].toSorted(),
    changedTiles(0, 70_000).map(tilePath).toSorted(),
  );
  for (const tile of changedTiles(0, 70_000)) {
    const stride = tile.level === "entries" ? 34 : 32;
    assert.equal(folder.read(tile)?.length, tile.width * stride, tilePath(tile));
  }
  assert.deepEqual(builder.root(), rootAt(70_000));
  assert.deepEqual(builder.take(), [], "nothing changed since");
});

test("tiles written in steps, with restarts between, are those written at once", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat({ max: 700 }), fc.boolean()), { maxLength: 8 }),
      (steps) => {
        const folder = new MemoryFolder();
        let builder = TileBuilder.create();
        for (const [count, isRestarted] of steps) {
          const before = builder.size;
          for (const entry of many.slice(before, before + count)) builder.append(entry);
          const files = builder.take();
          assert.deepEqual(
            files.map(({ tile }) => tile),
            changedTiles(before, builder.size),
          );
          folder.write(files);
          folder.prune();
          if (isRestarted) builder = TileBuilder.open(builder.size, folder.read);
        }
        const whole = build(builder.size);
        assert.deepEqual(builder.root(), whole.builder.root());
        for (const [path, bytes] of whole.folder.files)
          assert.ok(Buffer.compare(bytes, folder.files.get(path) ?? Buffer.of()) === 0, path);
      },
    ),
    { numRuns: 30 },
  );
});

test("goes on from its tiles at sizes on both sides of a tile's edge", () => {
  for (const size of [0, 1, 255, 256, 257, 65_535, 65_536, 65_537]) {
    const { folder, builder } = build(size);
    const reopened = TileBuilder.open(size, folder.read);
    for (const entry of many.slice(size, size + 2)) {
      assert.deepEqual(reopened.root(), builder.root());
      builder.append(entry);
      reopened.append(entry);
    }
    assert.deepEqual(reopened.take(), builder.take());
  }
});

test("goes on from an older size when only full tiles of a newer one are left", () => {
  const { folder } = build(1000);
  folder.write(build(600).files);
  folder.prune();
  assert.equal(folder.files.has("tile/0/002.p/88"), false);
  const builder = TileBuilder.open(600, folder.read);
  for (const size of [600, 1000]) {
    for (const entry of many.slice(builder.size, size)) builder.append(entry);
    assert.deepEqual(builder.root(), rootAt(size));
  }
});

test("bundles hold the entries whose hashes are in the tiles", () => {
  const { folder } = build(600);
  for (const index of [0, 1, 2]) {
    const width = index < 2 ? 256 : 88;
    const bundle = folder.read({ level: "entries", index, width });
    const hashes = folder.read({ level: 0, index, width });
    assert.ok(bundle !== undefined && hashes !== undefined);
    const entries = parseBundle(bundle, width);
    assert.deepEqual(entries, many.slice(index * 256, index * 256 + width));
    assert.ok(Buffer.concat(entries.map(leafHash)).equals(hashes));
  }
});

test("proofs made from tiles verify", () => {
  fc.assert(
    fc.property(sizes, fc.nat(), fc.nat(), (size, seed, oldSeed) => {
      const { folder } = build(size);
      const reader = new TileReader(size, folder.read);
      const oldSize = oldSeed % (size + 1);
      const growth = { oldSize, oldRoot: rootAt(oldSize), newSize: size, newRoot: rootAt(size) };
      assert.ok(isConsistent(growth, proveConsistency(oldSize, size, reader)));
      if (size === 0) return;
      const index = seed % size;
      const claim = {
        index,
        size,
        leafHash: leafHash(many[index] ?? Buffer.of()),
        root: rootAt(size),
      };
      assert.ok(isIncluded(claim, proveInclusion(index, size, reader)));
    }),
    { numRuns: 25 },
  );
});

test("proofs for an older size are the same when its partial tiles have been deleted", () => {
  const { folder } = build(70_000);
  for (const size of [1, 300, 5000, 65_537]) {
    const reader = new TileReader(size, build(size).folder.read);
    const later = new TileReader(size, folder.read);
    for (const index of [0, Math.floor(size / 2), size - 1])
      assert.deepEqual(proveInclusion(index, size, later), proveInclusion(index, size, reader));
  }
});

test("a tile that is missing or has a wrong length is named", () => {
  const { folder } = build(600);
  const prove = (): unknown => proveInclusion(3, 600, new TileReader(600, folder.read));
  folder.files.set("tile/0/000", Buffer.alloc(8191));
  assert.throws(prove, {
    name: "TlogError",
    code: "tile",
    message: "tile/0/000 has 8191 bytes instead of 8192",
  });
  folder.files.delete("tile/0/000");
  assert.throws(prove, { code: "tile", message: "tile/0/000 is missing" });
  assert.throws(() => TileBuilder.open(601, folder.read), {
    code: "tile",
    message: "tile/0/002.p/89 is missing",
  });
  folder.files.set("tile/entries/002.p/88", Buffer.alloc(88 * 34));
  assert.throws(() => TileBuilder.open(600, folder.read), TlogError);
});

test("a tile whose bytes changed makes proofs that fail", () => {
  const { folder } = build(600);
  const tile = Buffer.from(folder.files.get("tile/0/001") ?? Buffer.of());
  tile[77] = (tile[77] ?? 0) ^ 4;
  folder.files.set("tile/0/001", tile);
  const reader = new TileReader(600, folder.read);
  const claim = {
    index: 300,
    size: 600,
    leafHash: leafHash(many[300] ?? Buffer.of()),
    root: rootAt(600),
  };
  assert.equal(isIncluded(claim, proveInclusion(300, 600, reader)), false);
});

test("nodes beyond the tree are refused", () => {
  const reader = new TileReader(600, build(600).folder.read);
  assert.throws(() => reader.node(0, 600), RangeError);
  assert.throws(() => reader.node(9, 1), RangeError);
});

test("appends records as the hash of their line", () => {
  const [one, other] = [TileBuilder.create(), TileBuilder.create()];
  for (const text of ["", "{}", "x".repeat(1000)]) {
    one.appendRecord(Buffer.from(text));
    other.append(recordEntry(Buffer.from(text)));
  }
  assert.deepEqual(one.take(), other.take());
  assert.deepEqual(one.root(), other.root());
});
