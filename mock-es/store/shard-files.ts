/** The files that the documents of a shard would lie in: a commit point, and one segment. */
import type { IndexState } from "./index-state.ts";
import type { ShardState } from "./shard-state.ts";

/** Files with their size in bytes. */
export interface Files {
  readonly count: number;
  readonly bytes: number;
}

/** Size of the commit point of a shard that holds nothing. */
const commitBytes = 225;

/** The files of a shard; a segment is as long as the sources in it. */
export function filesOfShard(shard: ShardState): Files {
  let characters = 0;
  for (const document of shard.live()) characters += document.text.length;
  return { count: shard.documentCount === 0 ? 1 : 2, bytes: commitBytes + characters };
}

/** The files of all shards of some indices. */
export function filesOfIndices(indices: Iterable<IndexState>): Files {
  let count = 0;
  let bytes = 0;
  for (const { shards } of indices) {
    for (const files of shards.map(filesOfShard)) {
      count += files.count;
      bytes += files.bytes;
    }
  }
  return { count, bytes };
}
