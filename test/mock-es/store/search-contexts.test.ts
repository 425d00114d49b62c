import assert from "node:assert/strict";
import { test } from "node:test";
import { SearchContexts } from "../../../mock-es/store/search-contexts.ts";

test("ids of points in time are equally long, whatever the random number is", () => {
  const lengths = [0, 2 ** -44, 0.001, 0.5, 1 - 2 ** -48].map((random) => {
    const contexts = new SearchContexts({ nowMs: () => 0, random: () => random });
    return contexts.open("pit", [], 1000, 0).id.length;
  });
  assert.deepEqual(new Set(lengths), new Set([60]));
});
