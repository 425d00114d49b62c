/** Tells of documents in which shard they are. */
import type { SearchContext, SearchDocument } from "../fields/document.ts";
import { rootOf } from "../fields/reader.ts";

/** Finds the shards of a search by their documents, which it looks at when it is first asked. */
export class ShardFinder {
  readonly #shards: readonly SearchContext[];
  #places: Map<SearchDocument, number> | undefined;

  constructor(shards: readonly SearchContext[]) {
    this.#shards = shards;
  }

  /** Number of the shard that a document, or a nested object of it, is in. */
  find(document: SearchDocument): number {
    if (this.#places === undefined) {
      this.#places = new Map();
      for (const [at, { documents = [] }] of this.#shards.entries())
        for (const each of documents) this.#places.set(each, at);
    }
    return this.#places.get(rootOf(document)) ?? 0;
  }
}
