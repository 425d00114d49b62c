import assert from "node:assert/strict";
import { readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { after, before, test } from "node:test";

import { Decrypter, generateIdentity, identityToRecipient } from "age-encryption";
import * as fc from "fast-check";

import { readOperations } from "../../../src/audit/index/read-operations.ts";
import { CatalogError, listJournals, lockedSegments } from "../../../src/audit/read/catalog.ts";
import { findEntry } from "../../../src/audit/read/find-entry.ts";
import type { ReadProblem } from "../../../src/audit/read/read-problem.ts";
import { openRecordedBody, recordedBody } from "../../../src/audit/read/recorded-body.ts";
import { readTrail } from "../../../src/audit/read/trail-reader.ts";
import type { TrailEntry } from "../../../src/audit/read/trail-entry.ts";
import { FileCompression } from "../../../src/audit/retention/file-compression.ts";
import { encryptFile } from "../../../src/audit/retention/file-encryption.ts";
import { openFileBytes } from "../../../src/audit/store/file-bytes.ts";
import { openKeys, readIdentities, useIdentities } from "../../../src/audit/store/opened-keys.ts";
import type { ReadOperation } from "../../../src/elasticsearch/reads/read-operation.ts";
import type { LedgerContent } from "../../../stress/trail/trail-ledger.ts";
import { makeTempDir, type TempDir } from "../../support/temp-dir.ts";
import {
  ledgerSightings,
  sightingsOf,
  silent,
  smallTrail,
  whoHas,
} from "../index/generated-trail.ts";

let folder: TempDir;
let ledger: LedgerContent;
let identity: string;
let plainEntries: readonly string[];
let plainOperations: readonly ReadOperation[];

/** Replaces a file by what compression and encryption make of it. */
async function encrypt(name: string, recipient: string): Promise<void> {
  const compression = new FileCompression(folder.path, name);
  while (!compression.step());
  await encryptFile(folder.path, `${name}.zst`, [recipient]);
  rmSync(folder.file(`${name}.zst`));
}

function packOf(name: string): string {
  return name.replace(/\.ndjson$/, ".pack");
}

async function entries(problems: ReadProblem[] = []): Promise<string[]> {
  const found: string[] = [];
  const listener = { ...silent, problem: (problem: ReadProblem) => void problems.push(problem) };
  for await (const some of readTrail({ directory: folder.path, listener }))
    for (const entry of some) found.push(await textOf(entry));
  return found.sort();
}

/** Both lines and both bodies. */
async function textOf(entry: TrailEntry): Promise<string> {
  const parts = [entry.id, entry.opening?.bytes.toString(), entry.closing?.bytes.toString()];
  for (const side of ["request", "response"] as const) {
    const pieces: Buffer[] = [];
    for await (const piece of openRecordedBody(folder.path, recordedBody(entry, side)))
      pieces.push(piece as Buffer);
    parts.push(Buffer.concat(pieces).toString("latin1"));
  }
  return parts.join("\n");
}

async function operations(): Promise<ReadOperation[]> {
  const found: ReadOperation[] = [];
  const onOperation = (one: ReadOperation): void => void found.push(one);
  await readOperations({ directory: folder.path, onOperation, listener: silent });
  return found;
}

before(async () => {
  folder = await makeTempDir();
  ledger = await smallTrail(folder.path, { world: { ...largeWorld } });
  plainEntries = await entries();
  plainOperations = await operations();
  identity = await generateIdentity();
  const recipient = await identityToRecipient(identity);
  const names = listJournals(folder.path).flatMap(({ segments }) => segments);
  for (const { name, isSealed } of names) {
    if (!isSealed) continue;
    await encrypt(packOf(name), recipient);
    await encrypt(name, recipient);
  }
});

/** Padding that does not fit into records: bodies are in packs. */
const largeWorld = {
  users: 12,
  indices: 3,
  documents: 400,
  watched: 4,
  watchedEvery: 30,
  padding: 6000,
};

after(async () => {
  useIdentities([]);
  await folder.remove();
});

test("without an identity encrypted segments are named, and the rest is read", async () => {
  useIdentities([]);
  const locked = lockedSegments(folder.path);
  assert.ok(locked.length >= 2);
  const problems: ReadProblem[] = [];
  const rest = await entries(problems);
  assert.ok(rest.length > 0 && rest.length < plainEntries.length);
  assert.deepEqual(
    problems.filter(({ kind }) => kind === "encrypted").map(({ segment }) => segment),
    locked.map(({ name }) => name),
  );
  assert.match(problems[0]?.message ?? "", /--identity/);
  // One that no time can hold is not told.
  const [first] = locked;
  assert.equal(lockedSegments(folder.path, (locked.at(-1)?.endMs ?? 0) + 1).length, 0);
  assert.equal(lockedSegments(folder.path, -Infinity, (first?.begunMs ?? 0) - 1).length, 0);
});

test("with the identity every record and every body is as it was", async () => {
  useIdentities([identity]);
  await openKeys(folder.path);
  assert.equal(lockedSegments(folder.path).length, 0);
  const problems: ReadProblem[] = [];
  assert.deepEqual(await entries(problems), plainEntries);
  assert.deepEqual(problems, []);
  assert.deepEqual(await operations(), plainOperations);
});

test("who has seen a document, and single exchanges, are found in encrypted segments", async () => {
  useIdentities([identity]);
  await openKeys(folder.path);
  for (const key of Object.keys(ledger.watched)) {
    const [index = "", id = ""] = key.split(" ");
    const { found } = await whoHas(folder.path, index, id);
    assert.deepEqual(sightingsOf(found), ledgerSightings(ledger, key), key);
  }
  for (const { id, user } of ledger.samples) {
    const entry = await findEntry(folder.path, id.slice(-12), silent);
    assert.equal(entry?.text("user.name"), user);
  }
});

test("an identity of others opens nothing, and the message says which it was", async () => {
  useIdentities([await generateIdentity()]);
  await openKeys(folder.path);
  const problems: ReadProblem[] = [];
  await entries(problems);
  assert.match(problems[0]?.message ?? "", /not for the identities that were given/);
});

test("a directory of nothing but encrypted segments is a trail, an empty one is none", async () => {
  useIdentities([]);
  await using copy = await makeTempDir();
  assert.throws(() => listJournals(copy.path), CatalogError);
  const name = lockedSegments(folder.path)[0]?.name ?? "";
  writeFileSync(copy.file(name), readFileSync(folder.file(name)));
  assert.deepEqual(listJournals(copy.path), []);
});

test("an encrypted file is read anywhere as the library for age reads it", async () => {
  await using copy = await makeTempDir();
  const recipient = await identityToRecipient(identity);
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  // Around the bounds of its chunks of 64 KiB.
  for (const size of [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000]) {
    const name = `audit-${size}.bin`;
    const content = Buffer.alloc(size);
    for (let at = 0; at < size; at += 1) content[at] = (at * 31 + (at >> 8)) & 0xff;
    writeFileSync(copy.file(name), content);
    await encryptFile(copy.path, name, [recipient]);
    const path = copy.file(`${name}.age`);
    assert.deepEqual(Buffer.from(await decrypter.decrypt(readFileSync(path))), content);
    useIdentities([identity]);
    await openKeys(copy.path);
    const file = openFileBytes(path);
    assert.equal(file.size, size, basename(path));
    fc.assert(
      fc.property(fc.nat(size + 10), fc.nat(140_000), (offset, length) => {
        const into = Buffer.alloc(length);
        const count = file.read(into, length, offset);
        assert.deepEqual(into.subarray(0, count), content.subarray(offset, offset + length));
      }),
      { numRuns: 30 },
    );
    file.close();
  }
});

test("a changed chunk, a cut end and chunks that changed places are refused", async () => {
  await using copy = await makeTempDir();
  const recipient = await identityToRecipient(identity);
  writeFileSync(copy.file("a.bin"), Buffer.alloc(200_000, 0x61));
  await encryptFile(copy.path, "a.bin", [recipient]);
  const path = copy.file("a.bin.age");
  const sound = readFileSync(path);
  useIdentities([identity]);
  await openKeys(copy.path);
  const readAt = (offset: number): string => {
    const file = openFileBytes(path);
    try {
      const into = Buffer.alloc(10);
      return into.toString("latin1", 0, file.read(into, 10, offset));
    } finally {
      file.close();
    }
  };
  assert.equal(readAt(70_000), "a".repeat(10));
  const changed = Buffer.from(sound);
  changed[sound.length - 40_000] = (changed[sound.length - 40_000] ?? 0) ^ 1;
  writeFileSync(path, changed);
  assert.throws(() => readAt(140_000), /chunk 2 is not authentic/);
  assert.equal(readAt(0), "a".repeat(10));
  // At the bound of a chunk: without the mark of the last one nobody would see it.
  const payload = sound.length - (200_000 + 4 * 16);
  writeFileSync(path, sound);
  truncateSync(path, payload + 2 * (65_536 + 16));
  assert.throws(() => readAt(70_000), /chunk 1 is not authentic/);
  const chunk = (at: number): Buffer =>
    sound.subarray(payload + at * 65_552, payload + (at + 1) * 65_552);
  const swapped = [sound.subarray(0, payload), chunk(1), chunk(0), chunk(2), chunk(3)];
  writeFileSync(path, Buffer.concat(swapped));
  assert.throws(() => readAt(0), /chunk 0 is not authentic/);
});

test("files of identities are read as age-keygen makes them, and never shown", async () => {
  await using copy = await makeTempDir();
  const path = copy.file("key.txt");
  writeFileSync(path, `# created: 2026-11-29\r\n# public key: age1…\r\n${identity}\r\n\n`);
  assert.deepEqual(readIdentities(path), [identity]);
  const refused = (text: string, message: RegExp): void => {
    writeFileSync(path, text);
    assert.throws(
      () => readIdentities(path),
      (error: Error) => {
        assert.match(error.message, message);
        assert.ok(!error.message.includes("secret"));
        return true;
      },
    );
  };
  refused("", /there is no key in it/);
  refused(`${identity}\nAGE-SECRET-KEY-1secret\n`, /line 2 is no AGE-SECRET-KEY/);
  refused("-----BEGIN OPENSSH PRIVATE KEY-----\nsecret", /SSH/);
  refused("age-encryption.org/v1\n-> scrypt secret", /encrypted itself/);
  assert.throws(() => readIdentities(copy.file("none")), /none is no file .*ENOENT/);
});
