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

/** Into how many shards an index can be split: as it says, or by two, up to 1,024. */
export function routingShards(settings: IndexSettings): number {
  const own = settings.text("index.number_of_routing_shards");
  if (own !== undefined) return Number(own);
  const bits = 32 - Math.clz32(settings.shards - 1);
  return settings.shards * 2 ** Math.max(1, 10 - bits);
}

/** The hash of the text in UTF-16, low byte first. */
function hashOf(text: string): number {
  return murmur3(Buffer.from(text, "utf16le"), 0);
}

function floorMod(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
