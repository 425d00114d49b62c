/** What differs from index to index, or from shard to shard, compiled once for each. */
import type { SearchContext, SearchDocument } from "../fields/document.ts";
import type { AggregationContext } from "./aggregation.ts";

/** Compiles something for each index, and finds it again by a document. */
export function byIndex<T>(
  context: AggregationContext,
  compile: (shard: SearchContext) => T,
): (document: Pick<SearchDocument, "index">) => T | undefined {
  const compiled = new Map<string, T>();
  for (const shard of context.shards) {
    if (!compiled.has(shard.index)) compiled.set(shard.index, compile(shard));
  }
  const [only] = compiled.values();
  return compiled.size === 1 ? () => only : (document) => compiled.get(document.index);
}

/** As {@link byIndex} for what depends on the terms that a shard has. */
export function byShard<T>(
  context: AggregationContext,
  compile: (shard: SearchContext) => T,
): (document: SearchDocument) => T | undefined {
  const { shards, finder } = context;
  const names = new Set(shards.map(({ index }) => index));
  if (names.size === shards.length) return byIndex(context, compile);
  const compiled = shards.map(compile);
  return (document) => compiled[finder.find(document)];
}
