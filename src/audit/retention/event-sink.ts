/** Where commands record what they do to a trail: in the trail, or beside a copy of it. */
import { askProxy, ControlError, recordThroughProxy } from "../operations/control-client.ts";
import { appendToSideLog } from "../operations/side-log-writer.ts";
import type { TrailEvent } from "../record/trail-event.ts";

/** Takes events of one directory. */
export interface EventSink {
  /** The proxy that writes the trail takes them; else they go into a file beside it. */
  readonly isLive: boolean;
  /**
   * Hands an event over.
   *
   * @returns its id, where it is on the device when this returns; else it is there in a moment
   * @throws {Error} when it cannot be recorded
   */
  record(event: TrailEvent): Promise<string | undefined>;
  /** Ends the segments that are written to, where somebody writes. */
  seal(): Promise<void>;
}

/** Finds out whether a proxy writes the trail. */
export async function openEventSink(directory: string): Promise<EventSink> {
  return (await isAnswering(directory)) ? new LiveSink(directory) : new SideLog(directory);
}

class LiveSink implements EventSink {
  readonly isLive = true;
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async record(event: TrailEvent): Promise<undefined> {
    await recordThroughProxy(this.#directory, event);
    return undefined;
  }

  async seal(): Promise<void> {
    await askProxy(this.#directory, { do: "seal" });
  }
}

/** A file of records that stand in no transparency log. */
class SideLog implements EventSink {
  readonly isLive = false;
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async record(event: TrailEvent): Promise<string> {
    return appendToSideLog(this.#directory, event);
  }

  async seal(): Promise<void> {
    // No process writes to the trail.
  }
}

/** A command that reads a directory does not wait for a proxy that has ended. */
async function isAnswering(directory: string): Promise<boolean> {
  try {
    await askProxy(directory, { do: "nothing" });
  } catch (error) {
    // An answer that it does not know the command shows that a proxy is there.
    return error instanceof ControlError && !error.isAbsent;
  }
  return true;
}
