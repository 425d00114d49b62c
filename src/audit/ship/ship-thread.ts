/** The thread that ships a trail: it may lag, and nothing waits for it. */
import { parentPort, workerData } from "node:worker_threads";

import { FollowedTarget } from "./followed-target.ts";
import type { ShipCommand, ShipMessage, ShipThreadOptions } from "./ship-messages.ts";

if (parentPort === null) throw new Error("ship-thread.ts runs as a worker thread only");
const port = parentPort;
// The owner gives what its type says.
const options = workerData as ShipThreadOptions;
const tell = (message: ShipMessage): void => port.postMessage(message);
const targets = options.targets.map((_, number) => new FollowedTarget(options, number, tell));
const ended = Promise.allSettled(targets.map((target) => target.run()));

port.on("message", ({ kind }: ShipCommand) => {
  if (kind !== "stop") return;
  for (const target of targets) target.stop();
  void ended.then(() => port.close());
});
