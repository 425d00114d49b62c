/** Entries as rows of a table, as JSON or as CSV. */
import { seenJson } from "../../core/unseen-text.ts";
import type { EntryColumn, Scalar } from "../../audit/read/entry-columns.ts";
import { erasedWords, eventWords } from "../../audit/read/event-words.ts";
import type { TrailEntry } from "../../audit/read/trail-entry.ts";
import { toOneLine } from "../../config/diagnostic.ts";
import { cellText, dateText, timeText } from "./cell.ts";
import type { Output, Style } from "./output.ts";
import { gapText } from "./read-report.ts";
import { Table, type Cell } from "./table.ts";

/** How rows are written. */
export type RowFormat = "table" | "json" | "ndjson" | "csv";

/** All of them, as they are typed. */
export const rowFormats: readonly RowFormat[] = ["table", "json", "ndjson", "csv"];

/** Writes entries one by one; `end` must be called. */
export interface RowWriter {
  write(entry: TrailEntry): Promise<void>;
  /** Nothing more comes for a while: what is there should be seen. */
  flush(): Promise<void>;
  end(): Promise<void>;
}

/** Columns of a table whose rows are not known when it begins. */
const liveWidths: Readonly<Record<string, number>> = {
  time: 12,
  user: 8,
  source: 13,
  action: 16,
  index: 14,
  path: 24,
  url: 32,
  ms: 6,
};

/** Whether a part of a value says nothing. */
export function isWholeColumn(name: string): boolean {
  return wholeColumns.includes(name);
}

const wholeColumns = ["time", "ref", "id", "status", "use", "proof", "fingerprint"];

/**
 * The writer of a format.
 *
 * @param isLive rows come one by one, and must be seen at once
 * @param spares columns that a narrow terminal does without, the highest first
 */
export function rowWriter(
  format: RowFormat,
  output: Output,
  columns: readonly EntryColumn[],
  isLive = false,
  spares: Readonly<Record<string, number>> = {},
): RowWriter {
  switch (format) {
    case "table":
      return new TableRows(output, columns, isLive, spares);
    case "json":
      return new JsonRows(output, columns);
    case "ndjson":
      return new LineRows(output, "", (entry) => seenJson(rowObject(entry, columns)));
    case "csv": {
      const head = columns.map(({ name }) => csvField([name])).join(",");
      const line = (entry: TrailEntry): string =>
        columns.map((column) => csvField(shownValues(column, entry))).join(",");
      return new LineRows(output, `${head}\r\n`, line, "\r\n");
    }
  }
}

class TableRows implements RowWriter {
  readonly #table: Table;
  readonly #columns: readonly EntryColumn[];
  #date = "";

  constructor(
    output: Output,
    columns: readonly EntryColumn[],
    isLive: boolean,
    spares: Readonly<Record<string, number>>,
  ) {
    this.#columns = columns;
    this.#table = new Table(
      output,
      columns.map(({ name, unit }) => ({
        title: name,
        isRight: unit !== undefined && unit !== "instant",
        leastWidth: isLive ? (liveWidths[name] ?? 0) : 0,
        isWhole: isWholeColumn(name) || (unit !== undefined && unit !== "instant"),
        spare: spares[name] ?? 0,
      })),
    );
  }

  async write(entry: TrailEntry): Promise<void> {
    const date = Number.isNaN(entry.startMs) ? this.#date : dateText(entry.startMs);
    if (date !== this.#date) await this.#table.note(`${date} UTC`);
    this.#date = date;
    const erased = erasedWords(entry);
    if (entry.kind === "gap") await this.#table.note(gapText(entry.opening?.document ?? {}));
    else if (entry.kind === "event") await this.#note(entry, eventWords(entry));
    else if (erased !== undefined) await this.#note(entry, erased);
    else await this.#table.row(this.#columns.map((column) => cellOf(column, entry)));
  }

  /** `08:15:02.123  alice on db1: es-proxy audit export … (12 exchanges, 20 bodies)  c2d3e914`. */
  #note(entry: TrailEntry, words: string): Promise<void> {
    const time = Number.isNaN(entry.startMs) ? "" : `${timeText(entry.startMs)}  `;
    return this.#table.note(toOneLine(time + words), `  ${entry.id.slice(-8)}`);
  }

  flush(): Promise<void> {
    return this.#table.flush();
  }

  end(): Promise<void> {
    return this.#table.end();
  }
}

function cellOf(column: EntryColumn, entry: TrailEntry): Cell {
  const text = cellText(column.values(entry), column.unit);
  if (column.name !== "status") return { text };
  if (text === "") {
    const end = entry.isOpen ? "open" : (entry.text("es_proxy.outcome") ?? "");
    return { text: end, style: "dim" };
  }
  return { text, style: statusStyle(Number(text)) };
}

/** A colour for what did not go well. */
export function statusStyle(status: number): Style | undefined {
  if (status >= 500) return "red";
  return status >= 400 ? "yellow" : undefined;
}

/** One JSON array over the whole output. */
class JsonRows implements RowWriter {
  readonly #output: Output;
  readonly #columns: readonly EntryColumn[];
  #count = 0;

  constructor(output: Output, columns: readonly EntryColumn[]) {
    this.#output = output;
    this.#columns = columns;
  }

  async write(entry: TrailEntry): Promise<void> {
    const start = this.#count === 0 ? "[\n" : ",\n";
    this.#count += 1;
    await this.#output.write(`${start}  ${seenJson(rowObject(entry, this.#columns))}`);
  }

  async flush(): Promise<void> {
    // Every row is written at once.
  }

  async end(): Promise<void> {
    await this.#output.write(this.#count === 0 ? "[]\n" : "\n]\n");
  }
}

/** One line for each entry. */
class LineRows implements RowWriter {
  readonly #output: Output;
  readonly #line: (entry: TrailEntry) => string;
  readonly #lineEnd: string;
  #head: string;

  constructor(output: Output, head: string, line: (entry: TrailEntry) => string, lineEnd = "\n") {
    this.#output = output;
    this.#head = head;
    this.#line = line;
    this.#lineEnd = lineEnd;
  }

  async write(entry: TrailEntry): Promise<void> {
    await this.#output.write(`${this.#head}${this.#line(entry)}${this.#lineEnd}`);
    this.#head = "";
  }

  async flush(): Promise<void> {
    // Every row is written at once.
  }

  async end(): Promise<void> {
    await this.#output.write(this.#head);
  }
}

/** Members in the order of the columns; null where there is no value. */
function rowObject(entry: TrailEntry, columns: readonly EntryColumn[]): Record<string, unknown> {
  return Object.fromEntries(
    columns.map((column) => {
      const values = shownValues(column, entry);
      return [column.name, column.isList === true ? values : (values[0] ?? null)] as const;
    }),
  );
}

/** Instants as text, for programs. */
function shownValues(column: EntryColumn, entry: TrailEntry): readonly Scalar[] {
  const values = column.values(entry);
  if (column.unit !== "instant") return values;
  return values.map((value) => new Date(Number(value)).toISOString());
}

/**
 * A field of CSV (RFC 4180). A text that a spreadsheet would take for a formula gets an apostrophe:
 * user agents and paths are written by anybody.
 */
export function csvField(values: readonly Scalar[]): string {
  const text = values.join(",");
  const isFormula = /^[=+\-@\t\r]/.test(text) && values.some((value) => typeof value === "string");
  const safe = isFormula ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
