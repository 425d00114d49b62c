/** Leaves records in a trail of what commands read of it. */
import type { TrailEvent } from "../../audit/record/trail-event.ts";
import { listJournals } from "../../audit/read/catalog.ts";
import { recordedBody } from "../../audit/read/recorded-body.ts";
import type { EntryColumn } from "../../audit/read/entry-columns.ts";
import type { TrailEntry } from "../../audit/read/trail-entry.ts";
import { recordOperation } from "../../audit/operations/record-operation.ts";
import { whoAsks } from "../../audit/operations/who-asks.ts";
import { toOneLine } from "../../config/diagnostic.ts";
import { exitCodes } from "../exit-codes.ts";
import type { SelectedTrail } from "./selection-options.ts";

/** Ids that a record names; it has the number of all. */
const maxIds = 20;
const bodyField = /^http\.(?:request|response)\.body\.content(?:\.|$)/;
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** What a shell adds to the number of the signal that has ended a process. */
const signalExit = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** What has been read so far. */
export class ReadingTally {
  exchanges = 0;
  bodies = 0;
  readonly ids: string[] = [];

  /** The entry was read, with its bodies where the trail has them. */
  add(entry: TrailEntry): void {
    this.addHead(entry);
    for (const side of ["request", "response"] as const) {
      const { state } = recordedBody(entry, side);
      if (state === "inline" || state === "stored") this.bodies += 1;
    }
  }

  /** The entry was read without its bodies. */
  addHead({ id }: TrailEntry): void {
    this.exchanges += 1;
    if (this.ids.length < maxIds) this.ids.push(id);
  }

  get fields(): TrailEvent["fields"] {
    return {
      exchanges: this.exchanges,
      bodies: this.bodies,
      ...(this.exchanges > 0 && this.exchanges <= maxIds ? { ids: this.ids } : {}),
    };
  }
}

/** Whether the field holds what stands in a body. */
export function isBodyField(name: string): boolean {
  return bodyField.test(name);
}

/** Does some work with a record of it when filter or columns tell what stands in bodies. */
export function withRecordOfBodies(
  command: string,
  { directory, fleet, filter }: SelectedTrail,
  columns: readonly EntryColumn[],
  work: (tally: ReadingTally) => Promise<number>,
): Promise<number> {
  // A cluster has an audit of its own.
  if (fleet !== undefined) return work(new ReadingTally());
  const names = [...(filter?.fields() ?? []), ...columns.map(({ name }) => name)];
  return names.some(isBodyField) ? withRecord(command, directory, work) : work(new ReadingTally());
}

/**
 * Records at once what is about to be shown. To be called when it is known, and before it is shown.
 *
 * @param command such as `audit show`
 */
export async function recordReading(
  command: string,
  directory: string,
  tally: ReadingTally,
): Promise<void> {
  await leaveRecord(command, directory, "success", tally.fields);
}

/**
 * Does some work that reads bodies one after the other. A record before it says what is asked, one
 * behind it what was read; without the second one the work was killed.
 *
 * @param work gives the exit code
 */
export async function withRecord(
  command: string,
  directory: string,
  work: (tally: ReadingTally) => Promise<number>,
): Promise<number> {
  // Where there is no trail nothing is read, and the work says so.
  if (!hasTrail(directory)) return work(new ReadingTally());
  const tally = new ReadingTally();
  let begun: string | undefined;
  const end = async (outcome: TrailEvent["outcome"], more: TrailEvent["fields"]): Promise<void> => {
    const fields = { stage: "end", ...(begun === undefined ? {} : { begin: begun }) };
    await leaveRecord(command, directory, outcome, { ...fields, ...tally.fields, ...more });
  };
  const interrupted = (signal: NodeJS.Signals): void => {
    // Who handles it, too, ends the work in its own way.
    if (process.listenerCount(signal) > 1) return;
    // A second signal ends it at once.
    for (const each of signals) process.off(each, interrupted);
    void end("failure", { signal }).finally(() => process.exit(exitOf(signal)));
  };
  for (const signal of signals) process.on(signal, interrupted);
  try {
    begun = await leaveRecord(command, directory, "success", { stage: "begin" });
    const exitCode = await work(tally);
    await end(exitCode === exitCodes.ok ? "success" : "failure", { exit_code: exitCode });
    return exitCode;
  } catch (error) {
    await end("failure", {});
    throw error;
  } finally {
    for (const signal of signals) process.off(signal, interrupted);
  }
}

function exitOf(signal: NodeJS.Signals): number {
  return signalExit[signal as (typeof signals)[number]];
}

/** The beginning and the end of a command that leaves no record have the same to say. */
let lastTold = "";

/** @returns id of the record; `undefined`: there is none, which was told on stderr */
async function leaveRecord(
  command: string,
  directory: string,
  outcome: TrailEvent["outcome"],
  fields: TrailEvent["fields"],
): Promise<string | undefined> {
  const recorded = await recordOperation(directory, {
    action: command.replace(" ", "."),
    type: "access",
    outcome,
    asker: whoAsks(process.argv.slice(2)),
    fields,
  });
  const tell = (message: string): void => {
    if (message === lastTold) return;
    lastTold = message;
    process.stderr.write(`es-proxy ${command}: ${toOneLine(message)}\n`);
  };
  if (recorded.where === "nowhere") {
    tell(`this reading leaves no record in ${directory}: ${recorded.problem}`);
    return undefined;
  }
  if (recorded.where === "side_log" && recorded.problem !== undefined)
    tell(`the running proxy has not recorded this, the side log has: ${recorded.problem}`);
  return recorded.id;
}

function hasTrail(directory: string): boolean {
  try {
    return listJournals(directory).length > 0;
  } catch {
    return false;
  }
}
