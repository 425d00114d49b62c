/**
 * Writes a trail, follows, compresses, prunes and erases it at random, until it is killed.
 *
 * Usage: node random-life.ts DIRECTORY SEED        one line on stdout for each thing that was done
 */
import { argv } from "node:process";
import { setImmediate, setTimeout } from "node:timers/promises";

import { SystemClock } from "../../../src/core/clock.ts";
import { SegmentKeeper } from "../../../src/audit/follow/segment-keeper.ts";
import type { FollowerMessage } from "../../../src/audit/follow/follower-messages.ts";
import type { TrailEntry } from "../../../src/audit/read/trail-entry.ts";
import { readTrail } from "../../../src/audit/read/trail-reader.ts";
import { erase } from "../../../src/audit/retention/erase.ts";
import { ErasurePlan } from "../../../src/audit/retention/erasure-plan.ts";
import type { EventSink } from "../../../src/audit/retention/event-sink.ts";
import { underMaintenanceLock } from "../../../src/audit/retention/maintenance-lock.ts";
import { ended, giveRequest, openTrail, someRecord, stored } from "../trail-fixture.ts";
import { Random } from "../read/verify/tampered-directory.ts";
import { lifeFollower } from "./life-follower.ts";

const [directory = "", seed = "1"] = argv.slice(2);
const random = new Random(Number(seed));
const clock = new SystemClock();
const trail = openTrail(directory, { clock, rotateBytes: 16_384, inlineBodyBytes: 64 });
const follower = lifeFollower(directory);

function record(message: FollowerMessage): void {
  if (message.kind !== "event") return;
  const { action, type = "info", outcome, fields } = message;
  trail.event({ action, type, outcome, fields });
  console.log(action);
}

const sink: EventSink = {
  isLive: true,
  record: (event) => {
    record({ kind: "event", ...event });
    return Promise.resolve(undefined);
  },
  seal: () => {
    trail.seal();
    return Promise.resolve();
  },
};

/** Exchanges that overlap, some with bodies in the pack. */
async function write(): Promise<never> {
  for (;;) {
    const records = Array.from({ length: 1 + random.next(4) }, () => {
      const made = someRecord({ startedMs: clock.now() });
      giveRequest(trail, made, Buffer.alloc(random.next(600), 0x61 + random.next(20)));
      return made;
    });
    await Promise.all(records.map((made) => stored((waiter) => trail.request(made, waiter))));
    for (const made of records) trail.response(ended(made, { endedMs: clock.now() }), undefined);
    await setTimeout(random.next(20));
  }
}

async function follow(): Promise<never> {
  for (;;) {
    follower.step(Date.now());
    await setImmediate();
  }
}

async function keep(): Promise<never> {
  const options = {
    archive: { compress: true, recipients: [] },
    retain: { forMs: Infinity, sizeBytes: 120_000 },
    everyMs: 5,
  };
  const keeper = new SegmentKeeper(directory, options, { proof: true, facts: false }, record);
  for (;;) {
    await keeper.look();
    await setTimeout(random.next(200));
  }
}

async function eraseSome(): Promise<never> {
  for (;;) {
    await setTimeout(random.next(60));
    const done = await underMaintenanceLock(directory, async () => {
      const all: TrailEntry[] = [];
      for await (const entries of readTrail({ directory })) all.push(...entries);
      const plan = new ErasurePlan();
      for (const entry of all.filter(({ kind }) => kind === "exchange"))
        if (random.next(12) === 0) plan.add(entry);
      if (!plan.isEmpty) await erase(directory, plan, { reason: "r", by: "b" }, sink);
    });
    if (done !== undefined) console.log("erased");
  }
}

console.log("ready");
await Promise.all([write(), follow(), keep(), eraseSome()]);
