/**
 * Writes a trail, follows, compresses, encrypts, prunes and erases it at random, until it is killed
 * or asked to stop.
 *
 * Usage: node random-life.ts DIRECTORY SEED OPTIONS     one line on stdout for each thing done
 */
import { argv } from "node:process";
import { setImmediate, setTimeout } from "node:timers/promises";

import { SystemClock } from "../../../src/core/clock.ts";
import { FactsFollower } from "../../../src/audit/follow/facts-follower.ts";
import { SegmentKeeper } from "../../../src/audit/follow/segment-keeper.ts";
import type { FollowerMessage } from "../../../src/audit/follow/follower-messages.ts";
import type { TrailEntry } from "../../../src/audit/read/trail-entry.ts";
import { readTrail } from "../../../src/audit/read/trail-reader.ts";
import { erase } from "../../../src/audit/retention/erase.ts";
import { ErasurePlan } from "../../../src/audit/retention/erasure-plan.ts";
import type { EventSink } from "../../../src/audit/retention/event-sink.ts";
import { underMaintenanceLock } from "../../../src/audit/retention/maintenance-lock.ts";
import { recoverOthers } from "../../../src/assembly/open-audit-trail.ts";
import { defaults } from "../../../src/config/defaults.ts";
import {
  ended,
  giveRequest,
  openTrail,
  recordingLog,
  someRecord,
  stored,
} from "../trail-fixture.ts";
import { Random } from "../read/verify/tampered-directory.ts";
import { lifeFollower } from "./life-follower.ts";
import { markerOf, type LifeOptions } from "./life-options.ts";

const [directory = "", seed = "1", given = "{}"] = argv.slice(2);
const options = JSON.parse(given) as LifeOptions;
const random = new Random(Number(seed));
const clock = new SystemClock();
const workers = options.workers === 1 ? [undefined] : [1, 2, 3].slice(0, options.workers);
const { format } = options;
recoverOthers(
  { ...defaults.audit, format, directory, hmacKeyFile: undefined },
  options.workers === 1 ? 0 : options.workers,
  { clock, log: recordingLog([]), version: "1.2.3" },
);
const trails = workers.map((worker) =>
  openTrail(directory, {
    clock,
    worker,
    format,
    rotateBytes: 16_384,
    inlineBodyBytes: 64,
  }),
);
const follower = lifeFollower(directory);
const facts = options.facts
  ? new FactsFollower({ directory, watch: [] }, () => undefined)
  : undefined;
const stop = new AbortController();
process.once("SIGTERM", () => stop.abort());

/** In a moment, unless it is over. */
async function pause(ms: number): Promise<void> {
  await setTimeout(ms, undefined, { signal: stop.signal }).catch(() => undefined);
}

function record(message: FollowerMessage): void {
  if (message.kind === "log") console.log(`${message.level}: ${message.text}`);
  if (message.kind !== "event") return;
  const { action, type = "info", outcome, fields } = message;
  trails[0]?.event({ action, type, outcome, fields });
  console.log(action);
}

const sink: EventSink = {
  isLive: true,
  record: (event) => {
    record({ kind: "event", ...event });
    return Promise.resolve(undefined);
  },
  seal: () => {
    for (const trail of trails) trail.seal();
    return Promise.resolve();
  },
};

/** Exchanges that overlap, some with bodies in the pack, each with a text of its own. */
async function write(): Promise<void> {
  let number = 0;
  while (!stop.signal.aborted) {
    const trail = random.pick(trails);
    const records = Array.from({ length: 1 + random.next(4) }, () => {
      const marker = markerOf(seed, (number += 1));
      const made = someRecord({ startedMs: clock.now(), target: `/i/_doc/${marker}` });
      // Equal bodies of a segment are stored once.
      const body = random.next(4) === 0 ? "shared" : marker;
      giveRequest(trail, made, Buffer.from(`${body} `.repeat(random.next(40))));
      return made;
    });
    await Promise.all(records.map((made) => stored((waiter) => trail.request(made, waiter))));
    await pause(random.next(20));
    for (const made of records) trail.response(ended(made, { endedMs: clock.now() }), undefined);
    console.log("wrote");
  }
}

/** Until nobody waits for it any more. */
async function follow(over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    follower.step(Date.now());
    await facts?.step(Date.now());
    await setImmediate();
  }
}

async function keep(): Promise<void> {
  const { compress, recipients, keepBytes } = options;
  const keeping = {
    archive: { compress, recipients },
    retain: { forMs: Infinity, sizeBytes: keepBytes },
    everyMs: 5,
  };
  const needs = { proof: true, facts: options.facts };
  const keeper = new SegmentKeeper(directory, keeping, needs, record);
  stop.signal.addEventListener("abort", () => keeper.stop());
  while (!stop.signal.aborted) {
    await keeper.look();
    await pause(random.next(200));
  }
}

async function eraseSome(): Promise<void> {
  while (options.erases && !stop.signal.aborted) {
    await pause(random.next(60));
    await underMaintenanceLock(directory, async () => {
      const all: TrailEntry[] = [];
      for await (const entries of readTrail({ directory })) all.push(...entries);
      const plan = new ErasurePlan();
      const whole: string[] = [];
      for (const entry of all.filter(({ kind }) => kind === "exchange"))
        if (random.next(12) === 0) {
          plan.add(entry);
          const path = entry.text("url.path") ?? "";
          if (entry.closing !== undefined && path !== "") whole.push(path);
        }
      if (plan.isEmpty) return;
      await erase(directory, plan, { reason: "r", by: "b" }, sink);
      console.log(`erased ${whole.map((path) => path.slice("/i/_doc/".length)).join(" ")}`);
    });
  }
}

console.log("ready");
const over = new AbortController();
const others = Promise.all([write(), keep(), eraseSome()]);
await Promise.all([follow(over.signal), others.then(() => over.abort())]);
for (const trail of trails) await trail.close();
await facts?.finish();
await follower.finish();
console.log("stopped");
