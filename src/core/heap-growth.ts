/**
 * Has V8 mark its heap more rarely.
 *
 * V8 begins to mark when its heap and the buffers beside it have grown by some MiB since the last
 * time, which 300 clients that do not read their answers bring about ten times in a few seconds.
 * Each marking stops the traffic for 3 to 8 ms, whatever it finds: what it reads is the live heap
 * of some 30 MiB.
 */
import { setFlagsFromString } from "node:v8";

import { collectGarbage } from "./collect-garbage.ts";

/**
 * The heap, with the buffers beside it, may become three times what was live after the last
 * marking: some 60 MiB more in a process that is not asked to do much. The limits that the user has
 * set hold (`--max-old-space-size`).
 */
const percent = 200;

/** For programs that relay, once they have started; all threads of the process follow. */
export function markHeapRarely(): void {
  setFlagsFromString(`--heap-growing-percent=${percent}`);
  // The bound is set at the end of a marking, and what the start has left behind goes.
  collectGarbage("major");
}
