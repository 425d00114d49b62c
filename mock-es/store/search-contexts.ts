import { EsError } from "../es-error.ts";
import type { Entropy } from "./identifiers.ts";
import type { IndexState } from "./index-state.ts";
import type { StoredDocument } from "./stored-document.ts";

/** The documents of one index at one moment. */
export interface IndexSnapshot {
  readonly index: IndexState;
  readonly documents: readonly StoredDocument[];
}

/**
 * A search that is kept open between requests. It holds references to the documents it saw, so
 * later writes do not change it.
 */
export interface SearchContext {
  readonly id: string;
  readonly kind: "scroll" | "pit";
  readonly snapshots: readonly IndexSnapshot[];
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
  readonly total: { readonly value: number; readonly relation: "eq" | "gte" } | undefined;
  readonly maxScore: number | null;
  readonly shards: number;
}

/** Like the server's `search.max_open_scroll_context`. */
const maxContexts = 500;

/**
 * All open scrolls and points in time. Their number is bounded; expired ones are dropped when a new
 * one is opened.
 */
export class SearchContexts {
  readonly #contexts = new Map<string, SearchContext>();
  readonly #entropy: Entropy;
  #counter = 0;

  constructor(entropy: Entropy) {
    this.#entropy = entropy;
  }

  get size(): number {
    return this.#contexts.size;
  }

  /** @throws {EsError} 429 when 500 contexts are open */
  open(
    kind: SearchContext["kind"],
    snapshots: readonly IndexSnapshot[],
    keepAliveMs: number,
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
    const sequence = ++this.#counter;
    const random = Math.floor(this.#entropy.random() * 2 ** 48).toString(16);
    const id = Buffer.from(`${kind}:${sequence}:${random}:${"x".repeat(24)}`).toString("base64");
    const context: SearchContext = {
      id,
      kind,
      snapshots,
      expiresMs: this.#entropy.nowMs() + keepAliveMs,
      pages,
    };
    this.#contexts.set(id, context);
    return context;
  }

  /** A context that is still open; its life is prolonged when `keepAliveMs` is given. */
  find(id: string, kind: SearchContext["kind"], keepAliveMs?: number): SearchContext | undefined {
    const context = this.#contexts.get(id);
    if (context === undefined || context.kind !== kind) return undefined;
    if (context.expiresMs <= this.#entropy.nowMs()) {
      this.#contexts.delete(id);
      return undefined;
    }
    if (keepAliveMs !== undefined) context.expiresMs = this.#entropy.nowMs() + keepAliveMs;
    return context;
  }

  /** Closes a context; false when it was not open. */
  close(id: string, kind: SearchContext["kind"]): boolean {
    const isOpen = this.find(id, kind) !== undefined;
    this.#contexts.delete(id);
    return isOpen;
  }

  /** Closes all contexts of a kind and answers how many there were. */
  closeAll(kind: SearchContext["kind"]): number {
    this.#dropExpired();
    const ids = [...this.#contexts.values()]
      .filter((context) => context.kind === kind)
      .map((context) => context.id);
    for (const id of ids) this.#contexts.delete(id);
    return ids.length;
  }

  /** Closes what reads a deleted index. */
  dropIndex(name: string): void {
    for (const context of this.#contexts.values()) {
      if (context.snapshots.some((snapshot) => snapshot.index.name === name))
        this.#contexts.delete(context.id);
    }
  }

  clear(): void {
    this.#contexts.clear();
  }

  #dropExpired(): void {
    const now = this.#entropy.nowMs();
    for (const context of this.#contexts.values())
      if (context.expiresMs <= now) this.#contexts.delete(context.id);
  }
}
