/** Sums over entries: the most frequent values, and numbers over time. */
import type { EntryColumn } from "../../audit/read/entry-columns.ts";
import { byName, Grouping } from "../../audit/read/grouping.ts";
import { isFailure } from "../../audit/read/top-groups.ts";
import { cellText, dateText, timeText } from "./cell.ts";
import { displayWidth, type Output } from "./output.ts";
import { readSelected } from "./reading.ts";
import type { SelectedTrail } from "./selection-options.ts";
import { Table } from "./table.ts";

/** Bars of a terminal of unknown width. Characters. */
const usualBar = 40;
/** A day in intervals of a second, and room for more. */
const maxIntervals = 200_000;
const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

interface Tally {
  count: number;
  failures: number;
}

/** `--top N --by COLUMN`. */
export async function writeTopValues(
  command: string,
  selected: SelectedTrail,
  output: Output,
  column: EntryColumn,
  limit: number,
): Promise<number> {
  const grouping = new Grouping<Tally>(column, () => ({ count: 0, failures: 0 }));
  const { exitCode } = await readSelected(command, selected, "any", output, (entry) => {
    const failures = isFailure(entry) ? 1 : 0;
    for (const tally of grouping.groupsOf(entry)) {
      tally.count += 1;
      tally.failures += failures;
    }
    return undefined;
  });
  const groups = [...grouping.groups()]
    .sort(([name, one], [otherName, other]) => other.count - one.count || byName(name, otherName))
    .slice(0, limit);
  const most = groups[0]?.[1].count ?? 0;
  const table = new Table(output, [
    { title: column.name, isRight: false },
    { title: "count", isRight: true },
    { title: "failed", isRight: true },
    { title: "share", isRight: true },
    { title: "", isRight: false },
  ]);
  for (const [value, { count, failures }] of groups) {
    await table.row([
      {
        text: value === undefined ? "(others)" : value === "" ? "–" : cellText([value], undefined),
      },
      { text: String(count) },
      { text: failures === 0 ? "" : String(failures), style: "red" },
      { text: `${((count / grouping.count) * 100).toFixed(1)}%` },
      { text: bar(count, most, 20) },
    ]);
  }
  await table.end();
  return exitCode;
}

/** `--histogram TIME`. */
export async function writeHistogram(
  command: string,
  selected: SelectedTrail,
  output: Output,
  intervalMs: number,
): Promise<number> {
  const intervals = new Map<number, Tally>();
  let isFull = false;
  const { exitCode } = await readSelected(command, selected, "any", output, (entry) => {
    if (Number.isNaN(entry.startMs)) return undefined;
    const start = Math.floor(entry.startMs / intervalMs) * intervalMs;
    let tally = intervals.get(start);
    if (tally === undefined) {
      isFull ||= intervals.size >= maxIntervals;
      if (isFull) return undefined;
      tally = { count: 0, failures: 0 };
      intervals.set(start, tally);
    }
    tally.count += 1;
    if (isFailure(entry)) tally.failures += 1;
    return undefined;
  });
  if (isFull) process.stderr.write(`more than ${maxIntervals} intervals: choose a longer one\n`);
  await writeBars(output, intervals, intervalMs);
  return isFull ? 1 : exitCode;
}

async function writeBars(
  output: Output,
  intervals: ReadonlyMap<number, Tally>,
  intervalMs: number,
): Promise<void> {
  const starts = [...intervals.keys()].sort((one, other) => one - other);
  const most = Math.max(...Array.from(intervals.values(), ({ count }) => count), 0);
  const width = String(most).length;
  const room = output.width === Infinity ? usualBar : Math.max(10, output.width - 13 - width - 12);
  let date = "";
  let last = starts[0] ?? 0;
  for (const start of starts) {
    if (start - last > 3 * intervalMs) await output.write(output.style("dim", "     ⋮") + "\n");
    else
      for (let empty = last + intervalMs; empty < start; empty += intervalMs)
        await output.write(`${label(empty, intervalMs)}  ${"0".padStart(width)}\n`);
    last = start;
    if (dateText(start) !== date)
      await output.write(`${output.style("dim", `${dateText(start)} UTC`)}\n`);
    date = dateText(start);
    const { count, failures } = intervals.get(start) ?? { count: 0, failures: 0 };
    const failed = failures === 0 ? "" : `  ${output.style("red", `${failures} failed`)}`;
    const drawn = bar(count, most, room);
    const padding = failed === "" ? "" : " ".repeat(room - displayWidth(drawn));
    await output.write(
      `${label(start, intervalMs)}  ${String(count).padStart(width)} ${drawn}${padding}${failed}\n`,
    );
  }
}

/** As much of the time as tells intervals apart. */
function label(startMs: number, intervalMs: number): string {
  if (intervalMs % 86_400_000 === 0) return dateText(startMs);
  const time = timeText(startMs);
  if (intervalMs % 60_000 === 0) return time.slice(0, 5);
  return intervalMs % 1000 === 0 ? time.slice(0, 8) : time;
}

function bar(count: number, most: number, width: number): string {
  if (most === 0) return "";
  const parts = Math.round((count / most) * width * 8);
  return "█".repeat(Math.floor(parts / 8)) + (eighths[parts % 8] ?? "") || (count > 0 ? "▏" : "");
}
