/** Derives the facts of all journals of a directory while they are written. */
import type { Log } from "../../core/log.ts";
import type { WatchRule } from "../../elasticsearch/body/watch/watch-rules.ts";
import { FactsDeriver } from "../facts/exchange-facts.ts";
import { factsKey } from "../facts/facts-files.ts";
import { readFactsState, writeFactsState } from "../facts/facts-state.ts";
import { listJournals } from "../read/catalog.ts";
import type { Segment } from "../read/segment.ts";
import type { JournalPosition } from "../store/journal-position.ts";
import { RecurringLog } from "../store/recurring-log.ts";
import { FactsStage } from "./facts-stage.ts";
import type { FollowerMessage } from "./follower-messages.ts";
import { JournalFollower } from "./journal-follower.ts";

/** How often new journals are looked for: workers that start later have their own. */
const listMs = 1000;
/** How often the position is saved: what was derived behind it is derived again after a crash. */
const saveMs = 5000;
/** The rest that is derived before the end; what is left is derived by the next start. */
const finishMs = 5000;

interface Followed {
  readonly journal: string;
  readonly position: JournalPosition;
  readonly follower: JournalFollower;
  readonly stage: FactsStage;
  isChanged: boolean;
}

/** What facts are derived for. */
export interface FactsFollowerOptions {
  readonly directory: string;
  readonly watch: readonly WatchRule[];
}

/**
 * Follows the journals with positions of its own: what happens to the proof does not touch the
 * facts, and facts that lag behind hold no checkpoint up. Trouble with one journal is told, and
 * begins it anew at the next look; nothing is thrown.
 */
export class FactsFollower {
  readonly #directory: string;
  readonly #rules: string;
  readonly #recurring: RecurringLog;
  readonly #deriver: FactsDeriver;
  readonly #followed = new Map<string, Followed>();
  #listedMs = -Infinity;
  #savedMs = -Infinity;

  /**
   * @param now monotonic milliseconds, by which a trouble is told at growing distances
   * @throws {Error} of the file system, for a directory that cannot be written
   */
  constructor(
    options: FactsFollowerOptions,
    tell: (message: FollowerMessage) => void,
    now: () => number = () => performance.now(),
  ) {
    const { directory, watch } = options;
    this.#directory = directory;
    this.#rules = JSON.stringify(watch);
    this.#recurring = new RecurringLog({ error: warning(tell) }, now);
    this.#deriver = new FactsDeriver(directory, factsKey(directory), watch);
  }

  /** Exchanges whose facts were derived. */
  get count(): number {
    let count = 0;
    for (const { stage } of this.#followed.values()) count += stage.count;
    return count;
  }

  /**
   * Derives what there is, up to some bytes of each journal.
   *
   * @param nowMs milliseconds since the epoch
   * @returns the most bytes that were read of a journal; 0: everything has been
   */
  async step(nowMs: number): Promise<number> {
    if (nowMs - this.#listedMs >= listMs) this.#list(nowMs);
    let most = 0;
    for (const followed of this.#followed.values())
      try {
        const { segments } = followed.position;
        const known = segments.length;
        const bytes = followed.follower.step(1);
        await followed.stage.drain();
        if (bytes > 0) followed.isChanged = true;
        if (segments.length > known) {
          // Others wait for the end of a segment.
          followed.isChanged = true;
          await this.#save(followed);
        }
        most = Math.max(most, bytes);
      } catch (error) {
        await this.#fail(followed, error);
      }
    if (nowMs - this.#savedMs >= saveMs) {
      this.#savedMs = nowMs;
      for (const followed of this.#followed.values()) await this.#save(followed);
    }
    return most;
  }

  /** Derives the rest within bounds, saves how far it is, and ends. */
  async finish(endMs = Date.now() + finishMs): Promise<void> {
    this.#listedMs = -Infinity;
    while ((await this.step(Date.now())) > 0 && Date.now() < endMs);
    for (const followed of this.#followed.values()) {
      await this.#save(followed);
      followed.follower.close();
      await followed.stage.close();
    }
    this.#followed.clear();
  }

  #list(nowMs: number): void {
    this.#listedMs = nowMs;
    let names: readonly string[];
    try {
      names = listJournals(this.#directory).map(({ name }) => name);
    } catch {
      return;
    }
    for (const name of names)
      try {
        if (!this.#followed.has(name)) this.#begin(name);
      } catch (error) {
        this.#warn(`facts of ${name} could not be derived, and are tried again`, error);
      }
  }

  #begin(journal: string): void {
    const directory = this.#directory;
    const state = readFactsState(directory, journal, this.#rules);
    const { position } = state;
    const segmentOf = (): Segment | undefined => {
      const inode = position.segments.at(-1)?.inode;
      const segments = listJournals(directory).find(({ name }) => name === journal)?.segments;
      return segments?.find((segment) => segment.inode === inode);
    };
    const stage = new FactsStage(directory, this.#deriver, state, segmentOf, (id, error) => {
      this.#warn(`exchanges of ${journal} have no facts`, error, id);
      return undefined;
    });
    // The log tells of lines that were changed behind its back; here they are read as they are.
    const follower = new JournalFollower(directory, journal, position, [stage], () => undefined);
    this.#followed.set(journal, { journal, position, follower, stage, isChanged: true });
  }

  async #save(followed: Followed): Promise<void> {
    if (!followed.isChanged) return;
    try {
      followed.stage.save();
      const state = followed.stage.state(followed.position);
      writeFactsState(this.#directory, followed.journal, this.#rules, state);
      followed.isChanged = false;
    } catch (error) {
      await this.#fail(followed, error);
    }
  }

  /** Tells the log, but not all the time: a disk that is full stays so for a while. */
  #warn(what: string, error: unknown, id?: string): void {
    const reason = error instanceof Error ? error.message : "unknown failure";
    this.#recurring.error({ reason, id }, what);
  }

  async #fail({ journal, follower, stage }: Followed, error: unknown): Promise<void> {
    this.#followed.delete(journal);
    this.#warn(`facts of ${journal} could not be derived, and are tried again`, error);
    follower.close();
    await stage.close().catch(() => undefined);
  }
}

/** Tells a trouble with what it came of, the first exchange, and how often it came back. */
function warning(tell: (message: FollowerMessage) => void): Log["error"] {
  return ({ reason, id, times }, message) => {
    const example = id === undefined ? "" : ` (${id})`;
    const often = times === undefined ? "" : ` (${times} times since it was said)`;
    tell({ kind: "log", level: "warn", text: `${message}${example}: ${reason}${often}` });
  };
}
