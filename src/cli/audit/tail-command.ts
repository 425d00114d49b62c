/** The command `es-proxy audit tail`. */
import { tailTrailWithFacts } from "../../audit/facts/facts-trail.ts";
import { ClusterClient, ClusterError } from "../../audit/ship/cluster-client.ts";
import { tailStream } from "../../audit/ship/stream-tail.ts";
import { CatalogError } from "../../audit/read/catalog.ts";
import type { ReadListener } from "../../audit/read/read-problem.ts";
import { toOneLine } from "../../config/diagnostic.ts";
import type { CommandSpec } from "../command-line.ts";
import { exitCodes } from "../exit-codes.ts";
import { UsageError } from "../usage-error.ts";
import { columnHelp, columnsOf, dataColumns, tableColumns } from "./column-option.ts";
import { fleetOptions } from "./fleet-options.ts";
import { tellNothingFound } from "./nothing-found.ts";
import { oneOf, wholeNumber } from "./option-values.ts";
import { Output } from "./output.ts";
import { withRecordOfBodies } from "./recorded-reading.ts";
import { gapText } from "./read-report.ts";
import { rowWriter } from "./row-writer.ts";
import { filterOptions, selectionOf } from "./selection-options.ts";

const name = "audit tail";
/** Those that need no end. */
const formats = ["table", "ndjson", "csv"] as const;
const usualHistory = 10;

/** `es-proxy audit tail`. */
export const tailCommand: CommandSpec = {
  name,
  summary: "Follow a trail while it is written: a line for each exchange that has ended.",
  operands: [],
  optionalOperands: ["filter"],
  options: [
    ...filterOptions,
    ...fleetOptions,
    {
      name: "lines",
      short: "n",
      value: "N",
      help: `Begin N exchanges back; default: ${usualHistory}.`,
    },
    { name: "columns", value: "A,B,…", help: `Columns; default: ${tableColumns}.` },
    { name: "format", value: "NAME", help: `${formats.join(", ")}; default: table.` },
  ],
  get notes() {
    return `${columnHelp()}\n\nAll workers are followed, in the order in which exchanges end.`;
  },
  examples: [
    ["es-proxy audit tail", "What happens now."],
    ["es-proxy audit tail 'status >= 400' -n 0", "What fails from now on."],
    ["es-proxy audit tail --since 5m 'index: patients-*'", "The last minutes first."],
  ],
  async run(line) {
    const selected = selectionOf(name, line, line.operands[0]);
    const lines = line.value("lines");
    if (lines !== undefined && line.isGiven("since"))
      throw new UsageError(name, "--lines and --since exclude each other");
    const format = oneOf(name, "format", line.value("format") ?? "table", formats);
    const columns = columnsOf(
      name,
      line.value("columns") ?? (format === "table" ? tableColumns : dataColumns),
    );
    const output = new Output(false);
    const writer = rowWriter(format, output, columns, true);
    const history = lines === undefined ? usualHistory : wholeNumber(name, "lines", lines, 0);
    const stop = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());
    return withRecordOfBodies(name, selected, columns, async (tally) => {
      const options = {
        ...selected,
        history: line.isGiven("since") ? Infinity : history,
        onPast: (count: number): void => {
          if (count === 0 && history > 0) tellNothingFound(name, selected, nothingYet);
        },
        listener: liveReport,
        signal: stop.signal,
      };
      const { fleet } = selected;
      const client = fleet && new ClusterClient(fleet.cluster);
      try {
        const entriesOfAll =
          client === undefined || fleet === undefined
            ? tailTrailWithFacts(options)
            : tailStream(client, { ...options, dataStream: fleet.dataStream });
        for await (const entries of entriesOfAll) {
          for (const entry of entries) await writer.write(entry);
          tally.exchanges += entries.length;
          await writer.flush();
          if (output.isClosed) stop.abort();
        }
        await writer.end();
        return exitCodes.ok;
      } catch (error) {
        if (!(error instanceof CatalogError) && !(error instanceof ClusterError)) throw error;
        process.stderr.write(`es-proxy ${name}: ${error.message}\n`);
        return exitCodes.failure;
      } finally {
        await client?.close();
      }
    });
  },
};

const nothingYet = "waiting for what comes; nothing matches yet";

/** Tells at once. */
const liveReport: ReadListener = {
  problem({ segment, offset, message }) {
    process.stderr.write(`${toOneLine(`${segment} at ${offset}: ${message}`)}\n`);
  },
  gap(document) {
    process.stderr.write(`${toOneLine(gapText(document))}\n`);
  },
};
