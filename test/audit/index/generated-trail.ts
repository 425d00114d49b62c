/** Generated trails with facts and indexes, for tests that know what is in them. */
import { FactsReader } from "../../../src/audit/facts/facts-reader.ts";
import { buildFacts } from "../../../src/audit/facts/facts-builder.ts";
import {
  searchDocument,
  type DocumentSighting,
  type DocumentSightings,
} from "../../../src/audit/index/document-search.ts";
import { MissingIndexes } from "../../../src/audit/index/missing-indexes.ts";
import { TrailIndex } from "../../../src/audit/index/trail-index.ts";
import type { ReadListener } from "../../../src/audit/read/read-problem.ts";
import { generateTrail, type GenerateOptions } from "../../../stress/trail/generate-trail.ts";
import type { MadeWorld } from "../../../stress/trail/made-call.ts";
import type { LedgerContent } from "../../../stress/trail/trail-ledger.ts";

/** So few documents that each is met again and again. */
const smallWorld: MadeWorld = {
  users: 12,
  indices: 3,
  documents: 400,
  watched: 4,
  watchedEvery: 30,
  padding: 20,
};

export const silent: ReadListener = { problem: () => undefined, gap: () => undefined };

/** A trail of some segments of two workers. */
export function smallTrail(
  directory: string,
  options: Partial<GenerateOptions> = {},
): Promise<LedgerContent> {
  return generateTrail(directory, {
    exchanges: 900,
    seed: 7,
    workers: 2,
    format: "ecs",
    rotateBytes: 300_000,
    rate: 50,
    world: smallWorld,
    ...options,
  });
}

export async function deriveFacts(directory: string): Promise<void> {
  const onProgress = (): void => undefined;
  await buildFacts({ directory, watch: [], isRebuild: false, listener: silent, onProgress });
}

/** @returns how many were built */
export function buildIndexes(directory: string): Promise<number> {
  return new MissingIndexes(directory).build({
    pause: () => Promise.resolve(),
    isStopped: () => false,
    failed: (_, error) => {
      throw error;
    },
  });
}

/** What `audit who` finds, and what it says of indexes. */
export async function whoHas(
  directory: string,
  indices: string,
  id: string,
): Promise<DocumentSightings & { readonly notices: readonly string[] }> {
  const notices: string[] = [];
  const facts = new FactsReader(directory);
  const index = new TrailIndex(directory, (segment, reason) =>
    notices.push(`${segment}: ${reason}`),
  );
  try {
    const listener = silent;
    const options = { directory, indices, id, listener, facts: facts.factsOf, index };
    const { found, untold } = await searchDocument(options);
    return { found, untold, notices };
  } finally {
    facts.close();
    index.close();
  }
}

/** Sightings as texts that can be compared with those of a ledger. */
export function sightingsOf(found: readonly DocumentSighting[]): string[] {
  return found
    .map(({ entry, uses }) => `${entry.id} ${entry.text("user.name")} ${uses.join()}`)
    .sort();
}

export function ledgerSightings(ledger: LedgerContent, key: string): string[] {
  return (ledger.watched[key] ?? []).map(({ id, user, use }) => `${id} ${user} ${use}`).sort();
}
