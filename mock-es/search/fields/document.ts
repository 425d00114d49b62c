/** What the engine needs to know of documents and mappings. */
import type { QueryRule } from "../query-rules.ts";
import type { Analysis } from "../../analysis/analysis.ts";

/**
 * A stored document. Implementations must never change an instance: analysed text is remembered per
 * instance, so a new version of a document has to be a new object.
 */
export interface SearchDocument {
  readonly index: string;
  readonly id: string;
  /** The parsed `_source`: a JSON object, never changed in place. */
  readonly source: unknown;
  readonly seqNo: number;
  readonly version: number;
  readonly primaryTerm: number;
  readonly routing?: string | undefined;
  /** Fields with a value that was not indexed because it is too long or malformed. */
  readonly ignored?: readonly string[] | undefined;
  /** What it counts for in buckets: its `_doc_count`. @default 1 */
  readonly docCount?: number;
  /** Number of the write that made the document, over all of its index. @default 0 */
  readonly write?: number;
  /** For a nested object, which is a document of its own: what it is part of. */
  readonly parent?: SearchDocument;
}

/** A field of a mapping. */
export interface MappedField {
  /** Mapping type; `object` or `nested` for inner objects. */
  readonly type: string;
  /** Mapping parameters besides `type`, `properties` and `fields`. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /**
   * The first write that was indexed with the field; documents of earlier ones have no values of
   * it, as a mapping is not applied to what is already there. @default 0
   */
  readonly sinceWrite?: number;
  /** Computes the values of a document, of a runtime field with a script. */
  readonly compute?: (document: SearchDocument) => readonly unknown[];
  /** The field is read, or computed, when it is asked for. @default false */
  readonly isRuntime?: boolean;
}

/** Which fields are granted. */
export interface GrantedFields {
  /** True for the full name of one that is. */
  readonly accepts: (name: string) => boolean;
  /** True where some name that begins so would be granted. */
  readonly reaches: (start: string) => boolean;
}

/** Which parts of sources an index keeps; all of them are indexed. */
export interface SourceParts {
  readonly isEnabled: boolean;
  readonly includes: readonly string[];
  readonly excludes: readonly string[];
  /** The fields that the caller may see. Absent: all. */
  readonly grants?: GrantedFields;
}

/** The mapping of an index, as searches see it. */
export interface FieldMappings {
  /**
   * A field by its full dotted name, multi-fields included (`title.keyword`); `undefined` for one
   * that no mapping knows, which then matches nothing.
   */
  find(field: string): MappedField | undefined;
  /** Full names of all mapped fields, for field patterns. Absent: taken from the documents. */
  fieldNames?(): Iterable<string>;
  /** Names of the fields that are copied to a field. Absent: none is. */
  copiedTo?(field: string): readonly string[];
  /** Which parts of sources the index keeps. Absent: all. */
  readonly sourceParts?: SourceParts | undefined;
  /**
   * What `fields` shows, where the caller sees some of the fields only: what is read from parts of
   * sources that are granted. Absent: what is mapped.
   */
  readonly fetched?: FieldMappings | undefined;
  /** Names of fields whose values sources show only when they are asked for. Absent: none. */
  readonly hiddenFields?: readonly string[] | undefined;
  /** Longest keyword of fields that set no `ignore_above`. @default Infinity */
  readonly ignoresAbove?: number | undefined;
  /**
   * Analyzers and normalizers that the settings of the index define. Absent: only built-in ones.
   */
  readonly analysis?: Analysis;
}

/** Facts about one search on one shard that its queries, sorts and aggregations share. */
export interface SearchContext {
  readonly mappings: FieldMappings;
  /** Name put into error texts that mention an index. */
  readonly index: string;
  /**
   * The instant that `now` means, in milliseconds since the epoch; one value for a whole search.
   */
  readonly nowMs: number;
  /** All documents of the shard: what terms and field patterns are taken from. */
  readonly corpus: Iterable<SearchDocument> | undefined;
  /** All documents of the shard, where the corpus is the nested objects in them. */
  readonly roots?: Iterable<SearchDocument> | undefined;
  /** What terms are counted in when all shards of a search are to agree. @default the corpus */
  readonly statistics?: Iterable<SearchDocument> | undefined;
  /** The documents of the shard that may be found. */
  readonly documents?: Iterable<SearchDocument>;
  /**
   * True when scores are needed; otherwise, or without a corpus, a term scores its boost and no
   * statistics are taken.
   */
  readonly isScored: boolean;
  /** Path of the nested objects that are being searched; `undefined` at the top level. */
  readonly nestedPath: string | undefined;
  readonly limits: SearchLimits;
  /** Number of hits that the search shows. @default 10 */
  readonly size?: number;
  /** Told about every query that has a name. Absent: names do not matter. */
  readonly onNamed?: ((name: string, query: ScoringQuery) => void) | undefined;
  /**
   * The source of a stored document, for queries that look values up; `undefined` when there is
   * none. Absent: such queries are refused.
   */
  readonly fetchSource?: (index: string, id: string, routing: string | undefined) => unknown;
  /** Told what hits show of the nested objects that a query found. Absent: nothing is shown. */
  readonly onInner?: ((inner: InnerHits) => void) | undefined;
  /** True for what shows hits within hits: all that matches is there, however far it is. */
  readonly isForInnerHits?: boolean;
  /** Told what hits show among their fields of what a query found out. */
  readonly onShown?: ((add: AddShown) => void) | undefined;
  /** What hits within aggregations show of the query of the search. Absent: nothing. */
  readonly matched?: MatchedParts;
  /** Factor of the weights of terms. @default 1 */
  readonly termFactor?: number;
  /** The text of a filter as Lucene writes it when it is simplified, for explanations. */
  readonly writtenFilter?: (filter: unknown) => string | undefined;
  /** Number of the shard in its index. @default 0 */
  readonly shard?: number;
  /** Totals of hits are plain numbers. @default false */
  readonly totalAsNumber?: boolean;
  /** Hits show the scores of named queries, for `include_named_queries_score`. @default false */
  readonly showsNamedScores?: boolean;
  /** The search shows sequence numbers of its hits, so that hits within them show none as -2. */
  readonly asksSeqNo?: boolean;
  /** The rules of a ruleset; `undefined`: there is no such one. Absent: there are none. */
  readonly findRuleset?: (id: string) => readonly QueryRule[] | undefined;
  /** The source of a stored script. Absent: there are none. */
  readonly findScript?: (id: string) => string | undefined;
}

/** Adds to the fields that a hit shows. */
export type AddShown = (
  document: SearchDocument,
  fields: Record<string, readonly unknown[]>,
) => void;

/** What hits show under a name of `inner_hits`. */
export interface InnerHits {
  readonly name: string;
  read(document: SearchDocument): unknown;
}

/** What the query of a search tells of the documents that it found. */
export interface MatchedParts {
  /** Queries with a name. */
  readonly named: readonly { readonly name: string; readonly query: ScoringQuery }[];
  readonly inner: readonly InnerHits[];
  readonly shown: readonly AddShown[];
}

/** How a score, or a part of it, came about. */
export interface Explanation {
  /** As JSON shows it. */
  readonly value: unknown;
  readonly description: string;
  readonly details: readonly Explanation[];
  readonly isMatch: boolean;
  readonly score: number;
}

/** Explains what a query makes of documents. */
export interface QueryExplanation {
  /** The query as Lucene writes it. */
  readonly text: string;
  /** True when every match has the same score. */
  readonly isConstant?: boolean;
  /** True for a boolean combination, which others put in parentheses. */
  readonly isBool?: boolean;
  /** True when the server knows whether documents match it, or nested objects. */
  readonly isOnOneLevel?: boolean;
  /**
   * @param place place of the document in its shard
   * @param factor boost of what is around the query
   */
  explain(document: SearchDocument, place: number, factor: number): Explanation;
}

/** A query ready to run. */
export interface ScoringQuery {
  /** Scores one document: at least 0 for a match, -1 for none. */
  readonly score: (document: SearchDocument) => number;
  /** True when every match has the same score, so that the first matches are also the best ones. */
  readonly isConstant: boolean;
  /** True when the server knows the number of matches without looking at them. */
  readonly isCounted?: boolean;
  /**
   * What is counted only where no hits are shown: points within bounds, or which documents have a
   * field. Absent: it is counted everywhere.
   */
  readonly countedAlone?: "points" | "presence" | undefined;
  /** True when every document matches. */
  readonly matchesAll?: boolean;
  /** True when the server's rewriting leaves nothing of the query, before it is made. */
  readonly isNone?: boolean;
  /** How scores come about, made when it is asked for. Absent, or nothing: it is not known. */
  readonly explained?: (() => QueryExplanation | undefined) | undefined;
  /**
   * The query with a boost that changes its parts, where the whole score is not multiplied by it.
   * Absent: it is.
   */
  readonly reboosted?: ((boost: number) => ScoringQuery) | undefined;
  /** Of a query for any of several terms of one field: whether a term is one of them. */
  readonly acceptsTerm?: (term: string) => boolean;
}

/** Settings of an index that bound what a search may ask for. */
export interface SearchLimits {
  readonly maxResultWindow: number;
  readonly maxInnerResultWindow: number;
  readonly maxRescoreWindow: number;
  readonly maxDocvalueFields: number;
  readonly maxScriptFields: number;
  readonly maxTermsCount: number;
  readonly maxRegexLength: number;
  readonly maxSlices: number;
  /** Characters of a value that is highlighted. */
  readonly maxAnalyzedOffset: number;
  /** False: queries that look at many terms or documents are refused. */
  readonly allowsExpensive: boolean;
  /** True: `_id` can be sorted and grouped by. */
  readonly allowsIdFielddata: boolean;
  /** `index.query.default_field`. */
  readonly defaultFields: readonly string[];
}

/** The limits of an index that sets none. */
export const defaultLimits: SearchLimits = {
  maxResultWindow: 10_000,
  maxInnerResultWindow: 100,
  maxRescoreWindow: 10_000,
  maxDocvalueFields: 100,
  maxScriptFields: 32,
  maxTermsCount: 65_536,
  maxRegexLength: 1000,
  maxSlices: 1024,
  maxAnalyzedOffset: 1_000_000,
  allowsExpensive: true,
  allowsIdFielddata: false,
  defaultFields: ["*"],
};
