/** One shard of an index: its documents as they are, and as searches see them. */
import { StoredDocument, type Writing } from "./stored-document.ts";

/** How many deleted ids keep their version counter; the real server forgets them after a minute. */
const maxTombstones = 10_000;

/** What a deletion did; version and sequence number exist even if there was no document. */
export interface Removal {
  readonly existed: boolean;
  readonly version: number;
  readonly seqNo: number;
}

/** The documents of one shard. Writes are seen by searches after the next {@link refresh}. */
export class ShardState {
  /** Documents in the order of their last write, which is the order of sequence numbers. */
  readonly #documents = new Map<string, StoredDocument>();
  readonly #live: Iterable<StoredDocument> & { readonly size: number };
  /** Versions that searches see although they were replaced or deleted since the last refresh. */
  readonly #replaced = new Map<string, StoredDocument>();
  readonly #tombstones = new Map<string, number>();
  #nextSeqNo = 0;
  /** Documents from here on are not seen yet. */
  #firstUnseen = 0;
  #seen: readonly StoredDocument[] | undefined;
  #snapshot: readonly StoredDocument[] | undefined;

  constructor() {
    const documents = this.#documents;
    this.#live = {
      [Symbol.iterator]: () => documents.values(),
      get size() {
        return documents.size;
      },
    };
  }

  get documentCount(): number {
    return this.#documents.size;
  }

  /** Highest sequence number given so far, -1 when nothing was written. */
  get maxSeqNo(): number {
    return this.#nextSeqNo - 1;
  }

  /** True when something was written that searches do not see. */
  get isDirty(): boolean {
    return this.#firstUnseen < this.#nextSeqNo;
  }

  /** The document as it is now, seen or not. */
  find(id: string): StoredDocument | undefined {
    return this.#documents.get(id);
  }

  /** The document as searches see it. */
  findSeen(id: string): StoredDocument | undefined {
    const replaced = this.#replaced.get(id);
    if (replaced !== undefined) return replaced;
    const document = this.#documents.get(id);
    return document !== undefined && document.seqNo < this.#firstUnseen ? document : undefined;
  }

  /** Documents as they are now; shows at each reading what is stored then. */
  live(): Iterable<StoredDocument> & { readonly size: number } {
    return this.#live;
  }

  /** Documents as searches see them; can be read any number of times until the next refresh. */
  seen(): Iterable<StoredDocument> & { readonly size?: number } {
    if (!this.isDirty) return this.#live;
    return (this.#seen ??= this.#collectSeen());
  }

  /** Documents as searches see them at this moment, shared by all who ask before the next write. */
  snapshot(): readonly StoredDocument[] {
    if (this.isDirty) return (this.#seen ??= this.#collectSeen());
    return (this.#snapshot ??= [...this.#documents.values()]);
  }

  #collectSeen(): readonly StoredDocument[] {
    const seen: StoredDocument[] = [];
    for (const document of this.#documents.values()) {
      if (document.seqNo >= this.#firstUnseen) break;
      seen.push(document);
    }
    if (this.#replaced.size > 0) {
      seen.push(...this.#replaced.values());
      seen.sort((a, b) => a.seqNo - b.seqNo);
    }
    return seen;
  }

  /** Makes every write seen. */
  refresh(): void {
    this.#firstUnseen = this.#nextSeqNo;
    this.#replaced.clear();
    this.#seen = undefined;
  }

  /** Version that the next write of an id gets, also when the last one was a deletion. */
  nextVersion(id: string): number {
    return (this.#documents.get(id)?.version ?? this.#tombstones.get(id) ?? 0) + 1;
  }

  /**
   * Stores a document under its id, replacing an earlier version.
   *
   * @param earlier what {@link find} gives for the id
   */
  put(
    index: string,
    writing: Writing,
    write: number,
    earlier: StoredDocument | undefined,
  ): StoredDocument {
    const { id } = writing;
    let { version } = writing;
    if (version === undefined)
      version = earlier === undefined ? this.#reborn(id) : earlier.version + 1;
    if (earlier !== undefined) {
      this.#documents.delete(id);
      this.#keepSeen(earlier);
    }
    const document = new StoredDocument(index, writing, write, version, this.#nextSeqNo++);
    this.#documents.set(id, document);
    this.#snapshot = undefined;
    return document;
  }

  /** Takes over a document of another index as it is; to be called in the order of numbers. */
  adopt(index: string, document: StoredDocument): void {
    const { write, version, seqNo, id } = document;
    const { text, routing, ignored } = document;
    const writing = { id, text, routing, ignored, version };
    this.#documents.set(id, new StoredDocument(index, writing, write, version, seqNo));
    this.#nextSeqNo = Math.max(this.#nextSeqNo, seqNo + 1);
    this.#firstUnseen = this.#nextSeqNo;
    this.#snapshot = undefined;
  }

  /** Removes a document. */
  remove(id: string, given?: number): Removal {
    const earlier = this.#documents.get(id);
    const version = given ?? this.nextVersion(id);
    if (earlier !== undefined) {
      this.#documents.delete(id);
      this.#keepSeen(earlier);
      this.#snapshot = undefined;
    }
    this.#tombstones.delete(id);
    this.#tombstones.set(id, version);
    if (this.#tombstones.size > maxTombstones) {
      const [oldest] = this.#tombstones.keys();
      if (oldest !== undefined) this.#tombstones.delete(oldest);
    }
    return { existed: earlier !== undefined, version, seqNo: this.#nextSeqNo++ };
  }

  #keepSeen(document: StoredDocument): void {
    if (document.seqNo < this.#firstUnseen) this.#replaced.set(document.id, document);
  }

  #reborn(id: string): number {
    if (this.#tombstones.size === 0) return 1;
    const last = this.#tombstones.get(id);
    this.#tombstones.delete(id);
    return (last ?? 0) + 1;
  }
}
