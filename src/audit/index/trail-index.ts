/** The indexes of a directory, opened when they are asked for. */
import type { Filter } from "../../kql/filter.ts";
import { readField } from "../../kql/record-fields.ts";
import type { FieldTerm } from "../../kql/term-bounds.ts";
import type { FoundLine, LineIndex } from "../read/line-index.ts";
import type { Segment } from "../read/segment.ts";
import { readFactsKey } from "../facts/facts-files.ts";
import { halvesField, indexedFields } from "./index-format.ts";
import { IndexError, IndexFile, type FoundEntry } from "./index-file.ts";
import type { CountedSegment } from "./overview-scan.ts";
import { DocumentHasher } from "./index-keys.ts";

/** Which entries of a segment are parts of which reads, by their numbers. */
export interface ReadTerms {
  termsOf(segment: Segment): readonly FieldTerm[];
}

/** Is told of an index that is not used: the segment is read instead. */
export type IndexNotice = (segment: string, reason: string) => void;

/** At 2 GB a second, and 50 µs for an entry. */
const usualBytesPerLookUp = 100_000;
/** Indexes that are open at the same time. */
const mostOpen = 8;

/**
 * Finds what indexes know. An index that is not of its segment any more is told once and counts as
 * none. Changes nothing; `close` ends it.
 */
export class TrailIndex implements LineIndex {
  readonly #directory: string;
  readonly #onNotice: IndexNotice;
  readonly #bytesPerLookUp: number;
  /** Made when the first document is searched for. */
  #hasher: DocumentHasher | undefined = undefined;
  readonly #open = new Map<string, IndexFile>();
  readonly #without = new Set<string>();
  /** Knows the values of {@link readField}, which no index has; `undefined`: nobody does. */
  reads: ReadTerms | undefined = undefined;

  /**
   * @param directory of the audit, or a copy of it
   * @param bytesPerLookUp of a segment that are read in their order while one entry is looked up
   */
  constructor(directory: string, onNotice: IndexNotice, bytesPerLookUp = usualBytesPerLookUp) {
    this.#directory = directory;
    this.#onNotice = onNotice;
    this.#bytesPerLookUp = bytesPerLookUp;
  }

  close(): void {
    for (const file of this.#open.values()) file.close();
    this.#open.clear();
  }

  /** Lines of entries whose id ends so; `undefined`: the segment has no index. */
  linesOf(segment: Segment, idEnd: string): readonly FoundLine[] | undefined {
    return this.#ask(segment, (file) => file.withIdEnd(idEnd).flatMap(linesOfEntry));
  }

  /** The lines that may matter to a filter, where they are few. */
  linesFor(segment: Segment, filter: Filter | undefined): readonly FoundLine[] | undefined {
    if (filter === undefined) return undefined;
    return this.#ask(segment, (file) => {
      if (file.hasGarbage) return undefined;
      const known = new Set(indexedFields);
      const numbers = filter.possible({
        count: file.entryCount,
        terms: (field) => {
          if (field === readField) return this.reads?.termsOf(segment);
          return known.has(field) ? file.terms(field) : undefined;
        },
        uncertain: file.terms(halvesField).flatMap((term) => term.numbers),
      });
      if (numbers.length * this.#bytesPerLookUp > segment.size) return undefined;
      return file
        .entries(numbers)
        .flatMap(linesOfEntry)
        .sort((one, other) => one.at - other.at);
    });
  }

  /**
   * What is counted of a segment, and the lines that are not, in their order: those of exchanges
   * that lie in two segments, and records that stand alone.
   *
   * @returns `undefined`: the segment has to be read
   */
  overviewOf(segment: Segment): CountedSegment | undefined {
    return this.#ask(segment, (file) => {
      const overview = file.hasGarbage ? undefined : file.overview();
      if (overview === undefined) return undefined;
      const rest = file
        .entries(file.terms(halvesField).flatMap(({ numbers }) => numbers))
        .flatMap(linesOfEntry)
        .sort((one, other) => one.at - other.at);
      return { overview, rest };
    });
  }

  /**
   * Where the documents of exchanges begin that may have to do with a document; `undefined`: the
   * segment has no index, or its key is not there.
   *
   * @param covers whether an index is one of those that are asked for
   */
  documentsOf(
    segment: Segment,
    id: string,
    covers: (index: string) => boolean,
  ): readonly number[] | undefined {
    return this.#ask(segment, (file) => {
      const hasher = this.#hasherOf(file);
      const names = file.documentIndices().filter(covers);
      const found = names.flatMap((name) => file.withDocument(hasher.hash(name, id)));
      const places = found.flatMap(({ documentsAt }) => documentsAt ?? []);
      return [...new Set(places)].sort((one, other) => one - other);
    });
  }

  /**
   * How many exchanges returned or wrote documents of which nothing tells the ids.
   *
   * @param mayOverlap whether a list of expressions may name an index that is asked for
   * @param isInTime whether an exchange that began then is asked for
   */
  untoldOf(
    segment: Segment,
    mayOverlap: (list: string) => boolean,
    isInTime: (beganMs: number) => boolean,
  ): number | undefined {
    return this.#ask(segment, (file) => {
      const hasher = this.#hasherOf(file);
      const lists = file.documentIndices().filter(mayOverlap);
      const found = lists.flatMap((list) => file.withDocument(hasher.hash(list, "")));
      return found.filter(({ beganMs }) => isInTime(beganMs)).length;
    });
  }

  /** Keys of searches that calls go on with; `undefined`: the segment has no index. */
  continuedKeys(segment: Segment): readonly number[] | undefined {
    return this.#ask(segment, (file) => file.continuedKeys());
  }

  /** Calls of reads with any of these keys, in their order; `undefined`: there is no index. */
  callsWith(segment: Segment, keys: ReadonlySet<number>): readonly FoundEntry[] | undefined {
    return this.#ask(segment, (file) => file.entries(file.withReadKeys(keys)));
  }

  /** All entries, in their order; `undefined`: there is no index. */
  entriesOf(segment: Segment): readonly FoundEntry[] | undefined {
    return this.#ask(segment, (file) =>
      file.entries(Array.from({ length: file.entryCount }, (_, number) => number)),
    );
  }

  #hasherOf(file: IndexFile): DocumentHasher {
    if (this.#hasher === undefined) {
      const key = readFactsKey(this.#directory);
      if (key === undefined) throw new IndexError("the directory has no facts/key");
      this.#hasher = new DocumentHasher(key);
    }
    if (this.#hasher.name !== file.keyName) throw new IndexError("it was made with another key");
    return this.#hasher;
  }

  /** Asks the index of a segment; `undefined`: there is none that can be used. */
  #ask<T>(segment: Segment, question: (file: IndexFile) => T): T | undefined {
    const file = this.#file(segment);
    if (file === undefined) return undefined;
    try {
      return question(file);
    } catch (error) {
      this.#forget(segment, error);
      return undefined;
    }
  }

  #file(segment: Segment): IndexFile | undefined {
    const { name } = segment;
    const known = this.#open.get(name);
    if (known !== undefined || !segment.isSealed || this.#without.has(name)) return known;
    try {
      const file = IndexFile.open(this.#directory, segment);
      if (file === undefined) {
        this.#without.add(name);
        return undefined;
      }
      for (const [other, oldest] of this.#open) {
        if (this.#open.size < mostOpen) break;
        oldest.close();
        this.#open.delete(other);
      }
      this.#open.set(name, file);
      return file;
    } catch (error) {
      this.#forget(segment, error);
      return undefined;
    }
  }

  #forget({ name }: Segment, error: unknown): void {
    this.#open.get(name)?.close();
    this.#open.delete(name);
    this.#without.add(name);
    const reason = error instanceof Error ? error.message : String(error);
    this.#onNotice(name, error instanceof IndexError ? reason : `it cannot be read: ${reason}`);
  }
}

function linesOfEntry({ opening, closing }: FoundEntry): FoundLine[] {
  return [
    ...(opening === undefined ? [] : [{ ...opening, isClosing: false }]),
    ...(closing === undefined ? [] : [{ ...closing, isClosing: true }]),
  ];
}
