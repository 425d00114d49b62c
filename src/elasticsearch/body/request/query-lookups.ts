/** Finds the documents and indices that a query reads beside what it searches. */
import { lookupKinds } from "./query-shapes.ts";
import { code } from "./request-codes.ts";
import type { LookupFact } from "./request-facts.ts";
import type { RequestRecord } from "./request-record.ts";

const maxTextLength = 512;
/** Where `indexed_shape` looks when no index is given (`AbstractGeometryQueryBuilder`). */
const defaultShapeIndex = "shapes";

/** An object of a query that is being read. */
interface OpenObject {
  kind: LookupFact["kind"];
  index: string | undefined;
  id: string | undefined;
}

/** Finds the documents and indices that queries read beside what they search. */
export class QueryLookups {
  readonly #record: RequestRecord;
  readonly #open: OpenObject[] = [];
  #depth = 0;

  constructor(record: RequestRecord) {
    this.#record = record;
  }

  /** Objects that are open. */
  get depth(): number {
    return this.#depth;
  }

  /** Ends objects that a fault left open. */
  unwind(depth: number): void {
    while (this.#depth > depth) this.leave();
  }

  enter(entered: number): void {
    // An object that only stands in a query is taken for the commonest lookup.
    const isLookup = entered >= code.lookup && entered < code.lookupIndex;
    const kind = (isLookup ? lookupKinds[entered - code.lookup] : undefined) ?? "terms";
    const open = (this.#open[this.#depth] ??= { kind, index: undefined, id: undefined });
    this.#depth += 1;
    open.kind = kind;
    open.index = undefined;
    open.id = undefined;
  }

  value(found: number, text: string): void {
    const open = this.#open[this.#depth - 1];
    const value = text.slice(0, maxTextLength);
    if (found === code.targetIndex)
      this.#record.lookup({ kind: "runtime_field", index: value, id: undefined });
    else if (open !== undefined && found === code.lookupIndex) open.index = value;
    else if (open !== undefined && found === code.lookupId) open.id = value;
  }

  leave(): void {
    this.#depth -= 1;
    const { kind, index, id } = this.#open[this.#depth] ?? none;
    if (id === undefined) return;
    if (index !== undefined || kind === "more_like_this") this.#record.lookup({ kind, index, id });
    else if (kind === "indexed_shape") this.#record.lookup({ kind, index: defaultShapeIndex, id });
  }
}

const none: OpenObject = { kind: "terms", index: undefined, id: undefined };
