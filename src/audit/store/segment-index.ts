import type { PendingRecords } from "./pending-records.ts";

/** Names of the files that records and bodies of open exchanges may lie in, by segment. */
export class SegmentIndex {
  /** Number of the active segment. */
  current = 0;
  readonly #journals = new Map<number, string>();
  readonly #packs = new Map<number, string>();

  /** @param pack of the active segment */
  constructor(journal: string, pack: string) {
    this.name(journal);
    this.#packs.set(this.current, pack);
  }

  /** The active journal has this name, or will have it in a moment. */
  name(journal: string): void {
    this.#journals.set(this.current, journal);
  }

  /** A new segment is active. @param oldName of the journal of the one before */
  begin(oldName: string, newName: string, pack: string): void {
    this.name(oldName);
    this.current += 1;
    this.name(newName);
    this.#packs.set(this.current, pack);
  }

  /** Id and journal of everything open; forgets segments in which nothing open lies. */
  place(open: PendingRecords): [id: string, segment: string][] {
    const placed: [string, string][] = [];
    let oldest = this.current;
    open.forEach((record) => {
      oldest = Math.min(oldest, record.segment);
      placed.push([record.id, this.#journals.get(record.segment) ?? ""]);
    });
    for (const segment of this.#journals.keys())
      if (segment < oldest) {
        this.#journals.delete(segment);
        this.#packs.delete(segment);
      }
    return placed;
  }

  /** Packs of older segments that `place` has not forgotten. */
  get olderPacks(): string[] {
    return [...this.#packs].flatMap(([segment, pack]) => (segment < this.current ? [pack] : []));
  }
}
