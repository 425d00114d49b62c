/** Reads the index of one segment. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";

import { factsStem } from "../facts/facts-files.ts";
import type { Segment } from "../read/segment.ts";
import { indexEnding, indexVersion } from "./index-format.ts";
import type { IndexedLine, TermValue } from "./index-contents.ts";
import { idKeyRange } from "./index-keys.ts";
import { numbersIn } from "./number-list.ts";
import type { SegmentOverview } from "./segment-overview.ts";
import { differenceFrom, sizeOf } from "./segment-mark.ts";

/** What an index knows of an exchange, a session or a single record. */
export interface FoundEntry {
  readonly number: number;
  /** First record, or one that stands alone; `undefined`: it lies in another segment. */
  readonly opening: IndexedLine | undefined;
  readonly closing: IndexedLine | undefined;
  /** Where its documents begin in their file; `undefined`: it has none. */
  readonly documentsAt: number | undefined;
}

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
    if (sizeOf(path) < 0) return undefined;
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
    const rows = this.#database
      .prepare("SELECT numbers FROM ids WHERE key BETWEEN ? AND ?")
      .all(...idKeyRange(end));
    return this.entries(rows.flatMap(({ numbers }) => listOf(numbers)));
  }

  /** Entries that have to do with a document with this hash. */
  withDocument(hash: number): FoundEntry[] {
    const row = this.#database.prepare("SELECT numbers FROM documents WHERE hash = ?").get(hash);
    return row === undefined ? [] : this.entries(listOf(row["numbers"]));
  }

  /** Names of indices that documents are of; "" where an answer does not say one. */
  documentIndices(): string[] {
    const rows = this.#database.prepare("SELECT name FROM names").all();
    return rows.map(({ name }) => String(name));
  }

  /** The values of a field, and who has them. */
  terms(field: string): { readonly value: TermValue; readonly numbers: readonly number[] }[] {
    const rows = this.#database
      .prepare("SELECT value, numbers FROM terms WHERE field = ?")
      .all(field);
    return rows.map(({ value, numbers }) => ({
      value: typeof value === "number" ? value : String(value),
      numbers: listOf(numbers),
    }));
  }

  /** Rows by their numbers; those that are not there are left out. */
  entries(numbers: readonly number[]): FoundEntry[] {
    const row = this.#database.prepare("SELECT * FROM entries WHERE number = ?");
    return numbers.flatMap((number) => {
      const found = row.get(number);
      if (found === undefined) return [];
      const documentsAt = found["documents_at"];
      return {
        number,
        opening: lineOf(found["opening_at"], found["opening_length"]),
        closing: lineOf(found["closing_at"], found["closing_length"]),
        documentsAt: typeof documentsAt === "number" ? documentsAt : undefined,
      };
    });
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

  #check(directory: string, segment: Segment): void {
    const meta = this.#meta();
    if (meta.get("version") !== indexVersion) throw new IndexError("it is of another version");
    const difference = differenceFrom(Object.fromEntries(meta), directory, segment);
    if (difference !== undefined) throw new IndexError(difference);
  }
}

function lineOf(at: unknown, length: unknown): IndexedLine | undefined {
  return typeof at === "number" && typeof length === "number" ? { at, length } : undefined;
}

/** A list of numbers as it is stored. */
function listOf(value: unknown): number[] {
  if (typeof value === "number") return [value];
  return value instanceof Uint8Array ? numbersIn(value) : [];
}
