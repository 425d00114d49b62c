import type { PendingRecords } from "./pending-records.ts";

/** Names of the files that first records of open exchanges may lie in, by number. */
export class SegmentIndex {
  /** Number of the active file. */
  current = 0;
  readonly #names = new Map<number, string>();

  /** The active file has this name, or will have it in a moment. */
  name(name: string): void {
    this.#names.set(this.current, name);
  }

  /** A new file is active. @param oldName of the one before */
  begin(oldName: string, newName: string): void {
    this.name(oldName);
    this.current += 1;
    this.name(newName);
  }

  /** Id and file of everything open; forgets files in which nothing open lies. */
  place(open: PendingRecords): [id: string, segment: string][] {
    const placed: [string, string][] = [];
    let oldest = this.current;
    open.forEach((record) => {
      oldest = Math.min(oldest, record.segment);
      placed.push([record.id, this.#names.get(record.segment) ?? ""]);
    });
    for (const segment of this.#names.keys()) if (segment < oldest) this.#names.delete(segment);
    return placed;
  }
}
