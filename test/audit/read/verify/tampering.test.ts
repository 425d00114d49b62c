import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { after, test } from "node:test";
import { zstdCompressSync } from "node:zlib";

import { Trust } from "../../../../src/audit/read/verify/trust.ts";
import {
  verifyTrail,
  type HeldCheckpoint,
  type Verification,
} from "../../../../src/audit/read/verify/verify-trail.ts";
import { knownKeys, logKey, MadeLog } from "./made-log.ts";
import { Random, TamperedDirectory } from "./tampered-directory.ts";
import { tamperings, type Expected } from "./tamperings.ts";

/** `ES_PROXY_TAMPERINGS=10000` is the long run. */
const count = Number(process.env["ES_PROXY_TAMPERINGS"] ?? 300);
const seed = Number(process.env["ES_PROXY_SEED"] ?? 20_261_129);

const logs: MadeLog[] = [];
after(async () => {
  for (const log of logs) await log[Symbol.asyncDispose]();
});

type Options = NonNullable<Parameters<typeof MadeLog.make>[0]>;

/** Some segments, bodies in packs, three checkpoints, the second one cosigned. */
async function makeLog(options: Options, sizes: readonly number[]): Promise<MadeLog> {
  const log = await MadeLog.make(options);
  logs.push(log);
  for (const [at, size] of sizes.entries()) {
    await log.exchanges(size);
    log.sign();
    if (at === 1) log.cosign();
  }
  await log.end();
  return log;
}

async function verify(log: MadeLog, held: readonly HeldCheckpoint[] = []): Promise<Verification> {
  const trust = Trust.ofKeys(knownKeys(log.folder));
  return verifyTrail({ directory: log.folder.path, trust, held, jobs: 1 });
}

function assertFound(
  { findings }: Verification,
  { kinds, index, isRange, text }: Expected,
  firstBad: number | undefined,
  what: string,
): void {
  const [first] = findings;
  assert.ok(first !== undefined, `${what}: not found`);
  const seen = `${what}: ${JSON.stringify(findings.slice(0, 3))}`;
  assert.ok(kinds.includes(first.kind), `${seen} is none of ${kinds.join(", ")}`);
  if (text !== undefined) assert.ok(first.message.includes(text), `${seen} has not ${text}`);
  const wanted = index === "lines" ? firstBad : index;
  if (wanted === undefined) return;
  const from = first.index ?? Number.NaN;
  if (isRange === true) assert.ok(from <= wanted && wanted < from + first.count, seen);
  else assert.equal(from, wanted, seen);
}

test("every tampering is found, and the first bad record is named", async (context) => {
  const small = await makeLog({ rotateBytes: 70_000 }, [40, 60, 45]);
  const large = await makeLog({ rotateBytes: 300_000 }, [200, 130, 90]);
  const text = await makeLog({ format: "text", rotateBytes: 60_000 }, [40, 60, 45]);
  const compressed = await makeLog({ rotateBytes: 70_000 }, [40, 60, 45]);
  const [sealed = ""] = new TamperedDirectory(compressed.folder.path).files(/^audit-.*\.ndjson$/);
  const path = compressed.folder.file(sealed);
  writeFileSync(`${path}.zst`, zstdCompressSync(readFileSync(path)));
  rmSync(path);
  const all = [small, small, small, large, text, compressed].map((log) => ({
    log,
    directory: new TamperedDirectory(log.folder.path),
  }));
  for (const { log } of all) assert.deepEqual((await verify(log)).findings, []);
  const random = new Random(seed);
  const done = new Map<string, number>();
  for (let [sample, applied] = [0, 0]; applied < count; sample += 1) {
    const { log, directory } = random.pick(all);
    const tampering = random.pick(tamperings);
    const journal = random.pick(directory.journals);
    const expected = await tampering.apply(
      directory,
      journal,
      random,
      (origin) => logKey(log.folder, origin),
      () => log.recompute(),
    );
    if (expected !== undefined) {
      applied += 1;
      const firstBad = directory.firstBad(journal);
      // The bit that was flipped may be one that makes no difference, as in a line that was none.
      const what = `${tampering.name} (sample ${sample}, seed ${seed}, ${directory.path})`;
      assertFound(await verify(log), expected, firstBad, what);
      done.set(tampering.name, (done.get(tampering.name) ?? 0) + 1);
    }
    directory.restore();
  }
  for (const { log } of all) assert.deepEqual((await verify(log)).findings, []);
  context.diagnostic(JSON.stringify(Object.fromEntries(done)));
});
