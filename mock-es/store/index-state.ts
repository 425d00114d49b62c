import { StoredDocument } from "./stored-document.ts";
import type { Mappings } from "./mappings.ts";
import type { IndexSettings } from "./index-settings.ts";

/** Options of an alias on one index. */
export interface AliasMetadata {
  readonly filter?: Record<string, unknown>;
  readonly index_routing?: string;
  readonly search_routing?: string;
  readonly is_write_index?: boolean;
  readonly is_hidden?: boolean;
}

/** Counters behind `_stats` and the cat endpoints. */
export interface OperationCounts {
  indexed: number;
  deleted: number;
  gets: number;
  getsMissing: number;
  searches: number;
  refreshes: number;
  flushes: number;
  merges: number;
}

/** How many deleted ids keep their version counter; the real server forgets them after a minute. */
const maxTombstones = 10_000;

/** One index: its documents, mappings, settings and aliases. */
export class IndexState {
  readonly name: string;
  readonly uuid: string;
  readonly createdMs: number;
  readonly settings: IndexSettings;
  readonly mappings: Mappings;
  readonly aliases = new Map<string, AliasMetadata>();
  readonly counts: OperationCounts = {
    indexed: 0,
    deleted: 0,
    gets: 0,
    getsMissing: 0,
    searches: 0,
    refreshes: 0,
    flushes: 0,
    merges: 0,
  };
  isClosed = false;
  /** True once any document was stored with a routing value. */
  hasRouting = false;
  /** Sum of the UTF-16 lengths of all sources, as an estimate of the store's size in bytes. */
  sourceBytes = 0;
  /** Documents in the order of their last write. */
  readonly #documents = new Map<string, StoredDocument>();
  readonly #view: Iterable<StoredDocument> = { [Symbol.iterator]: () => this.#documents.values() };
  readonly #tombstones = new Map<string, number>();
  #nextSeqNo = 0;
  #snapshot: readonly StoredDocument[] | undefined;

  constructor(
    name: string,
    uuid: string,
    createdMs: number,
    settings: IndexSettings,
    mappings: Mappings,
  ) {
    this.name = name;
    this.uuid = uuid;
    this.createdMs = createdMs;
    this.settings = settings;
    this.mappings = mappings;
  }

  get documentCount(): number {
    return this.#documents.size;
  }

  /** Highest sequence number given so far, -1 when nothing was written. */
  get maxSeqNo(): number {
    return this.#nextSeqNo - 1;
  }

  find(id: string): StoredDocument | undefined {
    return this.#documents.get(id);
  }

  /**
   * Documents in the order of their last write; can be read any number of times, and shows each
   * time what is stored then.
   */
  documents(): Iterable<StoredDocument> {
    return this.#view;
  }

  /** All documents of this moment; shared by everybody who asks before the next write. */
  snapshot(): readonly StoredDocument[] {
    this.#snapshot ??= [...this.#documents.values()];
    return this.#snapshot;
  }

  /**
   * Version that the next write of an id gets: one more than the last, also when the last was a
   * deletion.
   */
  nextVersion(id: string): number {
    return (this.#documents.get(id)?.version ?? this.#tombstones.get(id) ?? 0) + 1;
  }

  /**
   * Stores a document under its id, replacing an earlier version. `version` is set by callers that
   * use external versions.
   */
  put(id: string, text: string, routing: string | undefined, version?: number): StoredDocument {
    const earlier = this.#documents.get(id);
    let next = version;
    if (next === undefined) next = earlier === undefined ? this.#reborn(id) : earlier.version + 1;
    if (earlier !== undefined) {
      this.#documents.delete(id);
      this.sourceBytes -= earlier.text.length;
    }
    const document = new StoredDocument(this.name, id, text, next, this.#nextSeqNo++, routing);
    if (routing !== undefined) this.hasRouting = true;
    this.#documents.set(id, document);
    this.sourceBytes += text.length;
    this.counts.indexed++;
    this.#snapshot = undefined;
    return document;
  }

  /**
   * Removes a document. Answers the version and sequence number of the deletion, which exist even
   * if there was no document.
   */
  remove(
    id: string,
    version?: number,
  ): { readonly existed: boolean; readonly version: number; readonly seqNo: number } {
    const earlier = this.#documents.get(id);
    const next = version ?? this.nextVersion(id);
    if (earlier !== undefined) {
      this.#documents.delete(id);
      this.sourceBytes -= earlier.text.length;
      this.counts.deleted++;
      this.#snapshot = undefined;
    }
    this.#tombstones.delete(id);
    this.#tombstones.set(id, next);
    if (this.#tombstones.size > maxTombstones) {
      const [oldest] = this.#tombstones.keys();
      if (oldest !== undefined) this.#tombstones.delete(oldest);
    }
    return { existed: earlier !== undefined, version: next, seqNo: this.#nextSeqNo++ };
  }

  #reborn(id: string): number {
    if (this.#tombstones.size === 0) return 1;
    const last = this.#tombstones.get(id);
    this.#tombstones.delete(id);
    return (last ?? 0) + 1;
  }
}
