/** Finds one entry of a trail by its id. */
import { Buffer } from "node:buffer";

import { LineHead, type HeadKind } from "../format/line-head.ts";
import { textAt } from "../format/audit-document.ts";
import { listReadable, lockedSegments, type JournalSegments } from "./catalog.ts";
import { findLine, mayHoldOpening } from "./find-line.ts";
import type { FoundLine, LineIndex } from "./line-index.ts";
import { LineWindow } from "./line-window.ts";
import { timeOfId } from "./pending-requests.ts";
import { SegmentProblems, tellLocked, type ReadListener } from "./read-problem.ts";
import { SegmentFiles } from "./segment-files.ts";
import type { Segment } from "./segment.ts";
import { RecordLine, TrailEntry } from "./trail-entry.ts";

const firstKinds: readonly HeadKind[] = ["opening", "single"];
const anyKinds: readonly HeadKind[] = ["opening", "single", "closing"];
const idLength = 36;
const wholeId = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * The entry with this id, or the youngest one of the first journal that has one whose id ends so,
 * or else holds this part; `undefined`: there is none.
 *
 * @param index asked before segments are read
 * @throws {CatalogError} when the directory holds no trail
 */
export async function findEntry(
  directory: string,
  idPart: string,
  listener: ReadListener,
  index?: LineIndex,
): Promise<TrailEntry | undefined> {
  const part = idPart.toLowerCase();
  const journals = listReadable(directory);
  const entry = await searchJournals(journals, part, listener, index);
  // An index knows the ends of ids only.
  const found =
    entry === undefined && index !== undefined && !wholeId.test(part)
      ? await searchJournals(journals, part, listener, undefined)
      : entry;
  if (found === undefined) tellLocked(lockedSegments(directory), listener);
  return found;
}

async function searchJournals(
  journals: readonly JournalSegments[],
  part: string,
  listener: ReadListener,
  index: LineIndex | undefined,
): Promise<TrailEntry | undefined> {
  for (const journal of journals) {
    const search = new Search(journal, listener, index);
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
  readonly #index: LineIndex | undefined;
  readonly #files = new SegmentFiles();
  readonly #window = new LineWindow();

  constructor({ segments }: JournalSegments, listener: ReadListener, index: LineIndex | undefined) {
    this.#segments = segments;
    this.#listener = listener;
    this.#index = index;
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
        const known = this.#index?.linesOf(segment, id);
        const line =
          known === undefined
            ? await findLine(this.#files, this.#window, segment, id, kinds)
            : await this.#known(segment, known, id, kinds);
        if (line !== undefined) return line;
      } catch (error) {
        new SegmentProblems(segment.name, this.#listener).unreadable(0, error);
      }
    }
    return undefined;
  }

  /** The first of the lines that an index has found which is of one of these kinds. */
  async #known(
    segment: Segment,
    lines: readonly FoundLine[],
    idEnd: string,
    kinds: readonly HeadKind[],
  ): Promise<RecordLine | undefined> {
    const head = new LineHead();
    for (const { at, length } of lines.toSorted((one, other) => one.at - other.at)) {
      const bytes = await this.#files.readLine(segment, at, length);
      head.read(bytes, 0, bytes.length);
      const id = bytes.toString("latin1", head.idAt, head.idAt + idLength);
      if (head.idAt >= 0 && id.endsWith(idEnd) && kinds.includes(head.kind))
        return new RecordLine(segment, at, bytes);
    }
    return undefined;
  }
}
