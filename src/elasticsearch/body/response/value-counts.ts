import type { Buffer } from "node:buffer";
import type { JsonScanner } from "../json-scanner.ts";
import { NameTally } from "../name-tally.ts";
import { valueCode as code } from "./response-codes.ts";
import type { ValuesFact } from "./response-facts.ts";

/** Aggregations that are told apart by their path. */
const maxPaths = 1000;
const maxPathLength = 1024;

/** An aggregation in its place: what its values are counted under. */
interface Path {
  readonly name: string;
  count: number;
  readonly below: Map<number, Path>;
}

/** Counts values that come back without the documents they stand in. */
export class ValueCounts {
  readonly #scanner: JsonScanner;
  readonly #hasTypedKeys: boolean;
  readonly #names = new NameTally();
  /** Made for the first aggregation. */
  #top: Path | undefined = undefined;
  readonly #paths: Path[] = [];
  /** Aggregations that are open, as in the JSON. */
  readonly #open: Path[] = [];
  #depth = 0;
  /** Number and text of the name that comes before the next aggregation. */
  #number = -1;
  #name = "";
  #others: Map<string, { kind: ValuesFact["kind"]; name: string; count: number }> | undefined =
    undefined;
  #field = "";
  #suggestion = "";
  /** Values for which the list had no room. */
  #more = 0;

  /** @param hasTypedKeys names of aggregations begin with their types (`sterms#`) */
  constructor(scanner: JsonScanner, hasTypedKeys: boolean) {
    this.#scanner = scanner;
    this.#hasTypedKeys = hasTypedKeys;
  }

  name(found: number, bytes: Buffer, start: number, end: number): void {
    switch (found) {
      case code.aggregations:
      case code.aggregation:
      case code.bucket:
      case code.topHits:
        this.#number = this.#names.numberOf(bytes, start, end, true);
        if (this.#number >= 0) this.#name = this.#names.last;
        break;
      case code.suggestions:
        this.#suggestion = bytes.toString("utf8", start, Math.min(end, start + maxPathLength));
        break;
      case code.termVectors:
        this.#field = bytes.toString("utf8", start, Math.min(end, start + maxPathLength));
        break;
      case code.termVector:
        this.#other("term_vector", this.#field);
        break;
      default:
    }
  }

  enter(entered: number): void {
    if (entered === code.aggregation) this.#push();
    else if (entered === code.bucket) this.#countHere();
    else if (entered === code.aggregations) this.#depth = 0;
  }

  leave(left: number): void {
    if (left === code.aggregation && this.#depth > 0) this.#depth -= 1;
  }

  value(found: number): void {
    switch (found) {
      case code.aggregation:
      case code.metric:
        this.#countHere();
        break;
      case code.term:
        this.#other("term", "");
        break;
      case code.vertexField:
        this.#field = this.#scanner.text().slice(0, maxPathLength);
        break;
      case code.vertexTerm:
        this.#other("vertex", this.#field);
        break;
      default:
    }
  }

  /** An option of the suggester that was named last. */
  suggestion(): void {
    this.#other("suggestion", this.#suggestion);
  }

  get #root(): Path {
    return (this.#top ??= { name: "", count: 0, below: new Map() });
  }

  facts(): { values: ValuesFact[]; moreValues: number } {
    if (this.#paths.length === 0 && this.#others === undefined)
      return { values: [], moreValues: this.#more };
    const aggregations = this.#paths
      .filter(({ count }) => count > 0)
      .map(({ name, count }): ValuesFact => ({ kind: "aggregation", name, count }));
    return { values: [...aggregations, ...(this.#others?.values() ?? [])], moreValues: this.#more };
  }

  #push(): void {
    const above = this.#depth === 0 ? this.#root : this.#open[this.#depth - 1];
    const path = above === undefined ? undefined : this.#below(above);
    this.#open[this.#depth] = path ?? unknownPath;
    this.#depth += 1;
  }

  #below(above: Path): Path | undefined {
    const known = above.below.get(this.#number);
    if (known !== undefined) return known;
    const hash = this.#hasTypedKeys ? this.#name.indexOf("#") : -1;
    const own = this.#name.slice(hash + 1);
    const name = above === this.#root ? own : `${above.name}>${own}`;
    const isFull = this.#number < 0 || this.#paths.length === maxPaths;
    if (isFull || above === unknownPath || name.length > maxPathLength) return undefined;
    const path: Path = { name, count: 0, below: new Map() };
    above.below.set(this.#number, path);
    this.#paths.push(path);
    return path;
  }

  #countHere(): void {
    const path = this.#depth === 0 ? undefined : this.#open[this.#depth - 1];
    if (path === undefined || path === unknownPath) this.#more += 1;
    else path.count += 1;
  }

  #other(kind: ValuesFact["kind"], name: string): void {
    const key = `${kind} ${name}`;
    const others = (this.#others ??= new Map());
    const known = others.get(key);
    if (known !== undefined) known.count += 1;
    else if (others.size === maxPaths) this.#more += 1;
    else others.set(key, { kind, name, count: 1 });
  }
}

/** Of aggregations for which there was no room. */
const unknownPath: Path = { name: "", count: 0, below: new Map() };
