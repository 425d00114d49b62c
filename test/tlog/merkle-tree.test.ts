import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";

import { digestText, emptyRoot, leafHash, nodeHash, recordEntry } from "../../src/tlog/hashes.ts";
import { MerkleTree } from "../../src/tlog/merkle-tree.ts";
import { TlogError } from "../../src/tlog/tlog-error.ts";
import { makeEntries, naiveRoot } from "./naive-tree.ts";

/** Leaves and roots that RFC 6962 implementations share. */
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
const roots: Readonly<Record<number, string>> = {
  0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

function treeOf(entries: readonly Uint8Array[]): MerkleTree {
  const tree = new MerkleTree();
  for (const entry of entries) tree.append(entry);
  return tree;
}

test("gives the published roots", () => {
  const tree = new MerkleTree();
  const hashes = leaves.map((hex) => leafHash(Buffer.from(hex, "hex")));
  for (let size = 0; size <= hashes.length; size += 1) {
    assert.equal(tree.size, size);
    if (roots[size] !== undefined) assert.equal(tree.root().toString("hex"), roots[size]);
    tree.appendLeafHash(hashes[size] ?? emptyRoot);
  }
});

test("gives the root that RFC 6962 defines at every size, and asking changes nothing", () => {
  const entries = makeEntries(130);
  const tree = new MerkleTree();
  for (const [index, entry] of entries.entries()) {
    tree.append(entry);
    const expected = naiveRoot(entries.slice(0, index + 1));
    assert.deepEqual(tree.root(), expected);
    assert.deepEqual(tree.root(), expected);
  }
});

test("goes on from a saved state at any size with the same roots", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 600 }), fc.integer({ min: 0, max: 70 }), (size, more) => {
      const whole = treeOf(makeEntries(size));
      const restored = MerkleTree.restore(JSON.parse(JSON.stringify(whole.state())));
      assert.equal(restored.size, size);
      for (const entry of makeEntries(more, 1)) {
        assert.deepEqual(restored.root(), whole.root());
        whole.append(entry);
        restored.append(entry);
      }
      assert.deepEqual(restored.state(), whole.state());
    }),
    { numRuns: 60 },
  );
});

test("a state is one hash for each set bit of the size", () => {
  const { roots: saved } = treeOf(makeEntries(0b1011011)).state();
  assert.equal(Buffer.from(saved, "base64").length, 5 * 32);
});

test("goes on beyond sizes that 32 bits can hold", () => {
  const size = 2 ** 40 + 1;
  const [high, low, next] = makeEntries(3);
  assert.ok(high && low && next);
  const tree = MerkleTree.restore({ size, roots: Buffer.concat([high, low]).toString("base64") });
  assert.deepEqual(tree.root(), nodeHash(high, low));
  tree.append(next);
  assert.equal(tree.size, 2 ** 40 + 2);
  assert.deepEqual(tree.root(), nodeHash(high, nodeHash(low, leafHash(next))));
});

test("refuses a state whose size and roots do not fit each other", () => {
  const state = treeOf(makeEntries(7)).state();
  for (const wrong of [
    { ...state, size: 8 },
    { ...state, size: -1 },
    { ...state, size: 2 ** 53 },
    { ...state, size: 6.5 },
  ])
    assert.throws(() => MerkleTree.restore(wrong), TlogError);
  assert.throws(() => MerkleTree.restore({ size: 7, roots: "garbage" }), TlogError);
});

test("an entry given as the text of a digest is the same one, and its leaf hash comes back", () => {
  const [byText, byEntry] = [new MerkleTree(), new MerkleTree()];
  for (const text of ["", "{}", '{"message":"ä"}', "x".repeat(70_000)]) {
    const entry = recordEntry(Buffer.from(text));
    const leaf = byText.appendDigest(digestText(Buffer.from(text)));
    assert.deepEqual(Buffer.from(leaf, "latin1"), leafHash(entry));
    byEntry.append(entry);
    assert.deepEqual(byText.root(), byEntry.root());
  }
});

test("refuses entries and hashes that are not 32 bytes long, and stays as it was", () => {
  const tree = treeOf(makeEntries(3));
  const root = tree.root();
  assert.throws(() => tree.append(Buffer.alloc(31)), RangeError);
  assert.throws(() => tree.appendLeafHash(Buffer.alloc(33)), RangeError);
  assert.deepEqual([tree.size, tree.root()], [3, root]);
});
