import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, test } from "node:test";

import { leafHash, recordEntry } from "../../src/tlog/hashes.ts";
import { formatNote } from "../../src/tlog/note.ts";
import { parsePolicy } from "../../src/tlog/policy-file.ts";
import { formatProofFile, parseProofFile, verifyProofFile } from "../../src/tlog/proof-file.ts";
import { signCheckpoint, verifyCheckpoint } from "../../src/tlog/signed-checkpoint.ts";
import { SigningKey } from "../../src/tlog/signing-key.ts";
import { TileBuilder } from "../../src/tlog/tile-builder.ts";
import { TileReader } from "../../src/tlog/tile-reader.ts";
import { changedTiles, tilePath } from "../../src/tlog/tile.ts";
import type { Tile } from "../../src/tlog/tile.ts";
import { isConsistent, isIncluded } from "../../src/tlog/tree-proof-check.ts";
import { proveConsistency, proveInclusion } from "../../src/tlog/tree-proof.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { seededKey, seededMlDsaKey } from "../tlog/keys.ts";
import { buildGoProgram } from "./go-program.ts";

const go = buildGoProgram();
const skip = "missing" in go ? go.missing : false;
after(() => ("missing" in go ? undefined : go.remove()));

const origin = "example.com/interop";
const key = seededKey(origin, 1);
const mlDsaKey = seededMlDsaKey(origin, 2);
const witness = seededKey("witness.example/w1", 3, "ed25519-cosignature");
const keyFlags = [
  ["-vkey", key.verifier.toString()],
  ["-vkey", mlDsaKey.verifier.toString()],
  ["-cosigner", witness.verifier.toString()],
].flat();
const time = 1_700_000_000;

function check(...args: readonly string[]): {
  code: number | null;
  stdout: string;
  stderr: string;
} {
  assert.ok("run" in go);
  return go.run("check", ...args);
}

/** A checkpoint with both keys of the log, and the witness. */
function cosigned(size: number, root: Uint8Array): Buffer {
  const signed = signCheckpoint({ origin, size, root, extensions: [] }, [key, mlDsaKey], time);
  const { note } = verifyCheckpoint(signed, [key.verifier]);
  const signatures = [...note.signatures, witness.sign(note.text, time)];
  return Buffer.from(formatNote({ text: note.text, signatures }));
}

const record = (index: number): Buffer => Buffer.from(`{"@timestamp":"2026-11-29","n":${index}}`);

/** Writes a log of ours to a folder, with a checkpoint of `oldSize` and one of `size`. */
function writeLog(
  folder: string,
  oldSize: number,
  size: number,
): { reader: TileReader; checkpoint: Buffer } {
  const builder = TileBuilder.create();
  const write = (path: string, bytes: Uint8Array): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  };
  const grow = (end: number): Buffer => {
    while (builder.size < end) builder.appendRecord(record(builder.size));
    for (const { tile, bytes } of builder.take()) write(tilePath(tile), bytes);
    return cosigned(end, builder.root());
  };
  write("old", grow(oldSize));
  const checkpoint = grow(size);
  write("checkpoint", checkpoint);
  const reader = new TileReader(size, (tile) => readTile(folder, tile));
  const hashes = proveConsistency(oldSize, size, reader);
  write(
    "consistency",
    Buffer.from(hashes.map((hash) => `${Buffer.from(hash).toString("base64")}\n`).join("")),
  );
  return { reader, checkpoint };
}

function readTile(folder: string, tile: Tile): Buffer | undefined {
  try {
    return readFileSync(join(folder, tilePath(tile)));
  } catch {
    return undefined;
  }
}

test(
  "Go's library accepts our checkpoints, tiles, bundles and consistency proofs",
  { skip },
  async () => {
    for (const [oldSize, size] of [
      [1, 1],
      [1, 255],
      [200, 256],
      [256, 257],
      [255, 1000],
      [65_000, 65_793],
    ] as const) {
      await using folder = await makeTempDir("interop");
      writeLog(folder.path, oldSize, size);
      const files = ["-checkpoint", folder.file("checkpoint"), "-tiles", folder.path];
      const growth = ["-old", folder.file("old"), "-consistency", folder.file("consistency")];
      const { code, stdout, stderr } = check(...keyFlags, ...files, ...growth);
      assert.equal(code, 0, `${size}: ${stderr}`);
      assert.match(
        stdout,
        new RegExp(`ok: the first ${oldSize} entries are unchanged\nok: ${size} entries`),
      );
    }
  },
);

test(
  "Go's library accepts our proof files, offline, and only for their record",
  { skip },
  async () => {
    await using folder = await makeTempDir("interop");
    const size = 1000;
    const { reader, checkpoint } = writeLog(folder.path, 1, size);
    for (const index of [0, 1, 255, 256, 500, 999]) {
      const path = proveInclusion(index, size, reader);
      writeFileSync(
        folder.file("p.tlog-proof"),
        formatProofFile({ index, path, checkpoint, extra: record(index) }),
      );
      writeFileSync(folder.file("record.json"), Buffer.concat([record(index), Buffer.from("\n")]));
      const files = ["-proof", folder.file("p.tlog-proof"), "-record", folder.file("record.json")];
      const { code, stdout, stderr } = check(...keyFlags, ...files);
      assert.equal(code, 0, stderr);
      assert.match(stdout, new RegExp(`is entry ${index}\n`));
      writeFileSync(folder.file("record.json"), record(index + 1));
      assert.equal(check(...keyFlags, ...files).code, 1, "another record");
    }
  },
);

test("Go's library refuses what was changed", { skip }, async () => {
  await using folder = await makeTempDir("interop");
  writeLog(folder.path, 300, 700);
  const files = ["-checkpoint", folder.file("checkpoint"), "-tiles", folder.path];
  const growth = ["-old", folder.file("old"), "-consistency", folder.file("consistency")];
  for (const path of [
    "checkpoint",
    "old",
    "consistency",
    "tile/0/001",
    "tile/1/000.p/2",
    "tile/entries/002.p/188",
  ]) {
    const original = readFileSync(folder.file(path));
    const changed = Buffer.from(original);
    changed[30] = (changed[30] ?? 0) ^ 1;
    writeFileSync(folder.file(path), changed);
    assert.equal(check(...keyFlags, ...files, ...growth).code, 1, path);
    writeFileSync(folder.file(path), original);
  }
  assert.equal(check(...keyFlags, ...files, ...growth).code, 0, "as it was");
  const stranger = seededKey("witness.example/w2", 4, "ed25519-cosignature").verifier.toString();
  const missing = check("-vkey", key.verifier.toString(), "-cosigner", stranger, ...files);
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /not signed by witness\.example\/w2/);
});

test("we accept the log that Go's library makes", { skip }, async () => {
  assert.ok("run" in go);
  const skey = `PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz`;
  const { verifier } = SigningKey.parse(skey, "PeterNeumann", "ed25519");
  const policy = parsePolicy(Buffer.from(`log ${verifier.toString()}\nquorum none\n`));
  assert.ok("policy" in policy);
  for (const size of [9, 256, 66_000]) {
    await using folder = await makeTempDir("interop");
    const made = go.run("make", "-skey", skey, "-dir", folder.path, "-size", String(size));
    assert.equal(made.code, 0, made.stderr);
    const { checkpoint } = verifyCheckpoint(readFileSync(folder.file("checkpoint")), [verifier]);
    assert.equal(checkpoint.size, size);
    const ours = TileBuilder.create();
    for (let index = 0; index < size; index += 1)
      ours.appendRecord(Buffer.from(`{"record":${index}}`));
    assert.deepEqual(ours.root(), checkpoint.root);
    for (const { tile, bytes } of ours.take())
      assert.ok(readTile(folder.path, tile)?.equals(bytes), tilePath(tile));
    assert.deepEqual(
      filesBelow(join(folder.path, "tile")),
      changedTiles(0, size)
        .map((tile) => join(folder.path, tilePath(tile)))
        .toSorted(),
    );
    const opened = TileBuilder.open(size, (tile) => readTile(folder.path, tile));
    assert.deepEqual(opened.root(), checkpoint.root);

    const proofs = readdirSync(folder.file("proofs")).filter((name) =>
      name.endsWith(".tlog-proof"),
    );
    assert.ok(proofs.length >= 5);
    for (const name of proofs) {
      const at = (ending: string): Buffer =>
        readFileSync(folder.file("proofs", name.replace("tlog-proof", ending)));
      const entry = recordEntry(at("record").subarray(0, -1));
      const proof = parseProofFile(at("tlog-proof"));
      assert.deepEqual(verifyProofFile(proof, entry, policy.policy).checkpoint, checkpoint);
      const claim = { index: proof.index, size, leafHash: leafHash(entry), root: checkpoint.root };
      assert.ok(isIncluded(claim, proof.path));
      const older = verifyCheckpoint(at("checkpoint"), [verifier]).checkpoint;
      const hashes = at("consistency")
        .toString()
        .split("\n")
        .filter((line) => line !== "");
      const growth = {
        oldSize: older.size,
        oldRoot: older.root,
        newSize: size,
        newRoot: checkpoint.root,
      };
      assert.ok(
        isConsistent(
          growth,
          hashes.map((line) => Buffer.from(line, "base64")),
        ),
      );
    }
  }
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}
