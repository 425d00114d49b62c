import assert from "node:assert/strict";
import { constants, PerformanceObserver } from "node:perf_hooks";
import { test } from "node:test";

import { noteRead } from "../../src/core/young-collection.ts";
import { waitFor } from "../support/wait-for.ts";

interface Collection {
  readonly detail: { readonly kind: number; readonly flags: number };
}

/** Collections of the young generation that somebody asked for. */
let forced = 0;
const observer = new PerformanceObserver((list) => {
  // The type declarations leave the detail out.
  for (const { detail } of list.getEntries() as unknown as readonly Collection[]) {
    const { kind, flags } = detail;
    const isForced = (flags & constants.NODE_PERFORMANCE_GC_FLAGS_FORCED) !== 0;
    if (kind === constants.NODE_PERFORMANCE_GC_MINOR && isForced) forced += 1;
  }
});

test("young objects are collected once for every 16 MiB of large reads, never for small ones", async () => {
  observer.observe({ entryTypes: ["gc"] });
  for (let reads = 0; reads < 5000; reads += 1) noteRead(16_383);
  for (let reads = 0; reads < 511; reads += 1) noteRead(65_536);
  await waitFor("the first collection", () => forced > 0);
  assert.equal(forced, 1);
  noteRead(65_536);
  await waitFor("the second collection", () => forced > 1);
  assert.equal(forced, 2);
  observer.disconnect();
  assert.equal("gc" in globalThis, false, "the rest of the program does not get it");
});
