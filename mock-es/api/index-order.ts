/** Documents of a shard in the order in which its index keeps them. */
import { compileClause } from "../search/queries/query.ts";
import { contextOf, type SearchShard } from "../search/shard-search.ts";
import { compileSort } from "../search/sort/sort.ts";
import { indexSortOf, sortFields } from "../store/index-sort.ts";
import type { IndexState } from "../store/index-state.ts";
import type { StoredDocument } from "../store/stored-document.ts";

/** A shard with the index that it is of. */
interface ShardOfIndex extends SearchShard {
  readonly state: IndexState;
  readonly documents: Iterable<StoredDocument>;
}

/** True for an index that keeps its documents in an order of its own. */
export function isSorted({ settings }: IndexState): boolean {
  return sortFields(settings).length > 0;
}

// What was sorted once holds until the next write, which makes another list.
const sorted = new WeakMap<object, readonly StoredDocument[]>();

/** The documents of a shard as one segment would have them; equal ones as they were written. */
export function inIndexOrder(shard: ShardOfIndex): readonly StoredDocument[] {
  const { documents, state } = shard;
  const known = sorted.get(documents);
  if (known !== undefined) return known;
  const { keys } = compileSort(
    indexSortOf(state.settings),
    contextOf({ ...shard, mappings: state.mappings }, {}, 0),
    compileClause,
  );
  const ranked = [...documents].map((document) => {
    return { document, values: keys.map((key) => key.read(document, 0, 0)) };
  });
  ranked.sort((a, b) => {
    for (const [at, key] of keys.entries()) {
      const order = key.compare(a.values[at], b.values[at]);
      if (order !== 0) return order;
    }
    return 0;
  });
  const list = ranked.map(({ document }) => document);
  sorted.set(documents, list);
  return list;
}
