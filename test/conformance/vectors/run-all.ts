import { runRequestVector, startRequestOrigin } from "./request-runner.ts";
import { ResponseOrigin, runResponseVector } from "./response-runner.ts";
import { type ProxyAddress, readRequestVectors, readResponseVectors, report } from "./vector.ts";

/** Starts a proxy in front of a port, runs `use` with its address, stops it. */
export type WithProxy = (
  originPort: number,
  use: (proxy: ProxyAddress) => Promise<void>,
) => Promise<void>;

/** What a run gave. */
export interface VectorScore {
  readonly total: number;
  /** One text for each failing vector. */
  readonly failures: readonly string[];
}

/**
 * Runs all request vectors, one after the other, so that every byte at the origin belongs to the
 * running one.
 */
export async function runRequestVectors(withProxy: WithProxy): Promise<VectorScore> {
  const vectors = await readRequestVectors();
  const failures: string[] = [];
  await using origin = await startRequestOrigin();
  await withProxy(origin.port, async (proxy) => {
    for (const vector of vectors) {
      const problems = await runRequestVector(vector, proxy, origin);
      if (problems.length > 0) failures.push(report(vector, problems));
    }
  });
  return { total: vectors.length, failures };
}

/**
 * Runs all response vectors, one after the other: the follower of one could otherwise meet the
 * connection of another.
 */
export async function runResponseVectors(withProxy: WithProxy): Promise<VectorScore> {
  const vectors = await readResponseVectors();
  const failures: string[] = [];
  await using played = await ResponseOrigin.start(vectors);
  await withProxy(played.origin.port, async (proxy) => {
    for (const vector of vectors) {
      const problems = await runResponseVector(vector, proxy, played);
      if (problems.length > 0) failures.push(report(vector, problems));
    }
  });
  return { total: vectors.length, failures };
}
