/** Where the rows of a query come from. */

/**
 * - `index`: indices, aliases, data streams, views;
 * - `time_series`: the same, read by TS or PROMQL;
 * - `lookup`: an index joined by LOOKUP JOIN;
 * - `enrich_policy`: a policy, whose definition names the indices;
 * - `metadata`: only names or columns are listed (SHOW, DESCRIBE, SYS of SQL).
 */
export type QuerySourceKind = "index" | "time_series" | "lookup" | "enrich_policy" | "metadata";

export interface QuerySource {
  readonly kind: QuerySourceKind;
  /** Index expression or name of the policy, without quotes. */
  readonly expression: string;
  /** How an enrich policy runs across clusters: `any`, `coordinator`, `remote`. */
  readonly mode: string | undefined;
  /** Whether a view may hide behind the name: its definition names other sources. */
  readonly mayBeView: boolean;
  /** 0: the query itself; more: subqueries. */
  readonly nesting: number;
}

/** Collects sources; keeps the first ones and counts all. */
export class SourceList {
  readonly items: QuerySource[] = [];
  total = 0;

  add(source: QuerySource): void {
    if (source.expression === "") return;
    this.total += 1;
    if (this.items.length < maxSources) this.items.push(source);
  }
}

/** Sources that are listed of a query; the rest is counted. */
const maxSources = 1000;
