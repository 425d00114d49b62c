/** Differences beside each other: where, and both values. */
import type { Difference } from "../../audit/export/json-diff.ts";
import { toOneLine } from "../../config/diagnostic.ts";
import type { Output } from "./output.ts";
import { Table, type Cell } from "./table.ts";

/** Of a value. UTF-16 code units. */
const mostShown = 1000;

/** Writes one row a difference. @param titles of the three columns */
export async function writeDifferences(
  output: Output,
  titles: readonly [where: string, before: string, after: string],
  differences: readonly Difference[],
): Promise<void> {
  const table = new Table(
    output,
    titles.map((title) => ({ title, isRight: false })),
  );
  for (const { path, before, after } of differences)
    await table.row([
      { text: toOneLine(path === "" ? "all" : path) },
      valueCell(before, "red"),
      valueCell(after, "green"),
    ]);
  await table.end();
}

/** A value as JSON, or that there is none. */
export function valueCell(value: string | undefined, style: Cell["style"]): Cell {
  if (value === undefined) return { text: "–", style: "dim" };
  const text = value.length > mostShown ? `${value.slice(0, mostShown)}…` : value;
  return { text: toOneLine(text), style };
}
