import { SegmentKeeper } from "../../../src/audit/follow/segment-keeper.ts";
import type { FollowerMessage, KeepOptions } from "../../../src/audit/follow/follower-messages.ts";
import type { TwoClocks } from "../../../src/audit/retention/clock-doubt.ts";
import { Trust } from "../../../src/audit/read/verify/trust.ts";
import { verifyTrail, type Verification } from "../../../src/audit/read/verify/verify-trail.ts";
import { logKey, type MadeLog } from "../read/verify/made-log.ts";

/** Nothing is done with full segments but what a test asks for. */
export function keepOptions(options: {
  readonly compress?: boolean;
  readonly recipients?: readonly string[];
  readonly forMs?: number;
  readonly sizeBytes?: number;
}): KeepOptions {
  const { compress = false, recipients = [], forMs = Infinity, sizeBytes = Infinity } = options;
  return { archive: { compress, recipients }, retain: { forMs, sizeBytes }, everyMs: 10 };
}

/** A keeper whose records go into the trail of the log, and what else it told. */
export function keeperOf(
  log: MadeLog,
  options: KeepOptions,
  ships: readonly string[] = [],
  clocks?: TwoClocks,
): { readonly keeper: SegmentKeeper; readonly told: FollowerMessage[] } {
  const told: FollowerMessage[] = [];
  const needs = { proof: true, facts: false, ships };
  const tell = (message: FollowerMessage): void => {
    told.push(message);
    if (message.kind !== "event") return;
    const { action, type = "info", outcome, fields } = message;
    log.made.trail.event({ action, type, outcome, fields });
  };
  const keeper = new SegmentKeeper(log.folder.path, options, needs, tell, clocks);
  return { keeper, told };
}

/** Against the key of the log. */
export function verified(log: MadeLog, jobs = 1): Promise<Verification> {
  const trust = Trust.ofKeys([logKey(log.folder).verifier]);
  return verifyTrail({ directory: log.folder.path, trust, held: [], jobs });
}
