import assert from "node:assert/strict";
import { appendFileSync, readFileSync } from "node:fs";
import test from "node:test";

import { LogKeeper } from "../../../src/audit/follow/log-keeper.ts";
import { policyText } from "../../../src/audit/follow/policy-text.ts";
import { TlogFiles } from "../../../src/audit/store/tlog-files.ts";
import { formatSignature, parseNote } from "../../../src/tlog/note.ts";
import { parsePolicy } from "../../../src/tlog/policy-file.ts";
import { verifyByPolicy } from "../../../src/tlog/policy.ts";
import { seededKey } from "../../tlog/keys.ts";
import { makeTempDir, type TempDir } from "../../support/temp-dir.ts";
import { origin } from "./follow-fixture.ts";

const key = seededKey(origin, 1);
const witnesses = [2, 3].map((seed) =>
  seededKey(`witness.example/w${seed}`, seed, "ed25519-cosignature"),
);

function keeperOf(folder: TempDir, size = 0): { keeper: LogKeeper; files: TlogFiles } {
  const files = new TlogFiles(folder.path, "audit.ndjson");
  return { keeper: new LogKeeper(files, size, [key]), files };
}

function add(keeper: LogKeeper, ...lines: readonly string[]): void {
  for (const line of lines) {
    const bytes = Buffer.from(`${line}\n`);
    const run = { journal: "audit.ndjson", segment: "audit.ndjson", firstIndex: keeper.size };
    keeper.lines({ ...run, offset: 0, bytes, ends: [bytes.length - 1] });
  }
  keeper.save();
}

function cosign(note: Uint8Array, at: number): string {
  const witness = witnesses[at] ?? assert.fail();
  return formatSignature(witness.sign(parseNote(note).text, 1_700_000_000 + at));
}

const history = (folder: TempDir): string =>
  readFileSync(folder.file("tlog", "audit", "checkpoints"), "utf8");

test("cosignatures of several witnesses gather behind the checkpoint, and in the history", async () => {
  await using folder = await makeTempDir();
  const { keeper, files } = keeperOf(folder);
  add(keeper, "one", "two");
  keeper.sign(origin, 0);
  const posted = keeper.note ?? assert.fail();
  keeper.cosigned(posted, cosign(posted, 0));
  keeper.cosigned(posted, cosign(posted, 1));
  const { signatures } = parseNote(files.readCheckpoint() ?? assert.fail());
  const names = [origin, "witness.example/w2", "witness.example/w3"];
  assert.deepEqual(
    signatures.map(({ name }) => name),
    names,
  );
  assert.match(
    history(folder),
    /— example.+\n— witness.example\/w2.+\n— witness.example\/w3.+\n\n$/,
  );
});

test("a cosignature that comes after the next checkpoint stands in the history", async () => {
  await using folder = await makeTempDir();
  const { keeper, files } = keeperOf(folder);
  add(keeper, "one");
  keeper.sign(origin, 0);
  const posted = keeper.note ?? assert.fail();
  add(keeper, "two");
  keeper.sign(origin, 1000);
  keeper.cosigned(posted, cosign(posted, 0));
  assert.equal(parseNote(files.readCheckpoint() ?? assert.fail()).signatures.length, 1);
  const notes = history(folder).split(`\n\n${origin}`);
  assert.equal(notes.length, 3);
  assert.match(notes[2] ?? "", /^\n1\n.*witness.example\/w2/s);
});

test("half a note at the end of the history is cut off before the next one", async () => {
  await using folder = await makeTempDir();
  const { keeper } = keeperOf(folder);
  const path = folder.file("tlog", "audit", "checkpoints");
  add(keeper, "one");
  keeper.sign(origin, 0);
  const whole = history(folder);
  for (const torn of [
    "e",
    `${origin}\n2`,
    `${origin}\n2\nAAAA\n\n`,
    `${origin}\n2\nAAAA\n\n— x A`,
  ]) {
    appendFileSync(path, torn);
    const note = keeper.note ?? assert.fail();
    keeper.cosigned(note, cosign(note, 0));
    const added = history(folder).slice(whole.length);
    assert.ok(history(folder).startsWith(whole) && added.startsWith(`${origin}\n1\n`), torn);
    add(keeper);
  }
});

test("the keys of the log and a policy with its witnesses lie in the directory", async () => {
  await using folder = await makeTempDir();
  const { keeper } = keeperOf(folder);
  assert.equal(
    readFileSync(folder.file("tlog", "audit", "vkey"), "utf8"),
    `${key.verifier.toString()}\n`,
  );
  const options = witnesses.map(({ verifier }) => ({
    url: "https://witness.example/add here",
    // The second kind is one that policies do not know for witnesses.
    vkeys: [verifier.toString(), key.verifier.toString()],
    every: 1,
  }));
  const read = parsePolicy(Buffer.from(policyText([key.verifier], options)));
  assert.ok("policy" in read, JSON.stringify(read));
  assert.equal(read.policy.witnesses.length, 2);
  add(keeper, "one");
  keeper.sign(origin, 0);
  const note = keeper.note ?? assert.fail();
  assert.throws(() => verifyByPolicy(note, read.policy), { code: "quorum" });
  keeper.cosigned(note, cosign(note, 1));
  assert.equal(verifyByPolicy(keeper.note ?? note, read.policy).cosignatures.length, 1);
  const none = parsePolicy(Buffer.from(policyText([key.verifier], [])));
  assert.ok("policy" in none && none.policy.quorum === undefined);
});
