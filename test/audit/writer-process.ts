/**
 * Writes audit records until it is killed or has done what it was asked for.
 *
 * Usage: node writer-process.ts DIRECTORY loop ecs|text      one line `request ID` or `response ID`
 * on stdout for each record that it was told is stored
 *        node writer-process.ts - stdout COUNT   writes that many exchanges to a standard output
 *        that does not block; exits with 9 when its reader is gone
 *        node writer-process.ts DIRECTORY limit continue|reject   fills the file up to the limit of
 *        the process, makes room, goes on; prints a summary
 */
import { renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { argv, exit, stdout } from "node:process";
import { setImmediate, setTimeout } from "node:timers/promises";

import { LoopTime } from "../support/loop-time.ts";
import { ended, giveRequest, openTrail, someRecord, someRoute, stored } from "./trail-fixture.ts";

const [directory = "", mode, argument] = argv.slice(2);

async function loop(format: "ecs" | "text"): Promise<void> {
  const trail = openTrail(directory, { format, rotateBytes: 65_536 });
  for (let turn = 0; ; turn += 1) {
    for (let at = 0; at < 7; at += 1) {
      const record = someRecord({ userAgent: `agent ${turn}` });
      giveRequest(trail, record, Buffer.alloc(at * 100, 0x61));
      trail.request(record, { recordStored: () => void writeSync(1, `request ${record.id}\n`) });
      // One in seven stays open for ever, as a scroll or a long poll would.
      if (at > 0)
        trail.response(ended(record), {
          recordStored: () => void writeSync(1, `response ${record.id}\n`),
        });
    }
    await setImmediate();
  }
}

async function limit(onFailure: "continue" | "reject"): Promise<void> {
  const trail = openTrail(directory);
  const route = someRoute({ onFailure });
  const refused: string[] = [];
  const forwarded: string[] = [];
  const open = someRecord({ route });
  await stored((waiter) => trail.request(open, waiter));
  for (let at = 0; at < 40; at += 1) {
    const record = someRecord({ route });
    const isStored = await stored((waiter) => trail.request(record, waiter));
    (isStored ? forwarded : refused).push(record.id);
    if (isStored) await stored((waiter) => trail.response(ended(record), waiter));
    else trail.response(ended(record, { outcome: "rejected", status: 503 }), undefined);
  }
  const wasFailing = trail.stats.isFailing;
  await stored((waiter) => trail.response(ended(open), waiter));
  renameSync(join(directory, "audit.ndjson"), join(directory, "full.ndjson"));
  trail.reopen();
  const time = new LoopTime();
  while (trail.stats.isFailing) await setTimeout(5);
  const recoveredMs = time.stop();
  const last = someRecord({ route });
  await stored((waiter) => trail.request(last, waiter));
  trail.response(ended(last), undefined);
  const { dropped, gaps } = trail.stats;
  await trail.close();
  writeSync(
    1,
    JSON.stringify({
      refused,
      forwarded,
      open: open.id,
      last: last.id,
      wasFailing,
      recoveredMs,
      dropped,
      gaps,
    }),
  );
}

async function toStdout(count: number): Promise<void> {
  // Whoever asks Node for the stream makes a pipe non-blocking, as a program around the trail may.
  stdout.on("error", () => undefined);
  const trail = openTrail("-", {
    onLost: (error) => exit(error.code === "ESP_ERR_AUDIT_DIRECTORY" ? 9 : 8),
  });
  for (let at = 0; at < count; at += 1) {
    const record = someRecord();
    giveRequest(trail, record, Buffer.alloc(1000, 0x61));
    await stored((waiter) => trail.request(record, waiter));
    await stored((waiter) => trail.response(ended(record), waiter));
  }
  while (trail.stats.isFailing) await setTimeout(5);
  await trail.close();
}

if (mode === "loop") await loop(argument === "text" ? "text" : "ecs");
else if (mode === "stdout") await toStdout(Number(argument));
else await limit(argument === "reject" ? "reject" : "continue");
