/** Records what a command does with a trail: in the trail itself, or beside it. */
import { errorCode, errorMessage } from "../../core/system-error.ts";
import type { TrailEvent } from "../record/trail-event.ts";
import { ControlError, recordThroughProxy } from "./control-client.ts";
import { appendToSideLog } from "./side-log-writer.ts";

/** Where the record is. */
export type RecordedOperation =
  /** In the trail, through the proxy that writes it. */
  | { readonly where: "trail"; readonly id: string }
  /**
   * In the side log, which no transparency log covers. `problem`: why the proxy that runs has not
   * taken it; `undefined`: none runs.
   */
  | { readonly where: "side_log"; readonly id: string; readonly problem: string | undefined }
  /** Nowhere. */
  | { readonly where: "nowhere"; readonly problem: string };

/** The actions that commands may have recorded; all others are the proxy's own. */
export const operationActions: ReadonlySet<string> = new Set([
  "audit.show",
  "audit.diff",
  "audit.who",
  "audit.query",
  "audit.top",
  "audit.tail",
  "audit.replay",
  "audit.export",
  "audit.evidence",
  "audit.ship",
  "audit.index",
  "audit.report",
  "audit.explore",
  "audit.erase",
  "audit.hold",
  "audit.prune",
  "audit.seal",
]);

/**
 * Records an operation: through the running proxy, else in the side log of the directory. The
 * record is stored when this returns.
 */
export async function recordOperation(
  directory: string,
  event: TrailEvent,
): Promise<RecordedOperation> {
  let problem: string | undefined;
  try {
    return { where: "trail", id: await recordThroughProxy(directory, event) };
  } catch (error) {
    if (!(error instanceof ControlError && error.isAbsent)) problem = errorMessage(error);
  }
  try {
    return { where: "side_log", id: appendToSideLog(directory, event), problem };
  } catch (error) {
    const reason = errorCode(error, errorMessage(error));
    return { where: "nowhere", problem: problem === undefined ? reason : `${problem}; ${reason}` };
  }
}
