import type { Buffer } from "node:buffer";
import type { JsonVisitor } from "../json-visitor.ts";
import { NameTally } from "../name-tally.ts";
import { ContentWatch, type FieldSink } from "./content-watch.ts";
import type { WatchRules } from "./watch-rules.ts";

/** A watched field that came back. */
export interface WatchedFact {
  /** Undefined: the answer does not say it. */
  readonly index: string | undefined;
  readonly field: string;
  /** Documents (rows, where no document is named) with a value of the field. */
  readonly documents: number;
}

/** Takes every document in which a watched field was. Values as in `DocumentRef`. */
export interface WatchListener {
  watched(index: string | undefined, id: string | undefined, fields: readonly string[]): void;
}

/** Pairs of index and field that are told apart. */
const maxWatched = 1000;

interface Count {
  readonly index: string | undefined;
  readonly field: string;
  documents: number;
}

/** Counts which watched fields came back, by index and field. */
export class WatchedDocuments implements FieldSink {
  readonly #rules: WatchRules;
  readonly #listener: WatchListener | undefined;
  readonly #content: ContentWatch;
  readonly #fields = new NameTally();
  /** Rules by index, of those that came last. */
  readonly #rulesOfIndex = new Map<string, number>();
  /**
   * Fields seen in each open document, which may stand in one another: name → set of the rules
   * that match it.
   */
  readonly #seen: Map<string, number>[] = [];
  #depth = 0;
  readonly #counts = new Map<string | undefined, Map<string, Count>>();
  #pairs = 0;
  /** Documents with a field for which the list had no room. */
  more = 0;

  constructor(rules: WatchRules, listener: WatchListener | undefined) {
    this.#rules = rules;
    this.#listener = listener;
    this.#content = new ContentWatch(rules.fields, this);
  }

  /** A document begins. */
  enter(): void {
    this.#seen[this.#depth]?.clear();
    this.#seen[this.#depth] ??= new Map();
    this.#depth += 1;
  }

  /**
   * Who reads a document's content; undefined: nothing in it is watched.
   *
   * @param index as far as known at this place
   * @param prefix name of the nested object whose content it is
   */
  content(index: string | undefined, prefix: string | undefined): JsonVisitor | undefined {
    if (this.#rulesFor(index) === 0) return undefined;
    return this.#content.begin(prefix) ? this.#content : undefined;
  }

  /** The rules that watch a field. @param name its whole name */
  rulesOfField(name: string): number {
    return this.#rules.ofField(name);
  }

  field(path: Buffer, length: number, groups: number): void {
    const seen = this.#seen[this.#depth - 1];
    this.#fields.numberOf(path, 0, length, true);
    const field = this.#fields.last;
    seen?.set(field, (seen.get(field) ?? 0) | groups);
  }

  /** The document is over: its fields count for the one around it, which it is a part of. */
  leavePart(): void {
    this.#depth -= 1;
    const around = this.#depth === 0 ? undefined : this.#seen[this.#depth - 1];
    for (const [field, groups] of this.#seen[this.#depth] ?? [])
      around?.set(field, (around.get(field) ?? 0) | groups);
  }

  /** The document is over. */
  leave(index: string | undefined, id: string | undefined): void {
    this.#depth -= 1;
    const seen = this.#seen[this.#depth];
    if (seen === undefined || seen.size === 0) return;
    const rules = this.#rulesFor(index);
    const fields: string[] = [];
    for (const [field, groups] of seen) {
      if ((groups & rules) === 0) continue;
      fields.push(field);
      this.#count(index, field);
    }
    if (fields.length > 0) this.#listener?.watched(index, id, fields);
  }

  facts(): WatchedFact[] {
    return [...this.#counts.values()].flatMap((fields) => [...fields.values()]);
  }

  #count(index: string | undefined, field: string): void {
    const fields = this.#counts.get(index);
    const known = fields?.get(field);
    if (known !== undefined) known.documents += 1;
    else if (this.#pairs === maxWatched) this.more += 1;
    else {
      this.#pairs += 1;
      const count = { index, field, documents: 1 };
      if (fields === undefined) this.#counts.set(index, new Map([[field, count]]));
      else fields.set(field, count);
    }
  }

  /** Of an unknown index: all. */
  #rulesFor(index: string | undefined): number {
    if (index === undefined) return this.#rules.all;
    const known = this.#rulesOfIndex.get(index);
    if (known !== undefined) return known;
    const set = this.#rules.ofIndex(index);
    if (this.#rulesOfIndex.size === maxWatched) this.#rulesOfIndex.clear();
    this.#rulesOfIndex.set(index, set);
    return set;
  }
}
