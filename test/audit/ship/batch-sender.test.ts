import assert from "node:assert/strict";
import { test } from "node:test";

import { BatchSender, type SendListener } from "../../../src/audit/ship/batch-sender.ts";
import type { ItemOutcome } from "../../../src/audit/ship/bulk-target.ts";
import { ClusterError } from "../../../src/audit/ship/cluster-client.ts";
import {
  DocumentBatch,
  readDocument,
  type ShippedDocument,
} from "../../../src/audit/ship/document-batch.ts";

const done: ItemOutcome = { kind: "done" };
const again: ItemOutcome = { kind: "again", reason: "429 too many" };

function documents(count: number): readonly ShippedDocument[] {
  const batch = new DocumentBatch();
  for (let at = 0; at < count; at += 1) batch.addText(String(at), "{}");
  return batch.documents;
}

/** A sender to a target that answers as it is told; with what it was sent, told and waited. */
function senderTo(answer: (ids: readonly string[], nth: number) => readonly ItemOutcome[]) {
  const sent: string[][] = [];
  const told: string[] = [];
  const pauses: number[] = [];
  const listener: { -readonly [K in keyof SendListener]: SendListener[K] } = {
    done: (count) => told.push(`done ${count}`),
    failed: (reason) => told.push(`failed ${reason}`),
    refused: (document, status) => told.push(`refused ${readDocument(document).id} ${status}`),
  };
  const target = {
    send: (batch: readonly ShippedDocument[]): Promise<readonly ItemOutcome[]> => {
      const ids = batch.map((document) => readDocument(document).id);
      sent.push(ids);
      try {
        return Promise.resolve(answer(ids, sent.length));
      } catch (error) {
        return Promise.reject(error);
      }
    },
  };
  const sender = new BatchSender(target, listener, {
    random: () => 1,
    pause: (milliseconds, signal) => {
      signal.throwIfAborted();
      pauses.push(milliseconds);
      return Promise.resolve();
    },
  });
  return { sender, sent, told, pauses, listener };
}

const never = new AbortController().signal;

test("only what was not taken is sent again, until it is", async () => {
  const { sender, sent, told } = senderTo((ids, nth) =>
    ids.map((id) => (nth === 1 && id !== "0" ? again : done)),
  );
  await sender.send(documents(3), never);
  assert.deepEqual(sent, [
    ["0", "1", "2"],
    ["1", "2"],
  ]);
  assert.deepEqual(told, ["done 1", "failed 2 of 3 not taken: 429 too many", "done 2"]);
});

test("a target that is away is asked at growing distances, up to half a minute", async () => {
  const { sender, pauses } = senderTo((ids, nth) => {
    if (nth <= 12) throw new ClusterError("it cannot be reached");
    return ids.map(() => done);
  });
  await sender.send(documents(1), never);
  assert.deepEqual(pauses.slice(0, 5), [100, 200, 400, 800, 1600]);
  assert.deepEqual(pauses.slice(-2), [30_000, 30_000]);
});

test("a request that is too large goes in halves; one document that is, is refused", async () => {
  const { sender, sent, told } = senderTo((ids) => {
    if (ids.includes("2")) throw new ClusterError("too large", 413);
    return ids.map(() => done);
  });
  await sender.send(documents(4), never);
  assert.deepEqual(sent, [["0", "1", "2", "3"], ["0", "1"], ["2", "3"], ["2"], ["3"]]);
  assert.deepEqual(told, ["done 2", "refused 2 413", "done 1"]);
});

test("a refused document is told once and holds nothing up", async () => {
  const { sender, told } = senderTo((ids) =>
    ids.map((id): ItemOutcome =>
      id === "1" ? { kind: "refused", status: 400, reason: "no date" } : done,
    ),
  );
  await sender.send(documents(3), never);
  assert.deepEqual(told, ["refused 1 400", "done 2"]);
});

test("a refused document that cannot be kept is sent again alone, the others are told once", async () => {
  const { sender, sent, told, listener } = senderTo((ids) =>
    ids.map((id): ItemOutcome =>
      id === "3" ? done : { kind: "refused", status: 400, reason: "no date" },
    ),
  );
  const { refused } = listener;
  let isFull = true;
  listener.refused = (document, status, reason) => {
    if (isFull && readDocument(document).id === "1") {
      isFull = false;
      throw new Error("no space left on device");
    }
    refused(document, status, reason);
  };
  await sender.send(documents(4), never);
  assert.deepEqual(sent, [["0", "1", "2", "3"], ["1"]]);
  assert.deepEqual(told, [
    "refused 0 400",
    "refused 2 400",
    "done 1",
    "failed 1 of 4 not taken: no space left on device",
    "refused 1 400",
  ]);
});

test("a refusal of the whole request for any other reason refuses no document", async () => {
  const { sender, sent, told } = senderTo((ids, nth) => {
    if (nth === 1) throw new ClusterError("unrecognized parameter", 400);
    if (nth === 2) throw new ClusterError("no such user", 401);
    return ids.map(() => done);
  });
  await sender.send(documents(2), never);
  assert.equal(sent.length, 3);
  assert.deepEqual(told.at(-1), "done 2");
});

test("a stop ends the waiting", async () => {
  const stop = new AbortController();
  const { sender, sent } = senderTo((_, nth) => {
    if (nth === 3) stop.abort();
    throw new ClusterError("it cannot be reached");
  });
  await assert.rejects(sender.send(documents(1), stop.signal), { name: "AbortError" });
  assert.equal(sent.length, 3);
});
