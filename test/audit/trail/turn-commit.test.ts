import assert from "node:assert/strict";
import test from "node:test";

import { TurnCommit } from "../../../src/audit/trail/turn-commit.ts";
import { recordingLog, type LogLine } from "../trail-fixture.ts";

/** What happens in a turn, in order, and the calls that wait for the device. */
interface Turn {
  readonly commit: TurnCommit;
  readonly events: string[];
  readonly log: LogLine[];
  syncedPacks(error: string): void;
  syncedJournal(error: string): void;
}

function turnOf(isDurable: boolean, isPackFull = false): Turn {
  const events: string[] = [];
  const log: LogLine[] = [];
  let packsDone: (error: string) => void = () => undefined;
  let journalDone: (error: string) => void = () => undefined;
  let isFull = isPackFull;
  const parts = {
    writer: {
      bytes: 1,
      isFailing: false,
      commit: () => void events.push("records written"),
      whenIdle: (then: () => void) => then(),
      syncBegins: () => undefined,
      syncSucceeded: () => void events.push("on the device"),
      syncFailed: (reason: string) => void events.push(`lost: ${reason}`),
      fileLost: (reason: string) => void events.push(`lost: ${reason}`),
    },
    journal: {
      sync: (done: (error: string) => void) => {
        events.push("journal syncs");
        journalDone = done;
      },
    },
    packs: {
      flush: () => void events.push("bodies written"),
      sync: (done: (error: string) => void) => {
        events.push("packs sync");
        packsDone = done;
      },
    },
    segments: {
      get isPackFull(): boolean {
        return isFull;
      },
      rotate: () => {
        isFull = false;
        events.push("new segment");
        return "";
      },
    },
  };
  return {
    commit: new TurnCommit(parts, isDurable, recordingLog(log)),
    events,
    log,
    syncedPacks: (error) => packsDone(error),
    syncedJournal: (error) => journalDone(error),
  };
}

function waitIn({ commit, events }: Turn, mayBeRefused: boolean): void {
  const recordStored = (isStored: boolean): void =>
    void events.push(isStored ? "told: stored" : "told: refused");
  commit.wait({ recordStored }, mayBeRefused);
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("bodies are written before the records that point to them, and then those who wait are told", async () => {
  const turn = turnOf(false);
  waitIn(turn, true);
  assert.deepEqual(turn.events, []);
  await nextTurn();
  assert.deepEqual(turn.events, ["bodies written", "records written", "told: stored"]);
});

test("durable: bodies are on the device before the records, and both before anybody is told", async () => {
  const turn = turnOf(true);
  waitIn(turn, true);
  await nextTurn();
  const written = ["bodies written", "records written"];
  assert.deepEqual(turn.events, [...written, "packs sync"]);
  turn.syncedPacks("");
  assert.deepEqual(turn.events, [...written, "packs sync", "journal syncs"]);
  turn.syncedJournal("");
  assert.deepEqual(turn.events, [
    ...written,
    "packs sync",
    "journal syncs",
    "on the device",
    "told: stored",
  ]);
});

test("durable: a pack that is not on the device refuses those who may be refused", async () => {
  const turn = turnOf(true);
  waitIn(turn, true);
  waitIn(turn, false);
  await nextTurn();
  turn.syncedPacks("EIO");
  turn.syncedJournal("");
  assert.deepEqual(turn.events.slice(-3), ["lost: EIO", "told: refused", "told: stored"]);
  assert.deepEqual(turn.log[0]?.fields, { code: "EIO" });
});

test("a full pack begins a new segment after the records of the turn", async () => {
  const turn = turnOf(false, true);
  turn.commit.schedule();
  await nextTurn();
  assert.deepEqual(turn.events, ["bodies written", "records written", "new segment"]);
});
