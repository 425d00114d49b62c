import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";

import { leafHash } from "../../src/tlog/hashes.ts";
import { isConsistent, isIncluded } from "../../src/tlog/tree-proof-check.ts";
import { proveConsistency, proveInclusion } from "../../src/tlog/tree-proof.ts";
import { makeEntries, naiveConsistency, naivePath, NaiveReader, naiveRoot } from "./naive-tree.ts";

const entries = makeEntries(260);
const reader = new NaiveReader(entries);
const rootAt = entries.map((_, index) => naiveRoot(entries.slice(0, index)));

function claimOf(index: number, size: number) {
  return {
    index,
    size,
    leafHash: leafHash(entries[index] ?? Buffer.of()),
    root: rootAt[size] ?? Buffer.of(),
  };
}

function consistencyOf(oldSize: number, newSize: number) {
  return {
    oldSize,
    oldRoot: rootAt[oldSize] ?? Buffer.of(),
    newSize,
    newRoot: rootAt[newSize] ?? Buffer.of(),
  };
}

/** The same bytes with one bit changed. */
function flipped(bytes: Uint8Array, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  const at = Math.floor(bit / 8) % copy.length;
  copy[at] = (copy[at] ?? 0) ^ (1 << (bit % 8));
  return copy;
}

test("gives the published path of leaf 5 in 8", () => {
  const leaves = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
  ];
  const path = proveInclusion(5, 8, new NaiveReader(leaves.map((hex) => Buffer.from(hex, "hex"))));
  assert.deepEqual(
    path.map((hash) => Buffer.from(hash).toString("base64")),
    [
      "vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=",
      "yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA=",
      "037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=",
    ],
  );
  const root = Buffer.from(
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    "hex",
  );
  assert.ok(
    isIncluded(
      { index: 5, size: 8, leafHash: leafHash(Buffer.from("40414243", "hex")), root },
      path,
    ),
  );
});

test("every leaf of every small tree has the proof of RFC 6962, and it verifies", () => {
  for (let size = 1; size <= 33; size += 1)
    for (let index = 0; index < size; index += 1) {
      const path = proveInclusion(index, size, reader);
      assert.deepEqual(path, naivePath(index, entries.slice(0, size)));
      assert.ok(isIncluded(claimOf(index, size), path), `${index} in ${size}`);
    }
});

test("every pair of small trees has the consistency proof of RFC 6962, and it verifies", () => {
  for (let newSize = 0; newSize <= 33; newSize += 1)
    for (let oldSize = 0; oldSize <= newSize; oldSize += 1) {
      const proof = proveConsistency(oldSize, newSize, reader);
      assert.deepEqual(proof, naiveConsistency(oldSize, entries.slice(0, newSize)));
      assert.ok(isConsistent(consistencyOf(oldSize, newSize), proof), `${oldSize} in ${newSize}`);
    }
});

test("a flipped bit anywhere in an inclusion proof, its leaf or its root is found", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 259 }),
      fc.nat(),
      fc.nat({ max: 255 }),
      (size, seed, bit) => {
        const index = seed % size;
        const claim = claimOf(index, size);
        const path = proveInclusion(index, size, reader);
        assert.ok(isIncluded(claim, path));
        assert.ok(!isIncluded({ ...claim, leafHash: flipped(claim.leafHash, bit) }, path));
        assert.ok(!isIncluded({ ...claim, root: flipped(claim.root, bit) }, path));
        for (const [at, hash] of path.entries())
          assert.ok(!isIncluded(claim, path.with(at, flipped(hash, bit))), `hash ${at}`);
      },
    ),
    { numRuns: 300 },
  );
});

test("an inclusion proof is good for its index and size only, with no hash more or less", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 259 }), fc.nat(), fc.nat(), (size, seed, otherSeed) => {
      const index = seed % size;
      const claim = claimOf(index, size);
      const path = proveInclusion(index, size, reader);
      const other = otherSeed % size;
      assert.equal(isIncluded({ ...claim, index: other }, path), other === index);
      assert.ok(!isIncluded(claim, path.slice(1)));
      assert.ok(!isIncluded(claim, path.slice(0, -1)));
      assert.ok(!isIncluded(claim, [...path, claim.root]));
      assert.ok(!isIncluded(claim, [claim.leafHash, ...path]));
    }),
    { numRuns: 300 },
  );
});

test("a flipped bit anywhere in a consistency proof or its roots is found", () => {
  const sizes = fc.tuple(fc.integer({ min: 1, max: 259 }), fc.integer({ min: 1, max: 259 }));
  fc.assert(
    fc.property(sizes, fc.nat({ max: 255 }), ([one, other], bit) => {
      const [oldSize, newSize] = [Math.min(one, other), Math.max(one, other)];
      const claim = consistencyOf(oldSize, newSize);
      const proof = proveConsistency(oldSize, newSize, reader);
      assert.ok(isConsistent(claim, proof));
      assert.ok(!isConsistent({ ...claim, oldRoot: flipped(claim.oldRoot, bit) }, proof));
      assert.ok(!isConsistent({ ...claim, newRoot: flipped(claim.newRoot, bit) }, proof));
      for (const [at, hash] of proof.entries())
        assert.ok(!isConsistent(claim, proof.with(at, flipped(hash, bit))), `hash ${at}`);
      assert.ok(!isConsistent(claim, [...proof, claim.newRoot]));
      if (proof.length > 0) assert.ok(!isConsistent(claim, proof.slice(0, -1)));
      if (oldSize < newSize)
        assert.ok(!isConsistent({ ...claim, oldSize: newSize, newSize: oldSize }, proof));
    }),
    { numRuns: 400 },
  );
});

test("an empty old tree is in every tree, if its root is that of an empty tree", () => {
  assert.ok(isConsistent(consistencyOf(0, 5), []));
  assert.ok(!isConsistent({ ...consistencyOf(0, 5), oldRoot: rootAt[1] ?? Buffer.of() }, []));
  assert.ok(!isConsistent(consistencyOf(0, 5), [rootAt[5] ?? Buffer.of()]));
});

test("claims that are no claims are false, not errors", () => {
  const claim = claimOf(3, 9);
  const path = proveInclusion(3, 9, reader);
  for (const wrong of [
    { index: -1 },
    { index: 9 },
    { index: 0.5 },
    { size: Number.NaN },
    { size: 2 ** 60 },
    { size: 0 },
  ])
    assert.equal(isIncluded({ ...claim, ...wrong }, path), false);
  assert.equal(isIncluded({ ...claim, root: Buffer.alloc(3) }, path), false);
  assert.equal(isIncluded(claim, [...path.slice(1), Buffer.alloc(31)]), false);
  assert.equal(isConsistent({ ...consistencyOf(2, 5), oldSize: 1.5 }, []), false);
});

test("proofs of leaves and trees that do not exist are refused", () => {
  for (const [index, size] of [
    [5, 5],
    [-1, 5],
    [0, 0],
    [0.5, 5],
  ] as const)
    assert.throws(() => proveInclusion(index, size, reader), RangeError);
  assert.throws(() => proveConsistency(6, 5, reader), RangeError);
  assert.throws(() => proveConsistency(-1, 5, reader), RangeError);
});

test("the proof of one leaf in 10^9 is below 2 kB", () => {
  const path = proveInclusion(123_456_789, 1e9, { node: () => Buffer.alloc(32, 7) });
  assert.ok(path.length <= 30);
  assert.ok(path.length * 45 < 2000, "as base64 lines");
});
