/** What the parameters of a search say about the way it is run. */

/** How a search is run, beside its body. */
export interface RunOptions {
  readonly typedKeys?: boolean;
  /** Totals of hits within hits and aggregations are plain numbers. */
  readonly totalAsNumber?: boolean;
  /** Hits show the scores of named queries. */
  readonly showsNamedScores?: boolean;
  /** False: a shard that fails, fails the search. */
  readonly allowsPartialResults?: boolean;
  /** Terms are as rare as they are in all shards together, not in each. */
  readonly isDfs?: boolean;
  /** Whether the request cache is used; `undefined`: for searches without hits. */
  readonly isCached?: boolean | undefined;
}
