/** What differs from index to index, compiled once for each. */
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
