/** What the commands that remove something have in common. */
import { userInfo } from "node:os";

import { openEventSink, type EventSink } from "../../audit/retention/event-sink.ts";
import { underMaintenanceLock } from "../../audit/retention/maintenance-lock.ts";
import { errorMessage } from "../../core/system-error.ts";
import { KqlError } from "../../kql/kql-error.ts";
import { toOneLine } from "../../config/diagnostic.ts";
import type { CommandLine, OptionSpec } from "../command-line.ts";
import { exitCodes } from "../exit-codes.ts";
import { UsageError } from "../usage-error.ts";
import { withWhoAsks } from "./command-record.ts";

export const reasonOption: OptionSpec = {
  name: "reason",
  value: "TEXT",
  help: "Why; it stands in the record of it.",
};
export const byOption: OptionSpec = {
  name: "by",
  value: "NAME",
  help: "Who has ordered it; default: the user who gives the command.",
};
export const dryRunOption: OptionSpec = {
  name: "dry-run",
  help: "Say what would happen, and change nothing.",
};

const maxReason = 500;

/** The proxy may compress a segment at the moment. Milliseconds. */
const patienceMs = 120_000;

/** @throws {UsageError} without a reason */
export function reasonOf(command: string, line: CommandLine): { reason: string; by: string } {
  const reason = line.value("reason");
  if (reason === undefined) throw new UsageError(command, "--reason TEXT is missing");
  // It stands in every line that takes the place of an erased one.
  if (reason.length > maxReason)
    throw new UsageError(command, `--reason is longer than ${maxReason} characters`);
  return { reason, by: line.value("by") ?? userInfo().username };
}

/**
 * Does some work while nobody else changes full segments. What fails is told on stderr.
 *
 * @returns the exit code of the work, or 1
 */
export async function changing(
  command: string,
  directory: string,
  work: (sink: EventSink) => Promise<number>,
): Promise<number> {
  const fail = (message: string): number => {
    process.stderr.write(`es-proxy ${command}: ${toOneLine(message)}\n`);
    return exitCodes.failure;
  };
  try {
    const sink = withWhoAsks(await openEventSink(directory));
    const done = await underMaintenanceLock(directory, () => work(sink), patienceMs);
    return done?.result ?? fail("somebody else changes this directory at the moment: try again");
  } catch (error) {
    if (error instanceof UsageError || error instanceof KqlError) throw error;
    return fail(errorMessage(error));
  }
}
