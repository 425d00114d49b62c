/** Kinds of random requests that can be chosen by name. */
import type * as fc from "fast-check";
import type { CorpusGroup, Step } from "../../corpus/corpus.ts";
import { analyses } from "./analyses.ts";
import { bulkLines } from "./bulk-lines.ts";
import { dates } from "./dates.ts";
import { dynamics } from "./dynamics.ts";
import { indices } from "./indices.ts";
import { pages } from "./pages.ts";
import { reads } from "./reads.ts";
import { resizes } from "./resizes.ts";
import { shards } from "./shards.ts";
import { updates } from "./updates.ts";
import { vectors } from "./vectors.ts";

const kinds: Readonly<Record<string, fc.Arbitrary<readonly Step[]>>> = {
  analyses,
  bulkLines,
  dates,
  dynamics,
  indices,
  pages,
  reads,
  resizes,
  shards,
  updates,
  vectors,
};

/** Names of the kinds. */
export const kindNames: readonly string[] = Object.keys(kinds);

/** Scenarios of a kind. */
export function scenariosOf(kind: string): fc.Arbitrary<CorpusGroup> {
  const steps = kinds[kind];
  if (steps === undefined)
    throw new Error(`There is no kind ${kind} of requests: use one of ${kindNames.join(", ")}`);
  return steps.map((all) => ({ name: kind, steps: all }));
}
