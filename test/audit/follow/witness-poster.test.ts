import assert from "node:assert/strict";
import test from "node:test";

import type { HttpAnswer } from "../../../src/attestation/http-client.ts";
import type { FollowerMessage } from "../../../src/audit/follow/follower-messages.ts";
import { LogKeeper } from "../../../src/audit/follow/log-keeper.ts";
import { WitnessPoster } from "../../../src/audit/follow/witness-poster.ts";
import { TlogFiles } from "../../../src/audit/store/tlog-files.ts";
import { formatSignature, parseNote } from "../../../src/tlog/note.ts";
import { makeTempDir } from "../../support/temp-dir.ts";
import { seededKey } from "../../tlog/keys.ts";
import { origin } from "./follow-fixture.ts";

const key = seededKey(origin, 1);
const witness = seededKey("witness.example/w", 2, "ed25519-cosignature");

test("a witness that does not cosign is told at growing intervals, and when it does again", async () => {
  await using folder = await makeTempDir();
  const files = new TlogFiles(folder.path, "audit.ndjson");
  const keeper = new LogKeeper(files, 0, [key]);
  let nowMs = 0;
  let size = 0;
  let answer = (): HttpAnswer | undefined => undefined;
  const told: FollowerMessage[] = [];
  const vkeys = [witness.verifier.toString()];
  const http = {
    post: () => {
      const given = answer();
      return given === undefined ? Promise.reject(new Error("away")) : Promise.resolve(given);
    },
    close: () => Promise.resolve(),
  };
  const options = { url: "https://witness.example", vkeys, every: 1 };
  const poster = new WitnessPoster(
    options,
    http,
    (message) => told.push(message),
    () => nowMs,
  );
  const checkpoint = async (): Promise<void> => {
    const bytes = Buffer.from(`${size}\n`);
    const run = { journal: "audit.ndjson", segment: "audit.ndjson", firstIndex: keeper.size };
    keeper.lines({ ...run, offset: 0, bytes, ends: [bytes.length - 1] });
    keeper.save();
    keeper.sign(origin, nowMs);
    size += 1;
    nowMs += 60_000;
    poster.offer(keeper, files);
    await poster.finish();
  };
  for (let at = 0; at < 60; at += 1) await checkpoint();
  assert.ok(told.length <= 7, `${told.length} of 60`);
  // What it knows grows with every checkpoint, and so does the reason.
  answer = () => ({
    status: 409,
    contentType: "text/x.tlog.size",
    body: Buffer.from(`${size + 7}\n`),
  });
  told.length = 0;
  for (let at = 0; at < 60; at += 1) await checkpoint();
  const logs = told.filter(({ kind }) => kind === "log");
  const events = told.filter(({ kind }) => kind === "event");
  assert.ok(logs.length <= 7 && logs.length >= 5, `${logs.length} of 60`);
  assert.equal(events.length, logs.length);
  answer = () => {
    const { text } = parseNote(keeper.note ?? assert.fail());
    const body = Buffer.from(formatSignature(witness.sign(text, 1_700_000_000)));
    return { status: 200, contentType: "text/plain", body };
  };
  told.length = 0;
  await checkpoint();
  await checkpoint();
  assert.deepEqual(told, [
    {
      kind: "log",
      level: "info",
      text: "the witness https://witness.example cosigns again, after 120 failures",
    },
  ]);
});
