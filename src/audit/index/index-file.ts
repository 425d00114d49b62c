/** Reads the index of one segment. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";

import { factsStem } from "../facts/facts-files.ts";
import type { Segment } from "../read/segment.ts";
import { indexEnding, indexVersion } from "./index-format.ts";
import { entriesInBlock, entriesOfBlock, type IndexedEntry } from "./entry-blocks.ts";
import type { TermValue } from "./index-contents.ts";
import { idKeyRange } from "./index-keys.ts";
import { checkedBlock, termSum, textsSum } from "./checksums.ts";
import { numbersInBlock } from "./keyed-numbers.ts";
import { numbersIn } from "./number-list.ts";
import type { SegmentOverview } from "./segment-overview.ts";
import { differenceFrom } from "./segment-mark.ts";

/** An entry that was found. */
export interface FoundEntry extends IndexedEntry {
  readonly number: number;
}

/** Tables with blocks of keys. */
type KeyedTable = "ids" | "documents" | "reads";

/** So many keys are looked up; for more the whole table is read, some milliseconds. */
const fewKeys = 32;

/** An index that cannot be used; the message says why. */
export class IndexError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "IndexError";
  }
}

/** An open index; `close` ends it. It is opened so that nothing on the disk changes. */
export class IndexFile {
  readonly #database: DatabaseSync;
  /** Before compression. */
  #segmentBytes = 0;

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /**
   * Opens the index of a segment.
   *
   * @returns `undefined`: there is none
   * @throws {IndexError} when it is not one of what the segment is now
   */
  static open(directory: string, segment: Segment): IndexFile | undefined {
    const path = join(directory, factsStem(segment) + indexEnding);
    const status = statSync(path, { throwIfNoEntry: false });
    if (status === undefined) return undefined;
    // SQLite would wait for the other end of a FIFO.
    if (!status.isFile()) throw new IndexError("it is no file");
    const url = pathToFileURL(path);
    // Locks nothing and makes no files beside it: the file never changes, only its name.
    url.search = "?mode=ro&immutable=1";
    let database: DatabaseSync | undefined;
    try {
      database = new DatabaseSync(url, { readOnly: true });
      const file = new IndexFile(database);
      file.#check(directory, segment);
      return file;
    } catch (error) {
      database?.close();
      if (error instanceof IndexError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new IndexError(`it cannot be read: ${reason}`);
    }
  }

  /** Name of the key that its documents are hashed with; see `DocumentHasher`. */
  get keyName(): string {
    return String(this.#meta().get("key"));
  }

  /** Entries whose id ends so; perhaps others, too, when more than ten digits are given. */
  withIdEnd(end: string): FoundEntry[] {
    return this.entries(this.#numbers("ids", ...idKeyRange(end)));
  }

  /** Entries that have to do with a document with this hash. */
  withDocument(hash: number): FoundEntry[] {
    return this.entries(this.#numbers("documents", hash, hash));
  }

  /** Numbers of the calls of reads with any of these keys, ascending; see `read-keys.ts`. */
  withReadKeys(keys: ReadonlySet<number>): number[] {
    const numbers =
      keys.size <= fewKeys
        ? [...keys].flatMap((key) => this.#numbers("reads", key, key))
        : this.#database
            .prepare("SELECT first, content FROM reads")
            .all()
            .flatMap((row) => numbersOfRow("reads", row, (key) => keys.has(key)));
    return [...new Set(numbers)].sort((one, other) => one - other);
  }

  /** Keys of searches that calls of the segment go on with. */
  continuedKeys(): number[] {
    const keys: number[] = [];
    for (const row of this.#database.prepare("SELECT first, content FROM continued").all())
      numbersOfRow("continued", row, (key) => keys.push(key) < 0);
    return keys;
  }

  /** Names of indices that documents are of; "" where an answer does not say one. */
  documentIndices(): string[] {
    const rows = this.#database.prepare("SELECT name FROM names").all();
    const names = rows.map(({ name }) => String(name)).sort();
    return textsSum(names) === this.#meta().get("names") ? names : isDamaged();
  }

  /** The values of a field, and who has them. */
  terms(field: string): { readonly value: TermValue; readonly numbers: readonly number[] }[] {
    const rows = this.#database
      .prepare("SELECT value, numbers, sum FROM terms WHERE field = ?")
      .all(field);
    return rows.map(({ value, numbers, sum }) => {
      if (termSum(field, value, numbers) !== sum) isDamaged();
      return { value: typeof value === "number" ? value : String(value), numbers: listOf(numbers) };
    });
  }

  /** Entries by their numbers; those that are not there are left out. */
  entries(numbers: readonly number[]): FoundEntry[] {
    const block = this.#database.prepare("SELECT content FROM entries WHERE first = ?");
    let entries: readonly IndexedEntry[] = [];
    let loaded = -1;
    return numbers.flatMap((number) => {
      const first = number - (number % entriesOfBlock);
      if (first !== loaded) {
        const row = block.get(first);
        if (row === undefined) isDamaged();
        entries = entriesInBlock(checkedBlock("entries", first, row["content"]) ?? isDamaged());
        loaded = first;
      }
      const entry = entries[number - first];
      return entry === undefined ? [] : [{ number, ...this.#checked(entry) }];
    });
  }

  /** @throws {IndexError} when its lines are not within the segment */
  #checked(entry: IndexedEntry): IndexedEntry {
    for (const line of [entry.opening, entry.closing])
      if (line !== undefined && !(line.at >= 0 && line.at + line.length <= this.#segmentBytes))
        isDamaged();
    return entry;
  }

  /** What is counted of the segment; `undefined`: nothing is. */
  overview(): SegmentOverview | undefined {
    const row = this.#database.prepare("SELECT content FROM overview").get();
    if (row === undefined) return undefined;
    // Only `OverviewBuilder` makes such rows.
    return JSON.parse(String(row["content"])) as SegmentOverview;
  }

  /** How many entries there are. */
  get entryCount(): number {
    return Number(this.#meta().get("entries"));
  }

  /** Whether the segment has bytes that are no record, which readers tell of. */
  get hasGarbage(): boolean {
    return this.#meta().get("garbage") !== 0;
  }

  close(): void {
    this.#database.close();
  }

  #meta(): Map<string, unknown> {
    const rows = this.#database.prepare("SELECT name, value FROM meta").all();
    return new Map(rows.map(({ name, value }) => [String(name), value]));
  }

  /** The numbers of the keys from `first` to `last`. */
  #numbers(table: KeyedTable, first: number, last: number): number[] {
    // Keys below the first one of a block stand in the block before it.
    const rows = this.#database
      .prepare(
        `SELECT first, content FROM ${table} WHERE first <= ?2 AND first >= ` +
          `coalesce((SELECT max(first) FROM ${table} WHERE first <= ?1), 0)`,
      )
      .all(first, last);
    return rows.flatMap((row) => numbersOfRow(table, row, (key) => key >= first && key <= last));
  }

  #check(directory: string, segment: Segment): void {
    const meta = this.#meta();
    this.#segmentBytes = Number(meta.get("segmentBytes"));
    if (meta.get("version") !== indexVersion) throw new IndexError("it is of another version");
    const difference = differenceFrom(Object.fromEntries(meta), directory, segment);
    if (difference !== undefined) throw new IndexError(difference);
  }
}

function isDamaged(): never {
  throw new IndexError("it is damaged");
}

function numbersOfRow(
  table: string,
  { first, content }: Readonly<Record<string, unknown>>,
  isWanted: (key: number) => boolean,
): number[] {
  const block = checkedBlock(table, Number(first), content) ?? isDamaged();
  return numbersInBlock([Number(first), block], isWanted);
}

/** A list of numbers as it is stored. */
function listOf(value: unknown): number[] {
  if (typeof value === "number") return [value];
  return value instanceof Uint8Array ? numbersIn(value) : [];
}
