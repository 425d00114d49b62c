import { test } from "node:test";

import { generateIdentity, identityToRecipient } from "age-encryption";

import { makeTempDir } from "../../support/temp-dir.ts";
import { Random } from "../read/verify/tampered-directory.ts";
import type { LifeOptions } from "./life-options.ts";
import { assertErased, assertVerified, live, recover } from "./lives.ts";

/** `ES_PROXY_HISTORIES=200` is the long run. */
const histories = Number(process.env["ES_PROXY_HISTORIES"] ?? 2);
const seed = Number(process.env["ES_PROXY_SEED"] ?? 20_261_129);

/** What one process is told to do; the next one in the same directory may be told otherwise. */
function someOptions(random: Random, recipient: string, facts: boolean): LifeOptions {
  return {
    workers: 1 + random.next(3),
    format: random.next(4) === 0 ? "text" : "ecs",
    compress: random.next(2) === 0,
    recipients: random.next(5) === 0 ? [recipient] : [],
    keepBytes: random.next(3) === 0 ? 60_000 : 400_000,
    erases: random.next(3) > 0,
    facts,
  };
}

test("no honest history is taken for a tampered one", async (context) => {
  const recipient = await identityToRecipient(await generateIdentity());
  const random = new Random(seed);
  const done = new Map<string, number>();
  for (let number = 0; number < histories; number += 1) {
    await using folder = await makeTempDir("history");
    const facts = random.next(3) === 0;
    const lives = 1 + random.next(3);
    let all = "";
    for (let life = 0; life < lives; life += 1) {
      const options = someOptions(random, recipient, facts);
      const writes = 5 + random.next(90);
      const end = random.next(3) === 0 ? "SIGTERM" : "SIGKILL";
      const said = await live(folder.path, seed + number * 10 + life, options, writes, end);
      all += said;
      const what = `history ${number}, life ${life} of seed ${seed}: ${JSON.stringify(options)}`;
      // A verifier may also come before the next start.
      if (end === "SIGKILL") await recover(folder.path, options);
      await assertVerified(folder, `${what}, ${end} after ${writes} writes:\n${said}`);
      assertErased(folder.path, all, what);
    }
    for (const [word = ""] of all.matchAll(/^[\w.]+/gm)) done.set(word, (done.get(word) ?? 0) + 1);
  }
  context.diagnostic(JSON.stringify(Object.fromEntries(done)));
});
