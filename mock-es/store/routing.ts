/** Which shard a document belongs to. */
import { murmur3 } from "../text/murmur3.ts";
import type { IndexSettings } from "./index-settings.ts";

/** The shard number of a document: by its routing, or by its id. */
export function shardOf(settings: IndexSettings, id: string, routing: string | undefined): number {
  const { shards, routingPartitionSize } = settings;
  if (shards === 1) return 0;
  const offset = routingPartitionSize === 1 ? 0 : floorMod(hashOf(id), routingPartitionSize);
  return floorMod(hashOf(routing ?? id) + offset, shards);
}

/** The shards that documents of a routing value may be in. */
export function shardsOfRouting(settings: IndexSettings, routing: string): number[] {
  const found = new Set<number>();
  for (let offset = 0; offset < settings.routingPartitionSize; offset++)
    found.add(floorMod(hashOf(routing) + offset, settings.shards));
  return [...found].sort((a, b) => a - b);
}

/** The hash of the text in UTF-16, low byte first. */
function hashOf(text: string): number {
  return murmur3(Buffer.from(text, "utf16le"), 0);
}

function floorMod(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
