/** What the explorer asks: the trail of a directory, or of a whole fleet. */
import type { SegmentOverview } from "../audit/index/segment-overview.ts";
import type { ReadListener } from "../audit/read/read-problem.ts";
import type { TrailEntry } from "../audit/read/trail-entry.ts";
import type { ReadOperation } from "../elasticsearch/reads/read-operation.ts";
import type { EntryRow, rowColumns } from "./entry-row.ts";
import type { Question } from "./question.ts";

/** Who is told of problems, gaps, and how far it is. */
export interface TrailTold {
  readonly listener: ReadListener;
  readonly onProgress: (done: number, total: number) => void;
}

/** Which entries, and what they are to tell. */
export interface ReadQuestion extends Question {
  readonly order?: "any";
  /** Of which reads they are parts, also where the filter does not ask for it. */
  readonly withReads?: boolean;
}

/** Rows from the end of a trail. */
export interface YoungestRows {
  /** The youngest first. */
  readonly rows: readonly EntryRow[];
  /** Of what began from then on none is missing. Milliseconds since the epoch. */
  readonly completeFromMs: number;
}

/** Rows before an instant. */
export interface OlderRows {
  readonly columns: typeof rowColumns;
  /** The youngest first. */
  readonly rows: readonly EntryRow[];
  /** There are none before these. */
  readonly isAll: boolean;
}

/** An exchange that names a document. */
export interface TrailSighting {
  readonly entry: TrailEntry;
  readonly uses: readonly string[];
  readonly indices: readonly string[];
  /** Watched fields that were in the answer, as far as that is known. */
  readonly fields?: readonly string[];
}

/** What a trail tells of a document. */
export interface TrailSightings {
  readonly found: readonly TrailSighting[];
  /** What it does not tell, in a sentence; "": nothing is missing. */
  readonly untold: string;
}

/** Which document. */
export interface DocumentName {
  /** An index expression. */
  readonly indices: string;
  readonly id: string;
}

/** An exchange that is shown to somebody. */
export interface ShownExchange {
  readonly id: string;
  /** How many of its bodies are shown. */
  readonly bodies: number;
  /** Of whom it is shown to, as far as the connection tells. */
  readonly address: string;
}

/** What a trail consists of, as JSON. */
export interface TrailParts {
  readonly journals: readonly unknown[];
  readonly locked: readonly unknown[];
}

/**
 * A trail that is only read.
 *
 * All methods throw a `CatalogError` when the directory holds no trail, and a `ClusterError` when
 * the cluster cannot be asked.
 */
export interface ExploredTrail {
  /** Where bodies lie that do not stand in their records; empty: nowhere here. */
  readonly directory: string;
  /** Is called before each question. */
  prepare(): Promise<void>;
  /** The wanted entries, in the order in which they began, or in any. */
  read(question: ReadQuestion, told: TrailTold): AsyncIterable<readonly TrailEntry[]>;
  /** Those that end from now on. */
  tail(
    question: Pick<Question, "filter">,
    listener: ReadListener,
    signal: AbortSignal,
  ): AsyncIterable<readonly TrailEntry[]>;
  /**
   * The same without a filter and in any order, where most of it is counted already: overviews, and
   * the entries that they do not count. Absent: everything is read.
   */
  readSummed?(
    question: Omit<Question, "filter">,
    told: TrailTold,
  ): AsyncIterable<SegmentOverview | readonly TrailEntry[]>;
  /** Rows from the end of the trail; none for a question about the past. */
  youngest(question: Question, count: number): Promise<YoungestRows>;
  /**
   * Rows that began before `untilMs`: so many, if there are as many.
   *
   * @param spanMs how long so many rows took, as far as it is known
   */
  older(question: Question, count: number, spanMs: number, signal: AbortSignal): Promise<OlderRows>;
  /** With its facts; `undefined`: there is none. @param id whole, or its end */
  find(id: string): Promise<TrailEntry | undefined>;
  sightings(question: Question, document: DocumentName, told: TrailTold): Promise<TrailSightings>;
  /** Reads that took several calls, each when its last call has been read. */
  operations(onOperation: (read: ReadOperation) => void, told: TrailTold): Promise<void>;
  parts(): Promise<TrailParts>;
  /** In words, as JSON; `undefined`: there is no entry with this id. */
  proof(id: string): Promise<unknown>;
  /** Is told before an exchange is shown. */
  shown(exchange: ShownExchange): Promise<void>;
}
