/** The facts of an answer that are extracted from its body. */
import type { CursorFact } from "../cursor-digest.ts";
import type { DocumentFacts } from "../document-list.ts";
import type { Examination } from "../examination.ts";
import type { WatchedFact } from "../watch/watched-documents.ts";
import type { WriteAction } from "../request/request-facts.ts";

export interface ShardFacts {
  readonly total: number;
  readonly successful: number;
  readonly skipped: number;
  readonly failed: number;
}

export interface HitFacts {
  readonly total: number;
  /** `gte`: at least so many. Undefined: not said, which means exactly. */
  readonly relation: string | undefined;
}

/** What went wrong, by type: in the whole, in shards, in single searches or in items. */
export interface ErrorFact {
  readonly where:
    | "request"
    | "root_cause"
    | "shard"
    | "search"
    | "cluster"
    | "failure"
    | "item"
    | "document";
  /** Elasticsearch's name of it, such as `version_conflict_engine_exception`. */
  readonly type: string;
  readonly count: number;
}

/** Items of a bulk answer. */
export interface ItemFact {
  readonly index: string | undefined;
  readonly action: WriteAction;
  readonly status: number;
  /** `created`, `updated`, `deleted`, `noop`, `not_found`; undefined: it failed, or not said. */
  readonly result: string | undefined;
  readonly count: number;
}

export interface ItemsFacts {
  readonly count: number;
  /** Items with a status of 400 or above. */
  readonly failed: number;
  /** `errors` of the answer; a `delete` that found nothing is no error to Elasticsearch. */
  readonly errors: boolean | undefined;
  /** Items that hold the document as it is now. */
  readonly withContent: number;
  readonly groups: readonly ItemFact[];
  /** Items of groups for which the list had no room. */
  readonly more: number;
  /** Documents of items that were done. */
  readonly documents: DocumentFacts;
  /** Of those that failed, or of which the answer does not say it. */
  readonly failedDocuments: DocumentFacts;
}

/** Totals of an update, delete or reindex by query: the ids of its documents are never told. */
export interface ByQueryFacts {
  readonly total: number;
  readonly created: number;
  readonly updated: number;
  readonly deleted: number;
  readonly noops: number;
  readonly version_conflicts: number;
}

/** Documents that came back, by index; nested objects count with the document they stand in. */
export interface ReturnedFacts extends DocumentFacts {
  /** With `_source`, `fields`, `highlight` or other content, not only the id. */
  readonly withContent: number;
  /** Asked for by id and not there. */
  readonly missing: number;
  readonly byIndex: readonly { readonly index: string; readonly count: number }[];
  /** Of indices for which the list had no room, or whose index is not said. */
  readonly moreIndices: number;
}

/** Values that came back without the documents that they stand in. */
export interface ValuesFact {
  readonly kind: "aggregation" | "term" | "vertex" | "term_vector" | "suggestion";
  /** Field, or name of the aggregation, joined by `>` when they stand in one another. */
  readonly name: string;
  readonly count: number;
}

export interface RowFacts {
  readonly count: number;
  readonly columns: readonly string[];
  readonly moreColumns: number;
  /** Rows of a columnar answer whose documents are not listed. */
  readonly moreDocuments: number;
}

/** What one answer holds, as far as its body says. Lists are bounded; counts are exact. */
export interface ResponseFacts {
  readonly body: Examination;
  /** Milliseconds, as Elasticsearch says it. */
  readonly took: number | undefined;
  readonly timedOut: boolean;
  readonly isPartial: boolean | undefined;
  readonly isRunning: boolean | undefined;
  /** Summed over the searches of a multi search. */
  readonly shards: ShardFacts | undefined;
  /** Of the first search. */
  readonly hits: HitFacts | undefined;
  /** Answers of a multi search: all, and those that failed. */
  readonly searches: { readonly count: number; readonly failed: number } | undefined;
  readonly documents: ReturnedFacts;
  readonly items: ItemsFacts | undefined;
  readonly byQuery: ByQueryFacts | undefined;
  /** Id of a task that goes on in the background. */
  readonly task: string | undefined;
  readonly errors: readonly ErrorFact[];
  readonly moreErrors: number;
  readonly values: readonly ValuesFact[];
  readonly moreValues: number;
  readonly rows: RowFacts | undefined;
  readonly cursors: readonly CursorFact[];
  readonly watched: readonly WatchedFact[];
  readonly moreWatched: number;
}
