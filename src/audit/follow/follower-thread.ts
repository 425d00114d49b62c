/** The thread that follows a trail: it may lag, and nothing waits for it. */
import { setTimeout as wait } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";

import type { FollowerCommand, FollowerMessage, FollowerOptions } from "./follower-messages.ts";
import { FactsFollower } from "./facts-follower.ts";
import { followerSlot } from "./follower-messages.ts";
import { IndexKeeper } from "./index-keeper.ts";
import { SegmentKeeper } from "./segment-keeper.ts";
import { TrailFollower } from "./trail-follower.ts";

/** Between two looks at files that had nothing new, or little. */
const idleMs = 50;
/**
 * Facts of fewer bytes are derived in one go: a look at a file costs some 50 µs, and who looks
 * after each write reads a few lines at a time, on a processor that the traffic could use. Bytes.
 */
const busyBytes = 524_288;

if (parentPort === null) throw new Error("follower-thread.ts runs as a worker thread only");
const port = parentPort;
// The owner gives what its type says.
const options = workerData as FollowerOptions;
const { directory, proof, facts, keep, slots } = options;
const numbers = new Float64Array(slots);
const tell = (message: FollowerMessage): void => port.postMessage(message);
const follower = proof === undefined ? undefined : new TrailFollower(options, tell);
const deriver = openDeriver();
let isStopped = false;
let timer = setTimeout(tick, 0);
const indexer = openIndexer();
const indexed = indexer?.run();
const derived = deriver === undefined ? Promise.resolve() : derive(deriver);
const needs = {
  proof: proof !== undefined,
  facts: facts !== undefined,
  ships: options.ships ?? [],
};
const keeper = keep && new SegmentKeeper(directory, keep, needs, tell);
const kept = keeper?.run();

port.on("message", ({ kind }: FollowerCommand) => {
  if (kind !== "stop") return;
  clearTimeout(timer);
  isStopped = true;
  indexer?.stop();
  keeper?.stop();
  // All are bounded in time: what is left is done by the next start.
  void Promise.allSettled([follower?.finish(), derived, indexed, kept]).then(() => port.close());
});

/** Facts that cannot be written must not keep the log from being signed. */
function openDeriver(): FactsFollower | undefined {
  if (facts === undefined) return undefined;
  try {
    return new FactsFollower({ directory, watch: facts.watch }, tell);
  } catch (error) {
    const reason = error instanceof Error ? error.message : "unknown failure";
    tell({ kind: "log", level: "error", text: `no facts are derived: ${reason}` });
    return undefined;
  }
}

function openIndexer(): IndexKeeper | undefined {
  if (facts?.index !== true || deriver === undefined) return undefined;
  return new IndexKeeper(directory, tell);
}

function tick(): void {
  const isBusy = follower?.step(Date.now()) ?? false;
  timer = setTimeout(tick, isBusy ? 0 : idleMs);
}

/** Bodies take their time: facts have a loop of their own, between whose turns logs are signed. */
async function derive(follower: FactsFollower): Promise<void> {
  for (;;) {
    if (isStopped) return follower.finish();
    const bytes = await follower.step(Date.now());
    numbers[followerSlot.facts] = follower.count;
    const isBusy = bytes >= busyBytes;
    if (proof === undefined && !isBusy) numbers[followerSlot.caughtUpMs] = Date.now();
    await wait(isBusy ? 0 : idleMs);
  }
}
