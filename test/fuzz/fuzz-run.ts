import * as fc from "fast-check";
import { pieces } from "../http1/arbitraries.ts";
import { feed, type FedResult, type FeedOptions } from "../http1/wire-feed.ts";
import { laxness, waitsInVain } from "./disagreement.ts";
import { forwardingProblem } from "./forwarded.ts";
import { readWithLlhttp } from "./llhttp.ts";
import { mutated } from "./mutations.ts";

/** Our reading of a connection's bytes; the positive controls put a lax one in its place. */
export type Reading = (bytes: Buffer, options: FeedOptions) => FedResult;

const defaultRuns = 10_000;
const batch = 20_000;

/**
 * Compares `reading` with llhttp over mutated inputs, each whole and in random pieces, and reads
 * what would be forwarded again with three parsers.
 *
 * `FUZZ_RUNS` sets the number of inputs (default 10 000 for each direction) and `FUZZ_SEED` the
 * seed, which is random in long runs and fixed otherwise. Progress and seed go to stderr.
 *
 * @throws {Error} with seed, the smallest failing input in base64, and what differs
 */
export function fuzz(
  kind: "request" | "response",
  seeds: readonly Buffer[],
  reading: Reading = feed,
): void {
  const runs = Number(process.env["FUZZ_RUNS"] || defaultRuns);
  const isLong = runs > defaultRuns;
  const firstSeed = Number(
    process.env["FUZZ_SEED"] || (isLong ? Date.now() % 0x7fffffff : 20_260_801),
  );
  if (isLong) process.stderr.write(`fuzz ${kind}: ${runs} inputs, FUZZ_SEED=${firstSeed}\n`);
  for (let done = 0; done < runs; done += batch) {
    runBatch(kind, seeds, reading, firstSeed + done / batch, Math.min(batch, runs - done));
    if (isLong) process.stderr.write(`fuzz ${kind}: ${Math.min(runs, done + batch)} of ${runs}\n`);
  }
}

function runBatch(
  kind: "request" | "response",
  seeds: readonly Buffer[],
  reading: Reading,
  seed: number,
  numRuns: number,
): void {
  const input = fc.tuple(mutated(seeds, kind), pieces);
  const property = fc.property(
    input,
    ([bytes, sizes]) => problemOf(bytes, sizes, kind, reading) === undefined,
  );
  const result = fc.check(property, { seed, numRuns });
  if (!result.failed) return;
  if (result.errorInstance instanceof Error && result.counterexample === null)
    throw result.errorInstance;
  const [bytes, sizes] = result.counterexample?.[0] ?? [Buffer.alloc(0), []];
  const problem = problemOf(bytes, sizes, kind, reading) ?? String(result.errorInstance);
  throw new Error(
    `${kind} fuzz, seed ${seed}, base64 ${bytes.toString("base64")}, pieces ${sizes.join()}\n${JSON.stringify(bytes.toString("latin1"))}\n${problem}`,
  );
}

function problemOf(
  bytes: Buffer,
  sizes: readonly number[],
  kind: "request" | "response",
  reading: Reading,
): string | undefined {
  const whole = reading(bytes, { kind });
  const cut = reading(bytes, { kind, pieces: sizes });
  if (JSON.stringify(whole) !== JSON.stringify(cut))
    return `whole gives ${whole.end}, pieces give ${cut.end}`;
  const theirs = readWithLlhttp(bytes, kind);
  const finished = reading(Buffer.concat([bytes, Buffer.from("\r\n\r\n")]), { kind });
  if (waitsInVain(whole, finished, theirs))
    return `we wait where llhttp has refused: ${theirs.error}`;
  return laxness(whole, theirs) ?? forwardingProblem(whole, kind);
}
