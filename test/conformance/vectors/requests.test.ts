import assert from "node:assert/strict";
import test from "node:test";
import { withEsProxy } from "./proxy-under-test.ts";
import { runRequestVectors } from "./run-all.ts";

test("forwards every acceptable request canonically and refuses every other one visibly", async () => {
  const { total, failures } = await runRequestVectors(withEsProxy);
  assert.ok(total >= 365, "all vectors are there");
  assert.equal(
    failures.length,
    0,
    `${failures.length} of ${total} request vectors fail:\n${failures.join("\n")}`,
  );
});
