/** `_data_stream/_stats`: how large data streams are, and how recent. */
import { notSupported } from "../es-error.ts";
import type { QueryParameters } from "../rest/query-parameters.ts";
import { defaultLimits, type SearchContext } from "../search/fields/document.ts";
import { resolveField } from "../search/fields/field.ts";
import { createReader } from "../search/fields/reader.ts";
import type { DataStream, IndexState } from "../store/index-state.ts";

const nanosPerMilli = 1e6;

/** The answer for these data streams. */
export function dataStreamStats(
  streams: readonly DataStream[],
  query: QueryParameters,
): Record<string, unknown> {
  if (query.flag("human", false)) throw notSupported("[human] of data stream stats");
  const backing = streams.flatMap((stream) => stream.backing);
  const copies = ({ settings }: IndexState): number => settings.shards * (1 + settings.replicas);
  return {
    _shards: {
      total: sum(backing, copies),
      successful: sum(backing, ({ settings }) => settings.shards),
      failed: 0,
    },
    data_stream_count: streams.length,
    backing_indices: backing.length,
    total_store_size_bytes: sum(backing, ({ sourceBytes }) => sourceBytes),
    data_streams: streams.map((stream) => ({
      data_stream: stream.name,
      backing_indices: stream.backing.length,
      store_size_bytes: sum(stream.backing, ({ sourceBytes }) => sourceBytes),
      // Epoch milliseconds; 0 for a stream without documents.
      maximum_timestamp: Math.max(0, ...stream.backing.map(latestMs)),
    })),
  };
}

/** The latest `@timestamp` that searches see, in milliseconds. */
function latestMs(index: IndexState): number {
  index.noteSearch();
  const context: SearchContext = {
    mappings: index.mappings,
    index: index.name,
    nowMs: 0,
    corpus: undefined,
    isScored: false,
    nestedPath: undefined,
    limits: defaultLimits,
  };
  const field = resolveField(context, "@timestamp");
  if (field === undefined) return 0;
  const read = createReader(field);
  let latest = 0;
  for (const shard of index.shards)
    for (const document of shard.seen())
      for (const value of read(document)) latest = Math.max(latest, Number(value));
  return field.type === "date_nanos" ? Math.floor(latest / nanosPerMilli) : latest;
}

function sum<T>(entries: readonly T[], amount: (entry: T) => number): number {
  return entries.reduce((total, entry) => total + amount(entry), 0);
}
