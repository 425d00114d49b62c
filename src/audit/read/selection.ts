/** Which entries of a trail are selected, and how they are recognised. */
import type { Buffer } from "node:buffer";

import type { RecordDocument } from "../../kql/document-values.ts";
import type { Filter } from "../../kql/filter.ts";
import { findNeedle, type Needle } from "../../kql/needle.ts";
import type { Requirement } from "../../kql/prefilter.ts";
import type { FoundLine, LineIndex } from "./line-index.ts";
import { lineFormOf } from "./line-forms.ts";
import type { ReadListener } from "./read-problem.ts";
import type { BodySide } from "./recorded-body.ts";
import { searchedBodies, type OnUnsearched } from "./searched-bodies.ts";
import type { Segment } from "./segment.ts";
import { TrailEntry, type RecordLine } from "./trail-entry.ts";

/** Gives the line of what was derived from the bodies of an entry; `undefined`: nothing was. */
export type FactsSource = (entry: TrailEntry) => Buffer | undefined;

/** Gives the id of the first call of the read that an exchange is a part of. */
export type ReadSource = (id: string) => string | undefined;

/** What is wanted of a trail. */
export interface SelectionOptions {
  readonly filter?: Filter | undefined;
  /** Entries that began at this instant or later. Milliseconds since the epoch. */
  readonly sinceMs?: number | undefined;
  /** Entries that began before this instant. Milliseconds since the epoch. */
  readonly untilMs?: number | undefined;
  readonly facts?: FactsSource | undefined;
  /** Knows of which reads entries are parts, where that is asked for. */
  readonly reads?: ReadSource | undefined;
  /** Asked which lines of a segment are needed; only with facts, whose values it knows, too. */
  readonly index?: LineIndex | undefined;
  /** Is told of bodies that the filter asks for and that cannot be searched. */
  readonly listener?: Pick<ReadListener, "problem"> | undefined;
  /** An entry with such a body counts as one that matches. @default false */
  readonly takesUnsearched?: boolean;
}

const bodyField = /^http\.(?:request|response)\.body\.content(?:\.text)?$/;
/** Ids hold whole milliseconds, and borrow from the next one. */
const idSlackMs = 1000;

/** A selection, prepared for many lines. */
export class Selection {
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly #filter: Filter | undefined;
  readonly #facts: FactsSource | undefined;
  readonly #reads: ReadSource | undefined;
  readonly #index: LineIndex | undefined;
  readonly #listener: Pick<ReadListener, "problem"> | undefined;
  readonly #takesUnsearched: boolean;
  readonly #asksBodies: boolean;
  readonly #exclusions: Readonly<Record<Segment["format"], readonly Needle[]>>;
  readonly #requirements: Readonly<Record<Segment["format"], readonly Requirement[]>>;

  constructor(options: SelectionOptions) {
    this.#filter = options.filter;
    this.#facts = options.facts;
    this.#reads = options.reads;
    this.#index = options.index;
    this.#listener = options.listener;
    this.#takesUnsearched = options.takesUnsearched === true;
    const fields = Array.from(options.filter?.fields() ?? []);
    this.#asksBodies = fields.some((name) => bodyField.test(name));
    this.sinceMs = options.sinceMs ?? -Infinity;
    this.untilMs = options.untilMs ?? Infinity;
    const hasFacts = options.facts !== undefined;
    const requirements = (format: Segment["format"]): readonly Requirement[] =>
      options.filter?.prefilter(lineFormOf(format, hasFacts)) ?? [];
    const exclusions = (format: Segment["format"]): readonly Needle[] =>
      options.filter?.exclusions(lineFormOf(format, hasFacts)) ?? [];
    this.#exclusions = { ecs: exclusions("ecs"), text: exclusions("text") };
    this.#requirements = { ecs: requirements("ecs"), text: requirements("text") };
  }

  /** Bytes of which a line of every wanted entry has some; `undefined`: nothing is known. */
  needles(format: Segment["format"]): readonly Needle[] | undefined {
    return this.#requirements[format][0]?.needles;
  }

  /**
   * Bytes of which no line of a wanted exchange or session has any. A missing line may have some.
   */
  exclusions(format: Segment["format"]): readonly Needle[] {
    return this.#exclusions[format];
  }

  /**
   * Whether the entry of a line may be wanted. Ids never go back: after the wall clock did, they
   * are later than their records, by as much as it was set back.
   *
   * @param idMs time in the id
   * @param lineMs gives the time of the line
   */
  mayBegin(idMs: number, lineMs: () => number): boolean {
    if (idMs < this.sinceMs - idSlackMs) return false;
    return idMs <= this.untilMs + idSlackMs || !(lineMs() > this.untilMs + idSlackMs);
  }

  /** The entry of one or two lines, if it is wanted; nothing is parsed that is surely not. */
  select(opening: RecordLine | undefined, closing: RecordLine | undefined): TrailEntry | undefined {
    const format = (opening ?? closing)?.bytes[0] === 0x7b ? "ecs" : "text";
    for (const { needles } of this.#requirements[format])
      if (!holdsAny(opening, needles) && !holdsAny(closing, needles)) return undefined;
    const entry = new TrailEntry(opening, closing);
    return this.wants(entry) ? entry : undefined;
  }

  /** Whether the entry began in the wanted time and matches the filter. */
  wants(entry: TrailEntry): boolean {
    if (entry.startMs < this.sinceMs || entry.startMs >= this.untilMs) return false;
    return this.matches(entry);
  }

  /** The lines of a segment that are needed; `undefined`: all of them. */
  linesOf(segment: Segment): readonly FoundLine[] | undefined {
    if (this.#facts === undefined) return undefined;
    return this.#index?.linesFor(segment, this.#filter);
  }

  /** Whether the entry matches the filter; completes it with its facts. */
  matches(entry: TrailEntry): boolean {
    entry.factsLine ??= this.#facts?.(entry);
    if (this.#reads !== undefined) entry.readId = this.#reads(entry.id);
    if (this.#filter === undefined) return true;
    let isUnsure = false;
    const derived = this.#derived(entry, (side, reason) => {
      isUnsure = true;
      this.#tellUnsearched(entry, side, reason);
    });
    const documents = [entry.opening?.document, entry.closing?.document, derived].filter(
      (document) => document !== undefined,
    );
    const [first = {}, second, third] = documents;
    const isMatch = this.#filter.matches(first, second, third);
    return isMatch || (isUnsure && this.#takesUnsearched);
  }

  /** What stands on no line of the entry. */
  #derived(entry: TrailEntry, onUnsearched: OnUnsearched): RecordDocument | undefined {
    if (!this.#asksBodies || entry.kind !== "exchange") return entry.facts;
    return { ...entry.facts, http: searchedBodies(entry, onUnsearched) };
  }

  #tellUnsearched(entry: TrailEntry, side: BodySide, reason: string): void {
    const { segment, offset } = entry.opening ?? entry.closing ?? {};
    this.#listener?.problem({
      segment: segment?.name ?? "",
      offset: offset ?? 0,
      kind: "unsearched",
      message: `the ${side} body of ${entry.id} was not searched: ${reason}`,
    });
  }
}

function holdsAny(line: RecordLine | undefined, needles: readonly Needle[]): boolean {
  return line !== undefined && needles.some((needle) => findNeedle(line.bytes, needle, 0) >= 0);
}
