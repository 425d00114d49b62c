/** Answers one question of a report while a trail is read. */
import { compileFilter } from "../../../kql/filter.ts";
import { columnOf, type EntryColumn } from "../../read/entry-columns.ts";
import { Selection } from "../../read/selection.ts";
import { isFailure } from "../../read/top-groups.ts";
import type { TrailEntry } from "../../read/trail-entry.ts";
import { eventWords } from "../../read/event-words.ts";
import type { ReportGroup, ReportQuestion, ReportRow, ReportSection } from "./report.ts";

/** Rows that a page shows; the command gives all. */
const maxRows = 25;
/** Ids that are kept. */
const maxIds = 1000;
/** Values that a group shows. */
const maxValues = 10;
/** More values of one column are counted together: users come from the wire. */
const maxDistinct = 10_000;
/** Of a cell. UTF-16 code units. */
const maxCell = 300;
const otherValues = "(others)";

/** What stands in the rows, beside the id. PCI DSS 10.2.2 asks for these. */
const rowColumns = ["time", "user", "source", "action", "index", "status", "outcome"];

interface Tally {
  count: number;
  failed: number;
  documents: number;
}

/** Takes entries in the order of time. */
export class SectionCollector {
  readonly #question: ReportQuestion;
  readonly #selection: Selection;
  readonly #columns: readonly EntryColumn[];
  readonly #groups: readonly { readonly column: EntryColumn; readonly by: Map<string, Tally> }[];
  readonly #rows: ReportRow[] = [];
  readonly #ids: string[] = [];
  #next = 0;
  #count = 0;
  #failed = 0;
  #firstMs: number | undefined = undefined;
  #lastMs: number | undefined = undefined;

  /** @param nowMs what `now` means in the filter */
  constructor(question: ReportQuestion, nowMs: number) {
    this.#question = question;
    this.#selection = new Selection({ filter: compileFilter(question.filter, { nowMs }) });
    this.#columns = rowColumns.map(known);
    this.#groups = question.groupBy.map((name) => ({ column: known(name), by: new Map() }));
  }

  /** Counts the entry if it is an answer. */
  offer(entry: TrailEntry): void {
    if (this.#selection.matches(entry)) this.take(entry);
  }

  /** Counts the entry. */
  take(entry: TrailEntry): void {
    const failed = isFailure(entry) ? 1 : 0;
    this.#count += 1;
    this.#failed += failed;
    if (!Number.isNaN(entry.startMs)) {
      this.#firstMs = Math.min(this.#firstMs ?? Infinity, entry.startMs);
      this.#lastMs = Math.max(this.#lastMs ?? -Infinity, entry.startMs);
    }
    if (this.#ids.length < maxIds) this.#ids.push(entry.id);
    this.#rows[this.#next] = { id: entry.id, cells: this.#columns.map((one) => cell(one, entry)) };
    this.#next = (this.#next + 1) % maxRows;
    const documents = entry.number("es_proxy.facts.documents") ?? 0;
    for (const { column, by } of this.#groups) {
      const values = column.values(entry).map(String);
      for (const value of values.length === 0 ? ["–"] : new Set(values)) {
        const tally = tallyOf(by, value);
        tally.count += 1;
        tally.failed += failed;
        tally.documents += documents;
      }
    }
  }

  /** @param command that gives all of it */
  section(command: string): ReportSection {
    const { key, title, words, notes = [] } = this.#question;
    return {
      key,
      title,
      words,
      command,
      count: this.#count,
      failed: this.#failed,
      firstMs: this.#firstMs,
      lastMs: this.#lastMs,
      groups: this.#groups.map(({ column, by }) => ({ title: column.name, values: most(by) })),
      columns: rowColumns,
      rows: [...this.#rows.slice(this.#next), ...this.#rows.slice(0, this.#next)],
      ids: this.#ids,
      notes,
    };
  }
}

function known(name: string): EntryColumn {
  const column = columnOf(name);
  if (column === undefined) throw new Error(`there is no column ${name}`);
  return column;
}

function tallyOf(by: Map<string, Tally>, value: string): Tally {
  const name = by.has(value) || by.size < maxDistinct ? value : otherValues;
  let tally = by.get(name);
  if (tally === undefined) by.set(name, (tally = { count: 0, failed: 0, documents: 0 }));
  return tally;
}

function most(by: ReadonlyMap<string, Tally>): ReportGroup[] {
  return [...by]
    .sort(([, one], [, other]) => other.count - one.count)
    .slice(0, maxValues)
    .map(([value, tally]) => ({ value: shortened(value), ...tally }));
}

function cell(column: EntryColumn, entry: TrailEntry): string {
  // A record about the trail has neither index nor connection.
  if (entry.kind === "event" && column.name === "index") return shortened(eventWords(entry));
  if (entry.kind === "event" && column.name === "source") return entry.text("host.hostname") ?? "";
  const values = column.values(entry);
  if (column.unit === "instant")
    return values.map((value) => new Date(Number(value)).toISOString()).join(" ");
  return shortened(values.join(", "));
}

function shortened(text: string): string {
  return text.length <= maxCell ? text : `${text.slice(0, maxCell)}…`;
}
