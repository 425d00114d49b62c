/** Finds one entry of a trail by its id. */
import { Buffer } from "node:buffer";

import type { HeadKind } from "../format/line-head.ts";
import { textAt } from "../format/audit-document.ts";
import { listJournals, type JournalSegments } from "./catalog.ts";
import { findLine, mayHoldOpening } from "./find-line.ts";
import { LineWindow } from "./line-window.ts";
import { timeOfId } from "./pending-requests.ts";
import { SegmentProblems, type ReadListener } from "./read-problem.ts";
import { SegmentFiles } from "./segment-files.ts";
import type { Segment } from "./segment.ts";
import { RecordLine, TrailEntry } from "./trail-entry.ts";

const firstKinds: readonly HeadKind[] = ["opening", "single"];
const anyKinds: readonly HeadKind[] = ["opening", "single", "closing"];
const wholeId = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * The entry with this id, or the youngest one of the first journal that has one whose id holds this
 * part; `undefined`: there is none.
 *
 * @throws {CatalogError} when the directory holds no trail
 */
export async function findEntry(
  directory: string,
  idPart: string,
  listener: ReadListener,
): Promise<TrailEntry | undefined> {
  const part = idPart.toLowerCase();
  for (const journal of listJournals(directory)) {
    const search = new Search(journal, listener);
    try {
      const entry = await search.entry(part);
      if (entry !== undefined) return entry;
    } finally {
      await search.close();
    }
  }
  return undefined;
}

/** The search in one journal. */
class Search {
  readonly #segments: readonly Segment[];
  readonly #listener: ReadListener;
  readonly #files = new SegmentFiles();
  readonly #window = new LineWindow();

  constructor({ segments }: JournalSegments, listener: ReadListener) {
    this.#segments = segments;
    this.#listener = listener;
  }

  close(): Promise<void> {
    return this.#files.close();
  }

  async entry(part: string): Promise<TrailEntry | undefined> {
    if (wholeId.test(part)) return this.#whole(part);
    const found = await this.#first(this.#segments.toReversed(), part, anyKinds);
    const id = found === undefined ? undefined : textAt(found.document ?? {}, "event.id");
    return id === undefined ? undefined : this.#whole(id);
  }

  /** Both records: the first one where its time says, the last one there or behind it. */
  async #whole(id: string): Promise<TrailEntry | undefined> {
    const idMs = timeOfId(Buffer.from(id, "latin1"), 0);
    const likely = this.#segments.filter((segment) => mayHoldOpening(segment, idMs));
    const opening = await this.#first(likely, id, firstKinds);
    const behind = opening === undefined ? this.#segments.filter(({ endMs }) => endMs >= idMs) : [];
    const from = opening === undefined ? behind : this.#from(opening.segment);
    const closing = await this.#first(from, id, ["closing"]);
    return opening === undefined && closing === undefined
      ? undefined
      : new TrailEntry(opening, closing);
  }

  #from(segment: Segment): readonly Segment[] {
    return this.#segments.slice(this.#segments.indexOf(segment));
  }

  async #first(
    segments: readonly Segment[],
    id: string,
    kinds: readonly HeadKind[],
  ): Promise<RecordLine | undefined> {
    for (const segment of segments) {
      try {
        const line = await findLine(this.#files, this.#window, segment, id, kinds);
        if (line !== undefined) return line;
      } catch (error) {
        new SegmentProblems(segment.name, this.#listener).unreadable(0, error);
      }
    }
    return undefined;
  }
}
