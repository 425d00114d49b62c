/** Which exchanges are held, and which segments hold any of them. */
import { existsSync } from "node:fs";
import { join } from "node:path";

import { compileFilter, type Filter } from "../../kql/filter.ts";
import { FactsReader } from "../facts/facts-reader.ts";
import { listJournals } from "../read/catalog.ts";
import { JournalScanner } from "../read/journal-scanner.ts";
import type { ReadListener } from "../read/read-problem.ts";
import { Selection } from "../read/selection.ts";
import type { TrailEntry } from "../read/trail-entry.ts";
import { fileOf, pointersOf } from "./body-pointers.ts";
import { holdsFile, readHolds, type Hold } from "./holds.ts";
import type { SegmentUnit } from "./segment-unit.ts";

/** What was found to be held is not looked at again for so long. Milliseconds. */
const rememberMs = 3_600_000;

const noHolds = "[]";

/** The filter of all holds together; `undefined`: nothing is held. @throws {KqlError} */
export function filterOfHolds(holds: readonly Hold[], nowMs: number): Filter | undefined {
  const parts = holds.flatMap(({ filter, ids }) => [
    ...(filter === undefined ? [] : [`(${filter})`]),
    ...ids.map((id) => `event.id: "${id}"`),
  ]);
  return parts.length === 0 ? undefined : compileFilter(parts.join(" or "), { nowMs });
}

/** Says of one entry whether it is held. `close` when it is not asked any more. */
export class HeldEntries {
  readonly #selection: Selection | undefined;
  readonly #facts: FactsReader;

  /** @throws {Error} for holds that cannot be read: then nothing may be removed */
  constructor(directory: string, nowMs: number) {
    const filter = filterOfHolds(readHolds(directory), nowMs);
    this.#facts = new FactsReader(directory);
    this.#selection =
      filter && new Selection({ filter, facts: this.#facts.factsOf, takesUnsearched: true });
  }

  /** @param entry with both records, where the trail has both */
  has(entry: TrailEntry): boolean {
    return this.#selection?.matches(entry) ?? false;
  }

  close(): void {
    this.#facts.close();
  }
}

/**
 * Says of segments whether a record or a body of a held exchange lies in them. An exchange may end
 * long behind the segment in which it began, and its bodies lie where they began: so the whole
 * journal is looked through, once for all its segments.
 */
export class HeldSegments {
  readonly #directory: string;
  readonly #places = new Map<string, Promise<ReadonlySet<string> | "unreadable">>();
  /** Segments that are held, and when that was found. */
  readonly #known = new Map<string, number>();
  #text = "";
  #filter: Filter | undefined = undefined;
  #nowMs = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * Before segments are asked about.
   *
   * @throws {Error} for holds that cannot be read, or that went with their file, which `audit hold
   *   remove` leaves
   */
  begin(nowMs: number): void {
    const holds = readHolds(this.#directory);
    const text = JSON.stringify(holds);
    const path = join(this.#directory, holdsFile);
    if (this.#text.length > noHolds.length && holds.length === 0 && !existsSync(path))
      throw new Error(`${path} was removed: nothing is removed until it is back`);
    if (text !== this.#text) this.#known.clear();
    this.#text = text;
    this.#nowMs = nowMs;
    this.#filter = filterOfHolds(holds, nowMs);
    this.#places.clear();
  }

  /** What cannot be read may be held. */
  async has({ name, pack, journal, segment }: SegmentUnit): Promise<boolean> {
    if (this.#filter === undefined) return false;
    if (segment === undefined) return true;
    if (this.#nowMs - (this.#known.get(name) ?? -Infinity) < rememberMs) return true;
    const found = this.#places.get(journal) ?? this.#find(journal, this.#filter);
    this.#places.set(journal, found);
    const places = await found;
    const isHeld = places === "unreadable" || places.has(segment.name) || places.has(pack);
    if (isHeld) this.#known.set(name, this.#nowMs);
    return isHeld;
  }

  /** Names of the segments and packs of a journal in which something is held. */
  async #find(journal: string, filter: Filter): Promise<ReadonlySet<string> | "unreadable"> {
    const segments = listJournals(this.#directory).find(({ name }) => name === journal)?.segments;
    let isUnreadable = false;
    const listener: ReadListener = {
      problem: ({ kind }) => {
        isUnreadable ||= kind === "unreadable";
      },
      gap: () => undefined,
    };
    const facts = new FactsReader(this.#directory);
    const selection = new Selection({ filter, facts: facts.factsOf, takesUnsearched: true });
    const scanner = new JournalScanner(segments ?? [], [], selection, listener);
    const places = new Set<string>();
    try {
      for (let entries = await scanner.step(); entries; entries = await scanner.step())
        for (const entry of entries) addPlaces(entry, places);
      return isUnreadable ? "unreadable" : places;
    } finally {
      await scanner.close();
      facts.close();
    }
  }
}

function addPlaces({ opening, closing }: TrailEntry, places: Set<string>): void {
  for (const line of [opening, closing])
    if (line !== undefined) {
      places.add(line.segment.name);
      for (const pointer of pointersOf(line.document ?? {})) places.add(fileOf(pointer));
    }
}
