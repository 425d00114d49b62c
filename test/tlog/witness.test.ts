import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";

import type { Checkpoint } from "../../src/tlog/checkpoint.ts";
import { emptyRoot } from "../../src/tlog/hashes.ts";
import { formatNote } from "../../src/tlog/note.ts";
import { signCheckpoint } from "../../src/tlog/signed-checkpoint.ts";
import { TlogError } from "../../src/tlog/tlog-error.ts";
import { proveConsistency } from "../../src/tlog/tree-proof.ts";
import { decide } from "../../src/tlog/witness-decision.ts";
import type { WitnessDecision } from "../../src/tlog/witness-decision.ts";
import {
  formatSize,
  formatWitnessRequest,
  parseSize,
  parseWitnessRequest,
} from "../../src/tlog/witness-request.ts";
import { seededKey } from "./keys.ts";
import { makeEntries, NaiveReader, naiveRoot } from "./naive-tree.ts";

const origin = "example.com/log";
const key = seededKey(origin, 1);
const entries = makeEntries(60);
const reader = new NaiveReader(entries);

function checkpointOf(size: number, from = entries): Checkpoint {
  return { origin, size, root: naiveRoot(from.slice(0, size)), extensions: [] };
}

function requestOf(oldSize: number, size: number) {
  const checkpoint = signCheckpoint(checkpointOf(size), [key], 0);
  return {
    oldSize,
    proof: oldSize > size ? [] : proveConsistency(oldSize, size, reader),
    checkpoint,
  };
}

function ask(
  request: ReturnType<typeof requestOf>,
  latest: Checkpoint | undefined,
): WitnessDecision {
  return decide(request, (name) =>
    name === origin ? { keys: [key.verifier], latest } : undefined,
  );
}

test("cosigns the first checkpoint of a log and every one that continues the last", () => {
  let latest: Checkpoint | undefined;
  for (const size of [0, 0, 5, 8, 8, 9, 60]) {
    const decision = ask(requestOf(latest?.size ?? 0, size), latest);
    assert.ok(decision.status === 200, JSON.stringify(decision));
    assert.deepEqual(decision.checkpoint, checkpointOf(size));
    assert.equal(decision.signatures[0]?.name, origin);
    latest = decision.checkpoint;
  }
});

test("answers 409 with its size when the old size is another", () => {
  assert.deepEqual(ask(requestOf(0, 9), checkpointOf(5)), { status: 409, size: 5 });
  assert.deepEqual(ask(requestOf(4, 9), checkpointOf(5)), { status: 409, size: 5 });
  assert.deepEqual(ask(requestOf(4, 9), undefined), { status: 409, size: 0 });
  assert.deepEqual(
    ask(requestOf(3, 4), checkpointOf(5)),
    { status: 409, size: 5 },
    "a smaller tree",
  );
});

test("answers 400 for an old size above the checkpoint's, and for what is no checkpoint", () => {
  assert.equal(ask(requestOf(9, 8), checkpointOf(9)).status, 400);
  assert.equal(
    ask({ ...requestOf(0, 8), checkpoint: Buffer.from("garbage") }, undefined).status,
    400,
  );
  const note = formatNote({
    text: "no checkpoint\n",
    signatures: [key.sign("no checkpoint\n", 0)],
  });
  assert.equal(ask({ ...requestOf(0, 8), checkpoint: Buffer.from(note) }, undefined).status, 400);
});

test("answers 404 for a log that it does not serve, before it looks at signatures", () => {
  const other = seededKey("example.com/other", 1);
  const checkpoint = signCheckpoint(
    { ...checkpointOf(5), origin: "example.com/other" },
    [other],
    0,
  );
  assert.equal(ask({ oldSize: 0, proof: [], checkpoint }, undefined).status, 404);
});

test("answers 403 without a valid signature of the log", () => {
  const impostor = seededKey(origin, 2);
  const unknown = signCheckpoint(checkpointOf(5), [impostor], 0);
  assert.equal(ask({ ...requestOf(0, 5), checkpoint: unknown }, undefined).status, 403);
  const text = Buffer.from(requestOf(0, 5).checkpoint.toString().replace("\n5\n", "\n6\n"));
  assert.equal(ask({ ...requestOf(0, 5), checkpoint: text }, undefined).status, 403);
});

test("answers 422 when the proof does not show that nothing was changed", () => {
  const rewritten = signCheckpoint(checkpointOf(9, makeEntries(60, 1)), [key], 0);
  assert.equal(ask({ ...requestOf(5, 9), checkpoint: rewritten }, checkpointOf(5)).status, 422);
  assert.equal(ask({ ...requestOf(5, 9), proof: [] }, checkpointOf(5)).status, 422);
  const otherRoot = signCheckpoint(checkpointOf(5, makeEntries(60, 1)), [key], 0);
  const sameSize = ask({ oldSize: 5, proof: [], checkpoint: otherRoot }, checkpointOf(5));
  assert.ok(sameSize.status === 422 && sameSize.reason.startsWith("the root differs"));
  assert.equal(
    ask({ ...requestOf(0, 5), proof: [emptyRoot] }, undefined).status,
    422,
    "no proof from 0",
  );
  const emptyTree = signCheckpoint({ ...checkpointOf(0), root: Buffer.alloc(32) }, [key], 0);
  assert.equal(ask({ oldSize: 0, proof: [], checkpoint: emptyTree }, undefined).status, 422);
});

test("a flipped bit of the proof is never cosigned", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 59 }),
      fc.nat(),
      fc.nat({ max: 255 }),
      (oldSize, seed, bit) => {
        const size = oldSize + 1 + (seed % (60 - oldSize));
        const request = requestOf(oldSize, size);
        assert.equal(ask(request, checkpointOf(oldSize)).status, 200);
        for (const [at, hash] of request.proof.entries()) {
          const wrong = Buffer.from(hash);
          wrong[bit >> 3] = (wrong[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          assert.equal(
            ask({ ...request, proof: request.proof.with(at, wrong) }, checkpointOf(oldSize)).status,
            422,
          );
        }
      },
    ),
  );
});

test("a request is written as the specification says and read back", () => {
  const request = requestOf(5, 9);
  const text = formatWitnessRequest(request).toString();
  assert.ok(text.startsWith("old 5\n"));
  assert.ok(text.endsWith(`\n\n${request.checkpoint.toString()}`));
  assert.deepEqual(parseWitnessRequest(Buffer.from(text)), request);
  const first = requestOf(0, 9);
  assert.equal(formatWitnessRequest(first).toString(), `old 0\n\n${first.checkpoint.toString()}`);
});

test("refuses requests in any other form", () => {
  const good = formatWitnessRequest(requestOf(5, 9)).toString();
  const wrong = [
    "",
    good.replace("old 5", "old 05"),
    good.replace("old 5", "old"),
    good.replace("old 5", "Old 5"),
    good.replace("old 5", "old 5 "),
    good.replace("old 5\n", ""),
    good.replace("old 5\n", "old 5\nAAAA\n"),
    good.replaceAll("\n\n", "\n"),
    good.replace("\n", "\r\n"),
  ];
  for (const text of wrong)
    assert.throws(
      () => parseWitnessRequest(Buffer.from(text)),
      { code: "syntax" },
      JSON.stringify(text.slice(0, 60)),
    );
  const proof = Array.from({ length: 64 }, () => Buffer.alloc(32));
  assert.equal(
    parseWitnessRequest(formatWitnessRequest({ ...requestOf(5, 9), proof: proof.slice(1) })).proof
      .length,
    63,
  );
  assert.throws(() => parseWitnessRequest(formatWitnessRequest({ ...requestOf(5, 9), proof })), {
    code: "limit",
  });
});

test("garbage gives a request or a TlogError, and a decision", () => {
  const pieces = fc.constantFrom(
    "old ",
    "0",
    "7",
    "\n",
    "\n\n",
    "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=",
    "— ",
    origin,
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.array(pieces, { maxLength: 14 }).map((parts) => Buffer.from(parts.join(""))),
  );
  fc.assert(
    fc.property(bytes, (input) => {
      try {
        const request = parseWitnessRequest(input);
        const { status } = decide(request, () => ({ keys: [key.verifier], latest: undefined }));
        assert.ok([400, 403].includes(status), String(status));
      } catch (error) {
        assert.ok(error instanceof TlogError, String(error));
      }
    }),
    { numRuns: 1000 },
  );
});

test("the size of a 409 is read as strictly as it is written", () => {
  assert.equal(parseSize(formatSize(50)), 50);
  for (const body of ["", "50", "050\n", " 50\n", "50\n\n", "-1\n", "9007199254740992\n"])
    assert.equal(parseSize(body), undefined, JSON.stringify(body));
});
