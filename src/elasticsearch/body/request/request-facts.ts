import type { CursorFact } from "../cursor-digest.ts";
import type { DocumentFacts } from "../document-list.ts";
import type { Examination } from "../examination.ts";

/** What a name in a request stands for. Where Elasticsearch takes several of them: `index`. */
export type NameKind =
  | "index"
  | "alias"
  | "data_stream"
  | "enrich_policy"
  | "pipeline"
  | "template"
  | "remote_cluster"
  | "remote_host"
  | "ruleset";

/**
 * What the request does with what it names. `lookup`: reads it beside what it searches. `name`:
 * only names it. `grant`: gives rights on it. `discard`: makes a shard empty and loses what it
 * held.
 */
export type NameUse =
  | "read"
  | "write"
  | "create"
  | "delete"
  | "change"
  | "lookup"
  | "name"
  | "grant"
  | "discard";

export interface NameFact {
  readonly kind: NameKind;
  readonly use: NameUse;
  /** As asked: an index expression may hold wildcards, date math, a cluster, a selector. */
  readonly name: string;
  /** What an index expression means in full; undefined: only the cluster knows, or it is none. */
  readonly resolved: string | undefined;
  /** Takes away from what stands before it in its list. */
  readonly isExclusion: boolean;
  /** How often it stands in the request. */
  readonly count: number;
}

export type WriteAction = "index" | "create" | "update" | "delete" | "unknown";

export interface ActionFact {
  /** As asked; undefined: neither in the action nor in the path. */
  readonly index: string | undefined;
  /** The same with date math resolved; undefined: only the cluster knows. */
  readonly resolved: string | undefined;
  readonly action: WriteAction;
  readonly count: number;
}

/** A document that a query reads to compare with, beside the indices that it searches. */
export interface LookupFact {
  readonly kind:
    | "terms"
    | "more_like_this"
    | "indexed_shape"
    | "percolate"
    | "pinned"
    | "runtime_field";
  /** Undefined: the searched one. */
  readonly index: string | undefined;
  readonly id: string | undefined;
}

/** A query that is a text. */
export interface QueryTextFact {
  readonly language: "esql" | "sql" | "eql";
  /** Its beginning; the whole, unless `isCut`. */
  readonly text: string;
  readonly isCut: boolean;
  /** Columns of an ES|QL answer that hold ids and indices of documents, under whatever name. */
  readonly idColumns: readonly string[];
  readonly indexColumns: readonly string[];
  /** Its sources could all be read. */
  readonly isWhole: boolean;
}

/** What gives its answer values of a field under a name of its own. */
export interface OutputFact {
  readonly kind: "aggregation" | "script_field" | "runtime_field" | "suggestion" | "term";
  /**
   * Name in the answer, empty where there is none; aggregations in one another are joined by `>`.
   */
  readonly name: string;
  /** Type of the aggregation or runtime field. */
  readonly type: string | undefined;
  /** Undefined: computed by a script, or from no field. */
  readonly field: string | undefined;
}

/** What one request asks for, as far as its target and body say. Lists are bounded. */
export interface RequestFacts {
  readonly body: Examination;
  readonly names: readonly NameFact[];
  /** Mentions of names for which the list had no room. */
  readonly moreNames: number;
  readonly actions: readonly ActionFact[];
  /** Actions on indices for which the list had no room. */
  readonly moreActions: number;
  /** Documents that are named by their ids, or that the request writes. */
  readonly documents: DocumentFacts;
  readonly lookups: readonly LookupFact[];
  readonly moreLookups: number;
  readonly queries: readonly QueryTextFact[];
  readonly cursors: readonly CursorFact[];
  readonly outputs: readonly OutputFact[];
  readonly moreOutputs: number;
  /** Searches of a multi search, or 1. 0: not a search. */
  readonly searches: number;
  /** Of a single search; undefined: not said. */
  readonly size: number | undefined;
  readonly from: number | undefined;
  readonly hasSearchAfter: boolean;
  /** ES|QL and SQL: the answer comes in columns instead of rows. */
  readonly isColumnar: boolean;
}
