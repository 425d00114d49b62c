/** The options by which every command says which trail, and what of it. */
import { asksForReads } from "../../audit/index/reads-of-trail.ts";
import { compileFilter, type Filter } from "../../kql/filter.ts";
import { formatKqlError, formatKqlWarning, KqlError } from "../../kql/kql-error.ts";
import type { CommandLine, OptionSpec } from "../command-line.ts";
import { UsageError } from "../usage-error.ts";
import { fleetOf, type FleetStream } from "./fleet-options.ts";
import { parseInstant } from "./instant.ts";

/** Which directory. */
export const directoryOption: OptionSpec = {
  name: "dir",
  short: "d",
  value: "DIR",
  help: "Directory of the trail, live or copied; default: ./audit.",
};

/** Which entries, of those that are and will be. */
export const filterOptions: readonly OptionSpec[] = [
  directoryOption,
  {
    name: "filter",
    short: "f",
    value: "KQL",
    help: "What must match, in Kibana's query language.",
  },
  {
    name: "since",
    value: "TIME",
    help: "Not before: 2h (ago), 2026-11-30, 08:15, now/w (Monday); UTC.",
  },
];

/** Which entries, of those that are. */
export const selectionOptions: readonly OptionSpec[] = [
  ...filterOptions,
  { name: "until", value: "TIME", help: "Before this instant." },
];

/**
 * Commands whose filters know of which reads calls are parts, because they read the whole trail
 * first. For others `not read: …` would be everything.
 */
const readCommands: ReadonlySet<string> = new Set([
  "audit query",
  "audit top",
  "audit who",
  "audit export",
  "audit replay",
]);

/** What the command line selects. */
export interface SelectedTrail {
  readonly directory: string;
  /** Read this data stream and no directory; `undefined`: the directory. */
  readonly fleet: FleetStream | undefined;
  readonly filter: Filter | undefined;
  readonly sinceMs: number | undefined;
  readonly untilMs: number | undefined;
  readonly withSideLog?: boolean;
  /** Entries tell of which reads they are parts. */
  readonly withReads?: boolean;
}

/**
 * Reads the selection; warnings about the filter go to stderr.
 *
 * @param command for the hint at its help
 * @throws {UsageError} for an instant or a filter that cannot be read
 */
export function selectionOf(command: string, line: CommandLine, operand?: string): SelectedTrail {
  const nowMs = Date.now();
  const instant = (name: string): number | undefined => {
    const text = line.value(name);
    if (text === undefined) return undefined;
    const time = parseInstant(text, nowMs);
    if (time !== undefined) return time;
    const forms = "2h, 2026-11-30, 2026-11-30T08:15Z, 08:15 or now-1d/d";
    throw new UsageError(command, `--${name} is an instant such as ${forms}; got "${text}"`);
  };
  const given = [line.value("filter"), operand].filter((text) => text !== undefined);
  if (given.length === 2) throw new UsageError(command, "the filter is given twice");
  const fleet = fleetOf(command, line, process.env);
  const filter = given[0] === undefined ? undefined : filterOf(command, given[0], nowMs);
  if (asksForReads(filter) && (fleet !== undefined || !readCommands.has(command)))
    throw new UsageError(
      command,
      "a filter by read is for a directory, and for query, top, who, export and replay",
    );
  const directory = line.value("dir") ?? "./audit";
  return {
    directory,
    fleet,
    filter,
    sinceMs: instant("since"),
    untilMs: instant("until"),
  };
}

function filterOf(command: string, text: string, nowMs: number): Filter {
  try {
    const filter = compileFilter(text, { nowMs });
    for (const warning of filter.warnings)
      process.stderr.write(`${formatKqlWarning("filter", text, warning)}\n`);
    return filter;
  } catch (error) {
    if (!(error instanceof KqlError)) throw error;
    process.stderr.write(`${formatKqlError("filter", text, error)}\n`);
    throw new UsageError(command, "the filter cannot be read");
  }
}
