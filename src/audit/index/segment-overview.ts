/**
 * What answers a question without a filter about a full segment: how many exchanges began when,
 * and how often each value of some columns is there. With it the segment is not read.
 */
import { Timeline, type TimelineColumns } from "../read/timeline.ts";
import type { TermValue } from "./index-contents.ts";

/** Columns whose values are counted, by the fields that they are read from, the first one first. */
const countedColumns: Readonly<Record<string, readonly string[]>> = {
  user: ["user.name", "user.id"],
  action: ["event.action"],
  index: ["es_proxy.facts.indices", "es_proxy.indices", "elasticsearch.audit.indices"],
  source: ["client.ip", "client.address", "source.ip", "source.address"],
  status: ["http.response.status_code"],
  outcome: ["es_proxy.outcome", "event.outcome"],
};
const factsIndices = "es_proxy.facts.indices";
/** Segments with more values of one column have no overview. */
const maxValues = 20_000;

/** The overview of all exchanges whose two records lie in the segment. */
export interface SegmentOverview {
  readonly count: number;
  /** When the first one and the last one began. Milliseconds since the epoch. */
  readonly firstMs: number;
  readonly lastMs: number;
  readonly timeline: TimelineColumns;
  /** How many exchanges have a value, by column and value. */
  readonly values: Readonly<Record<string, readonly (readonly [value: string, count: number])[]>>;
}

/** Values of fields of one record. */
export type RecordTerms = readonly (readonly [field: string, value: TermValue])[];

/** What is known of one exchange before its facts are. */
interface Waiting {
  readonly beganMs: number;
  readonly isFailed: boolean;
  readonly indices: readonly string[];
}

/** Gathers an overview while an index is built. */
export class OverviewBuilder {
  readonly #counts = new Map(
    Object.keys(countedColumns).map((name) => [name, new Map<string, number>()]),
  );
  readonly #timeline = new Timeline();
  readonly #waiting = new Map<number, Waiting>();
  #count = 0;
  #firstMs = Infinity;
  #lastMs = -Infinity;
  /** Something has no time, or columns have too many values. */
  #isLost = false;

  /** @param number of the exchange in the index */
  add(number: number, beganMs: number, opening: RecordTerms, closing: RecordTerms): void {
    if (!Number.isFinite(beganMs)) this.#isLost = true;
    this.#count += 1;
    this.#firstMs = Math.min(this.#firstMs, beganMs);
    this.#lastMs = Math.max(this.#lastMs, beganMs);
    for (const [column, fields] of Object.entries(countedColumns))
      if (column !== "index") this.#take(column, valuesOf(fields, opening, closing));
    const [status] = valuesOf(["http.response.status_code"], opening, closing);
    const [outcome] = valuesOf(["event.outcome"], opening, closing);
    const isFailed =
      status === undefined ? outcome === "failure" || outcome === "unknown" : Number(status) >= 400;
    const indices = valuesOf(countedColumns["index"] ?? [], opening, closing);
    this.#waiting.set(number, { beganMs, isFailed, indices });
  }

  /** What its facts say. @param documents in its answer */
  addFacts(number: number, terms: RecordTerms, documents: number): void {
    const waiting = this.#waiting.get(number);
    if (waiting === undefined) return;
    this.#waiting.delete(number);
    const indices = valuesOf([factsIndices], terms, []);
    this.#end(waiting, indices.length > 0 ? indices : waiting.indices, documents);
  }

  /** `undefined`: there is none of this segment. */
  finish(): SegmentOverview | undefined {
    for (const waiting of this.#waiting.values()) this.#end(waiting, waiting.indices, 0);
    this.#waiting.clear();
    if (this.#isLost) return undefined;
    const values = Object.fromEntries(
      Array.from(this.#counts, ([column, counts]) => [column, [...counts]]),
    );
    return {
      count: this.#count,
      firstMs: this.#count === 0 ? 0 : this.#firstMs,
      lastMs: this.#count === 0 ? 0 : this.#lastMs,
      timeline: this.#timeline.columns(),
      values,
    };
  }

  #end({ beganMs, isFailed }: Waiting, indices: readonly string[], documents: number): void {
    this.#take("index", indices);
    this.#timeline.add(beganMs, isFailed, documents);
  }

  #take(column: string, values: readonly string[]): void {
    const counts = this.#counts.get(column);
    if (counts === undefined || this.#isLost) return;
    for (const value of values.length > 1 ? new Set(values) : values)
      counts.set(value, (counts.get(value) ?? 0) + 1);
    if (counts.size > maxValues) this.#isLost = true;
  }
}

/** As a column reads them: of the first field that any record has, of the first record with it. */
function valuesOf(
  fields: readonly string[],
  opening: RecordTerms,
  closing: RecordTerms,
): readonly string[] {
  for (const field of fields)
    for (const terms of [opening, closing]) {
      const found: string[] = [];
      for (const [name, value] of terms) if (name === field) found.push(String(value));
      if (found.length > 0) return found;
    }
  return [];
}
