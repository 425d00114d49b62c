/** An entry as a row of the page's table. */
import { columnOf, type EntryColumn, type Scalar } from "../audit/read/entry-columns.ts";
import { erasedWords, eventWords } from "../audit/read/event-words.ts";
import type { TrailEntry } from "../audit/read/trail-entry.ts";

/** What a row holds, in this order. */
export const rowColumns = [
  "time",
  "id",
  "kind",
  "user",
  "source",
  "method",
  "url",
  "action",
  "index",
  "status",
  "outcome",
  "ms",
  "in",
  "out",
  "docs",
  "error",
] as const;

/** Values by column; null: there is none. Several values of one column are a list. */
export type EntryRow = readonly (Scalar | readonly Scalar[] | null)[];

const columns = rowColumns.map(
  (name): EntryColumn => columnOf(name) ?? { name, help: "", unit: undefined, values: () => [] },
);
/** Longer texts are cut in rows; the panel shows them whole. UTF-16 code units. */
const longestText = 300;

/** The row of an entry. */
export function entryRow(entry: TrailEntry): EntryRow {
  return columns.map((column) => {
    // What happened to the trail itself has no target.
    if (column.name === "url" && entry.kind === "event") return cut(eventWords(entry));
    const erased = column.name === "url" ? erasedWords(entry) : undefined;
    if (erased !== undefined) return cut(erased);
    const values = column.values(entry).slice(0, 20).map(cut);
    return values.length > 1 ? values : (values[0] ?? null);
  });
}

function cut(value: Scalar): Scalar {
  return typeof value === "string" && value.length > longestText
    ? `${value.slice(0, longestText)}…`
    : value;
}
