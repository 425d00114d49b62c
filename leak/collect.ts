import { setImmediate as nextTurn } from "node:timers/promises";

const mostCollections = 10;
const leastCollections = 3;
/** A change of the used heap that counts as none, in bytes. */
const stillBytes = 2048;

/**
 * Collects garbage until the used heap no longer changes, at most ten times: finalizers and closed
 * handles let go of more in the event-loop turn after a collection.
 *
 * @throws {Error} without `--expose-gc`
 */
export async function collectGarbage(): Promise<void> {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error("start this process with --expose-gc");
  let before = Infinity;
  for (let round = 1; round <= mostCollections; round += 1) {
    await nextTurn();
    gc();
    const { heapUsed } = process.memoryUsage();
    if (round >= leastCollections && Math.abs(before - heapUsed) < stillBytes) return;
    before = heapUsed;
  }
}
