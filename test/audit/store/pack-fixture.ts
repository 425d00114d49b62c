import { createHash } from "node:crypto";

import type { BodyPointer } from "../../../src/audit/record/body-pointer.ts";
import { PackStore, type PackOptions } from "../../../src/audit/store/pack-store.ts";
import { recordingLog, type LogLine } from "../trail-fixture.ts";

export const packName = "audit-20261123T042411.123Z.pack";

/** Id of the n-th exchange. */
export function exchangeId(n: number): string {
  return `01936f3e-1111-7000-8000-${String(n).padStart(12, "0")}`;
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** A store with a clock that stands still, so that it always has time to compress. */
export function openStore(
  directory: string,
  options: Partial<PackOptions> = {},
  log: LogLine[] = [],
): PackStore {
  return new PackStore(directory, packName, {
    isDurable: false,
    log: recordingLog(log),
    now: () => 0,
    onLeft: () => undefined,
    onGathered: () => undefined,
    ...options,
  });
}

/** Stores a whole body, given in pieces of `piece` bytes; undefined when it was lost. */
export function storeBody(
  store: PackStore,
  n: number,
  body: Uint8Array,
  piece = 65_536,
): BodyPointer | undefined {
  const packed = store.begin({
    id: exchangeId(n),
    direction: "request",
    isCoded: false,
    isRedacted: false,
  });
  for (let at = 0; at < body.length; at += piece)
    packed?.write(body, at, Math.min(at + piece, body.length));
  return packed?.finish(sha256(body), true);
}
