/** Parts that kinds of random requests share. */
import * as fc from "fast-check";
import type { Step } from "../../corpus/corpus.ts";
import type { Json } from "../choose.ts";

/** The index that requests ask. */
export const index = "differential";

/** Indices that a kind may leave behind. */
const names = [index, "d2", "d3", "d-000001", "d-000002", "d-000003", "d-000004", "d-000005"];

/** Requests of a scenario. */
const requestsEach = 40;

/** Good values, and sometimes one that is wrong. */
export function mostlyGood(
  good: fc.Arbitrary<unknown>,
  ...wrong: unknown[]
): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 8, arbitrary: good },
    { weight: 1, arbitrary: fc.constantFrom(...wrong) },
  );
}

/** Many requests of a kind. */
export function asked(
  one: fc.Arbitrary<Step | readonly Step[]>,
  count = requestsEach,
): fc.Arbitrary<readonly Step[]> {
  return fc.array(one, { minLength: count, maxLength: count }).map((steps) => steps.flat());
}

/** Deletes what an earlier scenario left: indices, then those whose names were aliases before. */
export const cleared: readonly Step[] = [names, ["two", "a1"]].map((some) => ({
  ask: `DELETE /${some.join()}?ignore_unavailable=true`,
}));

/** Makes the index with documents whose ids are numbers from 1. */
export function filled(
  mappings: Json,
  documents: readonly Json[],
  settings: Json = {},
): readonly Step[] {
  const lines = documents.flatMap((document, at) => [{ index: { _id: String(at + 1) } }, document]);
  return [
    ...cleared,
    {
      ask: `PUT /${index}`,
      body: { settings: { number_of_replicas: 0, ...settings }, mappings },
    },
    { ask: `POST /${index}/_bulk?refresh=true`, body: lines },
  ];
}
