import assert from "node:assert/strict";
import { constants, PerformanceObserver } from "node:perf_hooks";
import { test } from "node:test";

import { markHeapRarely } from "../../src/core/heap-growth.ts";
import { noteRead, YoungConnections } from "../../src/core/young-collection.ts";
import { waitFor } from "../support/wait-for.ts";

interface Collection {
  readonly detail: { readonly kind: number; readonly flags: number };
}

/** Collections that somebody asked for: of the young generation, and of the whole heap. */
let forced = 0;
let whole = 0;
const observer = new PerformanceObserver((list) => {
  // The type declarations leave the detail out.
  for (const { detail } of list.getEntries() as unknown as readonly Collection[]) {
    const { kind, flags } = detail;
    const isForced = (flags & constants.NODE_PERFORMANCE_GC_FLAGS_FORCED) !== 0;
    if (kind === constants.NODE_PERFORMANCE_GC_MINOR && isForced) forced += 1;
    if (kind === constants.NODE_PERFORMANCE_GC_MAJOR && isForced) whole += 1;
  }
});

/** What has been collected so far has been told. */
const flushed = async (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

test("young objects are collected once for every 16 MiB of large reads, never for small ones", async () => {
  observer.observe({ entryTypes: ["gc"] });
  for (let reads = 0; reads < 5000; reads += 1) noteRead(16_383);
  for (let reads = 0; reads < 511; reads += 1) noteRead(65_536);
  await waitFor("the first collection", () => forced > 0);
  assert.equal(forced, 1);
  noteRead(65_536);
  await waitFor("the second collection", () => forced > 1);
  assert.equal(forced, 2);
  assert.equal("gc" in globalThis, false, "the rest of the program does not get it");
});

test("young objects are collected when 32 more connections are open than were", async () => {
  const connections = new YoungConnections();
  const before = forced;
  for (let open = 1; open <= 31; open += 1) connections.note(open);
  for (let round = 0; round < 1000; round += 1) connections.note(10 + (round % 22));
  await flushed();
  assert.equal(forced, before, "those that come and go are none");
  connections.note(32);
  await waitFor("the collection", () => forced > before);
  connections.note(16);
  for (let open = 17; open < 48; open += 1) connections.note(open);
  await flushed();
  assert.equal(forced, before + 1);
  connections.note(48);
  await waitFor("the second collection", () => forced > before + 1);
});

test("what the start has left behind is collected", async () => {
  markHeapRarely();
  await waitFor("the collection", () => whole > 0);
  observer.disconnect();
});
