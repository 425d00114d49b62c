/** Readers of a trail that know the facts of its entries. */
import type { TrailEntry } from "../read/trail-entry.ts";
import { readTrail, type ReadOptions } from "../read/trail-reader.ts";
import { tailTrail, type TailOptions } from "../read/trail-tail.ts";
import { FactsReader } from "./facts-reader.ts";

type Entries = AsyncGenerator<readonly TrailEntry[]>;

/** {@link readTrail}, with the facts of the same directory. */
export function readTrailWithFacts(options: Omit<ReadOptions, "facts">): Entries {
  return withFacts(options.directory, (facts) => readTrail({ ...options, facts }));
}

/** {@link tailTrail}, with the facts of the same directory as far as they are derived in time. */
export function tailTrailWithFacts(options: Omit<TailOptions, "facts">): Entries {
  return withFacts(options.directory, (facts) => tailTrail({ ...options, facts }));
}

async function* withFacts(
  directory: string,
  read: (facts: FactsReader["factsOf"]) => Entries,
): Entries {
  const facts = new FactsReader(directory);
  try {
    yield* read(facts.factsOf);
  } finally {
    facts.close();
  }
}
