/** The thread that follows a trail: it may lag, and nothing waits for it. */
import { parentPort, workerData } from "node:worker_threads";

import type { FollowerCommand, FollowerMessage, FollowerOptions } from "./follower-messages.ts";
import { TrailFollower } from "./trail-follower.ts";

/** Between two looks at files that had nothing new. */
const idleMs = 50;

if (parentPort === null) throw new Error("follower-thread.ts runs as a worker thread only");
const port = parentPort;
// The owner gives what its type says.
const follower = new TrailFollower(workerData as FollowerOptions, (message: FollowerMessage) =>
  port.postMessage(message),
);
let timer = setTimeout(tick, 0);

port.on("message", ({ kind }: FollowerCommand) => {
  if (kind !== "stop") return;
  clearTimeout(timer);
  void follower.finish().finally(() => port.close());
});

function tick(): void {
  const isBusy = follower.step(Date.now());
  timer = setTimeout(tick, isBusy ? 0 : idleMs);
}
