/** Gives the entries of one journal from a saved position on, each once, as they are written. */
import { factsStem } from "../facts/facts-files.ts";
import { listJournals } from "../read/catalog.ts";
import { JournalTail, type TailPlace } from "../read/journal-tail.ts";
import type { ReadListener } from "../read/read-problem.ts";
import { Selection, type FactsSource } from "../read/selection.ts";
import type { Segment } from "../read/segment.ts";
import type { TrailEntry } from "../read/trail-entry.ts";
import type { ShipPlace, ShipPosition } from "../store/ship-position.ts";

/**
 * What is read at once. Of more entries the collector has work; with less, first records are gone
 * from memory when their last ones come, and are read again. Bytes.
 */
const stepBytes = 2_097_152;

/** One journal; `close` ends it. */
export class JournalSource {
  readonly journal: string;
  readonly #directory: string;
  readonly #tail: JournalTail;
  /** Segments whose entries were all shipped by an earlier run. */
  readonly #shipped: ReadonlySet<Segment>;
  /** The segment of the saved position, and how far it was shipped. */
  readonly #partly: { readonly segment: Segment; readonly offset: number } | undefined;
  #hasLost: boolean;

  constructor(
    directory: string,
    journal: string,
    saved: ShipPosition | undefined,
    facts: FactsSource | undefined,
    listener: ReadListener,
  ) {
    this.journal = journal;
    this.#directory = directory;
    const segments = this.#segments();
    const at = placeAmong(segments, saved?.shipped);
    const from = placeAmong(segments, saved?.oldestOpen);
    const partly = segments[at.number];
    this.#hasLost = saved !== undefined && !at.isThere;
    this.#shipped = new Set(segments.slice(0, at.number));
    this.#partly =
      at.isThere && partly !== undefined
        ? { segment: partly, offset: saved?.shipped.offset ?? 0 }
        : undefined;
    this.#tail = new JournalTail(
      segments,
      {
        number: from.number,
        // A place is behind a line feed: from one byte before it, the rest of a line is passed
        // over.
        offset: from.isThere ? Math.max(0, (saved?.oldestOpen.offset ?? 0) - 1) : 0,
      },
      () => this.#segments(),
      new Selection({ facts }),
      listener,
      true,
    );
  }

  /**
   * The next entries, in the order of their last records, which are of no use after the next step;
   * `undefined`: there are no more now.
   */
  async step(): Promise<TrailEntry[] | undefined> {
    const entries = await this.#tail.step(stepBytes);
    return entries?.filter(({ opening, closing }) => {
      const line = closing ?? opening;
      if (line === undefined || this.#shipped.has(line.segment)) return false;
      return line.segment !== this.#partly?.segment || line.offset >= this.#partly.offset;
    });
  }

  /** Whether segments were removed before their entries were given, since the last call. */
  takeLost(): boolean {
    const hasLost = this.#tail.takeLost() || this.#hasLost;
    this.#hasLost = false;
    return hasLost;
  }

  /** Behind what `step` has given; `undefined`: nothing was read. */
  get position(): ShipPosition | undefined {
    const place = this.#tail.place;
    if (place === undefined) return undefined;
    const shipped = shipPlace(place);
    const open = this.#tail.oldestOpen;
    return { shipped, oldestOpen: open === undefined ? shipped : shipPlace(open) };
  }

  async close(): Promise<void> {
    await this.#tail.close();
  }

  #segments(): readonly Segment[] {
    const { journal } = this;
    return listJournals(this.#directory).find(({ name }) => name === journal)?.segments ?? [];
  }
}

function shipPlace({ segment, offset }: TailPlace): ShipPlace {
  return { stem: factsStem(segment), begunMs: segment.begunMs, offset };
}

/** Number of the segment that a place is in, or else of the first one behind it. */
function placeAmong(
  segments: readonly Segment[],
  place: ShipPlace | undefined,
): { readonly number: number; readonly isThere: boolean } {
  if (place === undefined) return { number: 0, isThere: false };
  const same = segments.findIndex((segment) => factsStem(segment) === place.stem);
  if (same >= 0) return { number: same, isThere: true };
  const later = segments.findIndex(
    // One that is empty yet does not say when it was begun: it is the youngest.
    ({ begunMs, firstMs }) => firstMs === -Infinity || begunMs > place.begunMs,
  );
  return { number: later < 0 ? segments.length : later, isThere: false };
}
