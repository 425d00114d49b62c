/**
 * What answers a question without a filter about a full segment: how many exchanges began when,
 * and how often each value of some columns is there. With it the segment is not read.
 */
import { Timeline, type TimelineColumns } from "../read/timeline.ts";
import type { TermValue } from "./index-contents.ts";

/** Columns whose values are counted, by the fields that they are read from, the first one first. */
const countedColumns: readonly (readonly [column: string, fields: readonly string[]])[] = [
  ["user", ["user.name", "user.id"]],
  ["action", ["event.action"]],
  ["source", ["client.ip", "client.address", "source.ip", "source.address"]],
  ["status", ["http.response.status_code"]],
  ["outcome", ["es_proxy.outcome", "event.outcome"]],
];
const indexFields = ["es_proxy.facts.indices", "es_proxy.indices", "elasticsearch.audit.indices"];
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
  readonly #fields = new FieldValues();
  readonly #columns = countedColumns.map(([name, fields]) => ({
    name,
    slots: fields.map((field) => this.#fields.slot(field)),
    counts: new Map<string, number>(),
  }));
  readonly #indexSlots = indexFields.map((field) => this.#fields.slot(field));
  readonly #indexCounts = new Map<string, number>();
  readonly #statusSlots = [this.#fields.slot("http.response.status_code")];
  readonly #outcomeSlots = [this.#fields.slot("event.outcome")];
  readonly #timeline = new Timeline();
  /** By number; `undefined`: it is counted. */
  readonly #waiting: (Waiting | undefined)[] = [];
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
    const fields = this.#fields;
    fields.read(opening, closing);
    for (const { slots, counts } of this.#columns) this.#take(counts, fields.first(slots));
    const [status] = fields.first(this.#statusSlots);
    const [outcome] = fields.first(this.#outcomeSlots);
    const isFailed =
      status === undefined ? outcome === "failure" || outcome === "unknown" : Number(status) >= 400;
    const indices = fields.first(this.#indexSlots).slice();
    this.#waiting[number] = { beganMs, isFailed, indices };
  }

  /** What its facts say. @param documents in its answer */
  addFacts(number: number, terms: RecordTerms, documents: number): void {
    const waiting = this.#waiting[number];
    if (waiting === undefined) return;
    this.#waiting[number] = undefined;
    const indices: string[] = [];
    for (const [field, value] of terms) if (field === factsIndices) indices.push(String(value));
    this.#end(waiting, indices.length > 0 ? indices : waiting.indices, documents);
  }

  /** `undefined`: there is none of this segment. */
  finish(): SegmentOverview | undefined {
    for (const waiting of this.#waiting)
      if (waiting !== undefined) this.#end(waiting, waiting.indices, 0);
    this.#waiting.length = 0;
    if (this.#isLost) return undefined;
    const values = Object.fromEntries([
      ...this.#columns.map(({ name, counts }) => [name, [...counts]] as const),
      ["index", [...this.#indexCounts]] as const,
    ]);
    return {
      count: this.#count,
      firstMs: this.#count === 0 ? 0 : this.#firstMs,
      lastMs: this.#count === 0 ? 0 : this.#lastMs,
      timeline: this.#timeline.columns(),
      values,
    };
  }

  #end({ beganMs, isFailed }: Waiting, indices: readonly string[], documents: number): void {
    this.#take(this.#indexCounts, indices);
    this.#timeline.add(beganMs, isFailed, documents);
  }

  #take(counts: Map<string, number>, values: readonly string[]): void {
    if (this.#isLost) return;
    for (const value of values.length > 1 ? new Set(values) : values)
      counts.set(value, (counts.get(value) ?? 0) + 1);
    if (counts.size > maxValues) this.#isLost = true;
  }
}

/** Values of two records by fields, without memory of its own for each exchange. */
class FieldValues {
  readonly #slots = new Map<string, number>();
  readonly #values: string[][] = [];
  /** Which record the values of a slot are of. */
  readonly #records: number[] = [];

  /** Number of a field. */
  slot(field: string): number {
    const known = this.#slots.get(field);
    if (known !== undefined) return known;
    this.#slots.set(field, this.#values.length);
    this.#records.push(0);
    return this.#values.push([]) - 1;
  }

  /** A field is read from the first record that has it. */
  read(opening: RecordTerms, closing: RecordTerms): void {
    for (const values of this.#values) values.length = 0;
    this.#readOne(opening, 1);
    this.#readOne(closing, 2);
  }

  /** Values of the first of these fields that has any; valid until the next `read`. */
  first(slots: readonly number[]): readonly string[] {
    for (const slot of slots) {
      const values = this.#values[slot];
      if (values !== undefined && values.length > 0) return values;
    }
    return none;
  }

  #readOne(terms: RecordTerms, record: number): void {
    for (const [field, value] of terms) {
      const slot = this.#slots.get(field);
      const values = slot === undefined ? undefined : this.#values[slot];
      if (slot === undefined || values === undefined) continue;
      if (values.length === 0) this.#records[slot] = record;
      if (this.#records[slot] === record) values.push(String(value));
    }
  }
}

const none: readonly string[] = [];
