import assert from "node:assert/strict";
import { readdirSync, rmSync } from "node:fs";
import { test } from "node:test";

import { FactsFollower } from "../../../src/audit/follow/facts-follower.ts";
import type { FollowerMessage } from "../../../src/audit/follow/follower-messages.ts";
import { IndexKeeper } from "../../../src/audit/follow/index-keeper.ts";
import { makeTempDir } from "../../support/temp-dir.ts";
import { ledgerSightings, sightingsOf, smallTrail, whoHas } from "../index/generated-trail.ts";

function indexesIn(directory: string): string[] {
  return readdirSync(directory).filter((name) => name.endsWith(".index"));
}

test("full segments are indexed when all of their facts are known, and not before", async () => {
  await using folder = await makeTempDir();
  const directory = folder.path;
  const ledger = await smallTrail(directory);
  const messages: FollowerMessage[] = [];
  const tell = (message: FollowerMessage): void => void messages.push(message);
  const facts = new FactsFollower({ directory, watch: [] }, tell);
  const keeper = new IndexKeeper(directory, tell);
  assert.equal(await keeper.look(), 0);
  while (await facts.step(Date.now()));
  await facts.finish();
  const built = await keeper.look();
  assert.ok(built >= 4, `${built} segments`);
  assert.equal(await keeper.look(), 0);
  const [first = ""] = indexesIn(directory);
  rmSync(folder.file(first));
  assert.equal(await keeper.look(), 1);
  assert.equal(indexesIn(directory).length, built);
  const { found, notices } = await whoHas(directory, "patients-0", "vip-0");
  assert.deepEqual(sightingsOf(found), ledgerSightings(ledger, "patients-0 vip-0"));
  assert.deepEqual([...notices, ...messages], []);
});

test("an index is not begun when the keeper is to stop", async () => {
  await using folder = await makeTempDir();
  const directory = folder.path;
  await smallTrail(directory, { exchanges: 300 });
  const tell = (): void => undefined;
  const facts = new FactsFollower({ directory, watch: [] }, tell);
  while (await facts.step(Date.now()));
  await facts.finish();
  const keeper = new IndexKeeper(directory, tell);
  keeper.stop();
  await keeper.run();
  assert.deepEqual(indexesIn(directory), []);
});
