/** Makes wanted entries of the lines that a joiner has found. */
import { Buffer } from "node:buffer";

import { textAt } from "../format/audit-document.ts";
import { findLine, mayHoldOpening } from "./find-line.ts";
import type { Candidate, LinePlace } from "./line-joiner.ts";
import { LineWindow } from "./line-window.ts";
import { timeOfId } from "./pending-requests.ts";
import { SegmentProblems, type ReadListener } from "./read-problem.ts";
import type { SegmentFiles } from "./segment-files.ts";
import type { Segment } from "./segment.ts";
import type { Selection } from "./selection.ts";
import { RecordLine, type TrailEntry } from "./trail-entry.ts";

/** The segments of one journal, by the numbers that the joiner knows, and their files. */
export interface AssembledJournal {
  readonly segments: readonly Segment[];
  /** Segments that are not read, but may hold a missing first record. */
  readonly earlier: readonly Segment[];
  readonly files: SegmentFiles;
}

/** The entries of one journal. */
export class EntryAssembler {
  readonly #journal: AssembledJournal;
  readonly #selection: Selection;
  readonly #listener: ReadListener;
  /** For lines of segments that were passed over; made when the first one is needed. */
  #window: LineWindow | undefined = undefined;

  constructor(journal: AssembledJournal, selection: Selection, listener: ReadListener) {
    this.#journal = journal;
    this.#selection = selection;
    this.#listener = listener;
  }

  /** Reads what has left memory, tells of gaps, and asks the filter. */
  async entriesOf(candidates: readonly Candidate[]): Promise<TrailEntry[]> {
    const entries: TrailEntry[] = [];
    for (const { opening, closing, isAlone } of candidates) {
      const first =
        opening === undefined
          ? await this.#findEarlier(closing)
          : opening instanceof RecordLine
            ? opening
            : await this.#read(opening);
      if (isAlone && textAt(first?.document ?? {}, "es_proxy.record") === "gap")
        this.#listener.gap(first?.document ?? {});
      const entry = this.#selection.select(first, closing);
      if (entry !== undefined) entries.push(entry);
    }
    return entries;
  }

  /** A line that has left memory; `undefined` when it cannot be read any more. */
  async #read(place: LinePlace): Promise<RecordLine | undefined> {
    const segment = this.#journal.segments[place.segment];
    if (segment === undefined) return undefined;
    const { offset, length, copy } = place;
    try {
      const bytes = copy ?? (await this.#journal.files.readLine(segment, offset, length));
      return new RecordLine(segment, offset, bytes);
    } catch (error) {
      new SegmentProblems(segment.name, this.#listener).unreadable(offset, error);
      return undefined;
    }
  }

  /** The first record of an exchange that began in a segment which was passed over. */
  async #findEarlier(closing: RecordLine | undefined): Promise<RecordLine | undefined> {
    const { earlier, files } = this.#journal;
    if (earlier.length === 0) return undefined;
    const id = textAt(closing?.document ?? {}, "event.id");
    if (id === undefined) return undefined;
    const idMs = timeOfId(Buffer.from(id, "latin1"), 0);
    const window = (this.#window ??= new LineWindow());
    for (const segment of earlier) {
      if (!mayHoldOpening(segment, idMs)) continue;
      try {
        const line = await findLine(files, window, segment, id, ["opening"]);
        if (line !== undefined) return line;
      } catch (error) {
        new SegmentProblems(segment.name, this.#listener).unreadable(0, error);
      }
    }
    return undefined;
  }
}
