import { join } from "node:path";

import { followerSlots } from "../../../src/audit/follow/follower-messages.ts";
import { TrailFollower } from "../../../src/audit/follow/trail-follower.ts";
import { origin } from "../read/verify/made-log.ts";

/** A follower that signs often. */
export function lifeFollower(directory: string): TrailFollower {
  const slots = new SharedArrayBuffer(followerSlots * 8);
  const proof = {
    origin,
    keyFile: join(directory, "proof.key"),
    postQuantum: false,
    checkpointMs: 20,
    witnesses: [],
  };
  return new TrailFollower({ directory, proof, slots, facts: undefined }, (message) => {
    if (message.kind === "log") console.log(`${message.level}: ${message.text}`);
  });
}
