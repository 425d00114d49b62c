/** The command `es-proxy audit query`. */
import type { TrailEntry } from "../../audit/read/trail-entry.ts";
import { parseDuration } from "../../config/units.ts";
import type { CommandLine, CommandSpec, OptionSpec } from "../command-line.ts";
import { UsageError } from "../usage-error.ts";
import {
  columnHelp,
  columnNamed,
  columnsOf,
  dataColumns,
  isOfFacts,
  showsReads,
  tableColumns,
} from "./column-option.ts";
import { fleetOptions } from "./fleet-options.ts";
import { tellMissingFacts } from "./nothing-found.ts";
import { Output } from "./output.ts";
import { oneOf, wholeNumber } from "./option-values.ts";
import { withRecordOfBodies, type ReadingTally } from "./recorded-reading.ts";
import { readSelected } from "./reading.ts";
import { rowFormats, rowWriter } from "./row-writer.ts";
import { selectionOf, selectionOptions, type SelectedTrail } from "./selection-options.ts";
import { writeHistogram, writeTopValues } from "./summaries.ts";

const name = "audit query";

const sideLogOption: OptionSpec = {
  name: "side-log",
  help: "Also what commands did while no proxy ran, which no log proves.",
};

/** `es-proxy audit query`. */
export const queryCommand: CommandSpec = {
  name,
  summary: "List, count or chart the exchanges that match a filter.",
  operands: [],
  optionalOperands: ["filter"],
  options: [
    ...selectionOptions,
    ...fleetOptions,
    { name: "limit", short: "n", value: "N", help: "Only the N youngest." },
    { name: "columns", value: "A,B,…", help: `Columns; default: ${tableColumns}.` },
    { name: "format", value: "NAME", help: `${rowFormats.join(", ")}; default: table.` },
    { name: "count", help: "Only how many." },
    { name: "top", value: "N", help: "The N most frequent values of --by." },
    { name: "by", value: "COLUMN", help: "What --top counts." },
    { name: "histogram", value: "TIME", help: "Bars of the numbers in intervals such as 5m." },
    sideLogOption,
    { name: "no-pager", help: "Never page." },
  ],
  get notes() {
    return columnHelp();
  },
  examples: [
    ["es-proxy audit query 'user: alice and action: indices.delete'", "What has alice deleted?"],
    ["es-proxy audit query 'status >= 500' --since 2h --histogram 5m", "When did it fail?"],
    ["es-proxy audit query 'index: patients-*' --top 10 --by user", "Who reads patients?"],
    [
      "es-proxy audit query --since 1d --format csv --columns time,user,url,user_agent.original",
      "A day as a spreadsheet.",
    ],
  ],
  async run(line) {
    const withSideLog = line.isGiven(sideLogOption.name);
    const names = [line.value("columns"), line.value("by")].filter((text) => text !== undefined);
    const columns = columnsOf(name, names.join(","));
    const withReads = columns.some(showsReads);
    const selected = { ...selectionOf(name, line, line.operands[0]), withSideLog, withReads };
    return withRecordOfBodies(name, selected, columns, (tally) => ask(line, selected, tally));
  },
};

async function ask(
  line: CommandLine,
  selected: SelectedTrail,
  tally: ReadingTally,
): Promise<number> {
  if (line.isGiven("count")) return count(selected, line, tally);
  const output = new Output(!line.isGiven("no-pager"));
  try {
    const top = line.value("top");
    if (top !== undefined) {
      const column = columnNamed(name, line.value("by") ?? missing("--top", "--by COLUMN"));
      const limit = wholeNumber(name, "top", top, 1);
      return await writeTopValues(name, selected, output, column, limit);
    }
    if (line.isGiven("by")) missing("--by", "--top N");
    const interval = line.value("histogram");
    if (interval === undefined) return await rows(selected, line, output, tally);
    const intervalMs = parseDuration(interval);
    if (intervalMs === undefined || intervalMs === 0)
      throw new UsageError(name, `--histogram is a time such as 30s, 5m or 1h; got "${interval}"`);
    return await writeHistogram(name, selected, output, intervalMs);
  } finally {
    await output.end();
  }
}

function missing(given: string, wanted: string): never {
  throw new UsageError(name, `${given} needs ${wanted}`);
}

async function count(
  selected: SelectedTrail,
  line: CommandLine,
  tally: ReadingTally,
): Promise<number> {
  if (line.isGiven("top") || line.isGiven("histogram"))
    throw new UsageError(name, "--count, --top and --histogram exclude each other");
  const output = new Output(false);
  const nothing = (): undefined => undefined;
  const { exitCode, found } = await readSelected(name, selected, "any", output, nothing);
  tally.exchanges = found;
  await output.write(`${found}\n`);
  return exitCode;
}

async function rows(
  selected: SelectedTrail,
  line: CommandLine,
  output: Output,
  tally: ReadingTally,
): Promise<number> {
  const format = oneOf(name, "format", line.value("format") ?? "table", rowFormats);
  const usual = format === "table" ? tableColumns : dataColumns;
  const columns = columnsOf(name, line.value("columns") ?? usual);
  const limit = line.value("limit");
  const youngest =
    limit === undefined ? undefined : new Youngest(wholeNumber(name, "limit", limit, 1));
  const writer = rowWriter(format, output, columns);
  const { exitCode, found } = await readSelected(name, selected, "begin", output, (entry) =>
    youngest === undefined ? writer.write(entry) : youngest.add(entry),
  );
  tally.exchanges = found;
  for (const entry of youngest?.entries() ?? []) await writer.write(entry);
  await writer.end();
  if (found > 0)
    tellMissingFacts(name, selected, columns.map((column) => column.name).filter(isOfFacts));
  return exitCode;
}

/** The last entries of a long sequence. */
class Youngest {
  readonly #limit: number;
  readonly #ring: TrailEntry[] = [];
  #next = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(entry: TrailEntry): undefined {
    entry.release();
    this.#ring[this.#next] = entry;
    this.#next = (this.#next + 1) % this.#limit;
  }

  entries(): TrailEntry[] {
    return [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)];
  }
}
