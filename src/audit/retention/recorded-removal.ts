/** Notes what is about to be removed, in the file of removals and in the trail, before it goes. */
import { addRemoval, type Removal } from "../store/removals.ts";
import { AwaitedEvent } from "./recorded-event.ts";

/** A record about the trail, as it is handed over to be recorded. */
export interface RetentionEvent {
  readonly action: string;
  readonly outcome: "success" | "failure";
  readonly fields: Readonly<Record<string, string | number | readonly string[]>>;
}

/**
 * Has an event recorded. Gives its id where it is stored already; else it is looked for in the
 * trail.
 */
export type RecordEvent = (event: RetentionEvent) => Promise<string | undefined> | undefined;

/** How long the record may take to be on disk. Milliseconds. */
const recordMs = 10_000;

/**
 * Nothing may be removed before this has given an id: without the record it would look as if
 * somebody had taken it away. Call it under the maintenance lock.
 *
 * @param fields what verifiers need, for the file of removals
 * @param summary what readers of the trail are told
 * @returns id of the record in the trail; `undefined`: it could not be stored in time
 * @throws {Error} of the file system
 */
export async function recordRemoval(
  directory: string,
  action: string,
  fields: Removal["fields"],
  summary: RetentionEvent["fields"],
  record: RecordEvent,
): Promise<string | undefined> {
  const sha256 = addRemoval(directory, action, fields, new Date());
  const awaited = new AwaitedEvent(directory);
  const all = { ...summary, removals_sha256: sha256, mark: awaited.mark };
  return (await record({ action, outcome: "success", fields: all })) ?? awaited.id(recordMs);
}
