/** The process of the shipping gate: it does what the thread that ships does. */
import { Buffer } from "node:buffer";

import { JournalSource } from "../src/audit/ship/journal-source.ts";
import { FollowedTarget } from "../src/audit/ship/followed-target.ts";
import { shipSlot, shipSlots } from "../src/audit/ship/ship-messages.ts";
import type { ShipCommand, ShipSample } from "./shipping-gate.ts";

const journal = "audit.ndjson";
const targets: FollowedTarget[] = [];
let slots: Float64Array = new Float64Array();
/** Reads ahead of what can be shipped, and keeps it: the planted leak. */
let ahead: JournalSource | undefined = undefined;
const kept: unknown[] = [];

process.on("message", (command: ShipCommand) => void obey(command));
process.on("disconnect", () => process.exit(0));

async function obey(command: ShipCommand): Promise<void> {
  if (command.kind === "start") {
    const { directory, urls, isPlanted } = command;
    const shared = new SharedArrayBuffer(urls.length * shipSlots * Float64Array.BYTES_PER_ELEMENT);
    slots = new Float64Array(shared);
    const thread = {
      directory,
      origin: undefined,
      hasFacts: false,
      slots: shared,
      targets: urls.map((url) => ({
        nodes: [url],
        dataStream: "logs-es_proxy.audit-default",
        apiKeyFile: undefined,
        caFile: undefined,
        bodyBytes: 0,
        everyMs: 50,
      })),
    };
    for (const number of urls.keys())
      targets.push(new FollowedTarget(thread, number, () => undefined));
    for (const target of targets) void target.run();
    if (isPlanted) {
      const listener = { problem: () => undefined, gap: () => undefined };
      ahead = new JournalSource(directory, journal, undefined, undefined, listener);
    }
  } else await readAhead();
  const { gc } = globalThis;
  if (gc === undefined) throw new Error("started without --expose-gc");
  for (let pass = 0; pass < 4; pass += 1) {
    gc();
    // Finalisers run in a turn of their own.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, arrayBuffers, external } = process.memoryUsage();
  const count = (slot: number): number =>
    targets.reduce((sum, _, at) => sum + (slots[at * shipSlots + slot] ?? 0), 0);
  const sample: ShipSample = {
    heap: heapUsed,
    arrayBuffers,
    external: external - arrayBuffers,
    failures: count(shipSlot.failures),
    shipped: count(shipSlot.shipped),
  };
  process.send?.(sample);
}

async function readAhead(): Promise<void> {
  for (;;) {
    const entries = await ahead?.step();
    if (entries === undefined) return;
    // The source only lends its lines.
    for (const { closing } of entries) kept.push(Buffer.from(closing?.bytes ?? []));
  }
}
