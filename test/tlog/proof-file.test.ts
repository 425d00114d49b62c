import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";

import { formatSignature, parseNote } from "../../src/tlog/note.ts";
import { parsePolicy } from "../../src/tlog/policy-file.ts";
import { formatProofFile, parseProofFile, verifyProofFile } from "../../src/tlog/proof-file.ts";
import { leafHash, nodeHash } from "../../src/tlog/hashes.ts";
import { signCheckpoint } from "../../src/tlog/signed-checkpoint.ts";
import { TlogError } from "../../src/tlog/tlog-error.ts";
import { proveInclusion } from "../../src/tlog/tree-proof.ts";
import { seededKey } from "./keys.ts";
import { makeEntries, NaiveReader, naiveRoot } from "./naive-tree.ts";

const origin = "example.com/log";
const key = seededKey(origin, 1);
const entries = makeEntries(100);
const reader = new NaiveReader(entries);
const parsed = parsePolicy(Buffer.from(`log ${key.verifier.toString()}\nquorum none\n`));
assert.ok("policy" in parsed);
const { policy } = parsed;

function proofOf(index: number, size: number) {
  const checkpoint = { origin, size, root: naiveRoot(entries.slice(0, size)), extensions: [] };
  const path = proveInclusion(index, size, reader);
  return { index, path, checkpoint: signCheckpoint(checkpoint, [key], 0), extra: undefined };
}

test("is written as the specification says", () => {
  const text = formatProofFile({ ...proofOf(1, 2), extra: Buffer.from("extra") }).toString();
  const [sibling] = proveInclusion(1, 2, reader);
  assert.equal(
    text.slice(0, text.indexOf("example.com")),
    `c2sp.org/tlog-proof@v1\nextra ZXh0cmE=\nindex 1\n${Buffer.from(sibling ?? "").toString("base64")}\n\n`,
  );
  const alone = formatProofFile(proofOf(0, 1)).toString();
  assert.ok(alone.startsWith("c2sp.org/tlog-proof@v1\nindex 0\n\nexample.com/log\n1\n"));
});

test("every entry of a log proves itself, and nothing else does", () => {
  for (const size of [1, 2, 7, 64, 100])
    for (const index of [0, Math.floor(size / 2), size - 1]) {
      const file = parseProofFile(formatProofFile(proofOf(index, size)));
      assert.equal(
        verifyProofFile(file, entries[index] ?? Buffer.of(), policy).checkpoint.size,
        size,
      );
      const other = entries[(index + 1) % 100] ?? Buffer.of();
      assert.throws(() => verifyProofFile(file, other, policy), { code: "proof" });
    }
});

test("every flipped bit of a proof file is found", () => {
  const bytes = formatProofFile(proofOf(37, 100));
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const wrong = Buffer.from(bytes);
    wrong[bit >> 3] = (wrong[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assert.throws(
      () => verifyProofFile(parseProofFile(wrong), entries[37] ?? Buffer.of(), policy),
      TlogError,
      `bit ${bit}`,
    );
  }
});

test("the extra line is carried and not trusted", () => {
  const file = parseProofFile(formatProofFile({ ...proofOf(3, 9), extra: Buffer.of(1, 2, 255) }));
  assert.deepEqual(file.extra, Buffer.of(1, 2, 255));
  assert.ok(verifyProofFile(file, entries[3] ?? Buffer.of(), policy));
  const empty = parseProofFile(formatProofFile({ ...proofOf(3, 9), extra: Buffer.of() }));
  assert.equal(empty.extra?.length, 0);
});

test("refuses files in any other form", () => {
  const good = formatProofFile({ ...proofOf(3, 9), extra: Buffer.from("x") }).toString();
  const wrong = [
    "",
    good.replace("@v1", "@v2"),
    good.replace("index 3", "index 03"),
    good.replace("index 3", "index -3"),
    good.replace("index 3", "index"),
    good.replace("index 3\n", ""),
    good.replace("extra eA==", "extra eA"),
    good.replace("extra eA==\nindex 3", "index 3\nextra eA=="),
    good.replace("\n\n", "\n"),
    good.replace("=\n\n", "\n\n"),
    good.replace("index 3\n", "index 3\nAAAA\n"),
    ` ${good}`,
  ];
  for (const text of wrong)
    assert.throws(
      () => parseProofFile(Buffer.from(text)),
      { code: "syntax" },
      JSON.stringify(text.slice(0, 80)),
    );
  const long = { ...proofOf(3, 9), path: Array.from({ length: 64 }, () => Buffer.alloc(32)) };
  assert.throws(() => parseProofFile(formatProofFile(long)), { code: "limit" });
});

test("garbage gives a proof or a TlogError", () => {
  const pieces = fc.constantFrom(
    "c2sp.org/tlog-proof@v1\n",
    "extra ",
    "eA==",
    "index ",
    "5",
    "\n",
    "\n\n",
    "é",
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.array(pieces, { maxLength: 10 }).map((parts) => Buffer.from(parts.join(""))),
  );
  fc.assert(
    fc.property(bytes, (input) => {
      try {
        assert.deepEqual(formatProofFile(parseProofFile(input)), Buffer.from(input));
      } catch (error) {
        assert.ok(error instanceof TlogError, String(error));
      }
    }),
    { numRuns: 1000 },
  );
});

/** A tree whose leaves are all the same: so a subtree is known by its height. */
class EqualLeaves {
  readonly entry = Buffer.alloc(32, 0x47);
  readonly #nodes: Uint8Array[] = [leafHash(this.entry)];

  node(height: number): Uint8Array {
    const known = this.#nodes[height];
    if (known !== undefined) return known;
    const below = this.node(height - 1);
    return (this.#nodes[height] = nodeHash(below, below));
  }

  root(size: number): Uint8Array {
    const height = Math.log2(size);
    if (Number.isInteger(height)) return this.node(height);
    const half = 2 ** Math.floor(height);
    return nodeHash(this.root(half), this.root(size - half));
  }
}

test("the proof of one of 10^9 records, cosigned by two witnesses, has at most 2 kB", () => {
  const leaves = new EqualLeaves();
  const size = 1_000_000_000;
  const checkpoint = { origin, size, root: leaves.root(size), extensions: [] };
  const witnesses = [2, 3].map((seed) =>
    seededKey(`witness-${seed}.example.com/w1`, seed, "ed25519-cosignature"),
  );
  const lengths = [0, 1, 499_999_999, 536_870_911, 536_870_912, size - 1].map((index) => {
    const path = proveInclusion(index, size, leaves);
    const note = signCheckpoint(checkpoint, [key], 0);
    const { text } = parseNote(note);
    const signatures = witnesses.map((one) => formatSignature(one.sign(text, 1_800_000_000)));
    const cosigned = Buffer.concat([note, Buffer.from(signatures.join(""))]);
    const bytes = formatProofFile({ index, path, checkpoint: cosigned, extra: undefined });
    const { index: proven } = parseProofFile(bytes);
    assert.equal(proven, index);
    verifyProofFile(parseProofFile(bytes), leaves.entry, policy);
    return bytes.length;
  });
  assert.ok(Math.max(...lengths) <= 2000, `${lengths.join(", ")} bytes`);
});
