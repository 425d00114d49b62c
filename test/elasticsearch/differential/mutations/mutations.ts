/** Searches in which one setting is left out, or has a value of another kind. */
import * as fc from "fast-check";
import type { CorpusGroup, Step } from "../../corpus/corpus.ts";
import { changedBodies } from "../secured/bodies.ts";
import { aggregations } from "./aggregations.ts";
import { bodyGroups } from "./body-groups.ts";
import { indexBodies } from "./index-bodies.ts";
import { moduleBodies } from "./module-bodies.ts";
import { otherBodies } from "./other-bodies.ts";
import { settingBodies } from "./setting-bodies.ts";
import { mutationsOf } from "./changed-settings.ts";
import { mutatedDocuments, mutatedIndex, mutatedMapping } from "./mutated-index.ts";
import { queries } from "./queries.ts";
import { searches } from "./searches.ts";

type Json = Readonly<Record<string, unknown>>;

/**
 * Where settings are changed; `security` asks a server that knows its users, `modules` one that has
 * its modules.
 */
export const mutatedParts = [
  "queries",
  "aggregations",
  "searches",
  "bodies",
  "settings",
  "modules",
  "security",
] as const;
type MutatedPart = (typeof mutatedParts)[number];

/** Requests of a group; a group begins with a fresh index. */
const requestsEach = 100;

/**
 * Every search of a part with each of its settings changed, in groups.
 *
 * @param seed of the order in which they are asked
 */
export function mutatedGroups(part: MutatedPart, seed: number): CorpusGroup[] {
  if (part === "bodies") return bodyGroups([...indexBodies, ...otherBodies], seed);
  if (part === "settings") return bodyGroups(settingBodies, seed);
  if (part === "modules") return bodyGroups(moduleBodies, seed);
  if (part === "security") return shuffled(changedBodies, seed);
  const all = basesOf(part).flatMap(({ body, depth }) => [body, ...mutationsOf(body, depth)]);
  const bodies = shuffled(all, seed);
  const groups: CorpusGroup[] = [];
  for (let at = 0; at < bodies.length; at += requestsEach)
    groups.push(toGroup(bodies.slice(at, at + requestsEach)));
  return groups;
}

function shuffled<T>(all: readonly T[], seed: number): T[] {
  const order = fc.shuffledSubarray([...all], { minLength: all.length });
  return fc.sample(order, { numRuns: 1, seed })[0] ?? [];
}

/** A search, and from which depth on its settings are changed. */
interface Base {
  readonly body: Json;
  readonly depth: number;
}

function basesOf(part: "queries" | "aggregations" | "searches"): Base[] {
  if (part === "queries") return queries.map((query) => ({ body: { query }, depth: 2 }));
  if (part === "searches") return searches.map((body) => ({ body, depth: 1 }));
  return aggregations.map((aggregation) => {
    const isSampler = Object.keys(aggregation).some((kind) => kind.includes("sampler"));
    // A sampler of nothing is refused.
    const inner = isSampler ? { aggs: { y: { avg: { field: "l" } } } } : {};
    return { body: { size: 0, aggs: { x: { ...aggregation, ...inner } } }, depth: 4 };
  });
}

function toGroup(bodies: readonly Json[]): CorpusGroup {
  const lines = mutatedDocuments.flatMap((one, at) => [{ index: { _id: String(at + 1) } }, one]);
  const index = { settings: { number_of_replicas: 0 }, mappings: mutatedMapping };
  return {
    name: mutatedIndex,
    steps: [
      { ask: `DELETE /${mutatedIndex}?ignore_unavailable=true` },
      { ask: `PUT /${mutatedIndex}`, body: index },
      { ask: `POST /${mutatedIndex}/_bulk?refresh=true`, body: lines },
      ...bodies.map((body): Step => ({ ask: `POST /${mutatedIndex}/_search`, body })),
    ],
  };
}
