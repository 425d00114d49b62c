/** Scrolls and points in time that are open. */
import { EsError } from "../es-error.ts";
import type { JsonObject } from "../json/json-value.ts";
import type { TotalHits } from "../search/search.ts";
import type { Entropy } from "./identifiers.ts";
import type { IndexState } from "./index-state.ts";
import type { StoredDocument } from "./stored-document.ts";

/** The documents of one shard at one moment. */
export interface ShardSnapshot {
  readonly index: IndexState;
  readonly shard: number;
  readonly documents: readonly StoredDocument[];
  /** Filters of the aliases that led to the index. */
  readonly filters: readonly JsonObject[] | undefined;
}

/**
 * A search that is kept open between requests. It holds references to the documents it saw, so
 * later writes do not change it.
 */
export interface SearchContext {
  readonly id: string;
  readonly kind: "scroll" | "pit";
  readonly snapshots: readonly ShardSnapshot[];
  /** Number of references to documents that it holds. */
  readonly held: number;
  /** Whom a scroll belongs to; `undefined`: to everybody. */
  readonly owner: string | undefined;
  /** The longest time that somebody wanted it to be kept for. */
  keepAliveMs: number;
  /** Milliseconds since the epoch after which the context is gone. */
  expiresMs: number;
  /** Rendered hits that a scroll has not yet returned. */
  pages: ScrollPages | undefined;
}

/** What is left of a scroll: its hits in order, and what every page repeats. */
export interface ScrollPages {
  /** JSON texts of the hits from a position up to another. */
  readonly page: (from: number, to: number) => string[];
  /** Position of the first hit of the next page. */
  next: number;
  readonly size: number;
  readonly total: TotalHits | undefined;
  /** A value that `JSON.stringify` writes as a float, or null. */
  readonly maxScore: unknown;
  readonly shards: number;
}

/** Like the server's `search.max_open_scroll_context`. */
const maxContexts = 500;
/** References to documents that all contexts together hold at most: 8 bytes each. */
const maxHeld = 20_000_000;

/**
 * All open scrolls and points in time. Their number is bounded; expired ones are dropped when a new
 * one is opened.
 */
export class SearchContexts {
  readonly #contexts = new Map<string, SearchContext>();
  readonly #entropy: Entropy;
  /** Whom what is opened belongs to, and who sees it; `undefined`: everybody. */
  owner: string | undefined;
  #counter = 0;
  #held = 0;

  constructor(entropy: Entropy) {
    this.#entropy = entropy;
  }

  get size(): number {
    return this.#contexts.size;
  }

  /**
   * @param held number of references to documents that the context holds
   * @throws {EsError} 429 when 500 contexts are open, or hold too much together
   */
  open(
    kind: SearchContext["kind"],
    snapshots: readonly ShardSnapshot[],
    keepAliveMs: number,
    held: number,
    pages?: ScrollPages,
  ): SearchContext {
    this.#dropExpired();
    if (this.#contexts.size >= maxContexts) {
      throw new EsError(
        429,
        "too_many_scroll_contexts_exception",
        `Trying to create too many scroll contexts. Must be less than or equal to: [${maxContexts}]. This limit can be set by changing the [search.max_open_scroll_context] setting.`,
      );
    }
    if (this.#held + held > maxHeld) {
      throw new EsError(
        429,
        "circuit_breaking_exception",
        `[parent] Data too large: open scrolls and points in time hold more than ${maxHeld} documents together; close some`,
        { durability: "TRANSIENT" },
      );
    }
    this.#held += held;
    const sequence = this.#counter + 1;
    this.#counter += Math.max(1, snapshots.length);
    const digits = Math.floor(this.#entropy.random() * 2 ** 48).toString(16);
    const random = digits.padStart(12, "0");
    const shards = snapshots.map(({ index, shard }) => `${index.name}/${shard}`).join(",");
    const id = Buffer.from(`${kind}:${sequence}:${random}:${"x".repeat(24)}:${shards}`).toString(
      "base64",
    );
    const context: SearchContext = {
      id,
      kind,
      snapshots,
      keepAliveMs,
      expiresMs: this.#entropy.nowMs() + keepAliveMs,
      held,
      owner: this.owner,
      pages,
    };
    this.#contexts.set(id, context);
    return context;
  }

  /**
   * A context that is still open; its life is prolonged when `keepAliveMs` is given. A scroll that
   * somebody else asks for is not found, and closed; a point in time is everybody's.
   */
  find(id: string, kind: SearchContext["kind"], keepAliveMs?: number): SearchContext | undefined {
    const context = this.#open(id, kind);
    if (context === undefined) return undefined;
    if (kind === "scroll" && context.owner !== this.owner) {
      this.#drop(context);
      return undefined;
    }
    if (keepAliveMs !== undefined) {
      context.keepAliveMs = Math.max(context.keepAliveMs, keepAliveMs);
      context.expiresMs = this.#entropy.nowMs() + context.keepAliveMs;
    }
    return context;
  }

  #open(id: string, kind: SearchContext["kind"]): SearchContext | undefined {
    const context = this.#contexts.get(id);
    if (context === undefined || context.kind !== kind) return undefined;
    if (context.expiresMs > this.#entropy.nowMs()) return context;
    this.#drop(context);
    return undefined;
  }

  /** Closes a context, whosever it is; answers it, `undefined` when it was not open. */
  close(id: string, kind: SearchContext["kind"]): SearchContext | undefined {
    const context = this.#open(id, kind);
    if (context !== undefined) this.#drop(context);
    return context;
  }

  /** Closes all contexts of a kind and answers how many there were. */
  closeAll(kind: SearchContext["kind"]): number {
    this.#dropExpired();
    const found = [...this.#contexts.values()].filter((context) => context.kind === kind);
    for (const context of found) this.#drop(context);
    return found.length;
  }

  /** Closes what reads a deleted index. */
  dropIndex(name: string): void {
    for (const context of this.#contexts.values()) {
      if (context.snapshots.some((snapshot) => snapshot.index.name === name)) this.#drop(context);
    }
  }

  clear(): void {
    this.#contexts.clear();
    this.#held = 0;
  }

  #drop(context: SearchContext): void {
    if (this.#contexts.delete(context.id)) this.#held -= context.held;
  }

  #dropExpired(): void {
    const now = this.#entropy.nowMs();
    for (const context of this.#contexts.values())
      if (context.expiresMs <= now) this.#drop(context);
  }
}
