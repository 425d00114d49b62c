import assert from "node:assert/strict";
import test from "node:test";
import { withEsProxy } from "./proxy-under-test.ts";
import { runResponseVectors } from "./run-all.ts";

test("passes every sound response on, answers 502 for every broken one, and shows every cut one as cut", async () => {
  const { total, failures } = await runResponseVectors(withEsProxy);
  assert.ok(total >= 114, "all vectors are there");
  assert.equal(
    failures.length,
    0,
    `${failures.length} of ${total} response vectors fail:\n${failures.join("\n")}`,
  );
});
