/** Which shard a document belongs to. */
import { murmur3 } from "../text/murmur3.ts";
import type { IndexSettings } from "./index-settings.ts";

/** The shard number of a document: by its routing, or by its id. */
export function shardOf(settings: IndexSettings, id: string, routing: string | undefined): number {
  const { shards } = settings;
  if (shards === 1) return 0;
  const offset =
    settings.routingPartitionSize === 1 ? 0 : floorMod(hashOf(id), settings.routingPartitionSize);
  const all = settings.routingShards;
  return Math.floor(floorMod(hashOf(routing ?? id) + offset, all) / (all / shards));
}

/** The shards that documents of a routing value may be in. */
export function shardsOfRouting(settings: IndexSettings, routing: string): number[] {
  const found = new Set<number>();
  const all = settings.routingShards;
  for (let offset = 0; offset < settings.routingPartitionSize; offset++)
    found.add(Math.floor(floorMod(hashOf(routing) + offset, all) / (all / settings.shards)));
  return [...found].sort((a, b) => a - b);
}

/** The hash of the text in UTF-16, low byte first. */
function hashOf(text: string): number {
  return murmur3(Buffer.from(text, "utf16le"), 0);
}

function floorMod(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
